"""What customers want: fourteen intents with their channels, hours, weekdays and follow-ups."""

from dataclasses import dataclass

import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.hours import DAY_MIN, parse_hours
from wfo.sample.laws import SHARES, STEP_MIN, WEEKDAY_WEIGHTS

_CHANNELS = ("web", "bot", "voice", "chat", "message", "email", "text", "social", "back_office")


@dataclass(frozen=True)
class Intent:
    """One intent.

    Attributes
    ----------
    name : str
    home : str
        The voice queue it belongs to.
    weights : tuple of float
        How common it is among the fresh contacts of web, bot, its voice queue, chat, message, email, text,
        social and back office.
    follow_up : float
        Relative chance that a contact needs another one.
    later_h : float
        Hours by which its day runs later than the channel's.
    weekday_tilt : float
        Exponent on the weekday weights: 0 is the same every day, above 1 is more of a Monday.
    """

    name: str
    home: str
    weights: tuple[float, ...]
    follow_up: float
    later_h: float
    weekday_tilt: float


INTENTS = (
    Intent("billing_question", "voice_billing", (16, 18, 30, 14, 14, 18, 20, 6, 12), 1.1, 0.0, 1.2),
    Intent("payment", "voice_billing", (14, 10, 14, 8, 8, 8, 18, 2, 6), 0.7, 0.3, 1.1),
    Intent("dunning", "voice_billing", (4, 3, 12, 4, 4, 8, 6, 2, 10), 1.4, -0.5, 1.4),
    Intent("tariff_change", "voice_sales", (9, 9, 55, 12, 8, 6, 4, 4, 8), 1.0, 1.0, 0.8),
    Intent("move", "voice_billing", (5, 4, 9, 4, 6, 8, 3, 1, 12), 1.2, 0.5, 1.0),
    Intent("cancellation", "voice_billing", (4, 4, 10, 6, 6, 12, 2, 6, 10), 1.3, 0.2, 1.1),
    Intent("outage", "voice_technical", (8, 12, 32, 12, 10, 2, 10, 30, 2), 1.0, 0.8, 0.3),
    Intent("slow_line", "voice_technical", (8, 9, 28, 10, 10, 5, 4, 14, 4), 1.5, 1.5, 0.5),
    Intent("device", "voice_technical", (6, 8, 24, 10, 8, 4, 4, 6, 4), 1.1, 1.0, 0.6),
    Intent("installation", "voice_technical", (4, 4, 16, 4, 6, 5, 8, 3, 12), 1.2, -0.3, 1.0),
    Intent("order_status", "voice_sales", (9, 10, 45, 8, 8, 6, 12, 4, 2), 0.8, 0.4, 1.1),
    Intent("complaint", "voice_billing", (2, 2, 11, 3, 4, 10, 1, 18, 12), 1.4, 0.0, 1.2),
    Intent("data_change", "voice_billing", (8, 4, 6, 3, 4, 6, 6, 1, 4), 0.5, 0.2, 1.0),
    Intent("other", "voice_billing", (3, 3, 8, 2, 4, 2, 2, 3, 2), 0.9, 0.0, 1.0),
)
"""In this order everywhere."""

_PEAKS = {
    "voice": ((10.2, 1.5, 1.0), (15.4, 2.2, 0.9), (13.0, 4.5, 0.5)),
    "chat": ((19.4, 2.4, 1.0), (13.0, 4.0, 0.8)),
    "message": ((18.0, 3.0, 0.9), (11.5, 3.0, 0.8)),
    "email": ((9.8, 2.2, 1.0), (14.0, 3.0, 0.8)),
    "text": ((12.0, 2.0, 0.8), (17.0, 2.5, 0.8)),
    "social": ((20.0, 2.5, 1.0), (12.5, 3.5, 0.7)),
    "back_office": ((10.0, 2.5, 1.0), (14.5, 3.0, 0.7)),
    "web": ((20.2, 2.4, 1.0), (12.5, 4.0, 0.7)),
    "bot": ((20.2, 2.6, 0.9), (12.5, 4.0, 0.8)),
}
"""Centre in hours, spread in hours and height of the bumps of a channel's day."""


def mix(centre: Centre) -> np.ndarray:
    """Share of each intent among a queue's fresh contacts, shape (intents, Q); columns sum to 1.

    An intent whose own voice queue the centre lacks calls the first voice queue there is.
    """
    out = np.zeros((len(INTENTS), len(centre.queues)))
    homes = home_queue(centre)
    for q, spec in enumerate(centre.queues.values()):
        column = _CHANNELS.index(spec.channel.value)
        for i, intent in enumerate(INTENTS):
            if spec.channel != "voice" or homes[i] == q:
                out[i, q] = intent.weights[column]
    return out / out.sum(axis=0)


def home_queue(centre: Centre) -> np.ndarray:
    """Position of each intent's voice queue, int64, shape (intents,)."""
    ids = centre.queue_ids
    first = next(q for q, spec in enumerate(centre.queues.values()) if spec.channel == "voice")
    return np.array([ids.index(i.home) if i.home in ids else first for i in INTENTS], dtype=np.int64)


def week_profiles(centre: Centre) -> np.ndarray:
    """When in a week fresh contacts come, shape (Q, intents, 7 days × intervals); sums to 1 over time."""
    slots = DAY_MIN // STEP_MIN
    hour = (np.arange(slots) + 0.5) * STEP_MIN / 60.0
    weekday = np.asarray(WEEKDAY_WEIGHTS)
    out = np.empty((len(centre.queues), len(INTENTS), 7 * slots))
    for q, spec in enumerate(centre.queues.values()):
        is_open = open_week(spec.hours)
        for i, intent in enumerate(INTENTS):
            day = np.full(slots, 0.05)
            for peak, spread, height in _PEAKS[spec.channel.value]:
                day += height * np.exp(-0.5 * ((hour - peak - intent.later_h) / spread) ** 2)
            week = np.outer(weekday**intent.weekday_tilt, day).ravel() * is_open
            out[q, i] = week / week.sum()
    return out


def open_week(hours: tuple[str, ...]) -> np.ndarray:
    """Whether a queue is open in each interval of a local week, bool, shape (7 days × intervals,)."""
    out = np.zeros(7 * DAY_MIN // STEP_MIN, dtype=bool)
    for day, windows in parse_hours(hours).items():
        for begin, end in windows:
            out[(day * DAY_MIN + begin) // STEP_MIN : (day * DAY_MIN + end) // STEP_MIN] = True
    return out


def contacts_by_queue(centre: Centre, contacts: float) -> np.ndarray:
    """Contacts of an ordinary week by queue, follow-ups included, shape (Q,)."""
    share = np.array([SHARES[q] for q in centre.queue_ids])
    return contacts * share / share.sum()
