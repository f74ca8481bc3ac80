"""What happened: fresh demand, the past queue, and who the customers are."""

from dataclasses import dataclass

import numpy as np

from wfo.domain.centre import Centre
from wfo.sample import demand, intents, laws, queueing
from wfo.sample.customers import Identity, draw_customers, draw_identity
from wfo.sample.demand import Days
from wfo.sample.homes import MODES, mode_of_queues
from wfo.sample.people import People
from wfo.sample.work_plan import Servers


@dataclass(frozen=True)
class Played:
    """Everything that happened in the log and the planning week, in order of arrival; arrays of shape (n,).

    Attributes
    ----------
    arrival, wait, start, work, end, promise : ndarray of float64
        Seconds (after the log's start).
    queue, intent, parent, root, role, before, agent, outcome, customer : ndarray of int64
        ``root`` is the number of the chain; ``before`` counts served contacts before in it.
    stated : ndarray of int64
        Intent as noted.
    word : ndarray of bool
        The agent's word whether it is resolved.
    identity : Identity
    """

    arrival: np.ndarray
    queue: np.ndarray
    intent: np.ndarray
    parent: np.ndarray
    root: np.ndarray
    role: np.ndarray
    before: np.ndarray
    wait: np.ndarray
    start: np.ndarray
    work: np.ndarray
    end: np.ndarray
    agent: np.ndarray
    outcome: np.ndarray
    promise: np.ndarray
    customer: np.ndarray
    stated: np.ndarray
    word: np.ndarray
    identity: Identity


def play(
    centre: Centre,
    preset: laws.Preset,
    people: People,
    days: Days,
    servers: Servers,
    rates: np.ndarray,
    rng: np.random.Generator,
) -> Played:
    """Draw the fresh contacts of `rates` (Q, T) and play them through the past queue."""
    step_s = laws.STEP_MIN * 60.0
    at, queue, interval = demand.arrivals(rates, step_s, rng)
    intent = demand.draw_intents(centre, days, queue, interval, rng.random(len(at)))
    customer, intent = draw_customers(preset, at, intent, rng)
    intent = _fitting(centre, queue, intent)
    capacity = int(len(at) * 1.9) + 2000
    names = list(centre.skills)
    can = np.array([_able(people, names, q) for q in centre.queue_ids])
    out = queueing.run_queue(
        (at, queue, intent),
        float(days.grid.n * step_s),
        demand.open_windows(demand.open_mask(centre, days), step_s),
        (servers.offset, servers.agent, servers.first, servers.start_s, servers.end_s),
        can,
        people.handle,
        people.resolution,
        _laws(centre, preset),
        _draws(preset, capacity, rng),
        demand.business_day_table(days.dates, days.off.get("DE", frozenset()), laws.PROMISE_DAYS[1]),
        _midnights(centre, days),
    )
    return _noted(preset, out, customer, rng)


def _fitting(centre: Centre, queue: np.ndarray, intent: np.ndarray) -> np.ndarray:
    """Intents, but a caller's is one of his queue's."""
    home = intents.home_queue(centre)
    voice = np.isin(queue, home)
    first = np.array(
        [int(np.flatnonzero(home == q)[0]) if q in home else 0 for q in range(len(centre.queues))]
    )
    return np.where(voice & (home[intent] != queue), first[queue], intent)


def _able(people: People, names: list[str], queue: str) -> np.ndarray:
    skill = laws.QUEUE_SKILL.get(queue)
    return (
        people.has_skill[:, names.index(skill)] if skill in names else np.zeros(len(people.team), dtype=bool)
    )


def _laws(centre: Centre, preset: laws.Preset) -> tuple:
    """Fields of `queueing.Laws` in order."""
    ids, specs = centre.queue_ids, list(centre.queues.values())
    home, relative = intents.home_queue(centre), demand.intent_factor(centre)
    p = np.zeros((2, len(intents.INTENTS), len(ids)))
    to = np.full((2, len(intents.INTENTS), len(ids)), -1, dtype=np.int64)
    for source, rules in laws.FOLLOW_UPS.items():
        for kind, (target, r) in enumerate(rules if source in ids else ()):
            q = ids.index(source)
            if target == "voice" or target in ids:
                p[kind, :, q] = preset.follow_up_factor * r * relative[:, q]
                to[kind, :, q] = home if target == "voice" else ids.index(target)
    chat = mode_of_queues(centre) == MODES.index("chat")
    promised = np.array([q == "cases" for q in ids])
    made = queueing.Laws(
        mode=mode_of_queues(centre),
        handle_s=np.array([s.handle_s or 0.0 for s in specs]) / _mean_before(centre, preset),
        patience_s=np.array([s.patience_s or np.inf for s in specs]),
        open_factor=np.where(chat, laws.CHAT_OPEN_FACTOR, 1.0),
        first_p=p[0],
        first_to=to[0],
        second_p=p[1],
        second_to=to[1],
        late_p=np.where(promised, preset.follow_up_factor * laws.LATE_CASE_FOLLOW_UPS, 0.0),
        home=home,
        second_contact=laws.SECOND_CONTACT_HANDLE,
        redial_p=laws.REDIAL_P,
        redial_mean_s=laws.REDIAL_MEAN_S,
        redial_cut_s=laws.REDIAL_CUT_S,
        landing_s=laws.LANDING_S,
        delay_days=preset.delay_days,
        session_s=laws.UNSTAFFED_SESSION_S,
    )
    return tuple(vars(made).values())


def _mean_before(centre: Centre, preset: laws.Preset) -> np.ndarray:
    """Mean factor of a queue's first and further contacts, so that its mean handle time is the stated one."""
    total = intents.contacts_by_queue(centre, preset.contacts)
    again = total @ demand.follow_up_shares(centre, preset) / total
    return np.asarray(1.0 + (laws.SECOND_CONTACT_HANDLE - 1.0) * np.clip(again, 0.0, 1.0))


def _draws(preset: laws.Preset, n: int, rng: np.random.Generator) -> tuple:
    """Unit patience, unit handle times, case steps, five uniforms and a normal for each contact."""
    patience = _unit_lognormal(1.0, n, rng) if preset.lognormal_patience else rng.exponential(1.0, n)
    handle = _unit_lognormal(preset.handle_cv, n, rng)
    steps = 1.0 + np.searchsorted(np.cumsum(laws.CASE_STEPS_P)[:-1], rng.random(n), side="right")
    return patience, handle, steps, rng.random((n, 5)), rng.standard_normal(n)


def _unit_lognormal(cv: float, n: int, rng: np.random.Generator) -> np.ndarray:
    sd = np.sqrt(np.log(1 + cv**2))
    return np.asarray(np.exp(sd * rng.standard_normal(n) - sd**2 / 2))


def _midnights(centre: Centre, days: Days) -> np.ndarray:
    """Start of each local day and of some weeks after, in seconds after the grid's start."""
    more = demand.days_of(centre, days.dates[0], len(days.dates) + 4 * laws.PROMISE_DAYS[1])
    return np.asarray(np.flatnonzero(np.diff(more.day, prepend=-1)) * laws.STEP_MIN * 60.0)


def _noted(preset: laws.Preset, out: tuple, fresh_customer: np.ndarray, rng: np.random.Generator) -> Played:
    at, queue, intent, parent, root, role, before, wait, start, work, end, agent, outcome, promise = out
    n = len(at)
    customer = fresh_customer[root]
    stated = np.where(rng.random(n) < laws.STATED_WRONG, rng.integers(0, len(intents.INTENTS), n), intent)
    followed = np.zeros(n, dtype=bool)
    followed[parent[parent >= 0]] = True
    word = rng.random(n) < np.where(followed, laws.SAID_RESOLVED[True], laws.SAID_RESOLVED[False])
    return Played(
        at, queue, intent, parent, root, role, before, wait, start, work, end, agent, outcome, promise,
        customer, stated, word, draw_identity(preset, customer, rng),
    )  # fmt: skip
