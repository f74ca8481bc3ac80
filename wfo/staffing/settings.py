"""What a planner may set about staffing."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from wfo.domain.base import Frozen
from wfo.domain.centre import Share


class Loss(StrEnum):
    """What a state of an agent is to a plan."""

    WORK = "work"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    UNPAID = "unpaid"


def _composed(value: Any) -> Any:
    """One share of several kinds: what each takes of what the others leave."""
    if not isinstance(value, dict):
        return value
    left = 1.0
    for kind, share in value.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < 1:
            raise ValueError(f"{kind}: {share} found; write a share of at least 0 and below 1")
        left *= 1.0 - share
    return 1.0 - left


Composed = Annotated[Share, BeforeValidator(_composed)]
"""A share, or shares by kind that are composed by product."""

STATES: dict[str, Loss] = {
    "time_off": Loss.SCHEDULED,
    "absent": Loss.UNSCHEDULED,
    "sick": Loss.UNSCHEDULED,
    "lunch": Loss.UNPAID,
    "break": Loss.SCHEDULED,
    "meeting": Loss.SCHEDULED,
    "team_meeting": Loss.SCHEDULED,
    "training": Loss.SCHEDULED,
    "coaching": Loss.SCHEDULED,
    "late": Loss.UNSCHEDULED,
    "unplanned_break": Loss.UNSCHEDULED,
}
"""What the usual states are; any other is worked time. Unpaid time is in nobody's paid hours."""


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
    unscheduled_shrinkage: Composed = 0.08
    """Share of scheduled work time lost to sickness, lateness and unplanned breaks: one, or by kind."""
    shrinkage: Literal["assumed", "estimated"] = "estimated"
    """Whether shrinkage is estimated from ``agent_states`` where there are any, or as assumed here."""
    states: dict[str, Loss] = STATES
    """What an agent's state is: work, scheduled, unscheduled or unpaid; a state that is not named is work.

    A break of the contracts is what they say of its pay, where they agree."""
    scheduled_shrinkage: dict[str, Share] = {}
    """Time off, meetings, training … by kind: for head counts only, it appears as activities.

    A kind that agents' states show is estimated instead; team meetings there stand for ``meeting``."""
    price_abandoned: Annotated[float, Field(ge=0)] = 8.0
    """Money lost with an abandoned contact."""
    price_late: Annotated[float, Field(ge=0)] = 2.0
    """Money lost with a contact answered late."""
    price_chase: Annotated[float, Field(ge=0)] = 4.0
    """Money a contact costs by which a customer asks after late work."""
    price_left_h: Annotated[float, Field(ge=0)] = 25.0
    """Money an hour of deferred work costs when left for later: about a wage, as it must still be done."""
    mixture_points: Annotated[int, Field(ge=1, le=15)] = 5
    """Quadrature points of the day factor on which positions are found."""
    day_confidence: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Chance with which each day is to meet its service target; empty: the mean over days does."""
    promise_days: Annotated[float, Field(gt=0, le=366)] = 3.0
    """Working days by which deferred work with a promise is taken to be due."""
