"""The labour rules of a group of agents; every figure is the planner's, none is built into the code."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from wfo.domain.base import Frozen
from wfo.domain.hours import DAY_MIN, Clock, Hours, clock_min

Minutes = Annotated[int, Field(gt=0, le=240)]
Money = Annotated[float, Field(ge=0)]


class Range(Frozen):
    """A closed range of numbers."""

    min: float
    max: float

    @model_validator(mode="before")
    @classmethod
    def _from_one_number(cls, value: Any) -> Any:
        return {"min": value, "max": value} if isinstance(value, int | float) else value

    @model_validator(mode="after")
    def _ordered(self) -> "Range":
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class Break(Frozen):
    """A rest inside a shift."""

    minutes: Minutes
    """Length in minutes."""
    paid: bool = True
    """Whether it counts as paid time."""
    over_h: Annotated[float, Field(ge=0)] = 0.0
    """Only in shifts longer than this many hours."""
    per_h: Annotated[float, Field(gt=0)] | None = None
    """One for every so many full hours of the shift; empty: one."""
    after_h: Annotated[float, Field(ge=0)] = 1.0
    """Earliest hours after the shift's start, and before its end."""
    window_h: Range | None = None
    """Hours after the shift's start between which the whole break lies; empty: anywhere after ``after_h``."""


class StartWindow(Frozen):
    """When shifts may start, local time of the site."""

    earliest: Clock
    latest: Clock
    step_min: Minutes = 30
    variance_min: Annotated[int, Field(ge=0, le=1440)] | None = None
    """Most minutes between the earliest and the latest start of a week; 0: the same start on all days."""

    @property
    def minutes(self) -> tuple[int, int]:
        """First and last start in minutes after midnight; past 24:00 where the window passes it."""
        first, last = clock_min(self.earliest), clock_min(self.latest)
        return first, last + (DAY_MIN if last < first else 0)


class Weekends(Frozen):
    """At most ``worked`` of any ``of`` weekends in a row have work; the centre says which days they are."""

    worked: Annotated[int, Field(ge=0)]
    of: Annotated[int, Field(ge=1, le=8)]
    whole: bool = False
    """Whether a weekend is worked on all of its days or on none."""


class ShiftType(Frozen):
    """A named kind of shift, for example early, late, night."""

    earliest: Clock
    """Earliest start, local time."""
    latest: Clock | None = None
    """Latest start; empty: the earliest."""
    hours: Range | None = None
    """Length from start to end in hours; empty: any the contract allows."""

    @property
    def minutes(self) -> tuple[int, int]:
        """First and last start in minutes after midnight; past 24:00 where they pass it."""
        first = clock_min(self.earliest)
        last = first if self.latest is None else clock_min(self.latest)
        return first, last + (DAY_MIN if last < first else 0)


class Period(Frozen):
    """Paid hours of any so many weeks in a row, the published ones included."""

    weeks: Annotated[int, Field(ge=2, le=8)]
    max_h: Annotated[float, Field(gt=0)]


class Split(Frozen):
    """Shifts of two parts on one day, with free time between them."""

    gap_h: Range
    """Free hours between the parts, unpaid."""
    part_h: Range
    """Hours of each part; both together lie in the contract's ``shift_h``."""


class Overtime(Frozen):
    """Paid hours above the week's range, where they are worth it."""

    max_h: Annotated[float, Field(gt=0, le=40)]
    """Most such hours a week."""
    premium: Money = 0.5
    """Share of the wage paid on top."""


class Premium(Frozen):
    """Pay on top at some hours of the week."""

    hours: Hours
    """Local time of the site, for example ``Sun 00:00-24:00``."""
    share: Money
    """Share of the wage paid on top."""


class Contract(Frozen):
    """The labour rules of a group of agents."""

    week_h: Range
    """Paid hours a week."""
    shift_h: Range
    """Length of a shift in hours from start to end, unpaid breaks included, a split shift's gap not."""
    shift_step_min: Minutes = 60
    """Step between allowed shift lengths."""
    start: StartWindow
    """When shifts may start."""
    days: Range
    """Days worked a week."""
    day_h: Annotated[float, Field(gt=0, le=24)] | None = None
    """Most paid hours a day; empty: as the shift's length allows."""
    period: Period | None = None
    """Most paid hours over several weeks; empty: no rule."""
    rest_h: Annotated[float, Field(ge=0, le=48)] = 11.0
    """Least hours between the end of a shift and the next start."""
    min_days_in_row: Annotated[int, Field(ge=1, le=7)] = 1
    """Fewest consecutive days worked, across the week's boundary."""
    max_days_in_row: Annotated[int, Field(ge=1, le=14)] = 6
    """Most consecutive days worked, across the week's boundary."""
    min_days_off_in_row: Annotated[int, Field(ge=1, le=7)] = 1
    """Fewest consecutive days off, across the week's boundary."""
    max_days_off_in_row: Annotated[int, Field(ge=1, le=14)] | None = None
    """Most consecutive days off beside days of leave; empty: no rule."""
    weekends: Weekends | None = None
    """Free weekends; empty: no rule."""
    full_time_h: Annotated[float, Field(gt=0, le=60)] = 40.0
    """Paid hours a week of one full-time equivalent."""
    breaks: dict[str, Break] = {}
    """Rests by name, for example ``lunch``."""
    break_gap_min: Annotated[int, Field(ge=0, le=240)] = 30
    """Minutes of work the planner keeps between two breaks where there is room."""
    split: Split | None = None
    """Shifts of two parts; empty: none."""
    shift_types: dict[str, ShiftType] = {}
    """Named kinds of shift; where there are any, every shift is of one (the first it fits)."""
    not_after: dict[str, tuple[str, ...]] = {}
    """Kinds of shift that may not follow a kind on the next day, by the earlier kind."""
    rotation: tuple[str, ...] = ()
    """Kinds of shift week after week, in turn; a kind may stand twice."""
    overtime: Overtime | None = None
    """Hours above the week's range; empty: none."""
    voluntary_time_off_h: Annotated[float, Field(ge=0, le=60)] = 0.0
    """Unpaid hours below the week's range that the planner may give away where service can bear it."""
    premiums: dict[str, Premium] = {}
    """Pay on top by name, for example ``night``."""

    @model_validator(mode="after")
    def _runs_ordered(self) -> "Contract":
        for low, high, what in (
            (self.min_days_in_row, self.max_days_in_row, "days_in_row"),
            (self.min_days_off_in_row, self.max_days_off_in_row, "days_off_in_row"),
        ):
            if high is not None and low > high:
                raise ValueError(f"min_{what} {low} is above max_{what} {high}")
        return self

    @model_validator(mode="after")
    def _types_named(self) -> "Contract":
        named = [*self.not_after, *(t for own in self.not_after.values() for t in own), *self.rotation]
        for name in named:
            if name not in self.shift_types:
                known = ", ".join(self.shift_types) or "none; add it there"
                raise ValueError(f"'{name}' is no kind of shift; shift_types has {known}")
        return self
