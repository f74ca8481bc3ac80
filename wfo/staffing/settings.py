"""What a planner may set about staffing."""

from typing import Annotated, Literal

from pydantic import Field

from wfo.domain.base import Frozen
from wfo.domain.centre import Share


class StaffSettings(Frozen):
    """How a forecast becomes positions."""

    load: Literal["modified_offered_load", "stationary"] = "modified_offered_load"
    """How the load of an interval is taken from arrivals that change over the day."""
    correction_weeks: Annotated[int, Field(ge=0, le=10_000)] = 500
    """Simulated weeks by which the modified offered load of long contacts is corrected; 0: none."""
    max_occupancy: Annotated[float, Field(gt=0, le=1)] = 0.85
    """Most of their time that agents of an immediate queue handle contacts."""
    blend_occupancy: Annotated[float, Field(gt=0, le=1)] = 0.90
    """The same where deferred work fills idle time."""
    unscheduled_shrinkage: Share = 0.08
    """Share of scheduled work time lost to sickness, lateness and unplanned breaks."""
    scheduled_shrinkage: dict[str, Share] = {}
    """Time off, meetings, training … by kind: for head counts only, it appears as activities."""
    price_abandoned: Annotated[float, Field(ge=0)] = 8.0
    """Money lost with an abandoned contact."""
    price_late: Annotated[float, Field(ge=0)] = 2.0
    """Money lost with a contact answered late."""
    price_left_h: Annotated[float, Field(ge=0)] = 25.0
    """Money an hour of deferred work costs when left for later: about a wage, as it must still be done."""
    mixture_points: Annotated[int, Field(ge=1, le=15)] = 5
    """Quadrature points of the day factor on which positions are found."""
    promise_days: Annotated[float, Field(gt=0)] = 3.0
    """Working days by which deferred work with a promise is taken to be due."""
