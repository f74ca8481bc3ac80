"""What a planner may set about schedules and the placing of activities."""

from typing import Annotated

from pydantic import Field

from wfo.domain.base import Frozen
from wfo.domain.hours import Hours
from wfo.scheduling.relax_settings import RelaxSettings
from wfo.scheduling.shift_cover_settings import ShiftCover


class Group(Frozen):
    """Some of the agents; what is left empty says nothing."""

    skill: str | None = None
    team: str | None = None
    site: str | None = None
    contract: str | None = None


class MinimumStaff(Group):
    """At least so many agents of a group on duty, breaks not counted."""

    agents: Annotated[int, Field(ge=1)]
    hours: Hours = ("always",)
    """Local time of the centre."""
    price: Annotated[float, Field(gt=0)] = 500.0
    """Money for an agent-hour missed: the plan's, high enough that it is met wherever it can be."""


class TeamMix(Group):
    """At least a share of the agents of a group on duty experienced."""

    share: Annotated[float, Field(gt=0, lt=1)]
    months: Annotated[float, Field(gt=0)] = 12.0
    """Months since the hire date that make experience."""
    hours: Hours = ("always",)
    """Local time of the centre."""
    price: Annotated[float, Field(gt=0)] = 500.0
    """Money for an agent-hour of experience missed."""


class ScheduleSettings(Frozen):
    """How agents' weeks are built."""

    rounds: Annotated[int, Field(ge=1, le=20)] = 3
    """Most rounds of schedule, coach, place and evaluate."""
    time_limit_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds the search may take, whatever the effort; results then depend on the machine. Empty: effort.

    Agents without a legal week are looked at for a tenth of it more."""
    price_over: Annotated[float, Field(ge=0)] | None = None
    """Money for an overstaffed position-hour; empty: the wage."""
    price_paid_hour: Annotated[float, Field(ge=0)] = 1.0
    """Factor on wages where paid hours are a decision."""
    price_wish: Annotated[float, Field(ge=0)] = 5.0
    """Money for a wish of weight 1 that is not met."""
    seniority_share: Annotated[float, Field(ge=0, le=10)] = 0.0
    """What a year with the company adds to the weight of an agent's wishes."""
    seniority_years: Annotated[float, Field(ge=0)] = 10.0
    """Years that count at most."""
    start_variance_min: Annotated[int, Field(ge=0, le=1440)] = 1440
    """Most minutes between the earliest and the latest start of an agent's week."""
    unpopular: Hours = ("Sat-Sun 00:00-24:00", "Mon-Fri 18:00-24:00")
    """Hours that should go round fairly, local time of the site."""
    price_unfair: Annotated[float, Field(ge=0)] = 0.0
    """Money for an unpopular hour of an agent for each one had beyond a fair share; 0: no account."""
    fairness_memory: Annotated[float, Field(ge=0, le=1)] = 0.8
    """Share of an agent's account that is left a week later."""
    price_change: Annotated[float, Field(ge=0)] = 0.0
    """Money for a shift that is not as it was published for the same week."""
    minimum_staff: dict[str, MinimumStaff] = {}
    """Agents who must be on duty, whatever the demand, by name."""
    team_mix: dict[str, TeamMix] = {}
    """Shares of experienced agents on duty, by name."""
    cover: dict[str, ShiftCover] = {}
    """A fixed-shift team: agents by day and kind of shift, by name; nothing else is then planned for."""
    relax: RelaxSettings = RelaxSettings()
    """What bending a rule is held to cost, where no week keeps all and where service is short."""


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
