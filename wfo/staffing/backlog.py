"""Table ``deferred``: new work of deferred queues and what is open at the week's start, with its worth."""

from typing import Any

import numpy as np
import pandas as pd

from wfo.domain.centre import Law
from wfo.errors import Problem, TableError
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import Mode
from wfo.staffing.deferred import due_minutes, least_constant_positions, longer_grid, spread
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.settings import StaffSettings
from wfo.staffing.targets import response_spec
from wfo.tables.empty import empty_table
from wfo.timegrid import epoch_min, from_epoch_min


def deferred_work(
    inputs: StaffInputs,
    settings: StaffSettings,
    laws: DemandPaths,
    expected: np.ndarray,
    is_open: np.ndarray,
    present: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Deferred work of the week, its requirement for people, and facts.

    ``work_s`` is in *scheduled* agent-seconds: work ÷ (1 − unscheduled shrinkage) ÷ the blended maximum
    occupancy, because an agent who fills his time with deferred work is still busy no more than that.
    ``value_per_min`` is what one such minute is worth when its work is done in time: (price of a late contact
    + price of a contact by which the queue's target is missed) ÷ handle minutes, and what the work costs when
    it is left for later, × the share of a scheduled minute that becomes work. Work due before the week starts
    is due by the end of the queue's first open day.

    Parameters
    ----------
    inputs, settings
        As of `staff`.
    laws : DemandPaths
    expected : ndarray, shape (Q, T)
    is_open : ndarray of bool, shape (Q, T)
    present : ndarray, shape (Q, T)
        1 − unscheduled shrinkage; its mean over a queue's open intervals counts, as work may wait.

    Returns
    -------
    deferred : DataFrame
        Keyed by queue, release, due.
    requirement : DataFrame
        Work spread evenly between release and due, as positions.
    facts : dict
        By queue, the fewest constant positions with which earliest-due-first is never late this week.
    """
    backlog = _checked_backlog(inputs)
    tables, views, least = [], [], {}
    for q, name in enumerate(laws.queues):
        if inputs.centre.queues[name].law is not Law.DEFERRED:
            continue
        there = float(present[q, is_open[q]].mean()) if is_open[q].any() else float(present[q].mean())
        own = backlog[backlog["queue"] == name]
        table = _queue_work(inputs, settings, laws, expected[q], q, own, is_open[q], there)
        tables.append(table)
        view, least[name] = _requirement(inputs, settings, name, table, is_open[q], there)
        views.append(view)
    found = [t for t in tables if len(t)]
    shown = [v for v in views if len(v)]
    return (
        pd.concat(found, ignore_index=True) if found else empty_table("deferred"),
        pd.concat(shown, ignore_index=True) if shown else empty_table("requirement"),
        {"least_constant_positions": least} if least else {},
    )


def _checked_backlog(inputs: StaffInputs) -> pd.DataFrame:
    """The backlog, its queues known and deferred, its work not negative."""
    frame = inputs.backlog
    if frame is None:
        return pd.DataFrame({"queue": pd.Series(dtype="str"), "work_s": pd.Series(dtype=float)})
    problems = []
    for row, (queue, work_s) in enumerate(zip(frame["queue"], frame["work_s"], strict=True), start=1):
        known = inputs.centre.queues.get(str(queue))
        if known is None or known.law is not Law.DEFERRED:
            allowed = [n for n, spec in inputs.centre.queues.items() if spec.law is Law.DEFERRED]
            text = f"'{queue}' is not a deferred queue; allowed: {', '.join(allowed) or 'none'}"
            problems.append(Problem(f"backlog, row {row}, column 'queue'", text))
        if not work_s >= 0:
            problems.append(
                Problem(
                    f"backlog, row {row}, column 'work_s'", f"{work_s} found; write seconds of at least 0"
                )
            )
    if problems:
        raise TableError(problems)
    return frame


def _queue_work(
    inputs: StaffInputs,
    settings: StaffSettings,
    laws: DemandPaths,
    expected: np.ndarray,
    q: int,
    backlog: pd.DataFrame,
    is_open: np.ndarray,
    present: float,
) -> pd.DataFrame:
    name, grid = laws.queues[q], inputs.grid
    spec = response_spec(name, inputs.specs)
    useful = present * settings.blend_occupancy
    handle = laws.handle_mean_s[q]
    at = np.flatnonzero((expected > 0) & (handle > 0))
    release, due = (
        grid.minutes[at],
        due_minutes(inputs.centre, name, grid, spec, promise_days=settings.promise_days)[at],
    )
    work, handle_s = expected[at] * handle[at], handle[at]
    if len(backlog):
        opened = np.flatnonzero(is_open)
        day = grid.local_day_number(inputs.centre.zone)
        last = opened[day[opened] == day[opened[0]]][-1] if opened.size else 0
        late = grid.start_min + (last + 1) * grid.step_min
        old_due = epoch_min(backlog["due"])
        release = np.r_[release, np.maximum(epoch_min(backlog["release"]), grid.start_min)]
        due = np.r_[due, np.where(old_due <= grid.start_min, late, old_due)]
        work = np.r_[work, backlog["work_s"].to_numpy(dtype=float)]
        # where no handle time is known, each open item is one contact
        known = handle[handle > 0]
        mean = (
            np.average(handle[at], weights=expected[at])
            if at.size
            else known.mean()
            if known.size
            else np.maximum(backlog["work_s"].to_numpy(dtype=float), 1.0)
        )
        handle_s = np.r_[handle_s, np.broadcast_to(mean, len(backlog))]
    price = settings.price_late
    if spec is not None and spec.mode is not Mode.REPORT:
        price += settings.price_late if spec.price is None else spec.price
    if spec is not None and spec.mode is Mode.HARD:
        price += settings.price_abandoned
    frame = pd.DataFrame({"release": release, "due": np.maximum(due, release + 1), "work_s": work / useful})
    frame["worth"] = work / handle_s * price + work / 3600.0 * settings.price_left_h
    frame = frame[frame["work_s"] > 0].groupby(["release", "due"], as_index=False, sort=True).sum()
    return pd.DataFrame(
        {
            "queue": pd.Series([name] * len(frame), dtype="str"),
            "release": from_epoch_min(frame["release"].to_numpy()),
            "due": from_epoch_min(frame["due"].to_numpy()),
            "work_s": frame["work_s"],
            "value_per_min": frame["worth"] / (frame["work_s"] / 60.0),
        }
    )


def _requirement(
    inputs: StaffInputs,
    settings: StaffSettings,
    name: str,
    table: pd.DataFrame,
    is_open: np.ndarray,
    present: float,
) -> tuple[pd.DataFrame, float | None]:
    grid = inputs.grid
    step_s = grid.step_min * 60.0
    longer = longer_grid(grid)
    release = grid.locate(table["release"])
    due = np.minimum(-(-(epoch_min(table["due"]) - grid.start_min) // grid.step_min), longer.n)
    work = table["work_s"].to_numpy(dtype=float)
    # work due past the week is spread over both
    after = open_intervals(inputs.centre, longer)[inputs.centre.queue_ids.index(name), grid.n :]
    opened = np.r_[is_open, after]
    scheduled = spread(work, release, due, opened, step_s)[: grid.n]
    at = np.flatnonzero(scheduled > 1e-9)
    view = pd.DataFrame(
        {
            "queue": pd.Series([name] * at.size, dtype="str"),
            "interval_start": grid.starts[at],
            "law": pd.Series([Law.DEFERRED.value] * at.size, dtype="str"),
            "offered_load": scheduled[at] * present * settings.blend_occupancy,
            "positions": scheduled[at] * present,
            "positions_with_shrinkage": scheduled[at],
        }
    )
    least = (
        least_constant_positions(work, release, np.minimum(due, grid.n), is_open, step_s)
        if len(table)
        else 0.0
    )
    return view, least if np.isfinite(least) else None
