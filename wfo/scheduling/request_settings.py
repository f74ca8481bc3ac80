"""What a planner may set about requests: allowances for leave, and what service a request may cost."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class RequestSettings(Frozen):
    """When agents' requests are granted."""

    off_share: Annotated[float, Field(ge=0, le=1)] = 0.12
    """Most agents on leave on one day, as a share of all."""
    team_off_share: Annotated[float, Field(ge=0, le=1)] = 0.25
    """Most agents of a team on leave on one day, as a share of the team; at least one may be."""
    loss_off_h: Annotated[float, Field(ge=0)] = 25.0
    """Money of service an hour of time off may cost."""
    loss_swap: Annotated[float, Field(ge=0)] = 25.0
    """Money of service a swap may cost."""
