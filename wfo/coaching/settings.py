"""What a planner may set about coaching."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen
from wfo.domain.centre import Share


class CoachSettings(Frozen):
    """Who is coached, and what it is worth."""

    minutes: Annotated[int, Field(gt=0, le=240)] = 30
    """Length of a session."""
    preparation_min: Annotated[int, Field(ge=0, le=240)] = 15
    """The coach's preparation before it."""
    sessions_per_week: Annotated[int, Field(ge=0, le=10)] = 1
    """Most sessions of one agent in the week."""
    every_weeks: Annotated[int, Field(ge=1, le=26)] = 2
    """Each agent at least once in so many weeks."""
    price_overdue: Annotated[float, Field(ge=0)] = 200.0
    """Money for an agent who is due by that rule and gets no session."""
    coach_hours: Annotated[float, Field(ge=0)] = 6.0
    """Most hours a coach gives to sessions and preparation in the week."""
    holdout: Share = 0.0
    """Share of sessions given at random, to learn what coaching does."""
    effect_points: float = 1.5
    """Expected gain of a first session on a behaviour, in score points of 100."""
    effect_sd: Annotated[float, Field(ge=0)] = 2.0
    """Spread of that gain; part of it is below zero."""
    repeat_factor: Annotated[float, Field(ge=0, le=1)] = 0.6
    """What each further session on the same behaviour is worth."""
    half_life_weeks: Annotated[float, Field(gt=0)] = 12.0
    """Half-life of a gain."""
    resolution_pp_per_point: float = 0.4
    """Resolution gained by a point of score, in percentage points."""
    handle_time_pct_per_point: float = -0.3
    """Handle time change by a point of score, in per cent."""
    contact_cost: Annotated[float, Field(ge=0)] = 4.0
    """Money saved by a contact that need not happen."""
    contacts_per_week: Annotated[float, Field(ge=0)] = 150.0
    """Contacts of an agent in a week, assumed where the log names no agents."""
    contact_handle_s: Annotated[float, Field(ge=0)] = 360.0
    """Handle time of such a contact."""
    min_evaluations: Annotated[int, Field(ge=1)] = 3
    """With fewer evaluations of a behaviour than this an agent is evaluated, not coached on it."""
