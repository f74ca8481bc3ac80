"""Homes: the kinds of work that half a shift is spent on in the past, and how many agents each wants."""

import numpy as np

from wfo.domain.centre import Centre, Law
from wfo.sample import intents
from wfo.sample.compiled import inner
from wfo.sample.expected_week import expected_week
from wfo.sample.laws import CASE_STEPS_P, CHAT_OPEN_FACTOR, QUEUE_SKILL, STEP_MIN, Preset
from wfo.sample.people import People

MODES = ("voice", "chat", "quick", "email", "cases")
"""Kinds of server; a caller may be answered by anyone who is at a voice queue and has the skill."""
HOMES = ("voice_billing", "voice_technical", "voice_sales", "chat", "quick", "email", "cases")
_MODE = {
    "message": "quick",
    "text": "quick",
    "social": "quick",
    "email": "email",
    "cases": "cases",
    "chat": "chat",
}
_PLANNED_OCCUPANCY = {"quick": 0.80, "email": 0.93, "cases": 0.96}
_SAFETY = 1.0
"""Square-root staffing of immediate work: load + safety · √load (Borst, Mandelbaum & Reiman 2004)."""
_WEIGHT = (1.25, 1.25, 1.45, 1.40, 1.05, 1.05, 1.10)
"""How urgently a shortfall of each home is filled."""
_LEAST = 1.5
"""Agents wanted at an open voice queue or chat, however quiet."""
_SURPLUS = 0.02
"""What an agent too many costs, beside a shortfall's 1."""


def mode_of_home() -> np.ndarray:
    """Mode of each home, int64, shape (homes,)."""
    return np.array([MODES.index(h) if h in MODES else MODES.index("voice") for h in HOMES])


def home_weights() -> np.ndarray:
    """Urgency of each home, shape (homes,)."""
    return np.array(_WEIGHT)


def mode_of_queues(centre: Centre) -> np.ndarray:
    """Mode of each queue, int64, shape (Q,); −1 for unstaffed ones."""
    names = [("voice" if q.channel == "voice" else _MODE.get(k)) for k, q in centre.queues.items()]
    return np.array([-1 if n is None else MODES.index(n) for n in names], dtype=np.int64)


def can_be_at(centre: Centre, people: People) -> np.ndarray:
    """Whether an agent can be at a home, bool, shape (A, homes)."""
    names = list(centre.skills)
    out = np.zeros((len(people.team), len(HOMES)), dtype=bool)
    for h, home in enumerate(HOMES):
        skill = "written" if home in ("quick", "email") else QUEUE_SKILL[home]
        if skill in names:
            out[:, h] = people.has_skill[:, names.index(skill)]
    return out


def work_s(centre: Centre) -> np.ndarray:
    """Agent seconds of one contact by queue, shape (Q,); a case counts with all its steps."""
    steps = 1.0 + np.arange(3) @ np.asarray(CASE_STEPS_P)
    return np.array([(q.handle_s or 0.0) * (steps if q.steps > 1 else 1.0) for q in centre.queues.values()])


def weekly_need(centre: Centre, preset: Preset) -> np.ndarray:
    """Agents wanted at each home in an ordinary week's intervals, shape (homes, 7 days × intervals)."""
    expected = expected_week(centre, preset)
    out = np.zeros((len(HOMES), expected.shape[1]))
    for q, (name, spec) in enumerate(centre.queues.items()):
        if not spec.staffed:
            continue
        home = _MODE.get(name, name)
        # Deferred work is spread evenly over its hours, immediate work comes when it comes.
        even = home in ("email", "cases")
        is_open = intents.open_week(spec.hours)
        volume = is_open * expected[q].sum() / is_open.sum() if even else expected[q]
        load = volume * work_s(centre)[q] / (STEP_MIN * 60)
        if spec.law is Law.DEFERRED:
            out[HOMES.index(home)] += load / _PLANNED_OCCUPANCY[home]
        else:
            busy = load * (CHAT_OPEN_FACTOR if spec.concurrency > 1 else 1.0)
            wanted = (busy + _SAFETY * np.sqrt(busy)) / spec.concurrency
            out[HOMES.index(home)] += np.where(is_open, np.maximum(wanted, _LEAST), 0.0)
    return out


@inner
def worth(short: float, weight: float) -> float:
    """Worth of one more agent where ``short`` are missing: a whole one at most, slightly negative beyond."""
    if short > 0:
        return weight * min(short, 1.0)
    return weight * _SURPLUS * short
