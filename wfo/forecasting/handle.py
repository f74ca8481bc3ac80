"""Handle time by queue and hour of the day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.timegrid import TimeGrid, epoch_min

_HOUR_WEIGHT = 200.0  # an hour's mean leans on the queue's as if by this many contacts
_LEAST = 20  # contacts from which a queue's own handle times are believed
_CUT_SD = 4.0  # log standard deviations beyond which a handle time is cut
_DEFAULT_CV = 1.0  # exponential, where single handle times are not known


@dataclass(frozen=True)
class HandleTime:
    """Handle time of agent work.

    Attributes
    ----------
    mean_s : ndarray, shape (Q, 24)
        By local hour of arrival; 0 for queues without agents.
    cv : ndarray, shape (Q,)
    notes : tuple of str
    """

    mean_s: np.ndarray
    cv: np.ndarray
    notes: tuple[str, ...]

    def on(self, grid: TimeGrid, zone: str) -> np.ndarray:
        """Means on a grid, shape (Q, T)."""
        return self.mean_s[:, np.asarray(grid.local(zone).hour)]


def handle_times(
    centre: Centre,
    interactions: pd.DataFrame | None,
    queue_intervals: pd.DataFrame | None,
    now_min: int,
    *,
    memory_days: float,
) -> HandleTime:
    """Estimate handle times from contacts, else from interval reports, else from what the queue assumes.

    Recent contacts weigh more; single times are cut at four log standard deviations, since a forgotten
    wrap-up says nothing about work.
    """
    mean_s, cv = np.zeros((len(centre.queues), 24)), np.full(len(centre.queues), _DEFAULT_CV)
    notes = []
    contacts = _contacts(centre, interactions, now_min)
    reported = _reported(queue_intervals, now_min, memory_days)
    for q, (name, spec) in enumerate(centre.queues.items()):
        if not spec.staffed:
            continue
        rows = contacts[contacts["queue"].to_numpy() == q]
        if len(rows) >= _LEAST:
            mean_s[q], cv[q] = _estimate(rows, now_min, memory_days)
        elif name in reported:
            mean_s[q] = reported[name]
        elif spec.handle_s is not None:
            mean_s[q] = spec.handle_s * spec.steps
            notes.append(f"{name}: handle time of {mean_s[q, 0]:.0f} s is assumed")
        elif len(rows):
            mean_s[q] = rows["handle_s"].mean()
            notes.append(f"{name}: handle time is the mean of {len(rows)} contacts")
        else:
            notes.append(
                f"{name}: no handle time is known and none assumed (queues.{name}.handle_s); it counts as 0 s"
            )
    return HandleTime(mean_s, cv, tuple(notes))


def _contacts(centre: Centre, frame: pd.DataFrame | None, now_min: int) -> pd.DataFrame:
    if frame is None or "handle_s" not in frame:
        return pd.DataFrame({"queue": [], "minute": [], "hour": [], "handle_s": []})
    handle = frame["handle_s"].to_numpy(dtype=np.float64, na_value=np.nan)
    worked = frame[np.nan_to_num(handle) > 0]
    queue = pd.Index(centre.queue_ids).get_indexer(pd.Index(worked["queue"]))
    minute = epoch_min(worked["started_at"])
    hour = pd.DatetimeIndex(worked["started_at"]).tz_convert(centre.zone).hour
    rows = pd.DataFrame(
        {
            "queue": queue,
            "minute": minute,
            "hour": np.asarray(hour),
            "handle_s": handle[np.nan_to_num(handle) > 0],
        }
    )
    return rows[(queue >= 0) & (minute < now_min)]


def _estimate(rows: pd.DataFrame, now_min: int, memory_days: float) -> tuple[np.ndarray, float]:
    value, hour = rows["handle_s"].to_numpy(), rows["hour"].to_numpy()
    log = np.log(value)
    value = np.minimum(value, np.exp(log.mean() + _CUT_SD * max(log.std(), 1e-3)))
    weight = np.exp((rows["minute"].to_numpy() - now_min) / (24 * 60 * memory_days))
    overall = float(np.average(value, weights=weight))
    spread = float(np.sqrt(np.average(np.square(value - overall), weights=weight)))
    sums = np.bincount(hour, weight * value, 24) + _HOUR_WEIGHT * overall
    return sums / (np.bincount(hour, weight, 24) + _HOUR_WEIGHT), max(spread / overall, 0.05)


def _reported(frame: pd.DataFrame | None, now_min: int, memory_days: float) -> dict[str, float]:
    if frame is None or frame.empty or "handle_s_total" not in frame:
        return {}
    minute = epoch_min(frame["interval_start"])
    taken = frame["answered"] if "answered" in frame else frame["offered"]
    work_s = frame["handle_s_total"].to_numpy(dtype=np.float64, na_value=np.nan)
    calls = taken.to_numpy(dtype=np.float64, na_value=np.nan)
    # A row that lacks one of the two says nothing of their ratio.
    use = (minute < now_min) & ~np.isnan(work_s) & ~np.isnan(calls)
    weight = np.exp((minute[use] - now_min) / (24 * 60 * memory_days))
    rows = pd.DataFrame(
        {
            "queue": frame["queue"].to_numpy()[use],
            "work_s": work_s[use] * weight,
            "taken": calls[use] * weight,
        }
    )
    sums = rows.groupby("queue", sort=True).sum()
    sums = sums[(sums["taken"] > 0) & (sums["work_s"] > 0)]
    return {str(q): float(w / n) for q, w, n in zip(sums.index, sums["work_s"], sums["taken"], strict=True)}
