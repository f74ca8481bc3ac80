"""What a planner may set about demand and its forecast."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen


class QueueDemand(Frozen):
    """What the planner says about one queue's demand."""

    scale: Annotated[float, Field(ge=0)] = 1.0
    """Factor on the queue's fresh demand."""


class DemandSettings(Frozen):
    """The planner's hand on demand."""

    scale: Annotated[float, Field(ge=0)] = 1.0
    """Factor on all fresh demand."""
    queues: dict[str, QueueDemand] = {}
    """By queue."""


class ForecastSettings(Frozen):
    """How the forecast learns."""

    memory_days: Annotated[float, Field(gt=0)] = 120.0
    """Memory of daily levels: weight falls as exp(−age / memory_days): 37 % at that age, half at 0.7."""
    profile_days: Annotated[float, Field(gt=0)] = 60.0
    """The same for the shape of a day and for handle times."""
    min_weeks: Annotated[int, Field(ge=1)] = 2
    """A queue with less history than this is forecast by its plain mean, and says so."""
    paths: Annotated[int, Field(ge=20, le=5000)] = 200
    """Demand paths drawn for quantiles."""
    planned_abandonment: Annotated[float, Field(ge=0, lt=1)] = 0.03
    """Abandonment at which volume is stated, where a queue has no target for it."""
    method: str = "two_level"
    """two_level, or same_weekday_mean."""
    mean_weeks: Annotated[int, Field(ge=1)] = 8
    """Weeks in the same-weekday mean."""
    calendar_effects: bool = True
    """Month start, month end, day after a closure."""
