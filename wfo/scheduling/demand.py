"""Requirement frames to arrays: values of steps, deferred pools, cuts, and the flat benchmark beside them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.scheduling.group_cuts import GroupCuts
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.pools import coarse_pools, fine_pools, pool_arrays
from wfo.scheduling.problem import Demand
from wfo.timegrid import TimeGrid

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
    asked = set(inputs.cover["queue"].unique()) | set(inputs.deferred["queue"].unique())
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
    rows = pd.DataFrame(
        {"q": q, "t": t, "step": cover["step"].to_numpy(), "value": cover["value"].to_numpy(float)}
    )
    rows = rows[inside].sort_values(["q", "t", "value", "step"], ascending=[True, True, False, True])
    sizes = rows.groupby(["q", "t"], sort=True).size()
    if len(sizes):
        starts = np.concatenate([[0], np.cumsum(sizes.to_numpy())[:-1]])
        qs, ts = (sizes.index.get_level_values(n).to_numpy(np.int64) for n in ("q", "t"))
        for shift in range(per):
            at[qs, ts * per + shift] = starts
            count[qs, ts * per + shift] = sizes.to_numpy()
    return at, count, np.append(rows["value"].to_numpy(float) / per, 0.0)


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


def _with_groups(
    cut: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], groups: GroupCuts
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cuts with those of groups of agents after them."""
    at, ids, coefs, rhs, value = cut
    cell = np.concatenate([np.repeat(np.arange(at.size - 1), np.diff(at)), groups.cell])
    ids, coefs = np.concatenate([ids, groups.cut + rhs.size]), np.concatenate([coefs, groups.coef])
    order = np.lexsort((ids, cell))
    at = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=at.size - 1))]).astype(np.int64)
    return (
        at, ids[order], coefs[order], np.concatenate([rhs, groups.rhs]), np.concatenate([value, groups.value])
    )  # fmt: skip


def proficient(agent_skills: pd.DataFrame, centre: Centre) -> pd.DataFrame:
    """Rows of agents who are not slower in the skill than the centre allows."""
    if "speed" not in agent_skills:
        return agent_skills
    limits = {name: skill.slowest for name, skill in centre.skills.items() if skill.slowest is not None}
    most = agent_skills["skill"].map(limits).astype(float)
    return agent_skills[~(agent_skills["speed"] > most + 1e-9).to_numpy(bool)]


def _flat_cover(inputs: ScheduleInputs) -> pd.DataFrame:
    """Steps of the flat benchmark, each worth its price of being missed."""
    need = inputs.requirement
    if need is None:
        cover = inputs.cover
        hard = cover["hard"].astype(bool)
        return (cover[hard] if hard.any() else cover[cover["value"] > 0]).assign(value=_FLAT_UNDER)
    need = need[need["queue"].isin(inputs.cover["queue"].unique()) & (need["positions_with_shrinkage"] > 0)]
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
    groups: GroupCuts,
) -> tuple[Demand, Demand, Demand, Demand, float]:
    """Arrays of the run's objective and the flat benchmark, the same with fine pools; needed agent-slots.

    Cuts, those of groups of agents among them, are no part of the flat benchmark.
    """
    grid = inputs.grid
    # A queue with both kinds of work is two columns, served by the same agents.
    both = sorted(set(inputs.cover["queue"].unique()) & set(inputs.deferred["queue"].unique()))
    columns = {q: n for n, q in enumerate(queues)}
    later = {**columns, **{q: len(queues) + n for n, q in enumerate(both)}}
    size = len(queues) + len(both)
    mask = np.zeros(len(class_queues), np.int64)
    for c, names in enumerate(class_queues):
        for q in names:
            if q in columns:
                mask[c] |= (1 << columns[q]) | (1 << later[q])
    at, count, value = _steps(inputs.cover, columns, grid, slot_min, size)
    flat_at, flat_count, flat_value = _steps(_flat_cover(inputs), columns, grid, slot_min, size)
    flat_value[:-1] = _FLAT_UNDER
    fine = fine_pools(inputs.deferred, later, grid, slot_min)
    wanted = _wanted(count, fine)
    cut = _with_groups(_cut_terms(inputs, class_skills, slot_min), groups)
    no_cuts = (np.zeros_like(cut[0]), np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))
    over = np.array([over_per_slot])

    def both_of(pools: pd.DataFrame) -> tuple[Demand, Demand]:
        own = pool_arrays(pools, size, count.shape[1])
        # All its work is worth the same: of what is due at once the last released may come first.
        alike = pools.sort_values(["q", "last", "first"], ascending=[True, True, False], ignore_index=True)
        flat = pool_arrays(alike.assign(value=_FLAT_UNDER), size, count.shape[1])
        return (
            _owned(mask, at, count, value, *own, *cut, over, wanted),
            _owned(mask, flat_at, flat_count, flat_value, *flat, *no_cuts, np.array([_FLAT_OVER]), wanted),
        )

    required = float(flat_count.sum() + fine["work"].sum())
    return *both_of(coarse_pools(fine)), *both_of(fine), required


def _owned(*arrays: np.ndarray) -> Demand:
    """Copies: a frame's read-only views would be other types, and all code compiled once more."""
    return Demand(*(np.array(array, order="C") for array in arrays))


def _wanted(count: np.ndarray, pools: pd.DataFrame) -> np.ndarray:
    """A tiny value for slots in which there is work, shape (T,)."""
    slots = count.shape[1]
    fresh = np.bincount(np.minimum(pools["first"], slots - 1), weights=pools["work"], minlength=slots)
    wanted = 1e-9 + count.sum(axis=0) + np.convolve(fresh, np.ones(8) / 8, "same")
    return np.asarray(1e-6 * wanted / wanted.max())
