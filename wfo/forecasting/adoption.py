"""New channels: how far their adoption has come by a day."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from wfo.forecasting.settings import Adoption

BEFORE_START = -20.0
"""Logs of shares at or below this are those of days before the start."""


def log_share(adoption: Adoption, dates: Sequence[dt.date]) -> np.ndarray:
    """Logs of the share adopted on each day, 1 − 2^(−t / half) after t weeks, shape (D,)."""
    since = np.array([(d - adoption.start).days for d in dates], dtype=np.float64)
    share = -np.expm1(-np.log(2) * (since + 0.5) / (7 * adoption.half_weeks))
    return np.where(since >= 0, np.log(np.maximum(share, np.exp(BEFORE_START))), BEFORE_START)
