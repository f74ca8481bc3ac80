"""The calendar a planner edits: holidays, closed days, dated events, days of history left out or repaired."""

import datetime as dt
from typing import Annotated

from pydantic import Field, model_validator

from wfo.domain.base import Frozen


class Event(Frozen):
    """Something dated that moves demand."""

    start: dt.date
    """First day."""
    end: dt.date | None = None
    """Last day; empty: the first."""
    also: tuple[dt.date, ...] = ()
    """First days of its other occurrences, earlier and later, each as long as the first (bill runs)."""
    lead_days: Annotated[int, Field(ge=0, le=60)] = 0
    """Days before it that it moves too; how much is estimated from occurrences seen."""
    lag_days: Annotated[int, Field(ge=0, le=60)] = 0
    """Days after it that it moves too; how much is estimated from occurrences seen."""
    queues: tuple[str, ...] = ()
    """Queues it touches; empty: all."""
    scale: Annotated[float, Field(ge=0)] | None = None
    """Factor on fresh demand in the plan; empty: estimated from history, where it has been seen."""
    like: str = ""
    """Name of another event whose history says what this one will do; empty: its own occurrences."""

    @property
    def days(self) -> int:
        """Length of one occurrence in days."""
        return ((self.end or self.start) - self.start).days + 1


class Repair(Frozen):
    """A day of history put right."""

    date: dt.date
    """The day."""
    queue: str
    """The queue."""
    contacts: Annotated[float, Field(ge=0)]
    """Contacts that really came; spread over the day as on the same weekdays."""


class Calendar(Frozen):
    """One calendar the planner edits."""

    holidays: tuple[str, ...] = ()
    """Countries whose public holidays count."""
    closed_days: tuple[dt.date, ...] = ()
    """Days on which every staffed queue is closed."""
    events: dict[str, Event] = {}
    """Dated events by name."""
    pay_days: tuple[Annotated[int, Field(ge=1, le=31)], ...] = ()
    """Days of the month on which people are paid (31: the last); what they bring is estimated."""
    excluded_days: tuple[dt.date, ...] = ()
    """Days of history that no forecast may learn from."""
    repairs: dict[str, Repair] = {}
    """Days of history whose counts were lost or wrong, by name, with the right ones."""

    @model_validator(mode="after")
    def _likes_exist(self) -> "Calendar":
        for name, event in self.events.items():
            if event.like and (event.like == name or event.like not in self.events):
                known = ", ".join(e for e in self.events if e != name) or "none"
                raise ValueError(
                    f"event '{name}' is like '{event.like}', which is no other event; there are: {known}"
                )
        return self
