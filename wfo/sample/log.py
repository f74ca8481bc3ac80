"""The interaction log: what happened as the log notes it, cut at the planning moment."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wfo.domain.centre import Centre
from wfo.sample import columns, intents, queueing
from wfo.sample.customers import KEY_OF_CHANNEL, KEY_TYPES
from wfo.sample.demand import Days
from wfo.sample.laws import CASE_NAMED, REDIAL_PARENT, REPLY_PARENT, THREAD
from wfo.sample.past import Played
from wfo.sample.people import People

_PREFIX = {"phone": "+49 30 ", "email": "mail", "cookie": "ck-", "handle": "@user"}


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
    reply = (p.role == queueing.FOLLOW_UP) & email & email[p.parent] & (_coin(p, 1) < REPLY_PARENT)
    redial = (p.role == queueing.REDIAL) & (_coin(p, 2) < REDIAL_PARENT)
    return np.where(reply | redial, p.parent, -1)


def _cases(centre: Centre, p: Played) -> np.ndarray:
    """Case id in the log, −1 for none: of cases, of some calls about them, of some email threads."""
    cases, email = _is(centre, "cases")[p.queue], _is(centre, "email")[p.queue]
    number = np.arange(len(p.arrival))
    out = np.where(cases, number, -1)
    about = (p.parent >= 0) & cases[p.parent] & (_coin(p, 3) < CASE_NAMED)
    out = np.where(about, p.parent, out)
    thread = (p.parent >= 0) & email & email[p.parent] & (_coin(p, 4)[p.root] < THREAD)
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
