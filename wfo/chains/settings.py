"""What a planner may set about chains."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class ChainSettings(Frozen):
    """How interactions are joined into chains."""

    window_h: Annotated[float, Field(gt=0, le=24 * 60)] = 168.0
    """A contact later than this after the last one starts a new chain; a younger chain is open."""
    redial_min: Annotated[float, Field(gt=0)] = 30.0
    """A contact within this time after an abandoned one in the same channel is a redial."""
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Least probability of a link."""
    predecessors: Annotated[int, Field(ge=1, le=50)] = 8
    """How many of a customer's last contacts are tried as predecessor."""
    key_cap: Annotated[int, Field(ge=1)] = 40
    """A key shared by more customers than this joins nobody."""
    customer_cap: Annotated[int, Field(ge=1)] = 500
    """A customer with more contacts than this is left unlinked and reported."""
