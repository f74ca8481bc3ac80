"""A week for the table of rules: people whom no rule binds, and what happens to them with some rules.

How long shifts are and how many hours a week has at most is all that holds. Money is that of the other
generated centres: an agent-interval of 15 minutes is worth 10 where it is needed.
"""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
from scheduling_cases import (
    MONDAY,
    OVER,
    QUEUE_SHARES,
    ZONE,
    cover,
    instant,
    no_deferred,
    parts,
    skill_sets,
    unavailable,
)

from wfo.domain.centre import Centre, Queue, Skill
from wfo.domain.contract import Contract
from wfo.effort import Effort
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings
from wfo.timegrid import TimeGrid

Week = tuple[ScheduleInputs, ScheduleSettings]
WAGE_H = 20.0
DEMAND = 1.02
MOST_H = {"early": 40, "turns": 40, "part": 30}
_SHIFT_H = {"early": (8, 10), "turns": (8, 10), "part": (4, 6)}
_SHARES = (0.4, 0.3, 0.3)
_NONE = {
    "start": {"earliest": "06:00", "latest": "17:00"},
    "days": {"min": 0, "max": 7},
    "rest_h": 0,
    "max_days_in_row": 14,
}


def bare(agents: int) -> Week:
    """A week of so many agents whom no rule binds, one queue."""
    draw, names = np.random.default_rng(1), [f"a{n:05d}" for n in range(agents)]
    of = draw.permutation(np.repeat(list(MOST_H), parts(agents, _SHARES)))
    years = draw.choice([0.5, 2.0, 5.0, 9.0], agents, p=[0.45, 0.25, 0.2, 0.1])
    hired = [MONDAY - dt.timedelta(days=round(365.25 * y)) for y in years]
    people = pd.DataFrame({"agent_id": names, "contract": of, "cost_per_h": WAGE_H, "hire_date": hired})
    contracts = {
        name: Contract.model_validate(
            _NONE
            | {
                "week_h": {"min": 0, "max": most},
                "shift_h": dict(zip(("min", "max"), _SHIFT_H[name], strict=True)),
            }
        )
        for name, most in MOST_H.items()
    }
    grid = TimeGrid.of_days(MONDAY, 7, zone=ZONE, step_min=15)
    supply = 4.0 * sum(MOST_H[c] for c in of)
    inputs = ScheduleInputs(
        centre=_centre({"a": 1.0}, contracts),
        grid=grid,
        agents=people,
        agent_skills=pd.DataFrame({"agent_id": names, "skill": "a"}),
        routing=_routing(["a"]),
        cover=cover(grid, {"a": DEMAND * supply}),
        deferred=no_deferred(),
        published=_last_week(people, draw),
    )
    return inputs, ScheduleSettings(price_over=4 * OVER, price_wish=0.0)


def _centre(queues: dict[str, float], contracts: dict[str, Contract]) -> Centre:
    own = {q: Queue(channel="voice", law="immediate") for q in queues}
    return Centre(zone=ZONE, queues=own, contracts=contracts, skills={"c": Skill(slowest=1.3)})


def _routing(queues: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"queue": queues, "skill": queues, "priority": 1, "after_s": 0.0})


def _last_week(people: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """Published shifts of the week before: early and late weeks; of the early ones six in ten had a weekend.

    After a late Sunday nobody who rotates would have a legal week under all rules at once.
    """
    rows = []
    for name, contract in zip(people["agent_id"], people["contract"], strict=True):
        late = contract != "early" and draw.random() < 0.5
        weekend = not late and draw.random() < 0.6
        hours = 5 if contract == "part" else 8
        days = (
            ((2, 3, 5, 6) if weekend else (1, 2, 3, 4))
            if contract == "part"
            else (0, 1, 2, 5, 6)
            if weekend
            else range(5)
        )
        for d in days:
            begin = 60 * (14 if late else 8)
            date, span = (
                MONDAY + dt.timedelta(days=d - 7),
                (instant(d - 7, begin), instant(d - 7, begin + 60 * hours)),
            )
            rows.append((name, *span, date, f"{name}/{date}", "work", "work", True, False))
    columns = ["agent_id", "start", "end", "schedule_date", "shift_id", "activity", "kind", "paid", "locked"]
    return pd.DataFrame(rows, columns=columns).assign(queues=[["a"]] * len(rows), site=None)


def away(inputs: ScheduleInputs) -> ScheduleInputs:
    """One agent in ten partly unavailable."""
    names = inputs.agents["agent_id"].tolist()
    return _also(inputs, unavailable(names, np.random.default_rng(2)))


def leave(inputs: ScheduleInputs) -> ScheduleInputs:
    """One agent in ten on leave on two days in a row."""
    draw = np.random.default_rng(3)
    names = sorted(draw.choice(inputs.agents["agent_id"], len(inputs.agents) // 10, replace=False))
    rows = []
    for name in names:
        day = int(draw.integers(4))
        rows.append((name, instant(day, 0), instant(day + 2, 0), "time_off"))
    return _also(inputs, rows)


def fixed(inputs: ScheduleInputs) -> ScheduleInputs:
    """One agent in ten has a fixed shift."""
    draw = np.random.default_rng(4)
    rows = []
    for name in sorted(draw.choice(inputs.agents["agent_id"], len(inputs.agents) // 10, replace=False)):
        day = int(draw.integers(5))
        rows.append((name, instant(day, 480), instant(day, 960), "locked_shift"))
    return _also(inputs, rows)


def meet(inputs: ScheduleInputs) -> ScheduleInputs:
    """A meeting of an hour for every twenty agents, Tuesday to Thursday between ten and four."""
    rows = []
    for n, name in enumerate(inputs.agents["agent_id"]):
        team = n // 20
        begin = 600 + 60 * (team % 6)
        rows.append((name, instant(1 + team % 3, begin), instant(1 + team % 3, begin + 60), "meeting"))
    return _also(inputs, rows)


def _also(inputs: ScheduleInputs, rows: list[tuple[object, ...]] | pd.DataFrame) -> ScheduleInputs:
    """The inputs with further rows of availability; who has some already keeps those alone."""
    new = pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"])
    if inputs.availability is not None:
        new = new[
            ~new["agent_id"].isin(inputs.availability["agent_id"]) | (new["kind"] == "meeting").to_numpy()
        ]
        new = pd.concat([inputs.availability, new], ignore_index=True)
    return replace(inputs, availability=new)


def skilled(inputs: ScheduleInputs) -> ScheduleInputs:
    """The same work in three queues; five sets of skills, some agents too slow in one of theirs."""
    names, draw = inputs.agents["agent_id"].tolist(), np.random.default_rng(5)
    total = float(len(inputs.cover))
    pairs = skill_sets(names, draw)
    slow = (pairs["skill"] == "c").to_numpy() & (draw.random(len(pairs)) < 0.2)
    return replace(
        inputs,
        centre=_centre(QUEUE_SHARES, dict(inputs.centre.contracts)),
        agent_skills=pairs.assign(speed=np.where(slow, 1.5, 1.0)),
        routing=_routing(list(QUEUE_SHARES)),
        cover=cover(inputs.grid, {q: share * total for q, share in QUEUE_SHARES.items()}),
    )


def wishful(inputs: ScheduleInputs) -> ScheduleInputs:
    """Every other agent wants a day free, or to begin before noon on one; each has one of weight 1."""
    draw = np.random.default_rng(6)
    rows = []
    for name in sorted(draw.choice(inputs.agents["agent_id"], len(inputs.agents) // 2, replace=False)):
        date, free = MONDAY + dt.timedelta(days=int(draw.integers(7))), draw.random() < 0.5
        rows.append((name, date, *(("", "", "against") if free else ("06:00", "11:59", "for")), 1.0))
    columns = ["agent_id", "schedule_date", "start_earliest", "start_latest", "sense", "weight"]
    return replace(inputs, wishes=pd.DataFrame(rows, columns=columns))


def published_before(inputs: ScheduleInputs) -> ScheduleInputs:
    """The week as it was published for a forecast that took Thursday for Monday."""
    rows = inputs.cover.assign(day=(inputs.cover["interval_start"] - instant(0, 0)).dt.days)
    by = rows["day"].map({0: 3, 3: -3}).fillna(0)
    rows["interval_start"] += pd.to_timedelta(by, unit="D")
    settings = ScheduleSettings(price_over=4 * OVER)
    old = schedule(replace(inputs, cover=rows.drop(columns="day")), settings, seed=1, effort=Effort.QUICK)
    return replace(inputs, published=pd.concat([inputs.published, old.frame()], ignore_index=True))
