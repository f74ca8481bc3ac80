"""What the rules read: a schedule by agent, with what it is checked against."""

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from wfo.domain.centre import Centre
from wfo.domain.contract import Contract
from wfo.scheduling.settings import MinimumStaff, TeamMix
from wfo.scheduling.shift_cover_settings import ShiftCover

Breach = tuple[str, dt.date | None, str]
_HOUR = pd.Timedelta(hours=1)
_MINUTE = pd.Timedelta(minutes=1)


class Segment(NamedTuple):
    """One row of a schedule."""

    start: pd.Timestamp
    end: pd.Timestamp
    kind: str
    paid: bool
    locked: bool
    queues: tuple[str, ...]
    activity: str = ""

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return round((self.end - self.start) / _MINUTE)


@dataclass(frozen=True)
class Shift:
    """One shift: its segments in order, its local date."""

    agent_id: str
    date: dt.date
    segments: tuple[Segment, ...]

    @property
    def start(self) -> pd.Timestamp:
        """First instant."""
        return min(s.start for s in self.segments)

    @property
    def end(self) -> pd.Timestamp:
        """First instant after it."""
        return max(s.end for s in self.segments)

    @property
    def locked(self) -> bool:
        """Whether it was fixed beforehand."""
        return all(s.locked for s in self.segments)

    @property
    def length_min(self) -> int:
        """Minutes from start to end."""
        return round((self.end - self.start) / _MINUTE)

    @property
    def paid_h(self) -> float:
        """Paid hours."""
        return sum(s.minutes for s in self.segments if s.paid) / 60

    @property
    def gap(self) -> Segment | None:
        """The free time of a split shift: the break that its maker calls so."""
        return next((s for s in self.segments if s.kind == "break" and s.activity == "split"), None)

    @property
    def parts(self) -> tuple[tuple[Segment, ...], ...]:
        """Segments of the shift, or of both parts of a split one."""
        if self.gap is None:
            return (self.segments,)
        at = self.segments.index(self.gap)
        return self.segments[:at], self.segments[at + 1 :]

    def local(self, zone: ZoneInfo) -> int:
        """Local start in minutes after midnight of the shift's date."""
        local = self.start.tz_convert(zone)
        return local.hour * 60 + local.minute + 1440 * (local.date() - self.date).days

    @property
    def breaks(self) -> tuple[Segment, ...]:
        """Segments that are breaks."""
        return tuple(s for s in self.segments if s.kind == "break")


@dataclass(frozen=True)
class Member:
    """One agent as the rules see him."""

    agent_id: str
    contract: Contract
    zone: ZoneInfo
    shifts: tuple[Shift, ...]
    before: tuple[Shift, ...]
    """The published shifts before, in order."""
    absences: tuple[tuple[pd.Timestamp, pd.Timestamp, str], ...]
    available: tuple[tuple[pd.Timestamp, pd.Timestamp], ...]
    locked: tuple[tuple[pd.Timestamp, pd.Timestamp], ...]
    skills: frozenset[str] | None
    meetings: tuple[tuple[pd.Timestamp, pd.Timestamp], ...] = ()
    """Fixed meetings and trainings."""
    leave_before: frozenset[dt.date] = frozenset()
    """Days of time off in the published weeks."""
    slow: frozenset[str] = frozenset()
    """Skills in which the agent is slower than the centre allows."""
    team: str = ""
    site: str = ""
    hired: dt.date | None = None
    contract_id: str = ""


@dataclass(frozen=True)
class Case:
    """A schedule with what it is checked against."""

    centre: Centre
    members: tuple[Member, ...]
    days: tuple[dt.date, ...]
    unknown: tuple[tuple[str, dt.date], ...] = ()
    routing: dict[str, frozenset[str]] | None = None
    """Skills that may serve a queue."""
    minimum_staff: dict[str, MinimumStaff] = field(default_factory=dict)
    team_mix: dict[str, TeamMix] = field(default_factory=dict)
    shift_cover: dict[str, ShiftCover] = field(default_factory=dict)
    spread_min: int = 24 * 60
    """Most minutes between the earliest and the latest start of a week, whatever the contract."""


def clock_of(text: str) -> int:
    """Minutes after midnight of a time of day."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
