"""Chains and their members as tables."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.chains.contacts import HOUR_MS, Contacts
from wfo.chains.identity import Identity
from wfo.chains.linking import Links
from wfo.tables.empty import empty_table
from wfo.timegrid import epoch_ms

_PATH_STEPS = 12


def chain_tables(
    contacts: Contacts, links: Links, identity: Identity, now: dt.datetime, window_h: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``chains`` and ``chain_members``.

    A chain is what hangs together by links; it is named after its first interaction. Younger than the
    window at ``now``, or with a contact not yet ended, it is open and never counted as resolved.
    """
    if not len(contacts):
        return empty_table("chains"), empty_table("chain_members")
    root = _roots(links.parent)
    order = np.lexsort([np.arange(len(root)), contacts.start_ms, root])
    head = np.flatnonzero(np.r_[True, root[order][1:] != root[order][:-1]])
    size = np.diff(np.r_[head, len(order)])
    number = np.repeat(np.arange(len(head)), size)
    position = np.arange(len(order)) - head[number] + 1
    names = contacts.interaction_id[order[head]]
    members = _members(contacts, links, order, names[number], position)
    chains = _chains(contacts, identity, order, head, size, now, window_h)
    chains.insert(0, "chain_id", pd.Series(names, dtype="str"))
    return chains.sort_values("chain_id", ignore_index=True), members


def _roots(parent: np.ndarray) -> np.ndarray:
    root = np.where(parent >= 0, parent, np.arange(len(parent)))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _members(
    contacts: Contacts, links: Links, order: np.ndarray, chain_id: np.ndarray, position: np.ndarray
) -> pd.DataFrame:
    parent = links.parent[order]
    role = np.select([parent < 0, links.redial[order]], ["fresh", "redial"], "follow_up").astype(object)
    named = np.where(parent >= 0, contacts.interaction_id[np.maximum(parent, 0)], np.nan)
    frame = pd.DataFrame(
        {
            "interaction_id": pd.Series(contacts.interaction_id[order], dtype="str"),
            "chain_id": pd.Series(chain_id, dtype="str"),
            "position": position,
            "role": pd.Series(role, dtype="str"),
            "parent_interaction": pd.Series(named, dtype="str"),
            "link_p": links.probability[order],
        }
    )
    return frame.sort_values("interaction_id", ignore_index=True)


def _chains(
    contacts: Contacts,
    identity: Identity,
    order: np.ndarray,
    head: np.ndarray,
    size: np.ndarray,
    now: dt.datetime,
    window_h: float,
) -> pd.DataFrame:
    first, last = order[head], order[head + size - 1]
    last_ms = np.maximum.reduceat(contacts.end_ms[order], head)
    now_ms = int(epoch_ms(pd.DatetimeIndex([now]))[0])
    young = last_ms + int(window_h * HOUR_MS) > now_ms
    ongoing = np.logical_or.reduceat(contacts.ongoing[order], head)
    status = np.select([young | ongoing, contacts.abandoned[last]], ["open", "abandoned"], "resolved").astype(
        object
    )
    known = contacts.known[first]
    customer = np.full(len(head), np.nan, dtype=object)
    customer[known] = identity.labels[contacts.customer[first[known]]]
    intents = np.array([*contacts.intents, np.nan], dtype=object)
    steps = contacts.channel[order]
    return pd.DataFrame(
        {
            "customer_id": pd.Series(customer, dtype="str"),
            "intent": pd.Series(intents[_first_known(contacts.intent[order], head)], dtype="str"),
            "true_intent": pd.Series(intents[_last_known(contacts.intent[order], head, size)], dtype="str"),
            "first_at": _instants(contacts.start_ms[first]),
            "last_at": _instants(last_ms),
            "status": pd.Series(status, dtype="str"),
            "contacts": size,
            "human_contacts": np.add.reduceat(contacts.human[order].astype(np.int64), head),
            "channels": _walk(steps, head, size, contacts.channels, repeat=False),
            "path": _walk(steps, head, size, contacts.channels, repeat=True),
            "failed_before": size - 1,
            "cost": np.full(len(head), np.nan),
        }
    )


def _first_known(codes: np.ndarray, head: np.ndarray) -> np.ndarray:
    """First code ≥ 0 of each group, −1 where there is none."""
    place = np.where(codes >= 0, np.arange(len(codes)), len(codes))
    return np.append(codes, -1)[np.minimum.reduceat(place, head)]


def _last_known(codes: np.ndarray, head: np.ndarray, size: np.ndarray) -> np.ndarray:
    place = np.maximum.reduceat(np.where(codes >= 0, np.arange(len(codes)), -1), head)
    return np.where(place >= 0, codes[np.maximum(place, 0)], -1)


def _walk(
    steps: np.ndarray, head: np.ndarray, size: np.ndarray, names: tuple[str, ...], *, repeat: bool
) -> pd.Series:
    """Channels of each chain in order, ``web>voice``; without ``repeat`` each once, as ``web|voice``.

    Paths are few, so each step of all chains is looked up once: a path is (path so far, next channel).
    """
    texts: list[str] = list(names)
    code = steps[head].astype(np.int64)
    alive, mark = np.flatnonzero(size > 1), ">" if repeat else "|"
    step = 1
    while len(alive) and (step < _PATH_STEPS or not repeat):
        pairs = code[alive] * len(names) + steps[head[alive] + step]
        unique, where = np.unique(pairs, return_inverse=True)
        codes = np.empty(len(unique), dtype=np.int64)
        for n, pair in enumerate(unique.tolist()):
            before, name = texts[pair // len(names)], names[pair % len(names)]
            if not repeat and name in before.split("|"):
                codes[n] = pair // len(names)
            else:
                codes[n] = len(texts)
                texts.append(f"{before}{mark}{name}")
        code[alive] = codes[where]
        step += 1
        alive = alive[size[alive] > step]
    if len(alive):
        texts += [f"{text}{mark}…" for text in texts]
        code[alive] += len(texts) // 2
    return pd.Series(np.array(texts, dtype=object)[code], dtype="str")


def _instants(ms: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((ms * 1000).view("M8[us]")).tz_localize("UTC")
