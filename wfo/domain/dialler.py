"""A dialler in a planner's words: calls that a machine makes for a queue while enough agents are free."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class DiallerSpec(Frozen):
    """Calls made in a queue's hours, each time an agent has ended a contact, to whoever is free then."""

    reached: Annotated[float, Field(gt=0, le=1)]
    """Share of calls that reach somebody; he comes to the queue at that moment, and waits by its patience."""
    calls: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Numbers called at once for each free agent who serves the queue."""
    least_free: Annotated[int, Field(ge=1, le=100_000)] = 1
    """No calls while fewer agents are free."""
    beside: tuple[str, ...] = ()
    """Queues whose free agents count for that, too."""
