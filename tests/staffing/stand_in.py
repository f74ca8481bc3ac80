"""A forecast with chosen numbers, and a small centre, for tests of staffing."""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.forecasting.landing import landing
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.timegrid import TimeGrid


def week_grid(step_min: int = 15, days: int = 7) -> TimeGrid:
    return TimeGrid.of_days(dt.date(2025, 7, 7), days, zone="Europe/Berlin", step_min=step_min)


def small_centre() -> Centre:
    return Centre.model_validate(
        {
            "zone": "Europe/Berlin",
            "queues": {
                "voice": {
                    "channel": "voice",
                    "law": "immediate",
                    "hours": "Mon-Fri 08:00-20:00",
                    "patience_s": 150,
                },
                "chat": {
                    "channel": "chat",
                    "law": "concurrent",
                    "hours": "Mon-Sun 08:00-22:00",
                    "concurrency": 2,
                    "patience_s": 240,
                },
                "email": {"channel": "email", "law": "deferred", "hours": "Mon-Fri 08:00-18:00"},
                "web": {"channel": "web", "law": "unstaffed"},
            },
            "skills": {"talk": {}, "write": {}},
        }
    )


@dataclass
class StandIn:
    """Answers the questions that staffing asks of a forecast."""

    centre: Centre
    grid: TimeGrid
    per_interval: dict[str, float]
    handle_s: dict[str, float]
    cv: dict[str, float] = field(default_factory=dict)

    def expected(self) -> np.ndarray:
        volume = np.array([[self.per_interval.get(q, 0.0)] for q in self.centre.queue_ids])
        return volume * open_intervals(self.centre, self.grid)

    def fresh(self) -> np.ndarray:
        return self.expected()

    def day_cv(self) -> np.ndarray:
        return np.array([self.cv.get(q, 0.0) for q in self.centre.queue_ids])

    def laws(self) -> DemandPaths:
        queues, n = self.centre.queue_ids, self.grid.n
        start, length = landing(open_intervals(self.centre, self.grid), self.grid.step_min)
        none = np.zeros((0, len(queues), n), dtype=np.int32)
        handle = np.array([[self.handle_s.get(q, 0.0)] for q in queues]) * np.ones((1, n))
        patience = [self.centre.queues[q].patience_s or np.inf for q in queues]
        return DemandPaths(
            grid=self.grid,
            queues=queues,
            fresh=none,
            carried=none,
            follow_ups=np.zeros((len(queues), len(queues))),
            lag_edges_min=np.array([0, 60]),
            delay_cdf=np.zeros((len(queues), len(queues), 1)),
            redial_p=np.zeros(len(queues)),
            redial_mean_s=np.full(len(queues), 600.0),
            landing_start=start,
            landing_len=length,
            handle_mean_s=handle,
            handle_cv=np.full(len(queues), 0.9),
            patience_s=np.array(patience, dtype=float),
            planned_abandonment=np.full(len(queues), 0.03),
        )


ROUTING = pd.DataFrame(
    {"queue": ["voice", "chat", "email"], "skill": ["talk", "write", "write"], "priority": [1, 1, 2]}
)
AGENT_SKILLS = pd.DataFrame({"agent_id": ["a", "b"], "skill": ["talk", "write"], "priority": [1, 1]})
