"""What a planner may set about demand and its forecast."""

import datetime as dt
from typing import Annotated

from pydantic import Field, model_validator

from wfo.domain.base import Frozen


class QueueDemand(Frozen):
    """What the planner says about one queue's demand."""

    scale: Annotated[float, Field(ge=0)] = 1.0
    """Factor on the queue's fresh demand."""
    growth: Annotated[float, Field(gt=-1, le=5)] | None = None
    """Growth a year in the outlook, 0.1 for 10 %; empty: as seen."""


class Cohort(Frozen):
    """Customers who contact alike; a changing mix of them moves the outlook."""

    customers: Annotated[float, Field(gt=0)]
    """How many there are now."""
    growth: Annotated[float, Field(gt=-1, le=20)] = 0.0
    """Their growth a year."""
    contacts: dict[str, Annotated[float, Field(ge=0)]]
    """Contacts a month of one customer, by queue."""


class Adoption(Frozen):
    """Planned growth of a new channel: the share 1 − 2^(−t / half) of its contacts has come after t weeks.

    What has come since the start corrects the plan: the more of it, the less the plan counts.
    """

    start: dt.date
    """First day."""
    per_day: Annotated[float, Field(gt=0)]
    """Contacts a day once it is adopted."""
    half_weeks: Annotated[float, Field(gt=0)] = 8.0
    """Weeks by which half of them have come."""
    like: str = ""
    """Queue whose weekdays and shape of the day it takes until it has its own; empty: even."""


class Override(Frozen):
    """What the planner says a queue's days will bring, against the model."""

    queue: str
    """The queue."""
    start: dt.date
    """First day."""
    end: dt.date | None = None
    """Last day; empty: the first."""
    factor: Annotated[float, Field(ge=0)] | None = None
    """Multiplies the model's volume of each day."""
    contacts: Annotated[float, Field(ge=0)] | None = None
    """Contacts of each day, instead of the model's."""
    reason: Annotated[str, Field(min_length=1)]
    """Why; the report shows it."""
    who: Annotated[str, Field(min_length=1)]
    """Who says so; the replay tells who was right."""

    @property
    def last(self) -> dt.date:
        """Last day."""
        return self.end or self.start

    @model_validator(mode="after")
    def _one_figure(self) -> "Override":
        if (self.factor is None) == (self.contacts is None):
            raise ValueError("an override needs either factor or contacts")
        if self.last < self.start:
            raise ValueError(f"it ends {self.end}, before it starts {self.start}")
        return self


class DemandSettings(Frozen):
    """The planner's hand on demand."""

    scale: Annotated[float, Field(ge=0)] = 1.0
    """Factor on all fresh demand."""
    queues: dict[str, QueueDemand] = {}
    """By queue."""
    cohorts: dict[str, Cohort] = {}
    """Customers by cohort; in the outlook they say how the queues they name grow."""
    adoption: dict[str, Adoption] = {}
    """Planned growth of new channels, by queue."""
    overrides: dict[str, Override] = {}
    """The planner's own figures for days, by name; kept beside the model's."""

    def queues_named(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        """Every queue that is named here, after the path at which it stands.

        Examples
        --------
        >>> DemandSettings(queues={"chat": QueueDemand(scale=2.0)}).queues_named()
        ((('queues', 'chat'), 'chat'),)
        """
        named: list[tuple[tuple[str, ...], str]] = [(("queues", queue), queue) for queue in self.queues]
        named += [
            (("cohorts", name, "contacts", queue), queue)
            for name, cohort in self.cohorts.items()
            for queue in cohort.contacts
        ]
        named += [(("adoption", queue), queue) for queue in self.adoption]
        named += [(("adoption", queue, "like"), a.like) for queue, a in self.adoption.items() if a.like]
        named += [(("overrides", name, "queue"), given.queue) for name, given in self.overrides.items()]
        return tuple(named)

    @model_validator(mode="after")
    def _one_override_a_day(self) -> "DemandSettings":
        given = list(self.overrides.items())
        for i, (name, one) in enumerate(given):
            for other, two in given[:i]:
                if one.queue == two.queue and one.start <= two.last and two.start <= one.last:
                    raise ValueError(
                        f"overrides '{other}' and '{name}' are both for {one.queue} on "
                        f"{max(one.start, two.start)}; give one figure for a day"
                    )
        return self


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
    method: str = "auto"
    """auto (several ways, each by how it did on past weeks), two_level, structural, glm,
    same_weekday_mean or seasonal_naive."""
    mean_weeks: Annotated[int, Field(ge=1)] = 8
    """Weeks in the same-weekday mean."""
    calendar_effects: bool = True
    """Month start and end, pay days, the course of a month, days after a closure (holidays always)."""
