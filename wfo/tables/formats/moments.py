"""Instants in records: ISO 8601 text or seconds since 1970, as seconds."""

import datetime as dt
from typing import Any


def epoch_s(value: Any) -> float | None:
    """Seconds since 1970 UTC of ISO 8601 text with an offset, or of a number; None where there is none.

    Examples
    --------
    >>> epoch_s("2025-03-03T09:00:00.500Z")
    1740992400.5
    >>> epoch_s("") is None
    True
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.timestamp()


def iso(seconds: float | None) -> str | None:
    """ISO 8601 text in UTC of seconds since 1970.

    Examples
    --------
    >>> iso(1740992400.5)
    '2025-03-03T09:00:00.500000+00:00'
    """
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()


def between(start: Any, end: Any) -> float | None:
    """Seconds from one instant to another; None where one is missing."""
    first, last = epoch_s(start), epoch_s(end)
    return None if first is None or last is None else last - first
