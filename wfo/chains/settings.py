"""What a planner may set about chains."""

from typing import Annotated, Literal

from pydantic import Field

from wfo.domain.base import Frozen


class LinkWeights(Frozen):
    """Log-odds by which a contact is judged to continue an earlier one of the same customer.

    Link when the logistic of the sum is above the threshold. The defaults are conventions: a contact with
    the same intent continues an earlier one anywhere in a week's window, one with another intent only by a
    case or a redial, one of unknown intent only within about a day.
    """

    base: float = 0.5
    """Before anything is known of the pair."""
    same_intent: float = 2.0
    """Both name the same intent."""
    other_intent: float = -4.0
    """Both name an intent, and they differ."""
    same_case: float = 8.0
    """Both name the same case or order."""
    other_case: float = -2.0
    """Both name a case, and they differ."""
    gap: float = -1.0
    """On log(1 + gap ÷ gap_h)."""
    gap_h: Annotated[float, Field(gt=0)] = 48.0
    """Scale of the gap in hours."""
    unresolved: float = 0.7
    """The earlier one was marked unresolved, or needed a person; minus this where marked resolved."""
    open_promise: float = 0.5
    """The earlier one left a promise that was not yet due."""
    unstaffed_to_staffed: float = 0.5
    """The earlier one was in self-service, this one asks for a person."""
    redial: float = 6.0
    """The earlier one was abandoned in the same channel moments before."""


class ChainSettings(Frozen):
    """How interactions are joined into chains."""

    window_h: Annotated[float, Field(gt=0, le=24 * 60)] = 168.0
    """A contact later than this after the last one starts a new chain; a younger chain is open."""
    redial_min: Annotated[float, Field(gt=0)] = 30.0
    """A contact within this time after an abandoned one in the same channel is a redial."""
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Least probability of a link."""
    predecessors: Annotated[int, Field(ge=1, le=50)] = 8
    """How many of a customer's last contacts are tried as predecessor."""
    key_cap: Annotated[int, Field(ge=1)] = 40
    """A key shared by more customers than this joins nobody."""
    customer_cap: Annotated[int, Field(ge=1)] = 500
    """A customer with more contacts than this is left unlinked and reported."""
    known_by: Literal["contact", "customer"] = "contact"
    """contact: each contact is identified anew, so a follow-up of a known one may be unknown; customer: who
    is known once is always known, as with a login."""
    weights: LinkWeights = LinkWeights()
    """How a link is judged."""
