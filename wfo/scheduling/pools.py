"""Deferred rows as pools of agent-slots with windows."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.timegrid import TimeGrid, epoch_min

_ROOM = 0.06
_MOST_POOLS = 1500


def fine_pools(
    deferred: pd.DataFrame, columns: Mapping[str, int], grid: TimeGrid, slot_min: int
) -> pd.DataFrame:
    """Columns q, first, last, work, value: one pool for equal windows, shrunk to whole slots; ordered by key.

    Work released before the week may start at once; work due after it counts only for the share of its window
    inside the week.
    """
    slots = grid.n * grid.step_min // slot_min
    start = -((grid.start_min - epoch_min(deferred["release"])) // slot_min)
    stop = (epoch_min(deferred["due"]) - grid.start_min) // slot_min
    first = np.maximum(start, 0)
    inside = np.clip((slots - first) / np.maximum(stop - first, 1), 0.0, 1.0)
    rows = pd.DataFrame(
        {
            "q": deferred["queue"].map(dict(columns)).to_numpy(np.int64),
            "first": first,
            "last": np.minimum(np.maximum(stop, first + 1), slots),
            "work": deferred["work_s"].to_numpy(float) / (60.0 * slot_min) * inside,
            "value": deferred["value_per_min"].to_numpy(float) * slot_min,
        }
    )
    rows = rows[(rows["work"] > 1e-6) & (rows["first"] < slots) & (rows["value"] > 0)]
    return rows.groupby(["q", "last", "first", "value"], sort=True).agg(work=("work", "sum")).reset_index()


def coarse_pools(fine: pd.DataFrame) -> pd.DataFrame:
    """Neighbouring pools joined to the later release and the earlier due, at most 6 % of their window apart.

    What the search plans so is possible with the fine pools too, and worth the same.
    """
    room = _ROOM
    while True:
        width = np.exp2(np.floor(np.log2(np.maximum(1.0, room * (fine["last"] - fine["first"])))))
        keyed = fine.assign(
            from_key=np.ceil(fine["first"] / width) * width,
            to_key=np.floor(fine["last"] / width) * width,
            money=fine["work"] * fine["value"],
        )
        joined = keyed.groupby(["q", "to_key", "from_key"], sort=True).agg(
            first=("first", "max"), last=("last", "min"), work=("work", "sum"), money=("money", "sum")
        )
        joined = joined.reset_index()
        joined["value"] = joined["money"] / joined["work"]
        joined["last"] = np.maximum(joined["last"], joined["first"] + 1)
        if len(joined) <= _MOST_POOLS or room > 1.0:
            return joined.sort_values(["q", "last", "first"], ignore_index=True)
        room *= 2


def pool_arrays(pools: pd.DataFrame, queues: int, slots: int) -> tuple[np.ndarray, ...]:
    """Fields `pool_queue` … `pool_end` of `Demand`, in order."""
    of_queue = np.searchsorted(pools["q"].to_numpy(), np.arange(queues + 1)).astype(np.int64)
    value = pools["value"].to_numpy(float)
    first, last = np.full((queues, slots), np.iinfo(np.int64).max), np.zeros((queues, slots), np.int64)
    for p, (q, begin, end) in enumerate(zip(pools["q"], pools["first"], pools["last"], strict=True)):
        first[q, begin:end] = np.minimum(first[q, begin:end], p)
        last[q, begin:end] = np.maximum(last[q, begin:end], p + 1)
    return (
        pools["q"].to_numpy(np.int64), pools["first"].to_numpy(np.int64), pools["last"].to_numpy(np.int64),
        pools["work"].to_numpy(float), value, of_queue, _one_value(value, of_queue), np.minimum(first, last),
        last,
    )  # fmt: skip


def _one_value(value: np.ndarray, of_queue: np.ndarray) -> np.ndarray:
    """Value that all pools of a queue share, 0 where they differ; shape (Q,)."""
    out = np.zeros(of_queue.size - 1)
    for q, (begin, end) in enumerate(zip(of_queue[:-1], of_queue[1:], strict=True)):
        if end > begin and np.ptp(value[begin:end]) == 0.0:
            out[q] = value[begin]
    return out
