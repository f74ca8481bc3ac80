"""What the segments of a schedule are."""

from enum import StrEnum


class Kind(StrEnum):
    """Kinds of segments in a schedule; a shift is a partition into them."""

    WORK = "work"
    BREAK = "break"
    OFF_PHONE = "off_phone"
    TIME_OFF = "time_off"
