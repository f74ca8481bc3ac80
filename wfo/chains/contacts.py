"""Inbound contacts as arrays, in the order of customer and time."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.chains.identity import Identity
from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem
from wfo.timegrid import epoch_ms

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Contacts:
    """n inbound contacts sorted by customer, start and interaction id; missing codes are −1.

    Attributes
    ----------
    interaction_id : ndarray of object
    customer : ndarray of int64
        As in `Identity`.
    known : ndarray of bool
        Identity known.
    anchored : ndarray of bool
        As in `Identity`.
    capped : ndarray of bool
        Of a customer with too many contacts, left unlinked.
    start_ms, end_ms : ndarray of int64
        Milliseconds since the epoch; the end is the start where none is given.
    queue, channel, intent, case : ndarray of int64
        Codes; ``queue`` in the order of the centre.
    resolved : ndarray of int8
        1, 0, or −1 where nobody said.
    served, abandoned, ongoing, human : ndarray of bool
        Answered or contained; given up; not ended; handled by a person.
    staffed : ndarray of bool
        Its queue is served by people.
    promise_ms : ndarray of int64
        When a promise was due; ``NEVER`` where none was made.
    parent : ndarray of int64
        Index of the contact named as parent, else −1.
    queues, channels, intents : tuple of str
        What the codes stand for.
    """

    interaction_id: np.ndarray
    customer: np.ndarray
    known: np.ndarray
    anchored: np.ndarray
    capped: np.ndarray
    start_ms: np.ndarray
    end_ms: np.ndarray
    queue: np.ndarray
    channel: np.ndarray
    intent: np.ndarray
    case: np.ndarray
    resolved: np.ndarray
    served: np.ndarray
    abandoned: np.ndarray
    ongoing: np.ndarray
    human: np.ndarray
    staffed: np.ndarray
    promise_ms: np.ndarray
    parent: np.ndarray
    queues: tuple[str, ...]
    channels: tuple[str, ...]
    intents: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.start_ms)


def inbound(interactions: pd.DataFrame, now: dt.datetime) -> pd.DataFrame:
    """Inbound interactions that began before ``now``.

    Raises
    ------
    InputError
        If an interaction id stands twice.
    """
    keep = (interactions["direction"] == "in") & (interactions["started_at"] < pd.Timestamp(now))
    rows = interactions[keep.to_numpy(dtype=bool)].reset_index(drop=True)
    twice = rows["interaction_id"][rows["interaction_id"].duplicated()]
    if len(twice):
        names = ", ".join(twice.drop_duplicates().sort_values().head(5))
        raise InputError(
            [
                Problem(
                    "interactions",
                    f"{len(twice)} interaction_id stand twice ({names}); each may stand once: remove them",
                )
            ]
        )
    return rows


def to_contacts(rows: pd.DataFrame, identity: Identity, centre: Centre) -> Contacts:
    """Arrays of inbound interactions, sorted.

    Parameters
    ----------
    rows : DataFrame
        From `inbound`.
    identity : Identity
        Of the same rows.
    centre : Centre
    """
    ids = rows["interaction_id"].astype("str")
    start = epoch_ms(rows["started_at"])
    order = np.lexsort([pd.factorize(ids, sort=True)[0], start, identity.customer])
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.arange(len(rows))

    outcome = rows["outcome"].astype("str")
    channel, channels = pd.factorize(rows["channel"].astype("str"), sort=True)
    intent, intents = _codes(rows, "intent")
    queue = (
        pd.Index(centre.queue_ids).get_indexer(pd.Index(rows["queue"])) if "queue" in rows else _none(rows)
    )
    staffed_of = np.array([*(q.staffed for q in centre.queues.values()), True])
    served = outcome.isin(["handled", "contained", "transferred"]).to_numpy(dtype=bool)
    staffed = staffed_of[queue]
    named = pd.Index(ids).get_indexer(pd.Index(rows["parent_id"])) if "parent_id" in rows else _none(rows)
    parent = np.where((named >= 0) & (start[np.maximum(named, 0)] < start), place[np.maximum(named, 0)], -1)
    end = _instants(rows, "ended_at")
    return Contacts(
        interaction_id=ids.to_numpy(dtype=object)[order],
        customer=identity.customer[order],
        known=identity.known[order],
        anchored=identity.anchored[order],
        capped=identity.capped[order],
        start_ms=start[order],
        end_ms=np.maximum(start, end)[order],
        queue=queue[order].astype(np.int64),
        channel=channel[order],
        intent=intent[order],
        case=_codes(rows, "case_id")[0][order],
        resolved=_resolved(rows)[order],
        served=served[order],
        abandoned=(outcome == "abandoned").to_numpy(dtype=bool)[order],
        ongoing=(outcome == "open").to_numpy(dtype=bool)[order],
        human=(served & staffed)[order],
        staffed=staffed[order],
        promise_ms=_instants(rows, "promise_due")[order],
        parent=parent[order],
        queues=centre.queue_ids,
        channels=tuple(channels),
        intents=tuple(intents),
    )


def _none(rows: pd.DataFrame) -> np.ndarray:
    return np.full(len(rows), -1, dtype=np.int64)


def _codes(rows: pd.DataFrame, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if column not in rows:
        return _none(rows), ()
    codes, names = pd.factorize(rows[column].astype("str"), sort=True)
    return codes, tuple(names)


def _resolved(rows: pd.DataFrame) -> np.ndarray:
    if "resolved" not in rows:
        return np.full(len(rows), -1, dtype=np.int8)
    return rows["resolved"].astype("boolean").astype("Int8").to_numpy(dtype=np.int8, na_value=-1)


def _instants(rows: pd.DataFrame, column: str) -> np.ndarray:
    if column not in rows or rows[column].isna().all():
        return np.full(len(rows), NEVER, dtype=np.int64)
    values = rows[column]
    return np.where(values.isna(), NEVER, epoch_ms(values))
