"""The tables and the state of a forecast, from arrays in the scenario's order."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from wfo.domain.centre import Centre
from wfo.forecasting.choice import trials
from wfo.forecasting.fresh import Fresh
from wfo.forecasting.handle import HandleTime
from wfo.forecasting.history import History
from wfo.forecasting.intents import no_intents
from wfo.forecasting.laws import Laws
from wfo.forecasting.model import QueueModel
from wfo.forecasting.overrides import COLUMNS
from wfo.forecasting.past import Past
from wfo.forecasting.sampling import DayFactors
from wfo.forecasting.settings import ForecastSettings
from wfo.tables.contracts import RUN
from wfo.timegrid import TimeGrid

SHOWN_WEEKS = 8
"""Weeks of history in the result."""


@dataclass(frozen=True)
class Volumes:
    """All contacts, in the mean and at quantiles; arrays of shape (Q, T)."""

    mean: np.ndarray
    p10: np.ndarray
    p50: np.ndarray
    p90: np.ndarray


def forecast_table(
    centre: Centre,
    grid: TimeGrid,
    mean: np.ndarray,
    volumes: Volumes,
    model_volume: np.ndarray,
    handle_s: np.ndarray,
    cv: np.ndarray,
) -> pd.DataFrame:
    """Table ``forecast``, after its contract.

    Parameters
    ----------
    centre : Centre
    grid : TimeGrid
    mean : ndarray, shape (Q, T)
        Fresh contacts.
    volumes : Volumes
    model_volume : ndarray, shape (Q, T)
        Mean volume before the planner's overrides.
    handle_s : ndarray, shape (Q, T)
    cv : ndarray, shape (Q,)
        Of the lognormal handle time.
    """
    sigma = np.sqrt(np.log1p(cv**2))[:, None]
    handle_p90 = handle_s * np.exp(sigma * float(ndtri(0.9)) - sigma**2 / 2)
    columns = {
        "fresh_mean": mean,
        "followup_mean": volumes.mean - mean,
        "volume_mean": volumes.mean,
        "model_volume_mean": model_volume,
        "volume_p10": volumes.p10,
        "volume_p50": volumes.p50,
        "volume_p90": volumes.p90,
        "handle_s_mean": handle_s,
        "handle_s_p90": handle_p90,
    }
    return keyed(centre.queue_ids, grid, {k: v.astype(np.float64) for k, v in columns.items()})


def history_table(centre: Centre, history: History, fresh: Fresh, grid: TimeGrid) -> pd.DataFrame:
    """Table ``history``: queue, interval_start, interval_min, offered, fresh, of the last weeks."""
    shown = min(history.grid.n, SHOWN_WEEKS * 7 * 24 * 60 // grid.step_min)
    tail = TimeGrid(history.grid.end - dt.timedelta(minutes=shown * grid.step_min), grid.step_min, shown)
    counts = np.clip(fresh.counts[:, -shown:], 0.0, history.offered[:, -shown:])
    return keyed(centre.queue_ids, tail, {"offered": history.offered[:, -shown:], "fresh": counts})


def method_table(
    centre: Centre, past: Past, models: list[QueueModel], settings: ForecastSettings, *, lead_days: int
) -> pd.DataFrame:
    """Table ``methods``: how each way of forecasting did on past weeks, and its part in the forecast."""
    rows = []
    for q, (name, model) in enumerate(zip(centre.queue_ids, models, strict=True)):
        if model.candidate is None or past.start_per_day[q] > 0:
            rows.append((name, str(model.method), 0, np.nan, np.nan, 1.0))
            continue
        for trial in trials(past, q, past.cube.shape[1], settings, lead_days=lead_days):
            label = trial.candidate.label
            rows.append((name, label, trial.weeks, 100 * trial.wape, 100 * trial.bias, trial.weight))
    frame = pd.DataFrame(rows, columns=["queue", "method", "weeks", "wape_pct", "bias_pct", "weight"])
    return frame.astype({"queue": "str", "method": "str", "weeks": "int64", "weight": "float64"})


def keyed(queues: tuple[str, ...], grid: TimeGrid, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Lay arrays of shape (Q, T) out as rows of queue and interval, in that order."""
    keys = {
        "queue": pd.Series(np.repeat(np.array(queues, dtype=object), grid.n), dtype="str"),
        "interval_start": grid.starts[np.tile(np.arange(grid.n), len(queues))],
        "interval_min": np.full(grid.n * len(queues), grid.step_min, dtype=np.int64),
    }
    return pd.DataFrame({**keys, **{name: values.ravel() for name, values in columns.items()}})


def state(
    centre: Centre,
    grid: TimeGrid,
    is_open: np.ndarray,
    carried: np.ndarray,
    laws: Laws,
    seen_abandonment: np.ndarray,
    handle: HandleTime,
    factors: DayFactors,
) -> dict[str, Any]:
    """All that `ForecastResult` needs beside the tables, as plain JSON."""
    queues = centre.queue_ids
    return {
        "grid": {"start": grid.start.astimezone(dt.UTC).isoformat(), "step_min": grid.step_min, "n": grid.n},
        "queues": list(queues),
        "zone": centre.zone,
        "open": ["".join("1" if o else "0" for o in row) for row in is_open],
        "carried": carried.tolist(),
        "lag_edges_min": laws.edges_min.tolist(),
        "links": [
            {
                "from": queues[a],
                "to": queues[b],
                "r": float(laws.follow_ups[a, b]),
                "cdf": laws.delay_cdf[a, b].tolist(),
            }
            for a, b in np.argwhere(laws.follow_ups > 0)
        ],
        "redial_p": laws.redial_p.tolist(),
        "redial_mean_s": laws.redial_mean_s.tolist(),
        "handle_cv": handle.cv.tolist(),
        "patience_s": [None if np.isinf(p) else float(p) for p in laws.patience_s],
        "landing_min": laws.landing_min.tolist(),
        "planned_abandonment": laws.planned_abandonment.tolist(),
        "seen_abandonment": seen_abandonment.tolist(),
        "factors": factors.state(),
    }


def empty_tables() -> dict[str, pd.DataFrame]:
    """Tables of a forecast that there is not."""
    types = {"text": "str", "int": "int64", "number": "float64", "time": "datetime64[us, UTC]"}
    types |= {"bool": "bool", "date": "object", "enum": "str"}

    def of(name: str) -> dict[str, pd.Series]:
        return {c.name: pd.Series(dtype=types[c.type]) for c in RUN[name].columns}

    empty = of("forecast")
    history = {k: empty[k] for k in ("queue", "interval_start", "interval_min")}
    history |= {k: pd.Series(dtype="float64") for k in ("offered", "fresh")}
    return {
        "forecast": pd.DataFrame(empty),
        "history": pd.DataFrame(history),
        "methods": pd.DataFrame(of("methods")),
        "outliers": pd.DataFrame(of("outliers")),
        "overrides": pd.DataFrame({k: pd.Series(dtype=t) for k, t in COLUMNS.items()}),
        "follow_ups_by_intent": no_intents().table((), np.zeros((0, 0))),
    }
