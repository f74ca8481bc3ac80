"""Steps of cases as a table and in words: who does what when, and which promises cannot be kept."""

import numpy as np
import pandas as pd

from wfo.forecasting.paths import DemandPaths
from wfo.staffing.inputs import StaffInputs
from wfo.tables.empty import empty_table
from wfo.timegrid import from_epoch_min

_APART = 0.1
"""Share by which handle time of cases and the sum of their steps may differ unsaid."""


def case_table(pieces: pd.DataFrame) -> pd.DataFrame:
    """Table ``case_steps``: each step's windows, contacts and touch time.

    Parameters
    ----------
    pieces : DataFrame
        As of `pieces_of`.
    """
    own = pieces[(pieces["step"] != "").to_numpy()]
    if own.empty:
        return empty_table("case_steps")
    return pd.DataFrame(
        {
            "queue": own["case"].astype("str"),
            "step": own["step"].astype("str"),
            "served_by": own["queue"].astype("str"),
            "release": from_epoch_min(own["release"].to_numpy(dtype=np.int64)),
            "due": from_epoch_min(own["due"].to_numpy(dtype=np.int64)),
            "promised": from_epoch_min(own["promised"].to_numpy(dtype=np.int64)),
            "contacts": own["contacts"].to_numpy(dtype=float),
            "work_s": own["work_s"].to_numpy(dtype=float),
        }
    ).reset_index(drop=True)


def case_notes(
    steps: pd.DataFrame, inputs: StaffInputs, laws: DemandPaths, expected: np.ndarray
) -> tuple[str, ...]:
    """What a planner should know of cases: promises too short, handle times that disagree."""
    notes = []
    for name in dict.fromkeys(steps["queue"]):
        own, q = steps[(steps["queue"] == name).to_numpy()], laws.queues.index(name)
        last = own[(own["step"] == own["step"].iloc[-1]).to_numpy()]
        late = last.loc[(last["due"] > last["promised"]).to_numpy(), "contacts"].sum()
        if late > 0:
            notes.append(
                f"{name}: the steps of {late:.0f} of {last['contacts'].sum():.0f} cases cannot end by their "
                "promise, whoever is there; allow more days, shorter waits or longer hours"
            )
        handle, weight = laws.handle_mean_s[q], np.where(laws.handle_mean_s[q] > 0, expected[q], 0.0)
        asked = sum(step.work_s for step in inputs.centre.queues[name].case_steps.values())
        seen = float(np.average(handle, weights=weight)) if weight.sum() > 0 else 0.0
        if seen and abs(asked / seen - 1.0) > _APART:
            notes.append(
                f"{name}: the steps of a case take {asked:.0f} s with rework, the forecast says {seen:.0f} "
                "s; staffing plans for the steps"
            )
        others = [own_queue for own_queue in dict.fromkeys(own["served_by"]) if own_queue != name]
        if others:
            hours = own.loc[(own["served_by"] != name).to_numpy(), "work_s"].sum() / 3600.0
            notes.append(f"{name}: {hours:.1f} h of its steps are done by {', '.join(others)}")
    return tuple(notes)


def list_notes(pieces: pd.DataFrame, inputs: StaffInputs) -> tuple[str, ...]:
    """Hours of listed calls, and what of them numbers called at once lose."""
    told = []
    for name, queue in inputs.centre.queues.items():
        calls = queue.outbound
        if calls is None or not calls.lists:
            continue
        hours = pieces.loc[(pieces["queue"] == name).to_numpy(), "work_s"].sum() / 3600.0
        dropped = 1.0 - calls.talked / calls.reached
        lost = f"; {dropped:.0%} of those reached are dropped, {calls.pacing} numbers are called at once"
        told.append(f"{name}: {hours:.1f} h of calls are planned for{lost if calls.pacing > 1 else ''}")
    return tuple(told)
