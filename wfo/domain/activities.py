"""What agents do besides handling contacts, and what asks for their time."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of segments in a schedule; a shift is a partition into them."""

    WORK = "work"
    BREAK = "break"
    OFF_PHONE = "off_phone"
    TIME_OFF = "time_off"


@dataclass(frozen=True)
class ActivityRequest:
    """A wish for some people's time: coaching, a meeting, a training.

    Attributes
    ----------
    request_id : str
    kind : str
        coaching, meeting, training, …
    participants : tuple of str
        Agents who must all be there, the coach included.
    minutes : int
    window_start, window_end : datetime
        UTC; the activity lies inside.
    value : float
        Money it is worth when it takes place.
    group : str
        Requests of one group exclude each other; empty: alone.
    """

    request_id: str
    kind: str
    participants: tuple[str, ...]
    minutes: int
    window_start: dt.datetime
    window_end: dt.datetime
    value: float
    group: str = ""
