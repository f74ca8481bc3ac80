"""What a planner may set about chains."""

from typing import Annotated, Literal

from pydantic import Field

from wfo.chains.taxonomy import InferSettings, Intent
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


PLACEHOLDERS = (
    "anonymous",
    "blocked",
    "n/a",
    "na",
    "nan",
    "none",
    "null",
    "private",
    "restricted",
    "unavailable",
    "unknown",
    "withheld",
    "-",
    "+266696687",
)
"""What telephone systems and customer files write for nobody (the number spells ANONYMOUS)."""


class ChainSettings(Frozen):
    """How interactions are joined into chains."""

    window_h: Annotated[float, Field(gt=0, le=24 * 60)] = 168.0
    """A contact later than this after the last one starts a new chain; a younger chain is open."""
    intents: dict[str, Intent] = {}
    """The taxonomy: what customers may want; or the name of a file that has it, beside this one."""
    infer: InferSettings = InferSettings()
    """How contacts that state no intent are read."""
    redial_min: Annotated[float, Field(gt=0)] = 30.0
    """A contact within this time after an abandoned one in the same channel is a redial."""
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Least probability of a link."""
    predecessors: Annotated[int, Field(ge=1, le=50)] = 8
    """How many of a customer's last contacts are tried as predecessor."""
    key_cap: Annotated[int, Field(ge=1)] = 40
    """A key that touches more customer ids and keys than this joins nobody, nor do several join more."""
    customer_cap: Annotated[int, Field(ge=1)] = 500
    """A customer with more contacts than this is left unlinked and reported."""
    excluded_ids: tuple[str, ...] = ()
    """Identities that are nobody's: customer ids, or keys as type:key (test accounts, the office line)."""
    placeholders: tuple[str, ...] = PLACEHOLDERS
    """Words that systems write where there is no customer id, key or case: nobody's."""
    known_by: Literal["contact", "customer"] = "contact"
    """contact: each contact is identified anew, so a follow-up of a known one may be unknown; customer: who
    is known once is always known, as with a login."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """duckdb: on this machine, out of core; spark: on Spark 4 (``wfo[spark]``), for more than one machine."""
    memory_gb: Annotated[float, Field(ge=0.5)] = 3.0
    """Most memory of the engine duckdb; larger logs are worked on from disk (beside it some 1.5 GB more at a
    hundred million contacts)."""
    learn: bool = True
    """Learn how links are judged where named parents and redials show it; else by the weights below."""
    weights: LinkWeights = LinkWeights()
    """How a link is judged where the log cannot teach it."""
    wage_per_h: Annotated[float, Field(ge=0)] = 25.0
    """Money of an agent-hour where no agent's wage is known."""
    contact_cost: dict[str, Annotated[float, Field(ge=0)]] = {"web": 0.10, "bot": 0.10}
    """Money of one contact by channel, beside the work in it; a self-service contact costs about 0.10."""

    def window_of(self, intent: str) -> float:
        """Window in hours after a contact that states an intent."""
        own = self.intents[intent].window_h if intent in self.intents else None
        return self.window_h if own is None else own

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Intents of which a mention in a channel nobody controls is not answered."""
        return tuple(name for name, intent in self.intents.items() if not intent.engage)

    @property
    def longest_window_h(self) -> float:
        """The longest window of any intent."""
        return max([self.window_h, *(i.window_h for i in self.intents.values() if i.window_h is not None)])
