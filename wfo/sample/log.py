"""The interaction log: fresh demand, the past queue and identities, cut at the planning moment."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wfo.domain.centre import Centre
from wfo.sample import columns, demand, intents, laws, queueing
from wfo.sample.customers import KEY_OF_CHANNEL, KEY_TYPES, Identity, draw_customers, draw_identity
from wfo.sample.demand import Days
from wfo.sample.homes import MODES, mode_of_queues
from wfo.sample.people import People
from wfo.sample.work_plan import Servers

_STATED_WRONG = 0.08
"""Share of contacts whose stated intent is another than the true one."""
_REPLY_PARENT, _REDIAL_PARENT, _THREAD, _CASE_NAMED = 0.5, 0.3, 0.6, 0.5
"""Share of email replies and redials with a parent, of email threads and calls about a case with its id."""
_PREFIX = {"phone": "+49 30 ", "email": "mail", "cookie": "ck-", "handle": "@user"}


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
    stated = np.where(rng.random(n) < _STATED_WRONG, rng.integers(0, len(intents.INTENTS), n), intent)
    followed = np.zeros(n, dtype=bool)
    followed[parent[parent >= 0]] = True
    word = rng.random(n) < np.where(followed, 0.65, 0.94)
    return Played(
        at, queue, intent, parent, root, role, before, wait, start, work, end, agent, outcome, promise,
        customer, stated, word, draw_identity(preset, customer, rng),
    )  # fmt: skip


def log_frame(centre: Centre, played: Played, people: People, days: Days) -> pd.DataFrame:
    """Table ``interactions``: every contact as it ended, by the end of the planning week.

    Use `as_known` for the log as it looks at a moment.
    """
    p, n = played, len(played.arrival)
    channel = [q.channel.value for q in centre.queues.values()]
    chats = np.array([c == "chat" for c in channel])[p.queue]
    served = (p.outcome == queueing.HANDLED) & np.isfinite(p.end)
    contained = p.outcome == queueing.CONTAINED
    opened = ~(served | contained | (p.outcome == queueing.ABANDONED))
    key_type = np.array([KEY_OF_CHANNEL[c] for c in channel])[p.queue]
    open_s = np.where(np.isfinite(p.start), p.end, np.nan) - np.where(np.isfinite(p.start), p.start, 0.0)
    code = np.where(opened, queueing.OPEN, p.outcome)
    cases = _cases(centre, p)
    parent = _shown_parent(centre, p)
    return columns.frame_of(
        {
            "interaction_id": columns.numbered("I", np.arange(n), 7),
            "customer_id": columns.numbered("C", p.customer, 6, ~p.identity.has_id),
            "customer_key": _keys(p, key_type),
            "key_type": columns.named(KEY_TYPES, np.where(p.identity.has_key, key_type, -1)),
            "channel": columns.named(channel, p.queue),
            "queue": columns.named(centre.queue_ids, p.queue),
            "direction": columns.named(("in",), np.zeros(n, dtype=np.int64)),
            "started_at": columns.instants(days.grid, p.arrival),
            "answered_at": columns.instants(days.grid, np.where(served | contained, p.start, np.nan)),
            "ended_at": columns.instants(days.grid, np.where(opened, np.nan, p.end)),
            "wait_s": columns.numbers(np.where(opened | contained, np.nan, p.wait)),
            "handle_s": columns.numbers(np.where(served, p.work, np.nan)),
            "session_s": columns.numbers(np.where((served & chats) | contained, open_s, np.nan)),
            "agent_id": columns.named(list(people.ids), np.where(served, p.agent, -1)),
            "intent": columns.named([i.name for i in intents.INTENTS], p.stated),
            "resolved": pa.array(p.word, mask=~served),
            "outcome": columns.named(("handled", "abandoned", "contained", "open"), code),
            "parent_id": columns.numbered("I", np.clip(parent, 0, None), 7, parent < 0),
            "case_id": columns.numbered("K", np.clip(cases, 0, None), 7, cases < 0),
            "promise_due": columns.instants(days.grid, p.promise),
            "controlled": pa.array(np.array([q.controlled for q in centre.queues.values()])[p.queue]),
        }
    )


def _keys(p: Played, key_type: np.ndarray) -> pa.Array:
    prefix = columns.named([_PREFIX[k] for k in KEY_TYPES], key_type)
    digits = pc.utf8_lpad(pa.array(p.identity.key, mask=~p.identity.has_key).cast(pa.string()), 7, "0")
    tail = columns.named(["", "@example.org", "", ""], key_type)
    return pc.binary_join_element_wise(prefix, digits, tail, "")


def _coin(p: Played, salt: int) -> np.ndarray:
    """A fixed uniform for each contact; the same for parent and reader, whatever else was drawn."""
    word = (np.arange(len(p.arrival), dtype=np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    word ^= word >> np.uint64(29)
    word *= np.uint64(0xBF58476D1CE4E5B9)
    return (word >> np.uint64(11)) / 2.0**53


def _shown_parent(centre: Centre, p: Played) -> np.ndarray:
    """Parent as the log names it, −1 where it does not."""
    email = _is(centre, "email")[p.queue]
    reply = (p.role == queueing.FOLLOW_UP) & email & email[p.parent] & (_coin(p, 1) < _REPLY_PARENT)
    redial = (p.role == queueing.REDIAL) & (_coin(p, 2) < _REDIAL_PARENT)
    return np.where(reply | redial, p.parent, -1)


def _cases(centre: Centre, p: Played) -> np.ndarray:
    """Case id in the log, −1 for none: of cases, of some calls about them, of some email threads."""
    cases, email = _is(centre, "cases")[p.queue], _is(centre, "email")[p.queue]
    number = np.arange(len(p.arrival))
    out = np.where(cases, number, -1)
    about = (p.parent >= 0) & cases[p.parent] & (_coin(p, 3) < _CASE_NAMED)
    out = np.where(about, p.parent, out)
    thread = (p.parent >= 0) & email & email[p.parent] & (_coin(p, 4)[p.root] < _THREAD)
    first = np.zeros(p.root.max() + 1, dtype=np.int64)
    first[p.root[::-1]] = number[::-1]  # the first contact's number names the thread
    out = np.where(thread, first[p.root], out)
    out[p.parent[thread]] = first[p.root[thread]]
    return out


def _is(centre: Centre, queue: str) -> np.ndarray:
    return np.array([q == queue for q in centre.queue_ids])


_LATER = ("answered_at", "ended_at", "wait_s", "handle_s", "session_s", "agent_id", "resolved")


def as_known(frame: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Contacts that started before a moment, as they look then: those not ended yet are open."""
    out = frame[frame["started_at"] < now].reset_index(drop=True)
    late = out["ended_at"].isna() | (out["ended_at"] > now)
    for column in _LATER:
        out[column] = out[column].mask(late)
    out["outcome"] = out["outcome"].mask(late, "open").astype("str")
    return out
