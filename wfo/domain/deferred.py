"""Deferred work in a planner's words: steps of a case, chase contacts, call lists, blocks."""

import datetime as dt
from typing import Annotated, Any

from pydantic import Field, model_validator

from wfo.domain.base import Frozen
from wfo.domain.hours import DAY_MIN, Hours, parse_hours

_WEEK_MIN = 7 * DAY_MIN


class CaseStep(Frozen):
    """One step of a case; the next begins when it is done."""

    handle_s: Annotated[float, Field(gt=0, le=604_800)]
    """Mean touch time in seconds, each time the step is done, up to a week."""
    queue: str = ""
    """Deferred queue whose people do it (a hand-off); empty: the case's own."""
    wait_h: Annotated[float, Field(ge=0, le=336)] = 0.0
    """Hours that pass by the clock before it can begin: an answer from outside."""
    rework: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of its results that come back and are done again, below 1."""

    @property
    def work_s(self) -> float:
        """Expected touch time of one case, rework included.

        Examples
        --------
        >>> CaseStep(handle_s=600, rework=0.25).work_s
        800.0
        """
        return self.handle_s / (1.0 - self.rework)


class Chase(Frozen):
    """Contacts by which customers ask after late work."""

    contacts: Annotated[float, Field(ge=0, le=100)]
    """Mean chase contacts that one late contact or case brings."""
    queue: str
    """Queue in which they come."""
    within_h: Annotated[float, Field(ge=0, le=336)] = 24.0
    """They come within so many hours after the promise is missed, evenly; where the queue is closed then,
    early in its next opening."""


class CallListSpec(Frozen):
    """People to be called."""

    contacts: Annotated[float, Field(ge=0, le=1_000_000)]
    """How many."""
    first: dt.date
    """First day of calls."""
    last: dt.date
    """Last day of calls."""

    @model_validator(mode="after")
    def _in_order(self) -> "CallListSpec":
        if self.last < self.first:
            raise ValueError(
                f"last day {self.last} lies before the first, {self.first}; write a last day from then on"
            )
        return self


class Outbound(Frozen):
    """Calls that the centre makes; the queue's hours are the window of each day."""

    contact_rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of attempts that reach somebody."""
    attempts: Annotated[int, Field(ge=1, le=50)] = 1
    """Most attempts for one contact."""
    no_answer_s: Annotated[float, Field(ge=0, le=86_400)] = 30.0
    """Agent time of an attempt that reaches nobody, seconds."""
    pause_h: Annotated[float, Field(ge=0, le=336)] = 1.0
    """Hours after an attempt that reaches nobody before the next; it falls into the queue's hours."""
    pacing: Annotated[int, Field(ge=1, le=20)] = 1
    """Numbers called at once for each agent. He talks to the first who answers; others who do are dropped,
    and count as abandoned."""
    lists: dict[str, CallListSpec] = {}
    """Lists of people to be called, beside what the forecast says of the queue."""

    @property
    def reached(self) -> float:
        """Share of contacts reached by any attempt, dropped ones included."""
        return 1.0 - (1.0 - self.contact_rate) ** self.attempts

    @property
    def calls_per_contact(self) -> float:
        """Expected attempts for one contact."""
        return self.reached / self.contact_rate

    @property
    def talked(self) -> float:
        """Share of contacts talked to: of the numbers called at once for an agent the first that answers."""
        return self.calls_per_contact / self.pacing * (1.0 - (1.0 - self.contact_rate) ** self.pacing)

    @property
    def vain_s(self) -> float:
        """Expected agent time of a contact's attempts that reach nobody, those made beside it included."""
        none = (1.0 - self.contact_rate) ** self.pacing
        return self.calls_per_contact / self.pacing * none * self.no_answer_s

    def work_s(self, handle_s: float) -> float:
        """Expected agent time of one contact, attempts that reach nobody included.

        Parameters
        ----------
        handle_s : float
            Mean handle time of a contact that is talked to.

        Examples
        --------
        >>> Outbound(contact_rate=0.5, attempts=2, no_answer_s=20).work_s(100)
        90.0
        >>> Outbound(contact_rate=0.5, attempts=2, no_answer_s=20, pacing=2).work_s(100)
        60.0
        """
        return self.talked * handle_s + self.vain_s


class Block(Frozen):
    """Hours in which agents are kept for a deferred queue."""

    hours: Hours
    """When, for example ``Tue 09:00-11:00``."""
    agents: Annotated[int, Field(ge=1)]
    """Scheduled agents kept for it."""
    price_h: Annotated[float, Field(ge=0)] = 60.0
    """Money for each hour in which one of them is missing, where the work they do is not worth more."""

    @model_validator(mode="before")
    @classmethod
    def _one_line_of_hours(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("hours"), str):
            return {**value, "hours": (value["hours"],)}
        return value


class DeferredSpec(Frozen):
    """What a planner may say about the deferred work of a queue."""

    case_steps: dict[str, CaseStep] = {}
    """Steps of one case in their order, by name; empty: one piece of work."""
    promise_h: Annotated[float, Field(gt=0, le=8784)] | None = None
    """Open hours within which its work is promised (callbacks, cases); empty: ``staff.promise_days``."""
    chase: Chase | None = None
    """Contacts that late work brings."""
    outbound: Outbound | None = None
    """Attempts and lists of a queue whose contacts the centre calls."""
    blocks: dict[str, Block] = {}
    """Named hours in which agents are kept for it."""
    blend: tuple[str, ...] = ()
    """Queues served at once whose agents do its work in idle time; the requirement is net of it."""


def overlap_min(first: Hours, second: Hours) -> int:
    """Minutes of a week that lie in both.

    Examples
    --------
    >>> overlap_min(("Mon 08:00-12:00",), ("Mon-Fri 10:00-18:00",))
    120
    """
    minutes = (_week_minutes(first), _week_minutes(second))
    return len(minutes[0] & minutes[1])


def _week_minutes(hours: Hours) -> set[int]:
    windows = (
        (day * DAY_MIN + a, day * DAY_MIN + b) for day, spans in parse_hours(hours).items() for a, b in spans
    )
    return {minute % _WEEK_MIN for begin, end in windows for minute in range(begin, end)}
