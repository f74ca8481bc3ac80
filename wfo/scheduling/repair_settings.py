"""What a planner may set about repairs of a plan that people hold already."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class RepairSettings(Frozen):
    """What a change of a published plan costs."""

    price_shift: Annotated[float, Field(ge=0)] = 15.0
    """Money for each shift that is changed for somebody who did not ask for it (convention)."""
    price_breaks: Annotated[float, Field(ge=0)] = 1.0
    """Money for each shift of which only breaks move (convention)."""
    most_shifts: Annotated[int, Field(ge=0, le=1000)] = 40
    """Most shifts changed."""
