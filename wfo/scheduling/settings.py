"""What a planner may set about schedules and the placing of activities."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class ScheduleSettings(Frozen):
    """How agents' weeks are built."""

    rounds: Annotated[int, Field(ge=1, le=20)] = 3
    """Most rounds of schedule, coach, place and evaluate."""
    price_over: Annotated[float, Field(ge=0)] | None = None
    """Money for an overstaffed position-hour; empty: the wage."""
    price_paid_hour: Annotated[float, Field(ge=0)] = 1.0
    """Factor on wages where paid hours are a decision."""
    price_wish: Annotated[float, Field(ge=0)] = 5.0
    """Money for a wish of weight 1 that is not met."""
    start_variance_min: Annotated[int, Field(ge=0, le=1440)] = 1440
    """Most minutes between the earliest and the latest start of an agent's week."""


class Activity(Frozen):
    """Something every agent of a team does now and then, away from contacts."""

    minutes: Annotated[int, Field(gt=0, le=480)]
    """Length."""
    by_team: bool = False
    """Whether a team does it together."""
    value: Annotated[float, Field(ge=0)] = 1000.0
    """Money it is worth when it takes place, for each participant."""


class PlaceSettings(Frozen):
    """How activities find their time in a schedule."""

    activities: dict[str, Activity] = {}
    """Meetings, training … once a week each, by name."""
    step_min: Annotated[int, Field(gt=0, le=60)] = 15
    """Starts lie on this grid."""
    edge_min: Annotated[int, Field(ge=0, le=240)] = 15
    """Least minutes between an activity and the shift's start or end."""
