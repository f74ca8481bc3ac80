"""The past's plan of work: each half of a shift gets a home, so that the past queue has its servers."""

from dataclasses import dataclass

import numpy as np

from wfo.domain.centre import Centre
from wfo.sample.compiled import entry
from wfo.sample.demand import Days
from wfo.sample.homes import HOMES, MODES, can_be_at, home_weights, mode_of_home, weekly_need, worth
from wfo.sample.laws import STEP_MIN, Preset
from wfo.sample.people import People
from wfo.sample.rota import ACTIVITIES, Rota

_PATIENT = tuple(HOMES.index(h) for h in ("email", "cases"))
_DEBT, _PRESS = 400.0, 0.6
"""Agent-intervals left over at which patient work is fully pressing, and how much that adds to its weight."""
_ON_WORK = 0.85
"""Share of a planned block that absence, breaks and meetings leave."""


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
        can_be_at(centre, people)[np.repeat(rota.agent, 2)[order]],
        weekly_need(centre, preset),
        days.slot,
        home_weights(),
    )
    return _servers(people, rota, home.reshape(-1, 2), split)


@entry
def _assign(
    first: np.ndarray,
    last: np.ndarray,
    can: np.ndarray,
    need: np.ndarray,
    slot: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    """Home of each block in order: where the weighted shortfall over the block is largest.

    Work that can wait becomes more urgent the more of it earlier days have left, and less the other way.
    """
    homes = need.shape[0]
    horizon = slot.shape[0]
    supply = np.zeros((homes, horizon))
    debt, seen = np.zeros(homes), 0
    out = np.zeros(first.shape[0], dtype=np.int64)
    for k in range(first.shape[0]):
        for t in range(seen, min(first[k], horizon)):
            debt += need[:, slot[t]] - supply[:, t] * _ON_WORK
        seen = max(seen, first[k])
        best, best_gain = -1, -1e18
        for h in range(homes):
            if not can[k, h]:
                continue
            gain = 0.0
            press = min(max(debt[h] / _DEBT, -1.0), 1.0) * _PRESS if h in _PATIENT else 0.0
            for t in range(max(first[k], 0), min(last[k], horizon)):
                gain += worth(need[h, slot[t]] * (1.0 + press) - supply[h, t], weight[h] + press)
            if gain > best_gain:
                best, best_gain = h, gain
        out[k] = best
        for t in range(max(first[k], 0), min(last[k], horizon)):
            supply[best, t] += 1.0
    return out


def _servers(people: People, rota: Rota, home: np.ndarray, split: np.ndarray) -> Servers:
    """Stretches of work by mode and agent."""
    shift, begin, end, half = present_work(rota, split)
    mode = mode_of_home()[home[shift, half]]
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
    """Stretches in which agents really worked: shift, begin and end (s), half of the shift; each (n,)."""
    is_work = np.array([a == "work" for a in ACTIVITIES])
    begin, end = rota.edges_s[:, :-1].copy(), rota.edges_s[:, 1:]
    begin = np.maximum(begin, rota.late_s[:, None])
    begin[:, 4] += rota.aux_s
    here = (is_work[None, :] & (end > begin)) & ~(rota.time_off | rota.absent)[:, None]
    shift, part = np.nonzero(here)
    half = (rota.edges_s[shift, part] >= split[shift]).astype(np.int64)
    return shift, rota.start_s[shift] + begin[shift, part], rota.start_s[shift] + end[shift, part], half
