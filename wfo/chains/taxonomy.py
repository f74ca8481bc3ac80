"""The taxonomy of customer intents: what a customer may want, and how a silent contact is read."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from wfo.domain.base import Frozen

UNKNOWN = "unknown"
"""The intent of a contact that states none and that nothing tells enough about; it is a class of its own."""


class IntentClass(StrEnum):
    """What a contact with an intent is to customer and organization."""

    VALUE = "value"
    FAILURE = "failure"
    CHASE = "chase"
    COMPLAINT = "complaint"
    SALE = "sale"
    RETENTION = "retention"


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        message = f"'{text}' is no pattern ({error}); escape signs such as ( and * by a backslash"
        raise ValueError(message) from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class IntentRule(Frozen):
    """By what a contact is known to have an intent; all that is given must hold, of each list one word."""

    queue: tuple[str, ...] = ()
    """Queues."""
    channel: tuple[str, ...] = ()
    """Channels."""
    disposition: tuple[str, ...] = ()
    """Dispositions (wrap-up codes), ``*`` for any text, without regard to case."""
    page: tuple[str, ...] = ()
    """Web pages, ``*`` for any text."""
    text: tuple[Pattern, ...] = ()
    """Regular expressions, without regard to case, of which one is found in what the customer wrote."""

    @model_validator(mode="after")
    def _says_something(self) -> "IntentRule":
        if not any((self.queue, self.channel, self.disposition, self.page, self.text)):
            raise ValueError("a rule needs at least one of queue, channel, disposition, page, text")
        return self


class Intent(Frozen):
    """One intent of the taxonomy."""

    kind: IntentClass = IntentClass.VALUE
    """value, failure (something was not done, or not right), chase, complaint, sale or retention."""
    window_h: Annotated[float | None, Field(gt=0, le=24 * 60)] = None
    """A contact later than this after one with the intent starts a new chain; empty: ``chains.window_h``."""
    self_service: Annotated[float | None, Field(ge=0, le=1)] = None
    """Share of its contacts that need no person where self-service works; empty: not known."""
    engage: bool = True
    """Whether a mention in a channel nobody controls is answered; if not, it is no work."""
    rules: tuple[IntentRule, ...] = ()
    """What a contact that states no intent is known by; the first rule of the file that holds counts."""


class InferSettings(Frozen):
    """How contacts that state no intent are read."""

    fitted: bool = True
    """After the rules, by a classifier fitted to the contacts that state theirs."""
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.6
    """Least probability of a fitted intent; below it the intent is unknown."""
    least_labelled: Annotated[int, Field(ge=10)] = 200
    """With fewer contacts that state an intent nothing is fitted."""
    most_labelled: Annotated[int, Field(ge=100)] = 60_000
    """At most so many of them teach the classifier, drawn by their ids."""
