"""Table ``deferred``: new work of deferred queues and what is open at the week's start, with its worth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wfo.domain.centre import Law
from wfo.errors import Problem, TableError
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.staffing.case_table import case_notes, case_table, list_notes
from wfo.staffing.deferred import least_constant_positions, longer_grid, spread
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.kept_agents import cover_of
from wfo.staffing.lateness import lateness_notes
from wfo.staffing.settings import StaffSettings
from wfo.staffing.taken import Taken, by_blocks, in_idle_time, nothing_taken
from wfo.staffing.work_rows import pieces_of
from wfo.tables.empty import empty_table
from wfo.timegrid import epoch_min, from_epoch_min


@dataclass(frozen=True)
class DeferredWork:
    """What staffing says of deferred work.

    Attributes
    ----------
    table : DataFrame
        Keyed by queue, release, due: what is left to the scheduler.
    requirement : DataFrame
        Work spread evenly between release and due, as positions, and agents kept for it.
    cover : DataFrame
        Agents kept for it.
    case_steps : DataFrame
        Steps of cases; empty where there are none.
    facts : dict
        By queue, the fewest constant positions with which earliest-due-first is never late this week;
        hours that blocks and idle time take up.
    notes : tuple of str
    """

    table: pd.DataFrame
    requirement: pd.DataFrame
    cover: pd.DataFrame
    case_steps: pd.DataFrame
    facts: dict[str, Any]
    notes: tuple[str, ...]


def deferred_work(
    inputs: StaffInputs,
    settings: StaffSettings,
    laws: DemandPaths,
    expected: np.ndarray,
    is_open: np.ndarray,
    present: np.ndarray,
    idle: np.ndarray,
) -> DeferredWork:
    """Deferred work of the week, and what people must be scheduled for it.

    ``work_s`` is in *scheduled* agent-seconds: work ÷ (1 − unscheduled shrinkage) ÷ the blended maximum
    occupancy, because an agent who fills his time with deferred work is still busy no more than that.
    ``value_per_min`` is what one such minute is worth when its work is done in time: the price of its being
    late (`price_of_late`) ÷ handle minutes, and what the work costs when it is left for later, × the share of
    a scheduled minute that becomes work. A case's price is shared by its steps as their work. Work due before
    the week starts is due by the end of the queue's first open day. What blocks and idle time do in time,
    earliest due first, is not asked for again.

    Parameters
    ----------
    inputs, settings
        As of `staff`.
    laws : DemandPaths
    expected : ndarray, shape (Q, T)
    is_open : ndarray of bool, shape (Q, T)
    present : ndarray, shape (Q, T)
        1 − unscheduled shrinkage; its mean over a queue's open intervals counts, as work may wait.
    idle : ndarray, shape (Q, T)
        Positions' worth of idle time of people on queues served at once (`idle_positions`).
    """
    backlog = _checked_backlog(inputs)
    names = [n for n in laws.queues if inputs.centre.queues[n].law is Law.DEFERRED]
    index = {n: laws.queues.index(n) for n in names}
    found = {}
    for name, q in index.items():
        own = backlog[backlog["queue"] == name]
        found[name] = pieces_of(inputs, settings, laws, expected[q], q, own, is_open[q])
    everything = pd.concat(found.values(), ignore_index=True) if found else pd.DataFrame()
    pieces = everything
    there = {
        n: float(present[q, is_open[q]].mean() if is_open[q].any() else present[q].mean())
        for n, q in index.items()
    }
    useful = {n: share * settings.blend_occupancy for n, share in there.items()}
    opened = {n: is_open[q] for n, q in index.items()}
    blocks = by_blocks(inputs, pieces, useful) if _any(inputs, names, "blocks") else nothing_taken(pieces)
    pieces = blocks.rest(pieces)
    blend = (
        in_idle_time(inputs, pieces, idle, laws.queues, opened)
        if _any(inputs, names, "blend")
        else nothing_taken(pieces)
    )
    pieces = blend.rest(pieces)
    tables, views, least = [], [], {}
    for name in names:
        mine = pieces[pieces["queue"] == name]
        table = _left_to_schedule(name, mine, useful[name])
        tables.append(table)
        view, least[name] = _requirement(inputs, settings, name, table, is_open[index[name]], there[name])
        views.append(_with_kept(view, name, blocks, there[name], inputs))
    steps = case_table(everything) if found else empty_table("case_steps")
    return DeferredWork(
        table=_joined(tables, "deferred"),
        requirement=_joined(views, "requirement"),
        cover=_joined(
            [cover_of(n, blocks.agents[n], blocks.value[n], inputs.grid) for n in blocks.agents], "cover"
        ),
        case_steps=steps,
        facts=_facts(least, blocks, blend),
        notes=(
            *lateness_notes(inputs, laws, expected, backlog),
            *case_notes(steps, inputs, laws, expected),
            *list_notes(everything, inputs),
            *blocks.notes,
            *blend.notes,
        ),
    )


def _any(inputs: StaffInputs, names: list[str], field: str) -> bool:
    return any(getattr(inputs.centre.queues[name], field) for name in names)


def _joined(parts: list[pd.DataFrame], table: str) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else empty_table(table)


def _facts(least: dict[str, float | None], blocks: Taken, blend: Taken) -> dict[str, Any]:
    facts: dict[str, Any] = {"least_constant_positions": least} if least else {}
    if blocks.hours:
        facts["block_hours"] = blocks.hours
    if blend.hours:
        facts["idle_time_hours"] = blend.hours
    return facts


def _left_to_schedule(name: str, pieces: pd.DataFrame, useful: float) -> pd.DataFrame:
    """Rows of one queue that the scheduler covers."""
    frame = pieces[["release", "due"]].assign(work_s=pieces["work_s"] / useful, worth=pieces["worth"])
    frame = frame.groupby(["release", "due"], as_index=False, sort=True).sum()
    return pd.DataFrame(
        {
            "queue": pd.Series([name] * len(frame), dtype="str"),
            "release": from_epoch_min(frame["release"].to_numpy()),
            "due": from_epoch_min(frame["due"].to_numpy()),
            "work_s": frame["work_s"],
            "value_per_min": frame["worth"] / (frame["work_s"] / 60.0),
        }
    )


def _with_kept(
    view: pd.DataFrame, name: str, blocks: Taken, present: float, inputs: StaffInputs
) -> pd.DataFrame:
    """A queue's positions with the agents kept for it."""
    if name not in blocks.agents:
        return view
    grid = inputs.grid
    at = np.flatnonzero(blocks.agents[name])
    agents = blocks.agents[name][at].astype(float)
    kept = pd.DataFrame(
        {
            "queue": pd.Series([name] * at.size, dtype="str"),
            "interval_start": grid.starts[at],
            "law": pd.Series([Law.DEFERRED.value] * at.size, dtype="str"),
            "offered_load": blocks.done_s[name][at] / (grid.step_min * 60.0),
            "positions": agents * present,
            "positions_with_shrinkage": agents,
        }
    )
    both = pd.concat([view, kept]) if len(view) else kept
    return both.groupby(["queue", "interval_start", "law"], as_index=False, sort=True).sum()


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
    # what is due after the week and cannot begin in it is of no concern to it
    begins = np.r_[is_open[::-1].cumsum()[::-1], 0][np.clip(release, 0, grid.n)] > 0
    inside = (release < grid.n) & (begins | (due <= grid.n))
    least = 0.0
    if inside.any():
        until = np.minimum(due[inside], grid.n)
        least = least_constant_positions(work[inside], release[inside], until, is_open, step_s)
    return view, least if np.isfinite(least) else None
