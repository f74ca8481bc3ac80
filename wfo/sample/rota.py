"""Past shifts: a two-week rotating pattern that keeps the contracts' rules, and what people really did."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.domain.hours import clock_min
from wfo.sample.demand import Days
from wfo.sample.laws import STEP_MIN, TIME_OFF, Preset
from wfo.sample.people import People

_WEEKEND = (("sat", 0.50), ("sun", 0.25), ("none", 0.25))
"""Share of agents whose every second week has a Saturday, a Sunday, neither."""
_MOST_SWING_MIN = 240
"""A start moves by no more than this from week to week, so that eleven hours of rest remain after a late Sunday."""
_ABSENT, _LATE_P, _LATE_S, _AUX_P, _AUX_S = 0.055, 0.25, 1200.0, 0.35, 1380.0
"""Unscheduled shrinkage: shifts missed, late starts, late returns from a break; together 8 %."""
ACTIVITIES = ("work", "training", "work", "break", "work", "lunch", "work", "break", "work")
"""What the parts of a shift are, in order; a part may have no length."""
KINDS = ("work", "off_phone", "work", "break", "work", "break", "work", "break", "work")


@dataclass(frozen=True)
class Rota:
    """Shifts of the log and the planning week, by the pattern.

    Attributes
    ----------
    agent, day : ndarray of int64, shape (N,)
        Agent and local day of each shift.
    start_s : ndarray of float64, shape (N,)
        Start in seconds after the log's start.
    edges_s : ndarray of float64, shape (N, 10)
        Edges of the shift's parts in seconds after its start; see `ACTIVITIES`.
    meeting : ndarray of bool, shape (N,)
        Whether the part off the phone is the team meeting.
    time_off : ndarray of bool, shape (N,)
        Whether the shift is taken off.
    absent : ndarray of bool, shape (N,)
        Whether the agent did not come.
    late_s, aux_s : ndarray of float64, shape (N,)
        Seconds late at the start, and late back from the first break.
    """

    agent: np.ndarray
    day: np.ndarray
    start_s: np.ndarray
    edges_s: np.ndarray
    meeting: np.ndarray
    time_off: np.ndarray
    absent: np.ndarray
    late_s: np.ndarray
    aux_s: np.ndarray


def build_rota(
    centre: Centre, preset: Preset, people: People, days: Days, load: np.ndarray, rng: np.random.Generator
) -> Rota:
    """Draw everybody's shifts.

    Parameters
    ----------
    centre, preset, people, days
        The centre, its preset, its people, and the local days of log and planning week.
    load : ndarray, shape (7 days × intervals,)
        Agents' work in an ordinary week, to which the pattern's starts are fitted.
    rng : Generator
    """
    weeks = len(days.dates) // 7
    length, count = _lengths(people, rng)
    works = _workdays(count, weeks, rng)
    starts = _starts(centre, people, length, works, load)
    agent, day = np.nonzero(works)
    parity = (day // 7) % 2
    zone = people.agents["site"].map({s: v.zone for s, v in centre.sites.items()})
    start_s = _local_seconds(days, starts[agent, parity], zone.to_numpy(dtype=object)[agent], day)
    edges, meeting = _parts(length[agent], agent, day, works)
    n = len(agent)
    week_off = rng.random((preset.agents, weeks)) < TIME_OFF * 0.6
    day_off = rng.random(n) < TIME_OFF * 0.4 / (1 - TIME_OFF * 0.6)
    late = np.where(rng.random(n) < _LATE_P, np.minimum(rng.exponential(_LATE_S, n), 5400.0), 0.0)
    aux = np.where(rng.random(n) < _AUX_P, np.minimum(rng.exponential(_AUX_S, n), 5400.0), 0.0)
    return Rota(
        agent=agent,
        day=day,
        start_s=start_s,
        edges_s=edges * 60.0,
        meeting=meeting,
        time_off=week_off[agent, day // 7] | day_off,
        absent=rng.random(n) < _ABSENT,
        late_s=np.round(late),
        aux_s=np.round(aux),
    )


def _lengths(people: People, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Shift length in minutes and days a week of each agent."""
    contract = people.agents["contract"].to_numpy(dtype=object)
    n = len(contract)
    part = contract == "part_time"
    hours = np.where(part, rng.integers(4, 7, n), np.where(contract == "evening", 6, 8))
    count = np.where(part, rng.integers(4, 6, n), 5)
    return hours * 60, count


def _workdays(count: np.ndarray, weeks: int, rng: np.random.Generator) -> np.ndarray:
    """Whether an agent works on a day, shape (A, D).

    In even weeks (of the agent's own counting) a weekend agent works one day of the weekend for one or two days
    off between Monday and Friday: never more than six days in a row, every second weekend free.
    """
    n = len(count)
    kind = rng.choice(len(_WEEKEND), n, p=[p for _, p in _WEEKEND])
    phase = rng.integers(0, 2, n)
    out = np.zeros((n, weeks, 7), dtype=bool)
    for a in range(n):
        for week in range(weeks):
            weekend = _WEEKEND[kind[a]][0] if (week + phase[a]) % 2 == 0 else "none"
            row = out[a, week]
            row[:5] = True
            if weekend != "none":
                row[5 if weekend == "sat" else 6] = True
            for k in range(int(row.sum()) - count[a]):
                row[(a + week // 2 + 2 * k) % 3 + 1] = False
    return out.reshape(n, weeks * 7)


def _starts(
    centre: Centre, people: People, length: np.ndarray, works: np.ndarray, load: np.ndarray
) -> np.ndarray:
    """Start of each agent's shifts in even and odd weeks, local minutes, shape (A, 2), fitted greedily to load."""
    step = STEP_MIN
    slots = 24 * 60 // step
    daily = load.reshape(7, slots)[:5].mean(axis=0)
    out = np.zeros((len(length), 2), dtype=np.int64)
    zones = {s: _lag_min(centre, spec.zone) for s, spec in centre.sites.items()}
    site, contract = (people.agents[c].to_numpy(dtype=object) for c in ("site", "contract"))
    # Full-timers first: the short shifts then fill what they leave.
    order = np.argsort(-length, kind="stable")
    for parity in range(2):
        left = daily * (length.sum() / step) / daily.sum()
        for a in order:
            window = centre.contracts[contract[a]].start
            choices = np.arange(clock_min(window.earliest), clock_min(window.latest) + 1, window.step_min)
            if parity:
                choices = choices[np.abs(choices - out[a, 0]) <= _MOST_SWING_MIN]
            first = (choices + zones[site[a]]) // step
            total = np.concatenate(([0.0], np.cumsum(np.concatenate((left, np.full(slots, -1.0))))))
            width = length[a] // step
            best = int(np.argmax(total[first + width] - total[first]))
            out[a, parity] = choices[best]
            left[first[best] : first[best] + width] -= 1.0
    return out


def _lag_min(centre: Centre, zone: str) -> int:
    """Minutes by which the centre's clock is ahead of a site's."""
    moment = pd.Timestamp("2025-01-15 12:00", tz="UTC")
    ahead = moment.tz_convert(ZoneInfo(centre.zone)).utcoffset() - moment.tz_convert(ZoneInfo(zone)).utcoffset()
    return int(ahead.total_seconds() // 60)


def _local_seconds(days: Days, minute: np.ndarray, zone: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Seconds after the log's start of local clock times on days, shape (N,)."""
    date = np.array(days.dates, dtype="datetime64[s]")[day]
    local = pd.Series(date + minute.astype("timedelta64[m]"))
    out = np.empty(len(day))
    for name in sorted(set(zone)):
        rows = zone == name
        instant = local[rows].dt.tz_localize(name).dt.tz_convert("UTC")
        out[rows] = (instant - pd.Timestamp(days.grid.start)).dt.total_seconds()
    return out


def _parts(
    length: np.ndarray, agent: np.ndarray, day: np.ndarray, works: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Edges in minutes of each shift's parts, shape (N, 10), and whether its part off the phone is a meeting."""
    full = length > 360
    middle = (length // 2 // STEP_MIN) * STEP_MIN - STEP_MIN * (agent % 2)
    first = np.where(full, 90 + 15 * (agent % 4), middle)
    lunch = np.where(full, 210 + 15 * (agent % 5), length)
    second = np.where(full, 375 + 15 * (agent % 3), length)
    nth = (np.cumsum(works.reshape(len(works), -1, 7), axis=2) - 1).reshape(works.shape)[agent, day]
    week = day // 7
    training, meeting = nth == (agent + week) % 3, nth == 3
    off_start = np.where(training | meeting, np.where(training, 30, 45), first)
    off_end = np.where(training | meeting, 75, first)
    zero = np.zeros_like(length)
    edges = np.stack(
        [
            zero,
            off_start,
            off_end,
            first,
            first + 15,
            lunch,
            np.where(full, lunch + 30, length),
            second,
            np.where(full, second + 15, length),
            length,
        ],
        axis=1,
    )
    return edges.astype(np.float64), meeting
