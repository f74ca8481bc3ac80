"""What an initiative changes: people, process, technology, as numbers on the model."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from wfo.domain.base import Frozen
from wfo.domain.hours import clock_min


class What(StrEnum):
    """What a lever moves."""

    FOLLOW_UPS = "follow_ups"
    """R from queue to queue, by ``factor``."""
    RESOLUTION = "resolution"
    """Contacts of ``from_queue`` that need no further one: so many percentage ``points`` more of them."""
    CONTAINMENT = "containment"
    """Contacts of an unstaffed ``from_queue`` that need no person afterwards: percentage ``points`` more."""
    FRESH = "fresh"
    """Fresh demand of ``queue``, by ``factor``."""
    DEFLECTION = "deflection"
    """A ``share`` of the fresh contacts of ``queue`` comes to ``to_queue`` instead."""
    OUTAGE = "outage"
    """``queue`` is down: a ``share`` of its contacts comes to ``to_queue``; the others come after it."""
    ABANDONMENT = "abandonment"
    """Abandonment at which the volume of ``queue`` is stated, by ``factor``; redials follow from it."""
    REDIALS = "redials"
    """Probability that who gave up calls again, by ``factor``."""
    PATIENCE = "patience"
    """How long people of ``queue`` wait before they give up, by ``factor``."""
    HANDLE_TIME = "handle_time"
    """Mean handle time of ``queue``, by ``factor``."""
    COACHING = "coaching"
    """Agents of ``queue`` score ``points`` more: resolution and handle time follow, as `coach` says."""


NEEDS: dict[What, tuple[str, ...]] = {
    What.RESOLUTION: ("points",),
    What.CONTAINMENT: ("points",),
    What.COACHING: ("points",),
    What.DEFLECTION: ("queue", "to_queue", "share"),
    What.OUTAGE: ("queue", "share"),
}
"""Fields a lever needs; of all others it is ``factor``."""
_CAUSES = (What.FOLLOW_UPS, What.RESOLUTION, What.CONTAINMENT)
_TIMED = (What.DEFLECTION, What.OUTAGE)
_MAY: dict[str, tuple[What, ...]] = {
    "from_queue": _CAUSES,
    "intent": _CAUSES,
    "to_queue": _TIMED,
    "share": _TIMED,
    "hours": _TIMED,
    "points": (What.RESOLUTION, What.CONTAINMENT, What.COACHING),
}
"""Fields that only some levers know."""


class Lever(Frozen):
    """One change from a date on; it scales only contacts made after it."""

    what: What
    """What is moved."""
    factor: Annotated[float, Field(ge=0)] | None = None
    """Multiplies what is there."""
    points: Annotated[float, Field(ge=-100, le=100)] | None = None
    """Percentage points (of coaching: points of score) that are added."""
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of contacts that go elsewhere."""
    from_queue: str | None = None
    """Queue whose contacts cause the follow-ups; empty: all it can be."""
    queue: str | None = None
    """Queue that is touched (for follow-ups: where they arrive); empty: all."""
    to_queue: str | None = None
    """Where contacts go instead."""
    intent: str | None = None
    """Only follow-ups of contacts with this intent; empty: all."""
    hours: str | None = None
    """Local time of day of a deflection or an outage, ``10:00-14:00``; empty: all day."""
    start: dt.date | None = None
    """First day of effect; empty: the planning week's first day."""
    end: dt.date | None = None
    """Last day of effect; empty: no end."""

    @model_validator(mode="after")
    def _whole(self) -> "Lever":
        needs = NEEDS.get(self.what, ("factor",))
        missing = [name for name in needs if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a lever on {self.what} needs {', '.join(missing)}")
        if self.what is What.OUTAGE and self.share and self.to_queue is None:
            raise ValueError("an outage whose share goes elsewhere needs to_queue")
        foreign = [n for n, kinds in _MAY.items() if self.what not in kinds and getattr(self, n) is not None]
        if "factor" not in needs and self.factor is not None:
            foreign.append("factor")
        if foreign:
            raise ValueError(
                f"a lever on {self.what} knows no {', '.join(foreign)}; it needs {', '.join(needs)}"
            )
        if self.end is not None and self.start is not None and self.end < self.start:
            raise ValueError(f"it ends {self.end}, before it starts {self.start}")
        self.hours_min()
        return self

    def hours_min(self) -> tuple[int, int]:
        """First and last minute of the local day in which it acts.

        Raises
        ------
        ValueError
            If the hours cannot be read.
        """
        if self.hours is None:
            return 0, 24 * 60
        first, dash, last = self.hours.partition("-")
        begin, end = clock_min(first.strip()), clock_min(last.strip())
        if not dash or end <= begin:
            raise ValueError(f"'{self.hours}' is no time of day; write for example 10:00-14:00")
        return begin, end

    def acts(self, dates: "tuple[dt.date, ...] | list[dt.date]", week_start: dt.date) -> list[bool]:
        """Whether it is in effect on each date."""
        first = self.start or week_start
        return [first <= d and (self.end is None or d <= self.end) for d in dates]


class Initiative(Frozen):
    """A project that costs money and moves levers."""

    name: str = ""
    cost: Annotated[float, Field(ge=0)] = 0.0
    """Money a week."""
    levers: dict[str, Lever] = {}
