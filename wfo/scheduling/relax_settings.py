"""What a planner holds it to cost when a rule is bent or a request set aside."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class RelaxSettings(Frozen):
    """Prices by which ways out of a conflict, and out of short service, are ordered."""

    price_rule_h: Annotated[float, Field(ge=0)] = 40.0
    """Money for each hour by which a contract's rule is bent (convention)."""
    price_request_h: Annotated[float, Field(ge=0)] = 15.0
    """Money for each hour of time off, unavailability or a fixed shift set aside (convention)."""
