"""What a planner may set about the simulated scorecard."""

from typing import Annotated, Literal

from pydantic import Field

from wfo.domain.base import Frozen
from wfo.domain.centre import Share
from wfo.staffing.settings import StaffSettings


class EvaluateSettings(Frozen):
    """How the plan is simulated."""

    interval: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """Coverage of the stated intervals: low and high are its tails."""
    absence: Literal["shift", "none"] = "shift"
    """How unscheduled shrinkage strikes: whole shifts, or not at all."""
    unscheduled_shrinkage: Share | None = None
    """Probability that a shift is missed, where the queue says nothing; empty: what staffing found."""
    max_occupancy: Annotated[float, Field(gt=0, le=1)] = 0.90
    """Deferred work is pulled in idle time up to this occupancy; as `blend_occupancy` in staffing."""
    deferred_waits: Share = 0.5
    """Share of its time until due for which deferred work is left to people beyond those whom queues served
    at once are to have; after that any idle agent takes it, up to `max_occupancy`. 0: from the start."""
    promise_days: Annotated[float, Field(gt=0, le=366)] = 3.0
    """Working days by which deferred work with a promise is taken to be due; as in staffing."""
    worst: Annotated[int, Field(ge=0, le=50)] = 3
    """Worst periods named in words."""
    prices: bool = True
    """Whether one more agent's worth is simulated, hour by hour and skill by skill."""
    prices_effort: Annotated[float, Field(gt=0)] = 4.0
    """Weeks simulated for prices at most, as a multiple of those of the plan itself: with many skills, fewer
    weeks are played for each (at least two)."""
    precision: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Half width wanted of the interval of each targeted queue's mean weekly service, for example 0.005; more
    weeks are simulated until it is reached. Empty: as many weeks as `replications` says."""
    most_replications: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Weeks simulated at most for a wanted precision."""
    price_abandoned: Annotated[float, Field(ge=0)] = 8.0
    """Money lost with an abandoned contact."""
    price_late: Annotated[float, Field(ge=0)] = 2.0
    """Money lost with a contact answered late."""

    @property
    def missed(self) -> float:
        """Probability that a shift is missed; where nobody says anything, what staffing assumes then."""
        said = self.unscheduled_shrinkage
        return StaffSettings().unscheduled_shrinkage if said is None else said
