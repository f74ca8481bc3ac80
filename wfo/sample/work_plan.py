"""What each half of a past shift is spent on, so that the past's single-pass queue has its servers.

Every half shift has one home: a voice queue, chat, quick written work, email or cases. A caller may be answered by
anyone who is at a voice queue and has the skill.
"""

from dataclasses import dataclass

import numba
import numpy as np

from wfo.domain.centre import Centre, Law
from wfo.sample import intents
from wfo.sample.demand import Days
from wfo.sample.laws import CASE_STEPS_P, QUEUE_SKILL, STEP_MIN, Preset
from wfo.sample.people import People
from wfo.sample.rota import ACTIVITIES, Rota

MODES = ("voice", "chat", "quick", "email", "cases")
_MODE = {"message": "quick", "text": "quick", "social": "quick", "email": "email", "cases": "cases", "chat": "chat"}
_HOMES = ("voice_billing", "voice_technical", "voice_sales", "chat", "quick", "email", "cases")
_PLANNED_OCCUPANCY = {"voice": 0.76, "chat": 0.74, "quick": 0.80, "email": 0.90, "cases": 0.90}
_WEIGHT = {"voice": 1.25, "chat": 1.20, "quick": 1.10, "email": 1.0, "cases": 1.0}
"""How urgently the plan fills a shortfall."""
_LEAST = 1.0
"""Agents the plan keeps at an open voice queue or chat."""


@dataclass(frozen=True)
class Servers:
    """Who can take contacts, when; a chat agent is two servers.

    Attributes
    ----------
    offset : ndarray of int64, shape (modes + 1,)
        Servers of mode m are ``offset[m]:offset[m + 1]``.
    agent : ndarray of int64, shape (V,)
    first : ndarray of int64, shape (V + 1,)
        A server's stretches of work are ``first[v]:first[v + 1]``.
    start_s, end_s : ndarray of float64
        Stretches in order of time, seconds after the log's start.
    """

    offset: np.ndarray
    agent: np.ndarray
    first: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray


def mode_of_queues(centre: Centre) -> np.ndarray:
    """Mode of each queue, int64, shape (Q,); −1 for unstaffed ones."""
    names = [("voice" if q.channel == "voice" else _MODE.get(k)) for k, q in centre.queues.items()]
    return np.array([-1 if n is None else MODES.index(n) for n in names], dtype=np.int64)


def work_s(centre: Centre) -> np.ndarray:
    """Agent seconds of one contact by queue, shape (Q,); a case counts with all its steps."""
    steps = 1.0 + np.arange(3) @ np.asarray(CASE_STEPS_P)
    return np.array([(q.handle_s or 0.0) * (steps if q.steps > 1 else 1.0) for q in centre.queues.values()])


def weekly_need(centre: Centre, preset: Preset) -> np.ndarray:
    """Agents the plan wants at each home in an ordinary week's intervals, shape (homes, 7 days × intervals)."""
    volume = intents.contacts_by_queue(centre, preset.contacts)
    profile = np.einsum("iq,qit->qt", intents.mix(centre), intents.week_profiles(centre))
    out = np.zeros((len(_HOMES), profile.shape[1]))
    for q, (name, spec) in enumerate(centre.queues.items()):
        if not spec.staffed:
            continue
        home = _MODE.get(name, name)
        mode = home if home in MODES else "voice"
        # Deferred work is spread evenly over its hours, immediate work comes when it comes.
        shape = profile[q] if spec.law is not Law.DEFERRED or mode == "quick" else (profile[q] > 0) / (profile[q] > 0).sum()
        load = volume[q] * work_s(centre)[q] * shape / (STEP_MIN * 60 * _PLANNED_OCCUPANCY[mode])
        least = _LEAST if spec.law is not Law.DEFERRED else 0.0
        out[_HOMES.index(home)] += np.where(profile[q] > 0, np.maximum(load, least), 0.0)
    return out


def assign_servers(centre: Centre, preset: Preset, people: People, days: Days, rota: Rota) -> Servers:
    """Give each half shift its home and cut absences, late starts and off-phone time out of it."""
    cut = 5  # a shift's edges 0…5 come before lunch; a short shift's halves meet at its only break
    short = rota.edges_s[:, cut] == rota.edges_s[:, -1]
    split = np.where(short, rota.edges_s[:, 3], rota.edges_s[:, cut])
    step_s = STEP_MIN * 60.0
    begin = np.stack([rota.start_s, rota.start_s + split], axis=1)
    end = np.stack([rota.start_s + split, rota.start_s + rota.edges_s[:, -1]], axis=1)
    order = np.lexsort((np.repeat(rota.agent, 2), begin.ravel()))
    here = np.repeat(~rota.time_off, 2)[order]
    order = order[here]
    home = np.full(2 * len(rota.agent), -1, dtype=np.int64)
    home[order] = _assign(
        (begin.ravel()[order] // step_s).astype(np.int64),
        (end.ravel()[order] // step_s).astype(np.int64),
        _can(centre, people)[np.repeat(rota.agent, 2)[order]],
        weekly_need(centre, preset),
        days.slot,
        np.array([_WEIGHT[h if h in MODES else "voice"] for h in _HOMES]),
    )
    return _servers(people, rota, home.reshape(-1, 2), split)


def _can(centre: Centre, people: People) -> np.ndarray:
    """Whether an agent can be at a home, shape (A, homes)."""
    names = list(centre.skills)
    out = np.zeros((len(people.team), len(_HOMES)), dtype=bool)
    for h, home in enumerate(_HOMES):
        skill = "written" if home in ("quick", "email") else QUEUE_SKILL[home]
        if skill in names:
            out[:, h] = people.has_skill[:, names.index(skill)]
    return out


@numba.njit(cache=True)
def _assign(
    first: np.ndarray, last: np.ndarray, can: np.ndarray, need: np.ndarray, slot: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Home of each block in order: where the weighted shortfall over the block is largest."""
    homes = need.shape[0]
    horizon = slot.shape[0]
    supply = np.zeros((homes, horizon))
    out = np.zeros(first.shape[0], dtype=np.int64)
    for k in range(first.shape[0]):
        best, best_gain = -1, -1e18
        for h in range(homes):
            if not can[k, h]:
                continue
            gain = 0.0
            for t in range(max(first[k], 0), min(last[k], horizon)):
                short = need[h, slot[t]] - supply[h, t]
                gain += weight[h] * (min(short, 1.0) if short > 0 else 0.02 * short)
            if gain > best_gain:
                best, best_gain = h, gain
        out[k] = best
        for t in range(max(first[k], 0), min(last[k], horizon)):
            supply[best, t] += 1.0
    return out


def _servers(people: People, rota: Rota, home: np.ndarray, split: np.ndarray) -> Servers:
    """Stretches of work by mode and agent."""
    mode_of_home = np.array([MODES.index(h) if h in MODES else 0 for h in _HOMES] + [-1])
    shift, begin, end, half = present_work(rota, split)
    mode = mode_of_home[home[shift, half]]
    agent = rota.agent[shift]
    copies = np.where(mode == MODES.index("chat"), 2, 1)
    mode, agent, begin, end = (np.repeat(x, copies) for x in (mode, agent, begin, end))
    copy = _ordinal(copies)
    n = len(people.team)
    key = (mode * n + agent) * 2 + copy
    order = np.lexsort((begin, key))
    key, begin, end = key[order], begin[order], end[order]
    used, first = np.unique(key, return_index=True)
    offset = np.searchsorted(used // (2 * n), np.arange(len(MODES) + 1))
    return Servers(offset, used // 2 % n, np.append(first, len(key)), begin, end)


def _ordinal(copies: np.ndarray) -> np.ndarray:
    """0, 1, … within each run of repeated rows."""
    total = np.cumsum(copies)
    return np.arange(total[-1]) - np.repeat(total - copies, copies)


def present_work(rota: Rota, split: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Stretches in which agents really worked: shift, begin and end in seconds, half of the shift; each (n,)."""
    is_work = np.array([a == "work" for a in ACTIVITIES])
    begin, end = rota.edges_s[:, :-1].copy(), rota.edges_s[:, 1:]
    begin = np.maximum(begin, rota.late_s[:, None])
    begin[:, 4] += rota.aux_s
    here = (is_work[None, :] & (end > begin)) & ~(rota.time_off | rota.absent)[:, None]
    shift, part = np.nonzero(here)
    half = (rota.edges_s[shift, part] >= split[shift]).astype(np.int64)
    return shift, rota.start_s[shift] + begin[shift, part], rota.start_s[shift] + end[shift, part], half
