"""Old work: what is open when the week begins, as the simulation plays it."""

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.simulation.options import OldWork
from wfo.timegrid import MINUTE_MS, TimeGrid, epoch_ms


def old_work(
    backlog: pd.DataFrame | None, centre: Centre, queues: tuple[str, ...], grid: TimeGrid
) -> OldWork:
    """Open pieces of work, and open cases, each at the step where it stands.

    Parameters
    ----------
    backlog : DataFrame or None
        ``queue, release, due, work_s``, and of cases ``case_of, stands_at, promised`` as of
        `wfo.staffing.case_windows.open_steps`. A case's later steps are not read: it comes to them itself.
        Without these columns work of queues with cases is pieces that nobody chases.
    centre : Centre
    queues : tuple of str
        In the order of the simulation; work of others is left out.
    grid : TimeGrid
    """
    if backlog is None or backlog.empty:
        return OldWork()
    rows = (
        backlog if "case_of" in backlog.columns else backlog.assign(case_of="", stands_at=-1, promised=None)
    )
    is_case = (rows["case_of"] != "").to_numpy()
    rows = rows.assign(
        queue=rows["queue"].where(~is_case, rows["case_of"]),
        due=rows["due"].where(~is_case, rows["promised"]),
    )[~is_case | (rows["stands_at"] >= 0).to_numpy()]
    rows = rows[rows["queue"].isin(queues)]
    number = {name: k for k, name in enumerate(queues)}
    step = rows["stands_at"].to_numpy(dtype=np.int64)
    return OldWork(
        queue=rows["queue"].map(number).to_numpy(dtype=np.int64),
        due_ms=epoch_ms(rows["due"]) - grid.start_min * MINUTE_MS,
        handle_ms=np.maximum(1, np.rint(rows["work_s"].to_numpy(dtype=float) * 1000)).astype(np.int64),
        release_ms=np.maximum(0, epoch_ms(rows["release"]) - grid.start_min * MINUTE_MS),
        step=step,
        silent=rows["queue"].isin(_with_steps(centre)).to_numpy() & (step < 0),
    )


def _with_steps(centre: Centre) -> list[str]:
    """Queues that have cases or do steps of them."""
    cases = {name: queue.case_steps for name, queue in centre.queues.items() if queue.case_steps}
    return sorted({*cases, *(step.queue or name for name, steps in cases.items() for step in steps.values())})
