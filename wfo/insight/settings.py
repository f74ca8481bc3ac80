"""What a planner may set about insight."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class InsightSettings(Frozen):
    """How chains are read for what to repair."""

    self_service: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Share of contacts that need no person where self-service works, unless the taxonomy says: a guess."""
    regular: Annotated[float, Field(gt=0, lt=1)] = 0.98
    """The most frequent paths are regular until they cover this share of chains; the others deviate."""
    resolved_days: tuple[Annotated[int, Field(ge=1, le=60)], ...] = (1, 3, 7)
    """Days after a contact by which it counts as resolved if no other of its chain has come."""
