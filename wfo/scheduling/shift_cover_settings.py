"""Cover by day and kind of shift, as a planner of a fixed-shift team says it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from wfo.domain.base import Frozen
from wfo.domain.centre import Day
from wfo.domain.hours import DAYS, parse_hours


def _days(value: Any) -> Any:
    """``Mon-Fri`` and ``Sat`` as single days."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        return value
    found = []
    for part in value:
        try:
            found += [DAYS[n] for n in parse_hours([f"{part} 00:00-24:00"])]
        except ValueError:
            raise ValueError(f"'{part}' is not days; write Sat, Mon-Fri or a list of them") from None
    return tuple(found)


class ShiftCover(Frozen):
    """How many agents a kind of shift needs on its days; a number alone is ``agents``."""

    agents: Annotated[int, Field(ge=0)]
    """Agents who start such a shift on each of the days."""
    shift: str = ""
    """The kind of shift, one of the contracts' ``shift_types``; empty: the name of this row."""
    days: Annotated[tuple[Day, ...], BeforeValidator(_days)] = (
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
        "Sun",
    )
    """Days on which the shifts start, for example ``Mon-Fri``."""
    price: Annotated[float, Field(ge=0, le=1e6)] = 500.0
    """Money for each agent too few: the plan's, high enough that it is met wherever it can be."""
    price_over: Annotated[float, Field(ge=0, le=1e6)] = 50.0
    """Money for each agent too many."""

    @model_validator(mode="before")
    @classmethod
    def _from_one_number(cls, value: Any) -> Any:
        return {"agents": value} if isinstance(value, int) and not isinstance(value, bool) else value


def wanted(cover: Mapping[str, ShiftCover]) -> dict[tuple[int, str], ShiftCover]:
    """Rows by weekday (Monday 0) and kind of shift; of two rows of one cell the later counts.

    Examples
    --------
    >>> sorted(wanted({"night": ShiftCover(agents=1, days="Sat-Sun")}))
    [(5, 'night'), (6, 'night')]
    """
    return {(DAYS.index(day), row.shift or name): row for name, row in cover.items() for day in row.days}
