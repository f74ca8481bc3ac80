"""Generated centres for the scheduler's benchmarks: a week of 15-minute intervals, five contracts, breaks.

Every case follows from its name and seed alone. Money is in units of one overstaffed agent-interval: a
missing agent costs 10, an idle one 1.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Queue
from wfo.domain.contract import Break, Contract, StartWindow, Weekends
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.settings import ScheduleSettings
from wfo.timegrid import TimeGrid

MONDAY = dt.date(2026, 3, 2)
ZONE = "UTC"
STEP_MIN = 15
UNDER, OVER = 10.0, 1.0
_PER_HOUR = 60 // STEP_MIN
_DAY_WEIGHT = (1.06, 1.03, 1.00, 0.99, 1.02, 0.84, 0.76)
_SHARES = (0.35, 0.20, 0.15, 0.20, 0.10)
_BREAKS = {
    "lunch": Break(minutes=30, paid=False, over_h=5),
    "rest-1": Break(minutes=15),
    "rest-2": Break(minutes=15, over_h=5),
}
SKILL_SETS = ((("a",), 0.25), (("b",), 0.20), (("c",), 0.15), (("a", "b"), 0.25), (("a", "b", "c"), 0.15))
QUEUE_SHARES = {"a": 0.40, "b": 0.35, "c": 0.25}


@dataclass(frozen=True)
class Case:
    """What a generated centre is like.

    Attributes
    ----------
    name : str
    agents : int
    demand : float
        Needed agent-intervals ÷ agent-intervals on queue of everybody's (mean) contract.
    skills : bool
        Three queues and five skill sets instead of one.
    ranges : bool
        Part-timers of 16 to 30 h in shifts of 4 to 10 h, wages, wishes, fairness over weeks, days in a row
        and weekends.
    seed : int
    """

    name: str
    agents: int
    demand: float = 1.02
    skills: bool = False
    ranges: bool = False
    seed: int = 1


CASES = {
    case.name: case
    for case in (
        Case("fixed-2000", 2000),
        Case("ranges-2000", 2000, ranges=True),
        Case("fixed-5000", 5000),
        Case("skills-500", 500, skills=True),
        Case("hard-100", 100, demand=0.97),
    )
}


def make(case: Case) -> tuple[ScheduleInputs, ScheduleSettings]:
    """The scheduler's inputs and settings."""
    draw = np.random.default_rng(case.seed)
    contracts, names = _contracts(case), [f"a{n:05d}" for n in range(case.agents)]
    of = draw.permutation(np.repeat(list(contracts), parts(case.agents, _SHARES)))
    agents = pd.DataFrame({"agent_id": names, "contract": of, "cost_per_h": _PER_HOUR * 5.0})
    queues = QUEUE_SHARES if case.skills else {"a": 1.0}
    skills = skill_sets(names, draw, SKILL_SETS if case.skills else ((("a",), 1.0),))
    centre = Centre(
        zone=ZONE,
        queues={q: Queue(channel="voice", law="immediate") for q in queues},
        contracts=contracts,
    )
    grid = TimeGrid.of_days(MONDAY, 7, zone=ZONE, step_min=STEP_MIN)
    supply = sum(_on_queue_slots(contracts[c]) for c in of)
    away = unavailable(names, draw)
    inputs = ScheduleInputs(
        centre=centre,
        grid=grid,
        agents=agents,
        agent_skills=skills,
        routing=pd.DataFrame({"queue": list(queues), "skill": list(queues), "priority": 1, "after_s": 0.0}),
        cover=cover(grid, {q: share * case.demand * supply for q, share in queues.items()}),
        deferred=no_deferred(),
        availability=away,
        wishes=_wishes(names, draw) if case.ranges else None,
        published=_last_week(agents, contracts, set(away["agent_id"]), draw) if case.ranges else None,
    )
    unfair = 0.5 if case.ranges else 0.0
    return inputs, ScheduleSettings(price_over=OVER * _PER_HOUR, price_wish=2.0, price_unfair=unfair)


def skill_sets(
    names: list[str], draw: np.random.Generator, sets: tuple[tuple[tuple[str, ...], float], ...] = SKILL_SETS
) -> pd.DataFrame:
    """Who has which skills, sets drawn by their shares."""
    own, weights = zip(*sets, strict=True)
    of = draw.permutation(np.repeat(np.arange(len(own)), parts(len(names), weights)))
    pairs = [(name, skill) for name, n in zip(names, of, strict=True) for skill in own[n]]
    return pd.DataFrame(pairs, columns=["agent_id", "skill"])


def parts(total: int, weights: tuple[float, ...]) -> list[int]:
    """Whole numbers in the proportion of weights that add up to the total."""
    ends = np.round(np.cumsum(weights) / sum(weights) * total).astype(int)
    return np.diff(ends, prepend=0).tolist()


def _contracts(case: Case) -> dict[str, Contract]:
    """Two full times, four long days, two part times; a lunch and two breaks, up to 5 h one break."""

    def one(
        hours: float,
        days: int,
        length: float,
        earliest: str,
        latest: str,
        more: dict[str, object] | None = None,
    ) -> Contract:
        fields = {
            "week_h": hours,
            "shift_h": length,
            "days": days,
            "start": StartWindow(earliest=earliest, latest=latest, step_min=30),
            "rest_h": 11.0,
            "max_days_in_row": 5 if case.ranges else 7,
            "weekends": Weekends(worked=1, of=2) if case.ranges else None,
            "breaks": _BREAKS,
            "shift_step_min": 60,
        }
        return Contract.model_validate(fields | (more or {}))

    hours = {"week_h": {"min": 16, "max": 30}, "shift_h": {"min": 4, "max": 10}, "days": {"min": 2, "max": 5}}
    loose = hours | {"shift_step_min": 30} if case.ranges else {}
    return {
        "early": one(40, 5, 8.5, "06:00", "11:00"),
        "late": one(40, 5, 8.5, "10:00", "15:30"),
        "long": one(40, 4, 10.5, "06:00", "13:00"),
        "part-30": one(30, 5, 6.5, "07:00", "17:00", loose),
        "part-24": one(24, 4, 6.5, "07:00", "17:00", loose),
    }


def _on_queue_slots(contract: Contract) -> float:
    """Intervals of a week that an agent is on queue: paid time less paid rests."""
    days, rests = (contract.days.min + contract.days.max) / 2, 2 * 15
    hours = (contract.week_h.min + contract.week_h.max) / 2
    return (hours - days * rests / 60) * _PER_HOUR


def cover(grid: TimeGrid, totals: dict[str, float]) -> pd.DataFrame:
    """Whole positions of a two-peaked day from 06:00 to 23:30, weaker at the weekend."""
    hour = np.arange(grid.n) % (24 * _PER_HOUR) / _PER_HOUR
    shape = np.exp(-(((hour - 11.0) / 3.0) ** 2)) + 0.75 * np.exp(-(((hour - 16.5) / 3.6) ** 2)) + 0.12
    shape = np.where((hour >= 6) & (hour < 23.5), shape, 0.0) * np.repeat(_DAY_WEIGHT, 24 * _PER_HOUR)
    frames = []
    for queue, total in totals.items():
        exact = np.cumsum(shape / shape.sum() * total)
        need = np.diff(np.round(exact), prepend=0.0).astype(int)
        at = np.repeat(np.arange(grid.n), need)
        step = np.arange(at.size) - np.repeat(np.cumsum(need) - need, need) + 1
        frames.append(
            pd.DataFrame({"queue": queue, "interval_start": grid.starts[at], "step": step, "value": UNDER})
        )
    return pd.concat(frames, ignore_index=True).assign(hard=True)


def no_deferred() -> pd.DataFrame:
    """A table of deferred work with none in it."""
    columns = {"queue": "str", "release": "datetime64[us, UTC]", "due": "datetime64[us, UTC]"}
    columns |= {"work_s": "float64", "value_per_min": "float64"}
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in columns.items()})


def instant(day: int, minute: int) -> pd.Timestamp:
    """So many minutes into a day of the week."""
    return pd.Timestamp(MONDAY, tz=ZONE).as_unit("us") + pd.Timedelta(days=day, minutes=minute)


def unavailable(names: list[str], draw: np.random.Generator) -> pd.DataFrame:
    """One agent in ten cannot work on one day, or before or after 13:00 on two."""
    rows = []
    for name in sorted(draw.choice(names, len(names) // 10, replace=False)):
        if draw.random() < 0.5:
            spans = [(int(draw.integers(7)), 0, 1440)]
        else:
            spans = [(int(d), *((0, 780), (780, 1440))[draw.integers(2)]) for d in draw.choice(7, 2, False)]
        rows += [(name, instant(d, a), instant(d, b), "unavailable") for d, a, b in spans]
    return pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"])


def _wishes(names: list[str], draw: np.random.Generator) -> pd.DataFrame:
    """Every other agent wants a day free, or to begin before noon on one."""
    rows = []
    for name in sorted(draw.choice(names, len(names) // 2, replace=False)):
        date = MONDAY + dt.timedelta(days=int(draw.integers(7)))
        free = draw.random() < 0.5
        rows.append(
            (name, date, "", "", "against", 1.0) if free else (name, date, "06:00", "11:59", "for", 1.0)
        )
    columns = ["agent_id", "schedule_date", "start_earliest", "start_latest", "sense", "weight"]
    return pd.DataFrame(rows, columns=columns)


def _last_week(
    agents: pd.DataFrame, contracts: dict[str, Contract], away: set[str], draw: np.random.Generator
) -> pd.DataFrame:
    """Published shifts of the week before: half of the agents worked its Saturday, nobody its Sunday.

    Who is away on a day of the planning week had that Saturday free, and may have a weekend of work now.
    """
    rows = []
    for name, contract in zip(agents["agent_id"], agents["contract"], strict=True):
        rule = contracts[contract]
        size, days = int(rule.shift_h.min * 60), int(rule.days.min)
        begin = int(rule.start.earliest[:2]) * 60
        saturday = draw.random() < 0.5 and name not in away
        worked = [*range(days - 1), 5] if saturday else range(5 - days, 5)
        for d in worked:
            date, start = MONDAY + dt.timedelta(days=d - 7), instant(d - 7, begin)
            end = instant(d - 7, begin + size)
            rows.append((name, start, end, date, f"{name}/{date}", "work", "work", True, False))
    columns = ["agent_id", "start", "end", "schedule_date", "shift_id", "activity", "kind", "paid", "locked"]
    return pd.DataFrame(rows, columns=columns).assign(queues=[["a"]] * len(rows), site=None)
