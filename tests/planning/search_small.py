"""A small centre whose plan is asked to come nearer to its targets: two queues, one busy day."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Queue
from wfo.domain.contract import Break, Contract, StartWindow
from wfo.evaluation.evaluate import EvaluateInputs
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import parse_target
from wfo.planning.local_search import SearchInputs
from wfo.planning.losses import Prices
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.settings import ScheduleSettings
from wfo.tables.empty import empty_table
from wfo.timegrid import TimeGrid

MONDAY = dt.date(2025, 7, 7)
GRID = TimeGrid.of_days(MONDAY, 7, zone="UTC", step_min=30)
QUEUES = ("calls", "sales")
CONTRACT = Contract(
    week_h={"min": 0, "max": 8},
    shift_h=8,
    start=StartWindow(earliest="08:00", latest="12:00", step_min=60),
    days={"min": 0, "max": 1},
    breaks={"lunch": Break(minutes=60, paid=True, over_h=6)},
)
CENTRE = Centre(
    zone="UTC",
    queues={name: Queue(channel="voice", law="immediate", patience_s=120) for name in QUEUES},
    contracts={"usual": CONTRACT},
)
SPECS = tuple(parse_target("80% in 20s", metric="service_level", scope=name) for name in QUEUES)
PRICES = Prices(8.0, 2.0, SPECS)
QUIET = EvaluateSettings(absence="none")
CARD = pd.DataFrame(
    {"metric": "service_level", "scope": QUEUES, "grain": "week", "mode": "priced", "target": 0.8}
)


class Forecast:
    """So many contacts an hour of each queue by the hour of Monday."""

    def __init__(self, rate: dict[str, dict[int, float]]):
        self.mean = np.zeros((2, GRID.n))
        for q, name in enumerate(QUEUES):
            for hour, contacts in rate.get(name, {}).items():
                self.mean[q, 2 * hour : 2 * hour + 2] = contacts / 2

    def sample(self, n: int, seed: int) -> DemandPaths:
        fresh = np.random.default_rng(seed).poisson(self.mean, size=(n, 2, GRID.n)).astype(np.int32)
        start = np.broadcast_to(np.arange(GRID.n, dtype=np.int32), (2, GRID.n)).copy()
        return DemandPaths(
            grid=GRID,
            queues=QUEUES,
            fresh=fresh,
            carried=np.zeros_like(fresh),
            follow_ups=np.zeros((2, 2)),
            lag_edges_min=np.array([0, 60]),
            delay_cdf=np.ones((2, 2, 1)),
            redial_p=np.zeros(2),
            redial_mean_s=np.full(2, 300.0),
            landing_start=start,
            landing_len=np.ones((2, GRID.n), dtype=np.int32),
            handle_mean_s=np.full((2, GRID.n), 240.0),
            handle_cv=np.full(2, 0.9),
            patience_s=np.full(2, 120.0),
            planned_abandonment=np.zeros(2),
        )


def clock(hour: float) -> pd.Timestamp:
    return (pd.Timestamp(GRID.start) + pd.Timedelta(hours=hour)).as_unit("us")


def shift(
    agent: str, begin: float, lunch: float, queues: tuple[str, ...] = ("calls",), main: str | None = None
) -> pd.DataFrame:
    """Eight hours of Monday with an hour of lunch."""
    rows = [
        (clock(begin), clock(lunch), "work", "work", list(queues), main),
        (clock(lunch), clock(lunch + 1), "lunch", "break", [], None),
        (clock(lunch + 1), clock(begin + 8), "work", "work", list(queues), main),
    ]
    frame = pd.DataFrame(rows, columns=["start", "end", "activity", "kind", "queues", "main_queue"])
    frame = frame.assign(
        agent_id=agent, schedule_date=MONDAY, shift_id=f"{agent}/{MONDAY}", site=None, paid=True,
        locked=False, activity_request_id=None,
    )  # fmt: skip
    return frame.astype({"main_queue": "str"})


def given(
    plan: pd.DataFrame, rate: dict[str, dict[int, float]], skills: dict[str, tuple[str, ...]], **week: object
) -> SearchInputs:
    """A plan to be changed, with who may serve what."""
    names = sorted(skills)
    people = {
        "agents": pd.DataFrame({"agent_id": names, "contract": "usual", "cost_per_h": 20.0, "site": None}),
        "agent_skills": pd.DataFrame(
            [(a, s) for a in names for s in skills[a]], columns=["agent_id", "skill"]
        ),
        "routing": pd.DataFrame({"queue": QUEUES, "skill": QUEUES, "priority": 1, "after_s": 0.0}),
    }
    cover = [
        (q, t, k, 10.0, False) for q in QUEUES for t in GRID.starts for k in (1, 2)
    ]  # fmt: skip
    frame = pd.DataFrame(cover, columns=["queue", "interval_start", "step", "value", "hard"])
    rules = {"centre": CENTRE, "grid": GRID, "cover": frame, "deferred": empty_table("deferred")}
    judged = EvaluateInputs(
        CENTRE, GRID, SPECS, Forecast(rate), plan, requirement=empty_table("requirement"), **people
    )
    inputs = ScheduleInputs(**rules, **people, **week)
    return SearchInputs(inputs, ScheduleSettings(), judged, QUIET, PRICES, CARD)
