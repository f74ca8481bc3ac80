"""The centre: sites, queues, skills, contracts and the calendar — what stays when the week changes."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from wfo.domain.base import Frozen
from wfo.domain.calendar import Calendar
from wfo.domain.contract import Contract
from wfo.domain.deferred import DeferredSpec
from wfo.domain.dialler import DiallerSpec
from wfo.domain.hours import DAYS, Hours


class Channel(StrEnum):
    """How a contact travels."""

    VOICE = "voice"
    CHAT = "chat"
    MESSAGE = "message"
    EMAIL = "email"
    WEB = "web"
    TEXT = "text"
    SOCIAL = "social"
    BOT = "bot"
    COMMUNITY = "community"
    BACK_OFFICE = "back_office"


class Law(StrEnum):
    """How work of a queue waits for people."""

    IMMEDIATE = "immediate"
    CONCURRENT = "concurrent"
    DEFERRED = "deferred"
    UNSTAFFED = "unstaffed"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{name}' is not a time zone; write an IANA name such as Europe/Berlin") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
"""An IANA time zone name."""

Share = Annotated[float, Field(ge=0, lt=1)]
Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class Site(Frozen):
    """A place where agents work."""

    zone: Zone
    """The site's time zone."""


class Queue(DeferredSpec):
    """Where work of one kind waits for people."""

    channel: Channel
    """How its contacts travel."""
    law: Law
    """immediate, concurrent, deferred or unstaffed."""
    hours: Hours = ("always",)
    """Opening hours in the centre's zone."""
    closed_on: tuple[str, ...] = ()
    """Countries on whose public holidays the queue is closed."""
    concurrency: Annotated[int, Field(ge=1, le=20)] = 1
    """Contacts one agent handles at once (concurrent queues)."""
    session_s: tuple[Annotated[float, Field(gt=0)], ...] = ()
    """Mean open time of a chat whose agent holds 1, 2, … at once, for example ``[480, 560, 680]``; only their
    ratios count, for with all slots taken an agent works without pause. Empty: the same at any number."""
    patience_s: Annotated[float, Field(gt=0)] | None = None
    """Mean patience in seconds; empty: nobody gives up."""
    short_abandon_s: Annotated[float, Field(ge=0)] = 5.0
    """Abandons faster than this are short: left out of service level and abandonment."""
    most_waiting: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """Most contacts that wait in line (immediate and concurrent queues); who comes then is turned away and
    counts as abandoned. Empty: no limit."""
    balking: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of contacts that leave at once, as abandoned, when they would have to wait (immediate and
    concurrent queues). The simulation plays it; the formulas of staffing do not know it."""
    callback_after_s: Annotated[float, Field(ge=0)] | None = None
    """Who waits so long is offered to be called back (immediate and concurrent queues): he keeps his place in
    line and does not give up. Empty: no offer. The simulation plays it; the formulas do not know it."""
    callback_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of those offered a callback who take it; goes with ``callback_after_s``."""
    dialler: DiallerSpec | None = None
    """A machine that calls people for this queue (immediate and concurrent queues) while agents are free. The
    simulation plays it; no position is required for its calls."""
    handle_s: Annotated[float, Field(gt=0)] | None = None
    """Assumed mean handle time in seconds of agent work, used where history shows none."""
    steps: Annotated[float, Field(ge=1)] = 1.0
    """Mean number of work steps of one item (back office)."""
    controlled: bool = True
    """Whether the organization controls the channel."""
    targets: dict[str, str] = {}
    """Targets by metric, for example ``service_level: 80% in 20s``; several are joined by ``and`` and hold
    all at once, for example ``80% in 20s and 70% in 20s per day``."""
    shrinkage: Share | None = None
    """Unscheduled shrinkage of this queue; empty: the staffing default."""

    @model_validator(mode="before")
    @classmethod
    def _one_line_of_hours(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("hours"), str):
            return {**value, "hours": (value["hours"],)}
        return value

    @model_validator(mode="after")
    def _one_session_time_per_slot(self) -> "Queue":
        if self.session_s and len(self.session_s) != self.concurrency:
            raise ValueError(
                f"session_s has {len(self.session_s)} times; write {self.concurrency}, one for each number "
                "of contacts an agent holds at once (concurrency)"
            )
        return self

    @model_validator(mode="after")
    def _a_line_where_contacts_wait(self) -> "Queue":
        asked = {
            "most_waiting limits": self.most_waiting is not None,
            "balking leaves": self.balking > 0,
            "callback_after_s shortens": self.callback_after_s is not None,
            "a dialler fills": self.dialler is not None,
        }
        for words, given in asked.items():
            if given and self.law not in (Law.IMMEDIATE, Law.CONCURRENT):
                raise ValueError(
                    f"{words} the line of immediate and concurrent queues, and this one is {self.law}; "
                    "leave it out"
                )
        if (self.callback_after_s is None) != (self.callback_share is None):
            raise ValueError(
                "callback_after_s (seconds of wait) and callback_share (share who accept) go together; "
                "write both or neither"
            )
        return self

    @property
    def staffed(self) -> bool:
        """Whether people serve it."""
        return self.law is not Law.UNSTAFFED

    @property
    def session_ratios(self) -> tuple[float, ...]:
        """Open time of a contact whose agent holds 1, 2, … at once ÷ that with all slots taken."""
        if not self.session_s:
            return (1.0,) * self.concurrency
        return tuple(s / self.session_s[-1] for s in self.session_s)


class Skill(Frozen):
    """What an agent must be able to do."""

    name: str = ""
    """The name planners read in reasons and notes; empty: its id."""
    slowest: Annotated[float, Field(gt=0)] | None = None
    """Agents slower than this in it (1 = average handle time) serve no queue by it; empty: everybody does."""


NO_QUEUE = "a centre needs at least one queue; name it with its channel, law and hours"


class Centre(Frozen):
    """What stays when the week changes.

    Examples
    --------
    >>> voice = {"channel": "voice", "law": "immediate", "hours": "Mon-Fri 08:00-20:00"}
    >>> web = {"channel": "web", "law": "unstaffed"}
    >>> centre = Centre.model_validate({"queues": {"voice": voice, "web": web}})
    >>> centre.queue_ids, centre.staffed_ids
    (('voice', 'web'), ('voice',))
    """

    zone: Zone = "UTC"
    """The zone of opening hours, of the planning week and of reports."""
    currency: str = "EUR"
    """The unit of every amount of money."""
    week_start: Day = "Mon"
    """First day of the planning week."""
    weekend: tuple[Day, ...] = ("Sat", "Sun")
    """Days of the weekend, one after the other."""
    sites: dict[str, Site] = {}
    queues: dict[str, Queue] = {}
    skills: dict[str, Skill] = {}
    contracts: dict[str, Contract] = {}
    calendar: Calendar = Calendar()

    @model_validator(mode="after")
    def _weekend_in_order(self) -> "Centre":
        days = [DAYS.index(day) for day in self.weekend]
        if not 1 <= len(days) <= 3 or any((b - a) % 7 != 1 for a, b in pairwise(days)):
            raise ValueError(
                f"weekend {list(self.weekend)} is not one to three days in a row; write [Sat, Sun]"
            )
        return self

    @property
    def queue_ids(self) -> tuple[str, ...]:
        """All queues in the scenario's order, unstaffed ones included."""
        return tuple(self.queues)

    @property
    def staffed_ids(self) -> tuple[str, ...]:
        """Queues served by people, in the scenario's order."""
        return tuple(q for q, spec in self.queues.items() if spec.staffed)

    def zone_of(self, site: object) -> str:
        """The zone of a site; the centre's where it names none of its sites."""
        return self.sites[str(site)].zone if str(site) in self.sites else self.zone
