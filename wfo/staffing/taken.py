"""Deferred work that needs no further position: what blocks of kept agents and idle time do of it in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wfo.staffing.earliest_due import taken_up
from wfo.staffing.idle_time import shared_share
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.kept_agents import kept
from wfo.timegrid import TimeGrid

_NONE_S = 1e-6
"""Seconds of work that are no work."""


@dataclass(frozen=True)
class Taken:
    """What has been taken up.

    Attributes
    ----------
    left : ndarray, shape (R,)
        Share of each piece that is left.
    agents, value, done_s : mapping of str to ndarray, shape (T,)
        By queue with blocks: agents kept, money for each, seconds of work done.
    hours : mapping of str to float
        Hours of work taken up, by queue.
    notes : tuple of str
    """

    left: np.ndarray
    agents: Mapping[str, np.ndarray] = field(default_factory=dict)
    value: Mapping[str, np.ndarray] = field(default_factory=dict)
    done_s: Mapping[str, np.ndarray] = field(default_factory=dict)
    hours: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def rest(self, pieces: pd.DataFrame) -> pd.DataFrame:
        """Pieces less what has been taken up."""
        if not self.hours:
            return pieces
        less = pieces.assign(
            contacts=pieces["contacts"] * self.left,
            work_s=pieces["work_s"] * self.left,
            worth=pieces["worth"] * self.left,
        )
        return less[(less["work_s"] > _NONE_S).to_numpy()]


def nothing_taken(pieces: pd.DataFrame) -> Taken:
    """Everything is left."""
    return Taken(left=np.ones(len(pieces)))


def by_blocks(inputs: StaffInputs, pieces: pd.DataFrame, useful: Mapping[str, float]) -> Taken:
    """What agents kept in blocks do, earliest due first.

    An agent of a block is worth the work he does, or the block's price where that is more.

    Parameters
    ----------
    inputs : StaffInputs
    pieces : DataFrame
        As of `pieces_of`.
    useful : mapping of str to float
        Share of a scheduled second that becomes work, by queue.
    """
    grid = inputs.grid
    step_s = grid.step_min * 60.0
    left = np.ones(len(pieces))
    agents, value, done, hours = {}, {}, {}, {}
    for name in useful:
        if not inputs.centre.queues[name].blocks:
            continue
        agents[name], price_h = kept(inputs.centre, name, grid)
        mine = np.flatnonzero((pieces["queue"] == name).to_numpy())
        work = pieces["work_s"].to_numpy(dtype=float)[mine]
        worth = pieces["worth"].to_numpy(dtype=float)[mine]
        row, at, some = taken_up(work, *_window(pieces, mine, grid), agents[name] * step_s * useful[name])
        left[mine] = 1.0 - np.bincount(row, some, mine.size) / work
        done[name] = np.bincount(at, some, grid.n)
        money = np.bincount(at, some * (worth / work)[row], grid.n) / np.maximum(agents[name], 1)
        value[name] = np.maximum(money, price_h * step_s / 3600.0)
        hours[name] = round(float(some.sum()) / 3600.0, 3)
    notes = tuple(
        f"{name}: {h:.1f} h of its work are done in its blocks, in which agents are kept for it"
        for name, h in hours.items()
    )
    return Taken(np.clip(left, 0.0, 1.0), agents, value, done, hours, notes)


def in_idle_time(
    inputs: StaffInputs,
    pieces: pd.DataFrame,
    idle: np.ndarray,
    queues: tuple[str, ...],
    opened: Mapping[str, np.ndarray],
) -> Taken:
    """What people on queues served at once do in idle time, earliest due first, queue after queue.

    Deferred work gets of a queue's idle time the share of its agents who are skilled for that work.

    Parameters
    ----------
    inputs : StaffInputs
    pieces : DataFrame
        As of `pieces_of`.
    idle : ndarray, shape (Q, T)
        In positions.
    queues : tuple of str, Q of them
    opened : mapping of str to ndarray of bool, shape (T,)
        Intervals in which each deferred queue is open.
    """
    grid = inputs.grid
    asked = {n: inputs.centre.queues[n].blend for n in opened if inputs.centre.queues[n].blend}
    work = pieces["work_s"].to_numpy(dtype=float)
    left, of_queue = work.copy(), pieces["queue"].to_numpy()
    done: dict[str, float] = dict.fromkeys(asked, 0.0)
    notes = []
    for at_once in queues:
        takers = [name for name, others in asked.items() if at_once in others]
        if not takers:
            continue
        shares = {name: shared_share(inputs, at_once, (name,)) for name in takers}
        notes += [
            f"blend: no agent of {at_once} is skilled for {name}; none of it is done in idle time there"
            for name in takers
            if not shares[name]
        ]
        seconds = idle[queues.index(at_once)] * grid.step_min * 60.0
        limit = np.stack([seconds * shares[name] * opened[name] for name in takers])
        mine = np.flatnonzero(np.isin(of_queue, takers) & (left > 0))
        group = np.array([takers.index(name) for name in of_queue[mine]], dtype=np.int64)
        whole = seconds * shared_share(inputs, at_once, tuple(takers))
        row, _, some = taken_up(left[mine], *_window(pieces, mine, grid), whole, group, limit)
        left[mine] = np.maximum(left[mine] - np.bincount(row, some, mine.size), 0.0)
        for g, name in enumerate(takers):
            done[name] += float(some[group[row] == g].sum())
    hours = {name: round(seconds / 3600.0, 3) for name, seconds in done.items()}
    notes += [
        f"{name}: {h:.1f} h of its work are done in idle time of {', '.join(asked[name])}"
        for name, h in hours.items()
        if h
    ]
    return Taken(left / np.where(work > 0, work, 1.0), hours=hours, notes=tuple(notes))


def _window(pieces: pd.DataFrame, rows: np.ndarray, grid: TimeGrid) -> tuple[np.ndarray, np.ndarray]:
    """Whole intervals of the week in which pieces may be done."""
    release = pieces["release"].to_numpy(dtype=np.int64)[rows] - grid.start_min
    due = pieces["due"].to_numpy(dtype=np.int64)[rows] - grid.start_min
    return -(-release // grid.step_min), due // grid.step_min
