"""What an initiative changes: people, process, technology, as numbers on the model."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from wfo.domain.base import Frozen


class Lever(Frozen):
    """One change from a date on; it scales only contacts made after it."""

    what: Literal["follow_ups", "fresh", "handle_time"]
    """``follow_ups``: R from queue to queue; ``fresh``: fresh demand; ``handle_time``: mean handle time."""
    factor: Annotated[float, Field(ge=0)]
    """Multiplies what is there."""
    from_queue: str | None = None
    """Queue whose contacts cause the follow-ups; empty: all."""
    queue: str | None = None
    """Queue that is touched (for follow-ups: where they arrive); empty: all."""
    start: dt.date | None = None
    """First day of effect; empty: the planning week's first day."""
    end: dt.date | None = None
    """Last day of effect; empty: no end."""


class Initiative(Frozen):
    """A project that costs money and moves levers."""

    name: str = ""
    cost: Annotated[float, Field(ge=0)] = 0.0
    """Money a week."""
    levers: dict[str, Lever] = {}
