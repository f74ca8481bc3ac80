"""Interval reports of the years before the log: all that is left of an older system."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.sample import columns, demand
from wfo.sample.demand import Days
from wfo.sample.laws import HISTORY_START, STEP_MIN, Preset

_ABANDONED, _SHORT, _IN_TARGET, _MEAN_WAIT_S = 0.04, 0.10, 0.80, 18.0


def queue_intervals_frame(
    centre: Centre, preset: Preset, profile: np.ndarray, handle_s: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Table ``queue_intervals``, open intervals alone.

    Parameters
    ----------
    centre, preset
    profile : ndarray, shape (Q, 7 days × intervals)
        Mean contacts of an ordinary week, follow-ups included.
    handle_s : ndarray, shape (Q,)
        Mean handle time; 0 where nobody serves.
    rng : Generator
    """
    count = (preset.log_start - HISTORY_START) // dt.timedelta(days=1)
    days = demand.days_of(centre, HISTORY_START, count)
    is_open = demand.open_mask(centre, days)
    factor = demand.all_factors(centre, preset, days, rng)
    queue, interval = np.nonzero(is_open)
    offered = rng.poisson(profile[queue, days.slot[interval]] * factor[queue, interval])
    gives_up = np.array([q.patience_s is not None for q in centre.queues.values()])[queue]
    abandoned = rng.binomial(offered, np.where(gives_up, _ABANDONED, 0.0))
    answered = offered - abandoned
    spread = rng.gamma(np.maximum(answered, 1) / preset.handle_cv**2) * preset.handle_cv**2
    total = np.where(answered > 0, spread * handle_s[queue], 0.0)
    waited = np.where(gives_up & (offered > 0), rng.gamma(np.maximum(offered, 1)) * _MEAN_WAIT_S, np.nan)
    waited = np.where(gives_up & (offered == 0), 0.0, waited)
    in_target = np.where(gives_up, rng.binomial(answered, _IN_TARGET).astype(float), np.nan)
    return columns.frame_of(
        {
            "queue": columns.named(centre.queue_ids, queue),
            "interval_start": columns.instants(days.grid, interval * STEP_MIN * 60.0),
            "interval_min": columns.numbers(np.full(len(queue), STEP_MIN)).cast("int64"),
            "offered": columns.numbers(offered.astype(float)),
            "answered": columns.numbers(answered.astype(float)),
            "abandoned": columns.numbers(abandoned.astype(float)),
            "abandoned_short": columns.numbers(rng.binomial(abandoned, _SHORT).astype(float)),
            "answered_in_target": columns.numbers(in_target),
            "handle_s_total": columns.numbers(np.where(handle_s[queue] > 0, total, np.nan)),
            "wait_s_total": columns.numbers(waited),
        }
    )


def week_profile(centre: Centre, days: Days, at: np.ndarray, queue: np.ndarray, log_days: int) -> np.ndarray:
    """Mean contacts of the log's week, smoothed over an hour, shape (Q, 7 days × intervals)."""
    slots = 7 * 24 * 60 // STEP_MIN
    interval = (at // (STEP_MIN * 60.0)).astype(np.int64)
    inside = days.day[interval] < log_days
    counts = np.zeros((len(centre.queues), slots))
    np.add.at(counts, (queue[inside], days.slot[interval[inside]]), 1.0)
    in_log = days.day < log_days
    is_open = demand.open_mask(centre, days)[:, in_log]
    seen = np.zeros_like(counts)
    for q, row in enumerate(is_open):
        seen[q] = np.bincount(days.slot[in_log][row], minlength=slots)
    mean = np.where(seen > 0, counts / np.maximum(seen, 1), 0.0)
    weight = (seen > 0).astype(float)
    kernel = np.array([0.5, 1.0, 1.0, 1.0, 0.5])
    smooth = np.array([np.convolve(m * w, kernel, "same") for m, w in zip(mean, weight, strict=True)])
    share = np.array([np.convolve(w, kernel, "same") for w in weight])
    return np.asarray(np.where(seen > 0, smooth / np.maximum(share, 1e-9), 0.0))
