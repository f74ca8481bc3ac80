"""One week forecast again from what was known before it, beside what came and plain baselines."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from wfo.effort import Effort
from wfo.errors import RunError
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.result import ForecastResult
from wfo.pipeline.hashing import digest, source_hash
from wfo.pipeline.known import actuals
from wfo.pipeline.stages import Stages
from wfo.pipeline.store import Stored
from wfo.pipeline.verbs import silent
from wfo.replay.again import Again
from wfo.replay.baselines import baselines, day_scale
from wfo.replay.kept import kept
from wfo.replay.lost import lost_days
from wfo.replay.weeks import Origin
from wfo.scenario.model import Scenario
from wfo.tables.result import Status

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Quantiles that are judged."""
QUANTILES = tuple(f"q{1000 * level:03.0f}" for level in LEVELS)
POINTS = ("model", "planner", "mean_of_8", "naive")
"""Who says what: the model, the planner's overrides on top of it, and the baselines."""
_PATHS = 400
_TABLES = ("intervals", "days", "overrides")


@dataclass(frozen=True)
class ForecastAgain(Again):
    """Plays an origin as far as the forecast."""

    def __call__(self, origin: Origin) -> Mapping[str, pd.DataFrame]:
        """Tables ``intervals``, ``days`` and ``overrides`` of the week; stored ones are used.

        Raises
        ------
        RunError
            If no forecast could be made; with its reasons.
        """
        stored = self._forecast(origin, self.scenario)
        key = digest(
            [
                stored.content,
                self.source.key,
                origin.lead,
                source_hash("replay"),
                self.scenario.centre.model_dump_json(),
            ]
        )
        folder = self.cache / "replay" / key[:32]
        return kept(folder, _TABLES, lambda: self._judged(origin, stored))

    def _forecast(self, origin: Origin, scenario: Scenario) -> Stored:
        stages = Stages(
            scenario, self.source, origin.week, Effort.QUICK, self.cache, True, {}, silent, pd.DataFrame()
        )
        stored = stages.forecast(stages.chains())
        if stored.meta.status is Status.INFEASIBLE:
            raise RunError("; ".join(stored.meta.reasons))
        return stored

    def _judged(self, origin: Origin, stored: Stored) -> dict[str, pd.DataFrame]:
        centre, grid = self.scenario.centre, origin.week.grid
        result = cast("ForecastResult", stored.result)
        planned, paths = result.volume_paths(_PATHS, self.scenario.seed, as_served=True)
        model = planned
        if len(stored.tables["overrides"]):
            demand = self.scenario.demand.model_copy(update={"overrides": {}})
            alone = self.scenario.model_copy(update={"demand": demand})
            plain = cast("ForecastResult", self._forecast(origin, alone).result)
            model, paths = plain.volume_paths(_PATHS, self.scenario.seed, as_served=True)
        came = self._came(origin)
        is_open = open_intervals(centre, grid)
        day = grid.local_day_number(centre.zone)
        dates = np.array([origin.week.first + dt.timedelta(days=int(d)) for d in day], dtype=object)
        lost = lost_days(came, model, is_open, day)[:, day]
        excluded = np.array([d in centre.calendar.excluded_days for d in dates])
        judged = is_open & ~excluded[None, :] & ~lost
        history = stored.tables["history"]
        frame = pd.DataFrame(
            {
                "queue": np.repeat(np.array(centre.queue_ids, dtype=object), grid.n),
                "interval_start": grid.starts[np.tile(np.arange(grid.n), len(centre.queues))],
                "schedule_date": np.tile(dates, len(centre.queues)),
                "actual": came.ravel(),
                "model": model.ravel(),
                "planner": planned.ravel(),
                **_quantiles(paths.reshape(len(paths), -1)),
            }
        )
        frame = pd.concat([frame, baselines(centre, history, grid)], axis=1)
        intervals = frame[judged.ravel()].reset_index(drop=True)
        days = _days(intervals, paths, judged, day, dates, centre.queue_ids)
        days["scale"] = days["queue"].map(day_scale(centre, history, grid.step_min))
        both = {"intervals": intervals, "days": days}
        for table in both.values():
            table.insert(0, "week", origin.week.first)
            table.insert(1, "lead", origin.lead)
        return both | {"overrides": _who_was_right(stored.tables["overrides"], days, origin)}

    def _came(self, origin: Origin) -> np.ndarray:
        """Contacts offered, shape (Q, T)."""
        grid, queues = origin.week.grid, self.scenario.centre.queue_ids
        log = self.source.whole("interactions")
        if log is not None and "direction" in log:
            log = log[(log["direction"] == "in").to_numpy()]
        counts = actuals(log, self.source.whole("queue_intervals"), grid)
        out = np.zeros((len(queues), grid.n))
        if counts is None:
            return out
        queue = pd.Index(queues).get_indexer(pd.Index(counts["queue"]))
        at = grid.locate(counts["interval_start"])
        inside = (queue >= 0) & (at >= 0) & (at < grid.n)
        np.add.at(out, (queue[inside], at[inside]), counts["offered"].to_numpy(dtype=np.float64)[inside])
        return out


def _quantiles(paths: np.ndarray) -> dict[str, np.ndarray]:
    found = np.quantile(paths, LEVELS, axis=0, method="inverted_cdf")
    return dict(zip(QUANTILES, found, strict=True))


def _days(
    intervals: pd.DataFrame,
    paths: np.ndarray,
    judged: np.ndarray,
    day: np.ndarray,
    dates: np.ndarray,
    queues: tuple[str, ...],
) -> pd.DataFrame:
    """Day totals over judged intervals, with quantiles of the drawn days."""
    sums = intervals.groupby(["queue", "schedule_date"], sort=False)[["actual", *POINTS]].sum(min_count=1)
    parts = []
    for q, queue in enumerate(queues):
        for d in np.unique(day[judged[q]]):
            here = judged[q] & (day == d)
            drawn = paths[:, q, here].sum(axis=1)
            first = int(np.flatnonzero(here)[0])
            found = np.quantile(drawn, LEVELS, method="inverted_cdf")
            parts.append((queue, dates[first], *found))
    spread = pd.DataFrame(parts, columns=["queue", "schedule_date", *QUANTILES])
    return spread.merge(sums.reset_index(), on=["queue", "schedule_date"], how="left")


def _who_was_right(overrides: pd.DataFrame, days: pd.DataFrame, origin: Origin) -> pd.DataFrame:
    """Each overridden day with what came, and whose figure was nearer."""
    columns = ["override", "who", "reason", "queue", "schedule_date"]
    frame = overrides[columns].merge(
        days[["queue", "schedule_date", "actual", "model", "planner"]],
        on=["queue", "schedule_date"],
        how="inner",
    )
    model, planner = (frame[name] - frame["actual"] for name in ("model", "planner"))
    gain = model.abs() - planner.abs()
    nearer = np.where(gain > 0, "planner", np.where(gain < 0, "model", "both"))
    return frame.assign(
        week=origin.week.first,
        lead=origin.lead,
        saved=gain,
        right=pd.Series(nearer, dtype="str", index=frame.index),
    )
