"""What the planned week hands to the one after it."""

from collections.abc import Mapping

import pandas as pd

from wfo.pipeline.store import Stored
from wfo.tables.carry_over import CarryOver
from wfo.timegrid import TimeGrid


def carry_over_of(results: Mapping[str, Stored], grid: TimeGrid) -> CarryOver | None:
    """Open chains, last shifts, levels and doses at the end of a planned week; None before there is a plan.

    Backlog is what staffing expects to be due after the week.
    """
    if "place" not in results:
        return None
    chains, coach = results["chains"].tables["chains"], results["coach"].tables
    work = results["staff"].tables["deferred"]
    coaching = results["place"].tables["coaching"]
    placed = (
        coaching[coaching["start"].notna().to_numpy()] if "start" in coaching.columns else coaching.iloc[:0]
    )
    doses = placed[["agent_id", "behaviour"]].copy()
    doses["minutes"] = (placed["end"] - placed["start"]).dt.total_seconds() / 60 if len(placed) else []
    doses["last_at"] = placed["end"]
    return CarryOver(
        backlog=work.loc[
            (work["due"] > pd.Timestamp(grid.end)).to_numpy(), ["queue", "release", "due", "work_s"]
        ],
        open_chains=chains[(chains["status"] == "open").to_numpy()],
        last_shifts=results["place"].tables["schedule"],
        fairness=pd.DataFrame({"agent_id": pd.Series(dtype="str"), "account": pd.Series(dtype="float64")}),
        levels=coach["levels"],
        doses=doses.sort_values(["agent_id", "behaviour"]).reset_index(drop=True),
    )
