"""How good forecasts were: errors, spread and what they add over plain baselines."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from wfo.replay.forecasts import LEVELS, POINTS, QUANTILES

ALL = "all"
"""Of queues: all staffed ones together; of weeks: all of them."""
COLUMNS = (
    "week",
    "lead",
    "queue",
    "grain",
    "method",
    "cells",
    "contacts",
    "wape",
    "bias",
    "mase",
    "pinball",
    "cover_80",
    "cover_80_low",
    "cover_80_high",
    "cover_95",
    "cover_95_low",
    "cover_95_high",
    "added_over_naive",
    "added_over_mean",
)
_Z95 = 1.96


def accuracy(intervals: pd.DataFrame, days: pd.DataFrame, staffed: Sequence[str]) -> pd.DataFrame:
    """Scores of every method by week, lead, queue and grain, pooled ones included.

    Parameters
    ----------
    intervals, days : DataFrame
        Judged cells of all origins.
    staffed : sequence of str
        Queues that are pooled as ``all``.

    Returns
    -------
    DataFrame
        `COLUMNS`. ``wape`` Σ|error| ÷ Σ actual; ``bias`` Σ error ÷ Σ actual; ``mase`` mean |error| over the
        seasonal naive's mean |error| in the history of each origin; ``pinball`` mean quantile loss over the
        levels judged, ÷ mean actual (a method that states one figure is judged as if certain of it);
        ``cover_80`` share of cells inside the central 80 %, with its 95 % interval clustered by day (of the
        model alone); ``added_over_naive`` and ``added_over_mean``, how far ``wape`` lies below theirs. Only
        cells for which every method has a figure are judged; those of ``planner`` are what overrides moved.
    """
    rows = []
    for grain, frame in (("interval", intervals), ("day", days)):
        whole = frame.dropna(subset=["naive", "mean_of_8"])
        touched = whole[(whole["planner"] - whole["model"]).abs() > 1e-9]
        for week, lead, queue, part in _cuts(whole, staffed):
            rows += _rows(part, (week, lead, queue, grain), [m for m in POINTS if m != "planner"])
        for week, lead, queue, part in _cuts(touched, staffed):
            rows += _rows(part, (week, lead, queue, grain), ["planner"])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _cuts(frame: pd.DataFrame, staffed: Sequence[str]) -> Iterator[tuple[str, int, str, pd.DataFrame]]:
    for lead, of_lead in frame.groupby("lead", sort=True):
        together = of_lead[of_lead["queue"].isin(list(staffed))]
        by_queue = [(ALL, together), *of_lead.groupby("queue", sort=True)]
        for queue, part in by_queue:
            if len(part):
                yield ALL, int(str(lead)), str(queue), part
                for week, of_week in part.groupby("week", sort=True):
                    yield str(week), int(str(lead)), str(queue), of_week


def _rows(part: pd.DataFrame, key: tuple[str, int, str, str], methods: Sequence[str]) -> list[tuple]:
    actual = part["actual"].to_numpy(dtype=np.float64)
    total = actual.sum()
    if not len(part) or total <= 0:
        return []
    wape = {m: float((part[m] - actual).abs().sum() / total) for m in POINTS}
    rows = []
    for method in methods:
        error = part[method].to_numpy(dtype=np.float64) - actual
        scale = part["scale"].to_numpy(dtype=np.float64)
        known = scale > 0
        mase = np.abs(error[known]).mean() / scale[known].mean() if known.any() else np.nan
        own = method == "model"
        cover = [*_coverage(part, "q100", "q900"), *_coverage(part, "q025", "q975")] if own else [np.nan] * 6
        rows.append(
            (
                *key,
                method,
                len(part),
                total,
                wape[method],
                float(error.sum() / total),
                mase,
                _pinball(part, actual, None if own else part[method].to_numpy(dtype=np.float64)),
                *cover,
                wape["naive"] - wape[method],
                wape["mean_of_8"] - wape[method],
            )
        )
    return rows


def _pinball(part: pd.DataFrame, actual: np.ndarray, point: np.ndarray | None) -> float:
    loss = 0.0
    for level, name in zip(LEVELS, QUANTILES, strict=True):
        said = part[name].to_numpy(dtype=np.float64) if point is None else point
        below = actual - said
        loss += float(np.maximum(level * below, (level - 1) * below).sum())
    return loss / len(LEVELS) / float(actual.sum())


def _coverage(part: pd.DataFrame, low: str, high: str) -> tuple[float, float, float]:
    """Share inside, and its 95 % interval where the cells of a day stand or fall together."""
    inside = part["actual"].between(part[low], part[high]).to_numpy(dtype=np.float64)
    share = float(inside.mean())
    by_day = pd.Series(inside - share).groupby(part["schedule_date"].astype("str").to_numpy()).sum()
    days = len(by_day)
    if days < 2:
        return share, np.nan, np.nan
    error = float(np.sqrt((by_day**2).sum() * days / (days - 1)) / len(inside))
    return share, max(0.0, share - _Z95 * error), min(1.0, share + _Z95 * error)
