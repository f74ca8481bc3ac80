"""Staffing: who is there when, and who may serve what, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.centre import Centre, Law
from wfo.draws import word_of
from wfo.timegrid import TimeGrid, epoch_ms, instant

LAWS = (Law.IMMEDIATE, Law.CONCURRENT, Law.DEFERRED, Law.UNSTAFFED)
"""Laws by the number that arrays use."""


@dataclass(frozen=True)
class Staffing:
    """Agents on duty on a grid.

    Attributes
    ----------
    queues : tuple of str
        Q queue ids, as in the demand.
    law : ndarray of int64, shape (Q,)
        Index into `LAWS`.
    slots : ndarray of int64, shape (Q,)
        Contacts one agent handles at once.
    agents : tuple of str
        A agent ids.
    speed : ndarray of float64, shape (A, Q)
        Divides the mean handle time.
    events : ndarray of int64, shape (E, 6)
        Starts (1) and ends (0) of segments, sorted: instant in ms after the grid's start, which, agent,
        group, shift, end of the segment.
    serves_ptr, serves : ndarray of int64, shapes (G + 1,) and (·, 3)
        Rows ``[ptr[g], ptr[g + 1])`` are group g's queues: queue, agent's tier, after_ms; by tier.
    served_by_ptr, served_by : ndarray of int64, shapes (Q + 1,) and (·, 3)
        Each queue's groups: group, contact's tier, after_ms; by tier.
    shift_word : ndarray of uint64, shape (S,)
        Word of each shift's agent and date, for its absences.
    """

    queues: tuple[str, ...]
    law: np.ndarray
    slots: np.ndarray
    agents: tuple[str, ...]
    speed: np.ndarray
    events: np.ndarray
    serves_ptr: np.ndarray
    serves: np.ndarray
    served_by_ptr: np.ndarray
    served_by: np.ndarray
    shift_word: np.ndarray


@dataclass(frozen=True)
class _Link:
    """How an agent serves a queue."""

    contact_tier: int
    after_ms: int
    agent_tier: int
    speed: float


Links = Mapping[str, Mapping[int, _Link]]


def staffing_of(
    schedule: pd.DataFrame,
    agents: pd.DataFrame,
    agent_skills: pd.DataFrame,
    routing: pd.DataFrame,
    centre: Centre,
    grid: TimeGrid,
) -> Staffing:
    """Staffing of any schedule frame, one of ours or a foreign one.

    An agent serves a queue by the skill that routing names first; a work row that lists queues narrows it to
    those. Contacts choose agents by ``routing.priority``, then ``agent_skills.priority``; agents choose
    contacts by ``agent_skills.priority``, then by how long they wait. Lower numbers come first.

    Parameters
    ----------
    schedule, agents, agent_skills, routing : DataFrame
        As in the table contracts.
    centre : Centre
    grid : TimeGrid

    Returns
    -------
    Staffing
    """
    queues = centre.queue_ids
    links = _links(agent_skills, routing, queues, grid)
    work = _work_rows(schedule, grid)
    names = tuple(sorted({*agents["agent_id"].astype(str), *work["agent_id"]}))
    number = {name: k for k, name in enumerate(names)}
    speed = np.ones((len(names), len(queues)))
    for name, served in links.items():
        for queue, link in served.items():
            if name in number:
                speed[number[name], queue] = link.speed
    rows = list(zip(work["agent_id"].tolist(), work["queues"].tolist(), strict=True))
    keys = [_group_key(agent, listed, links, queues) for agent, listed in rows]
    groups = sorted(set(keys))
    position = {key: g for g, key in enumerate(groups)}
    shifts = sorted(set(work["shift"]))
    shift_number = {shift: k for k, shift in enumerate(shifts)}
    segments = np.array(
        [
            (row.begin, row.finish, number[row.agent_id], position[key], shift_number[row.shift])
            for row, key in zip(work.itertuples(index=False), keys, strict=True)
            if key
        ],
        dtype=np.int64,
    ).reshape(-1, 5)
    return Staffing(
        queues=queues,
        law=np.array([LAWS.index(centre.queues[q].law) for q in queues], dtype=np.int64),
        slots=np.array([centre.queues[q].concurrency for q in queues], dtype=np.int64),
        agents=names,
        speed=speed,
        events=_events(_joined(segments)),
        shift_word=np.array([word_of(shift) for shift in shifts], dtype=np.uint64),
        **_incidence(groups, len(queues)),
    )


def _work_rows(schedule: pd.DataFrame, grid: TimeGrid) -> pd.DataFrame:
    rows = schedule[schedule["kind"].astype(str) == Kind.WORK.value]
    offset = int(instant(grid.start).timestamp() * 1000)
    lists = rows["queues"].tolist() if "queues" in rows.columns else [None] * len(rows)
    work = pd.DataFrame(
        {
            "agent_id": rows["agent_id"].astype(str).to_numpy(),
            "begin": np.maximum(epoch_ms(rows["start"]) - offset, 0),
            "finish": epoch_ms(rows["end"]) - offset,
            "queues": pd.Series([_as_names(value) for value in lists], dtype=object),
            "shift": (rows["agent_id"].astype(str) + "/" + rows["schedule_date"].astype(str)).to_numpy(),
        }
    )
    inside = (work["finish"] > work["begin"]) & (work["begin"] < grid.n * grid.step_min * 60_000)
    return work[inside.to_numpy()].sort_values(["agent_id", "begin"], kind="stable").reset_index(drop=True)


def _as_names(value: object) -> tuple[str, ...]:
    return (
        tuple(str(v) for v in value)
        if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
        else ()
    )


def _number(value: Any, default: float) -> float:
    return default if value is None or pd.isna(value) else float(value)


def _valid(skills: pd.DataFrame, grid: TimeGrid) -> pd.DataFrame:
    """Skills that an agent has at some time of the grid."""
    keep = pd.Series(True, index=skills.index)
    if "valid_from" in skills.columns:
        keep &= skills["valid_from"].isna() | (skills["valid_from"] < pd.Timestamp(grid.end))
    if "valid_to" in skills.columns:
        keep &= skills["valid_to"].isna() | (skills["valid_to"] > pd.Timestamp(grid.start))
    return skills[keep]


def _links(skills: pd.DataFrame, routing: pd.DataFrame, queues: tuple[str, ...], grid: TimeGrid) -> Links:
    """Each agent's queues with the best way in which he serves them."""
    number = {name: k for k, name in enumerate(queues)}
    ways: dict[str, list[tuple[float, float, int]]] = {}
    for row in routing.to_dict("records"):
        if row["queue"] in number:
            way = (_number(row.get("priority"), 1.0), _number(row.get("after_s"), 0.0), number[row["queue"]])
            ways.setdefault(str(row["skill"]), []).append(way)
    found: dict[tuple[str, int], tuple[float, float, float, float]] = {}
    for row in _valid(skills, grid).to_dict("records"):
        own, speed = _number(row.get("priority"), 1.0), _number(row.get("speed"), 1.0)
        for priority, after_s, queue in ways.get(str(row["skill"]), []):
            key, offer = (str(row["agent_id"]), queue), (priority, after_s, own, speed)
            found[key] = min(found.get(key, offer), offer)
    contact_tiers = sorted({(p, own) for p, _, own, _ in found.values()})
    agent_tiers = sorted({own for _, _, own, _ in found.values()})
    links: dict[str, dict[int, _Link]] = {}
    for (agent, queue), (priority, after_s, own, speed) in sorted(found.items()):
        tier = contact_tiers.index((priority, own))
        links.setdefault(agent, {})[queue] = _Link(tier, round(after_s * 1000), agent_tiers.index(own), speed)
    return links


Group = tuple[tuple[int, int, int, int], ...]
"""What agents of a group serve: (agent's tier, queue, contact's tier, after_ms), sorted."""


def _group_key(agent: str, listed: tuple[str, ...], links: Links, queues: tuple[str, ...]) -> Group:
    served = links.get(agent, {})
    return tuple(
        sorted(
            (link.agent_tier, queue, link.contact_tier, link.after_ms)
            for queue, link in served.items()
            if not listed or queues[queue] in listed
        )
    )


def _incidence(groups: list[Group], queues: int) -> dict[str, np.ndarray]:
    serves = [[(queue, tier, after) for tier, queue, _, after in group] for group in groups]
    served_by = [
        sorted(
            (tier, g, after) for g, group in enumerate(groups) for _, q, tier, after in group if q == queue
        )
        for queue in range(queues)
    ]
    by_queue = [[(g, tier, after) for tier, g, after in rows] for rows in served_by]
    return {**_rows("serves", serves), **_rows("served_by", by_queue)}


def _rows(name: str, lists: list[list[tuple[int, int, int]]]) -> dict[str, np.ndarray]:
    ptr = np.concatenate([[0], np.cumsum([len(rows) for rows in lists], dtype=np.int64)]).astype(np.int64)
    flat = np.array([row for rows in lists for row in rows], dtype=np.int64).reshape(-1, 3)
    return {f"{name}_ptr": ptr, name: flat}


def _joined(segments: np.ndarray) -> np.ndarray:
    """Segments (begin, end, agent, group, shift) with those that continue each other joined."""
    out: list[list[int]] = []
    for begin, end, agent, group, shift in segments.tolist():
        if out and out[-1][1:] == [begin, agent, group, shift]:
            out[-1][1] = end
        else:
            out.append([begin, end, agent, group, shift])
    return np.array(out, dtype=np.int64).reshape(-1, 5)


def _events(segments: np.ndarray) -> np.ndarray:
    begin, end, agent, group, shift = segments.T
    starts = np.column_stack([begin, np.ones_like(begin), agent, group, shift, end])
    ends = np.column_stack([end, np.zeros_like(end), agent, group, shift, end])
    events = np.concatenate([starts, ends])
    return np.ascontiguousarray(events[np.lexsort((events[:, 2], events[:, 1], events[:, 0]))])
