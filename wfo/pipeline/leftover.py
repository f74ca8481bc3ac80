"""What the planned week hands to the one after it."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from wfo.pipeline.store import Stored
from wfo.scenario.model import Scenario
from wfo.scheduling.fairness import account_after, account_table
from wfo.tables.carry_over import CarryOver
from wfo.timegrid import TimeGrid

_BACK = dt.timedelta(days=35)


def carry_over_of(
    results: Mapping[str, Stored],
    grid: TimeGrid,
    scenario: Scenario,
    agents: pd.DataFrame | None,
    before: CarryOver | None = None,
    work: pd.DataFrame | None = None,
) -> CarryOver | None:
    """What a planned week hands to the one after it; None before there is a plan.

    Shifts of the five weeks before and doses that no log has yet go on from the week before, and so does the
    fairness account, which this week adds to; ``work`` is deferred work that is left.
    """
    if "place" not in results or work is None:
        return _of_team(results, grid, scenario, agents, before)
    coaching = results["place"].tables["coaching"]
    placed = (
        coaching[coaching["start"].notna().to_numpy()] if "start" in coaching.columns else coaching.iloc[:0]
    )
    doses = placed[["agent_id", "behaviour"]].copy()
    doses["minutes"] = (placed["end"] - placed["start"]).dt.total_seconds() / 60 if len(placed) else []
    doses["last_at"] = placed["end"]
    return CarryOver(
        backlog=work,
        last_shifts=_shifts(results["place"].tables["schedule"], before, grid),
        fairness=_accounts(results["place"].tables["schedule"], before, scenario, agents),
        levels=results["coach"].tables["levels"],
        doses=_all_doses(doses, before),
    )


def _of_team(
    results: Mapping[str, Stored], grid: TimeGrid, scenario: Scenario, agents: pd.DataFrame | None,
    before: CarryOver | None,
) -> CarryOver | None:  # fmt: skip
    """What a fixed-shift team's week hands over: its schedule is the whole plan."""
    if not scenario.schedule.cover or "schedule" not in results:
        return None
    schedule = results["schedule"].tables["schedule"]
    return CarryOver(
        last_shifts=_shifts(schedule, before, grid), fairness=_accounts(schedule, before, scenario, agents)
    )


def _shifts(schedule: pd.DataFrame, before: CarryOver | None, grid: TimeGrid) -> pd.DataFrame:
    if before is None or before.last_shifts.empty:
        return schedule
    recent = before.last_shifts[(before.last_shifts["start"] >= pd.Timestamp(grid.start - _BACK)).to_numpy()]
    return pd.concat([recent, schedule], ignore_index=True).sort_values(
        ["agent_id", "start"], ignore_index=True
    )


def _accounts(
    schedule: pd.DataFrame, before: CarryOver | None, scenario: Scenario, agents: pd.DataFrame | None
) -> pd.DataFrame:
    if agents is None:
        return account_table({})
    known = before.fairness if before is not None else account_table({})
    account = dict(zip(known["agent_id"], known["account"], strict=True)) if len(known) else {}
    return account_table(account_after(account, schedule, agents, scenario.centre, scenario.schedule))


def _all_doses(doses: pd.DataFrame, before: CarryOver | None) -> pd.DataFrame:
    parts = [doses] if before is None or before.doses.empty else [before.doses, doses]
    return pd.concat(parts).sort_values(["agent_id", "behaviour", "last_at"], ignore_index=True)
