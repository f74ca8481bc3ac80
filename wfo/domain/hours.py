"""Opening hours as planners write them: ``Mon-Fri 08:00-20:00``."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MIN = 24 * 60
_LINE = re.compile(
    r"^\s*([A-Za-z]{3})(?:\s*-\s*([A-Za-z]{3}))?\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$"
)


def clock_min(text: str) -> int:
    """Minutes after midnight of ``HH:MM``; ``24:00`` is allowed.

    Raises
    ------
    ValueError
        If the text is no time of day.
    """
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip())
    if not match or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > DAY_MIN:
        raise ValueError(f"'{text}' is not a time of day; write HH:MM, for example 08:30")
    return int(match[1]) * 60 + int(match[2])


def parse_hours(lines: Iterable[str]) -> dict[int, tuple[tuple[int, int], ...]]:
    """Opening windows by weekday (Monday = 0), in minutes after local midnight, sorted.

    A window may pass midnight (``Fri 22:00-06:00``): its end is then above 1440 and it belongs to the day it
    starts. ``always`` means every day around the clock.

    Raises
    ------
    ValueError
        If a line cannot be read; the message says how to write it.
    """
    windows: dict[int, list[tuple[int, int]]] = {}
    for line in lines:
        text = "Mon-Sun 00:00-24:00" if line.strip().lower() == "always" else line
        match = _LINE.match(text)
        names = [n.title() for n in (match[1], match[2] or match[1])] if match else []
        if not match or any(n not in DAYS for n in names):
            raise ValueError(
                f"'{line}' is not opening hours; write 'Mon-Fri 08:00-20:00', 'Sat 09:00-16:00' or 'always'"
            )
        begin, end = clock_min(f"{match[3]}:{match[4]}"), clock_min(f"{match[5]}:{match[6]}")
        first, last = DAYS.index(names[0]), DAYS.index(names[1])
        span = (last - first) % 7
        for day in range(first, first + span + 1):
            windows.setdefault(day % 7, []).append((begin, end if end > begin else end + DAY_MIN))
    return {day: tuple(sorted(windows[day])) for day in sorted(windows)}


def _checked(lines: tuple[str, ...]) -> tuple[str, ...]:
    parse_hours(lines)
    return lines


Hours = Annotated[tuple[str, ...], AfterValidator(_checked)]
"""Opening hours, a list of lines such as ``Mon-Fri 08:00-20:00``, or ``always``."""


def _clock(text: str) -> str:
    clock_min(text)
    return text


Clock = Annotated[str, AfterValidator(_clock)]
"""A local time of day, ``HH:MM``."""
