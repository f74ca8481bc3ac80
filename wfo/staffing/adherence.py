"""Adherence and conformance: what agents did beside what was scheduled."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.staffing.settings import STATES, Loss

_COLUMNS = ["agent_id", "schedule_date", "scheduled_min", "adherent_min", "work_min", "worked_min"]


def adherence(
    schedule: pd.DataFrame, states: pd.DataFrame, losses: Mapping[str, Loss] = STATES
) -> pd.DataFrame:
    """Adherence and conformance of each agent and day.

    Parameters
    ----------
    schedule : DataFrame
        Table ``schedule`` or ``published_schedule``; time off is left out.
    states : DataFrame
        Table ``agent_states``. A state fits a segment whose activity it names; any state that is work fits
        work.
    losses : mapping of str to Loss
        What each state is; a state that is not named is work.

    Returns
    -------
    DataFrame
        ``agent_id, schedule_date, scheduled_min, adherent_min`` (in the scheduled state), ``work_min``
        (scheduled for work), ``worked_min`` (worked during the shifts of the day), ``adherence`` = adherent ÷
        scheduled, ``conformance`` = worked ÷ scheduled for work, empty where no work was scheduled. Agents
        without any state are left out: nothing is known of them.
    """
    planned = schedule[schedule["kind"] != Kind.TIME_OFF.value]
    planned = planned[planned["agent_id"].isin(set(states["agent_id"]))]
    seen = {agent: own for agent, own in states.groupby("agent_id")}
    parts = []
    for agent, own in planned.groupby("agent_id", sort=True):
        did = seen[agent]
        begin = np.maximum.outer(_minutes(own["start"]), _minutes(did["start"]))
        shared = np.minimum.outer(_minutes(own["end"]), _minutes(did["end"])) - begin
        shared = np.maximum(shared, 0.0)
        working = np.array([losses.get(s, Loss.WORK) is Loss.WORK for s in did["state"]])
        for_work = own["kind"].to_numpy() == Kind.WORK.value
        fits = own["activity"].to_numpy()[:, None] == did["state"].to_numpy()[None, :]
        fits |= for_work[:, None] & working[None, :]
        length = _minutes(own["end"]) - _minutes(own["start"])
        figures = (length, (shared * fits).sum(axis=1), length * for_work, shared @ working)
        parts.append(
            own[["agent_id", "schedule_date"]].assign(**dict(zip(_COLUMNS[2:], figures, strict=True)))
        )
    if not parts:
        return pd.DataFrame(columns=[*_COLUMNS, "adherence", "conformance"])
    return _shares(pd.concat(parts).groupby(["agent_id", "schedule_date"], sort=True).sum().reset_index())


def adherence_by_day(kept: pd.DataFrame) -> pd.DataFrame:
    """All agents of each day together.

    Parameters
    ----------
    kept : DataFrame
        As of `adherence`.

    Returns
    -------
    DataFrame
        ``day, agents``, the sums of minutes, ``adherence`` and ``conformance`` of these.
    """
    days = kept.groupby("schedule_date", sort=True)
    table = days[_COLUMNS[2:]].sum().reset_index(names="day")
    table.insert(1, "agents", days["agent_id"].nunique().to_numpy())
    return _shares(table)


def _shares(table: pd.DataFrame) -> pd.DataFrame:
    scheduled, work = (table[name].where(table[name] > 0) for name in ("scheduled_min", "work_min"))
    return table.assign(adherence=table["adherent_min"] / scheduled, conformance=table["worked_min"] / work)


def _minutes(instants: "pd.Series[pd.Timestamp]") -> np.ndarray:
    return pd.DatetimeIndex(instants).as_unit("us").asi8 / 60e6
