"""Requirement frames to arrays: values of steps, deferred pools, cuts, and the flat benchmark beside them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.problem import Demand
from wfo.timegrid import TimeGrid, epoch_min

_MOST_POOLS = 900
_FLAT_UNDER, _FLAT_OVER = 10.0, 1.0


def skills_by_agent(agent_skills: pd.DataFrame, grid: TimeGrid) -> dict[str, tuple[str, ...]]:
    """Skills valid during the whole week, sorted, by agent."""
    valid = np.ones(len(agent_skills), bool)
    if "valid_from" in agent_skills:
        valid &= (agent_skills["valid_from"].isna() | (agent_skills["valid_from"] <= grid.start)).to_numpy()
    if "valid_to" in agent_skills:
        valid &= (agent_skills["valid_to"].isna() | (agent_skills["valid_to"] >= grid.end)).to_numpy()
    kept = agent_skills[valid]
    found: dict[str, set[str]] = {}
    for agent, skill in zip(kept["agent_id"], kept["skill"], strict=True):
        found.setdefault(str(agent), set()).add(str(skill))
    return {agent: tuple(sorted(skills)) for agent, skills in sorted(found.items())}


def queue_names(inputs: ScheduleInputs) -> tuple[str, ...]:
    """Queues with cover or deferred work, in the scenario's order."""
    asked = set(inputs.cover["queue"]) | set(inputs.deferred["queue"])
    known = [q for q in inputs.centre.queue_ids if q in asked]
    return tuple(known + sorted(asked - set(known)))


def served_by(routing: pd.DataFrame, skills: Sequence[str]) -> tuple[str, ...]:
    """Queues that any of the skills may serve, sorted."""
    return tuple(sorted(dict.fromkeys(routing.loc[routing["skill"].isin(list(skills)), "queue"])))


def _steps(
    cover: pd.DataFrame, columns: Mapping[str, int], grid: TimeGrid, slot_min: int, queues: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the steps of (column, slot) begin, how many there are, and their values per slot."""
    per = grid.step_min // slot_min
    at, count = np.zeros((2, queues, grid.n * per), np.int64)
    q = cover["queue"].map(dict(columns)).to_numpy(np.int64)
    t = grid.locate(cover["interval_start"])
    inside = (t >= 0) & (t < grid.n)
    rows = pd.DataFrame({"q": q, "t": t, "step": cover["step"].to_numpy(), "value": cover["value"].to_numpy(float)})
    rows = rows[inside].sort_values(["q", "t", "value", "step"], ascending=[True, True, False, True])
    sizes = rows.groupby(["q", "t"], sort=True).size()
    if len(sizes):
        starts = np.concatenate([[0], np.cumsum(sizes.to_numpy())[:-1]])
        qs, ts = (sizes.index.get_level_values(n).to_numpy(np.int64) for n in ("q", "t"))
        for shift in range(per):
            at[qs, ts * per + shift] = starts
            count[qs, ts * per + shift] = sizes.to_numpy()
    return at, count, np.append(rows["value"].to_numpy(float) / per, 0.0)


def _pools(
    deferred: pd.DataFrame, columns: Mapping[str, int], grid: TimeGrid, slot_min: int
) -> pd.DataFrame:
    """Deferred rows as pools of slots: queue, first, last, work, value; windows are shrunk to whole slots.

    Work released before the week may start at once; work due after it counts only for the share of its window
    inside the week. Neighbouring pools of a queue are joined, to the later release and the earlier due, while there are too many.
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
    coarse = 1
    while True:
        rows["from_key"] = -(-rows["first"] // coarse)
        rows["to_key"] = rows["last"] // coarse
        keys = ["q", "to_key", "from_key", "value"]
        joined = rows.groupby(keys, sort=True).agg(first=("first", "max"), last=("last", "min"), work=("work", "sum"))
        joined = joined.reset_index()
        joined["last"] = np.maximum(joined["last"], joined["first"] + 1)
        if len(joined) <= _MOST_POOLS or coarse > slots:
            return joined.sort_values(["q", "last", "first", "value"], ignore_index=True)
        coarse *= 2


def _one_value(value: np.ndarray, of_queue: np.ndarray) -> np.ndarray:
    """Value that all pools of a queue share, 0 where they differ; shape (Q,)."""
    out = np.zeros(of_queue.size - 1)
    for q, (begin, end) in enumerate(zip(of_queue[:-1], of_queue[1:], strict=True)):
        if end > begin and np.ptp(value[begin:end]) == 0.0:
            out[q] = value[begin]
    return out


def _pool_ranges(pools: pd.DataFrame, of_queue: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """First and one past the last pool of each queue whose window holds a slot."""
    size = of_queue.size - 1
    first, last = np.full((size, slots), np.iinfo(np.int64).max), np.zeros((size, slots), np.int64)
    for p, (q, begin, end) in enumerate(zip(pools["q"], pools["first"], pools["last"], strict=True)):
        first[q, begin:end] = np.minimum(first[q, begin:end], p)
        last[q, begin:end] = np.maximum(last[q, begin:end], p + 1)
    return np.minimum(first, last), last


def _cut_terms(
    inputs: ScheduleInputs, class_skills: Sequence[tuple[str, ...]], slot_min: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Terms of cuts by (class, slot), right-hand sides and values of a unit of shortfall."""
    grid, cuts = inputs.grid, inputs.cuts
    per = grid.step_min // slot_min
    slots = grid.n * per
    at = np.zeros(len(class_skills) * slots + 1, np.int64)
    if cuts is None or cuts.empty:
        return at, np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0)
    names = sorted(set(cuts["cut"]))
    heads = cuts.drop_duplicates("cut").set_index("cut").loc[names]
    terms: list[tuple[int, int, float]] = []
    interval = grid.locate(cuts["interval_start"])
    rows = zip(cuts["cut"], cuts["skill_set"], interval, cuts["coefficient"], strict=True)
    for name, skills, t, coefficient in rows:
        for c, own in enumerate(class_skills):
            if set(skills) <= set(own) and 0 <= t < grid.n:
                terms += [(c * slots + t * per + n, names.index(name), coefficient / per) for n in range(per)]
    terms.sort()
    where = np.array([t[0] for t in terms], np.int64)
    at[1:] = np.cumsum(np.bincount(where, minlength=at.size - 1))
    ids, coefs = np.array([t[1] for t in terms], np.int64), np.array([t[2] for t in terms], float)
    return at, ids, coefs, heads["rhs"].to_numpy(float), heads["value"].to_numpy(float)


def _flat_cover(inputs: ScheduleInputs) -> pd.DataFrame:
    """Steps of the flat benchmark, each worth its price of being missed."""
    need = inputs.requirement
    if need is None:
        cover = inputs.cover
        hard = cover["hard"].astype(bool)
        return (cover[hard] if hard.any() else cover[cover["value"] > 0]).assign(value=_FLAT_UNDER)
    need = need[need["queue"].isin(set(inputs.cover["queue"])) & (need["positions_with_shrinkage"] > 0)]
    counts = np.ceil(need["positions_with_shrinkage"].to_numpy(float) - 1e-9).astype(np.int64)
    rows = need.loc[need.index.repeat(counts), ["queue", "interval_start"]].reset_index(drop=True)
    step = rows.groupby(["queue", "interval_start"]).cumcount() + 1
    return rows.assign(step=step, value=_FLAT_UNDER)


def build_demand(
    inputs: ScheduleInputs,
    queues: tuple[str, ...],
    class_queues: Sequence[tuple[str, ...]],
    class_skills: Sequence[tuple[str, ...]],
    slot_min: int,
    over_per_slot: float,
) -> tuple[Demand, Demand, float]:
    """Arrays of the run's objective, of the flat benchmark, and the latter's needed agent-slots."""
    grid = inputs.grid
    # A queue with both kinds of work is two columns, served by the same agents.
    both = sorted(set(inputs.cover["queue"]) & set(inputs.deferred["queue"]))
    columns = {q: n for n, q in enumerate(queues)}
    later = {**columns, **{q: len(queues) + n for n, q in enumerate(both)}}
    size = len(queues) + len(both)
    mask = np.zeros(len(class_queues), np.int64)
    for c, names in enumerate(class_queues):
        for q in names:
            if q in columns:
                mask[c] |= (1 << columns[q]) | (1 << later[q])
    pools = _pools(inputs.deferred, later, grid, slot_min)
    at, count, value = _steps(inputs.cover, columns, grid, slot_min, size)
    flat_at, flat_count, flat_value = _steps(_flat_cover(inputs), columns, grid, slot_min, size)
    flat_value[:-1] = _FLAT_UNDER
    wanted = count.sum(axis=0) + 1e-9
    spread = np.bincount(
        np.minimum(pools["first"], count.shape[1] - 1), weights=pools["work"], minlength=count.shape[1]
    )
    wanted = wanted + np.convolve(spread, np.ones(8) / 8, "same")
    work = pools["work"].to_numpy(float)
    cut = _cut_terms(inputs, class_skills, slot_min)
    no_cuts = (np.zeros_like(cut[0]), np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))

    of_queue = np.searchsorted(pools["q"].to_numpy(), np.arange(size + 1)).astype(np.int64)
    ranges = _pool_ranges(pools, of_queue, count.shape[1])

    def pack(steps: tuple[np.ndarray, ...], worth: np.ndarray, terms: tuple[np.ndarray, ...], over: float) -> Demand:
        return Demand(
            mask, *steps, pools["q"].to_numpy(np.int64), pools["first"].to_numpy(np.int64),
            pools["last"].to_numpy(np.int64), work, worth,
            of_queue, _one_value(worth, of_queue), *ranges, *terms,
            np.array([over]), 1e-6 * wanted / wanted.max(),
        )  # fmt: skip

    own = pack((at, count, value), pools["value"].to_numpy(float), cut, over_per_slot)
    flat = pack((flat_at, flat_count, flat_value), np.full(len(pools), _FLAT_UNDER), no_cuts, _FLAT_OVER)
    return own, flat, float(flat_count.sum() + work.sum())
