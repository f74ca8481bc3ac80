"""Durations as telephone systems write them, ``3:20`` or ``00:03:20``, in seconds."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.tables.convert import text_of

_CLOCK = r"^(?P<sign>-?)(?:(?P<h>\d+):)?(?P<m>\d+):(?P<s>[0-5]?\d(?:\.\d+)?)$"


def seconds_of(values: pd.Series) -> pd.Series:
    """Durations in seconds; what is none is missing.

    Two parts are minutes and seconds, three are hours, minutes and seconds, as a workbook's times of day are
    too; a plain number is seconds already.

    Parameters
    ----------
    values : Series

    Examples
    --------
    >>> seconds_of(pd.Series(["3:20", "00:03:20", "200", "1:00:00.5", "soon"])).tolist()
    [200.0, 200.0, 200.0, 3600.5, nan]
    """
    values = values.map(_of_workbook, na_action="ignore") if values.dtype == object else values
    text = text_of(values)
    parts = text.str.strip().str.extract(_CLOCK)
    hours, minutes, seconds = (pd.to_numeric(parts[name]).astype("float64") for name in ("h", "m", "s"))
    # with hours before them, minutes end at 59
    hours = hours.mask(hours.notna() & (minutes > 59), np.inf)
    clock = hours.fillna(0.0) * 3600 + minutes * 60 + seconds
    signed = clock.where(parts["sign"] != "-", -clock).replace([np.inf, -np.inf], np.nan)
    return pd.to_numeric(text, errors="coerce").astype("float64").fillna(signed)


def _of_workbook(value: object) -> object:
    """Seconds of a cell that a workbook holds as a time of day or as a span; others as they are."""
    if isinstance(value, dt.time):
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return value.total_seconds() if isinstance(value, dt.timedelta) else value
