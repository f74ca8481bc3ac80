"""Staffing: who is there when, and who may serve what, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.centre import Centre, Law
from wfo.draws import word_of
from wfo.simulation.links import group_of, incidence, links_of, main_of
from wfo.timegrid import MINUTE_MS, TimeGrid, epoch_ms, instant

LAWS = (Law.IMMEDIATE, Law.CONCURRENT, Law.DEFERRED, Law.UNSTAFFED)
"""Laws by the number that arrays use."""
SLOTS = 20
"""Most contacts an agent handles at once."""


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
    ratios : ndarray of float64, shape (Q, SLOTS)
        Open time of a contact whose agent has given away 1, 2, … slots ÷ that with all given away.
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
    ratios: np.ndarray
    agents: tuple[str, ...]
    speed: np.ndarray
    events: np.ndarray
    serves_ptr: np.ndarray
    serves: np.ndarray
    served_by_ptr: np.ndarray
    served_by: np.ndarray
    main: np.ndarray
    shift_word: np.ndarray


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
    those and to queues with a dialler. Contacts choose agents by ``routing.priority``, then
    ``agent_skills.priority``; agents choose contacts by ``agent_skills.priority``, then by how long they
    wait. Lower numbers come first. Where rows have a ``main_queue`` those who keep to a queue come first for
    its contacts and those who keep to another last, and an agent takes contacts of his own main queue first.

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
    links = links_of(agent_skills, routing, queues, grid)
    work = _work_rows(schedule, grid)
    names = tuple(sorted({*agents["agent_id"].astype(str), *work["agent_id"]}))
    number = {name: k for k, name in enumerate(names)}
    speed = np.ones((len(names), len(queues)))
    for name, served in links.items():
        for queue, link in served.items():
            if name in number:
                speed[number[name], queue] = link.speed
    rows = zip(*(work[c].tolist() for c in ("agent_id", "queues", "main")), strict=True)
    # nobody is planned for what a dialler calls in idle time, and so no plan lists its queue
    dialled = tuple(name for name in queues if centre.queues[name].dialler is not None)
    alike = [(agent, (*listed, *dialled) if listed else (), main) for agent, listed, main in rows]
    group = {each: group_of(*each, links, queues) for each in dict.fromkeys(alike)}
    keys = [group[each] for each in alike]
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
        ratios=_ratios(centre),
        agents=names,
        speed=speed,
        events=_events(_joined(segments)),
        shift_word=np.array([word_of(shift) for shift in shifts], dtype=np.uint64),
        main=np.array([main_of(key) for key in groups], dtype=np.int64),
        **incidence(groups, len(queues)),
    )


def _ratios(centre: Centre) -> np.ndarray:
    out = np.ones((len(centre.queue_ids), SLOTS))
    for row, name in zip(out, centre.queue_ids, strict=True):
        if centre.queues[name].law is Law.CONCURRENT:
            own = centre.queues[name].session_ratios
            row[: len(own)] = own
    return out


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
            "main": rows["main_queue"].fillna("").astype("str").to_numpy() if "main_queue" in rows else "",
            "shift": (rows["agent_id"].astype(str) + "/" + rows["schedule_date"].astype(str)).to_numpy(),
        }
    )
    inside = (work["finish"] > work["begin"]) & (work["begin"] < grid.n * grid.step_min * MINUTE_MS)
    return work[inside.to_numpy()].sort_values(["agent_id", "begin"], kind="stable").reset_index(drop=True)


def _as_names(value: object) -> tuple[str, ...]:
    return (
        tuple(str(v) for v in value)
        if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
        else ()
    )


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
