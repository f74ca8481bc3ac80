"""Past shifts: a two-week rotating pattern that keeps the contracts' rules, and what people really did."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.sample.demand import Days
from wfo.sample.homes import can_be_at, weekly_need
from wfo.sample.laws import (
    ABSENT,
    AUX_P,
    AUX_S,
    LATE_P,
    LATE_S,
    STEP_MIN,
    TIME_OFF,
    WEEK_OFF_SHARE,
    Preset,
)
from wfo.sample.people import People
from wfo.sample.starts import BOTH_DAYS, NO_DAY, fit_starts

_WEEKEND_P = {5: 0.66, 6: 0.32, NO_DAY: 0.02}
"""Share of agents whose every second week has a Saturday, a Sunday, neither; four-day weeks have both."""
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


def build_rota(centre: Centre, preset: Preset, people: People, days: Days, rng: np.random.Generator) -> Rota:
    """Draw everybody's shifts on the local days of the log and the planning week."""
    weeks = len(days.dates) // 7
    length, count = _lengths(people, rng)
    n = preset.agents
    weekend = np.where(count == 4, BOTH_DAYS, rng.choice(list(_WEEKEND_P), n, p=list(_WEEKEND_P.values())))
    phase = rng.integers(0, 2, n)
    works = _workdays(count, weekend, phase, weeks)
    need, can = weekly_need(centre, preset), can_be_at(centre, people)
    starts = fit_starts(centre, people, length, weekend, phase, need, can)
    agent, day = np.nonzero(works)
    zone = people.agents["site"].map({s: v.zone for s, v in centre.sites.items()})
    start_s = _local_seconds(
        days, starts[agent, day // 7 % 2, (day % 7) // 5], zone.to_numpy(dtype=object)[agent], day
    )
    edges, meeting = _parts(length[agent], agent, day, works)
    n = len(agent)
    week_off = rng.random((preset.agents, weeks)) < TIME_OFF * WEEK_OFF_SHARE
    single = TIME_OFF * (1 - WEEK_OFF_SHARE) / (1 - TIME_OFF * WEEK_OFF_SHARE)
    day_off = (rng.random(n) < single) & (day % 7 < 5)
    late = np.where(rng.random(n) < LATE_P, np.minimum(rng.exponential(LATE_S, n), 5400.0), 0.0)
    aux = np.where(rng.random(n) < AUX_P, np.minimum(rng.exponential(AUX_S, n), 5400.0), 0.0)
    return Rota(
        agent=agent,
        day=day,
        start_s=start_s,
        edges_s=edges * 60.0,
        meeting=meeting,
        time_off=week_off[agent, day // 7] | day_off,
        absent=rng.random(n) < ABSENT,
        late_s=np.round(late),
        aux_s=np.round(aux),
    )


def _lengths(people: People, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Shift length in minutes and days a week of each agent."""
    contract = people.agents["contract"].to_numpy(dtype=object)
    n = len(contract)
    part = contract == "part_time"
    hours = np.where(part, rng.integers(5, 7, n), np.where(contract == "evening", 6, 8))
    count = np.where(part, np.where(rng.random(n) < 0.75, 4, 5), 5)
    return hours * 60, count


def _workdays(count: np.ndarray, weekend: np.ndarray, phase: np.ndarray, weeks: int) -> np.ndarray:
    """Whether an agent works on a day, bool, shape (A, D).

    Every second week an agent works on the weekend and has as many days off between Tuesday and Thursday:
    never more than six days in a row, every second weekend free.
    """
    out = np.zeros((len(count), weeks, 7), dtype=bool)
    for a in range(len(count)):
        for week in range(weeks):
            row = out[a, week]
            row[:5] = True
            if week % 2 == phase[a]:
                row[5] = weekend[a] in (5, BOTH_DAYS)
                row[6] = weekend[a] in (6, BOTH_DAYS)
            for k in range(int(row.sum()) - count[a]):
                row[(a + week // 2 + 2 * k) % 3 + 1] = False
    return out.reshape(len(count), weeks * 7)


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
    """Edges in minutes of each shift's parts, shape (N, 10), and whether it has the team meeting."""
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
