"""Who is who: customers as connected components of exact keys, with guards against bad edges.

A bad key (an office line, a shared phone, a test account) would melt strangers into one customer, so a key
that touches too many customers joins nobody, and a customer with too many contacts is left unlinked.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_LEAST_CONFIDENCE = 0.9
_CUSTOMER_TYPE = "customer_id"


@dataclass(frozen=True)
class Identity:
    """The customer of each interaction.

    Attributes
    ----------
    customer : ndarray of int64, shape (n,)
        Number of the customer; rows of unknown identity have a number of their own, above all others.
    known : ndarray of bool, shape (n,)
        Whether the identity is known and usable.
    anchored : ndarray of bool, shape (n,)
        Whether every contact of its customer that is anchored too is surely joined with it: it shows the
        customer id, or, in a log that mostly has none, it is known at all. A key alone may never have met
        its customer id.
    capped : ndarray of bool, shape (n,)
        Whether the identity is known, but of a customer with more contacts than the cap.
    labels : ndarray of object, shape (customers,)
        Name of each known customer: his smallest customer id, else his smallest key with its type.
    keys_over_cap, customers_over_cap, contacts_over_cap, links_unused : int
        What the guards held back.
    largest_merge : int
        Most customer ids joined into one customer.
    """

    customer: np.ndarray
    known: np.ndarray
    anchored: np.ndarray
    capped: np.ndarray
    labels: np.ndarray
    keys_over_cap: int = 0
    customers_over_cap: int = 0
    contacts_over_cap: int = 0
    links_unused: int = 0
    largest_merge: int = 0


def identify(
    interactions: pd.DataFrame,
    identity_links: pd.DataFrame | None,
    now: dt.datetime,
    *,
    key_cap: int,
    customer_cap: int,
) -> Identity:
    """Join customer ids and keys that stand on one row, or in a link, into customers.

    Parameters
    ----------
    interactions : DataFrame
        With ``customer_id``, ``customer_key`` and ``key_type`` as far as there are.
    identity_links : DataFrame or None
        Deterministic links; those of a confidence under 0.9, or not yet valid, are left unused.
    now : datetime
        Planning moment.
    key_cap : int
        Most customer ids a key may touch.
    customer_cap : int
        Most contacts a customer may have.
    """
    rows = len(interactions)
    ids = _text(interactions, "customer_id")
    keys = _typed(_text(interactions, "key_type"), _text(interactions, "customer_key"))
    links = _usable(identity_links, now)
    ends = [_node(links, side) for side in ("a", "b")]
    id_code, id_names = pd.factorize(pd.concat([ids, *(e[0] for e in ends)], ignore_index=True), sort=True)
    key_code, key_names = pd.factorize(pd.concat([keys, *(e[1] for e in ends)], ignore_index=True), sort=True)
    node = np.where(id_code >= 0, id_code, np.where(key_code >= 0, key_code + len(id_names), -1))

    a, b = node[rows : rows + len(links)], node[rows + len(links) :]
    both = (id_code[:rows] >= 0) & (key_code[:rows] >= 0)
    edges = np.concatenate(
        [
            np.column_stack([id_code[:rows][both], key_code[:rows][both] + len(id_names)]),
            np.column_stack([a, b])[(a >= 0) & (b >= 0)],
        ]
    )
    edges = np.unique(edges, axis=0) if len(edges) else edges.reshape(0, 2)
    banned = _banned(edges, len(id_names), len(id_names) + len(key_names), key_cap)
    edges = edges[~banned[edges].any(axis=1)]
    size = len(banned)
    graph = coo_array((np.ones(len(edges), dtype=np.int8), (edges[:, 0], edges[:, 1])), shape=(size, size))
    count, component = (
        connected_components(graph, directed=False) if size else (0, np.empty(0, dtype=np.int32))
    )

    mine = node[:rows]
    known = (mine >= 0) & ~(banned[mine] if size else np.zeros(rows, dtype=bool))
    customer = np.where(known, component[mine] if size else 0, -1).astype(np.int64)
    contacts = np.bincount(customer[known], minlength=count)
    over = contacts > customer_cap
    capped = known & over[np.maximum(customer, 0)] if over.any() else np.zeros(rows, dtype=bool)
    known &= ~capped
    merged = np.bincount(component[: len(id_names)], minlength=1)
    return Identity(
        customer=np.where(known, customer, count + np.arange(rows)),
        known=known,
        anchored=_anchored(known, id_code[:rows] >= 0),
        capped=capped,
        labels=_labels(component, count, np.concatenate([np.asarray(id_names), np.asarray(key_names)])),
        keys_over_cap=int(banned.sum()),
        customers_over_cap=int(over.sum()),
        contacts_over_cap=int(contacts[over].sum()),
        links_unused=(0 if identity_links is None else len(identity_links)) - len(links),
        largest_merge=int(merged.max()) if len(merged) else 0,
    )


def _anchored(known: np.ndarray, has_id: np.ndarray) -> np.ndarray:
    by_id = known & has_id
    return by_id if 2 * by_id.sum() >= known.sum() else known


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(np.nan, index=frame.index, dtype="str")
    return frame[column].astype("str")


def _typed(kind: pd.Series, value: pd.Series) -> pd.Series:
    return kind.fillna("key") + ":" + value


def _usable(links: pd.DataFrame | None, now: dt.datetime) -> pd.DataFrame:
    if links is None:
        return pd.DataFrame({c: pd.Series(dtype="str") for c in ("id_a", "type_a", "id_b", "type_b")})
    keep = np.ones(len(links), dtype=bool)
    if "confidence" in links.columns:
        keep &= ~(links["confidence"] < _LEAST_CONFIDENCE).to_numpy(dtype=bool, na_value=False)
    if "valid_from" in links.columns:
        keep &= ~(links["valid_from"] > pd.Timestamp(now)).to_numpy(dtype=bool)
    return links[keep]


def _node(links: pd.DataFrame, side: str) -> tuple[pd.Series, pd.Series]:
    kind, value = links[f"type_{side}"].astype("str"), links[f"id_{side}"].astype("str")
    is_id = kind == _CUSTOMER_TYPE
    return value.where(is_id), _typed(kind, value).where(~is_id)


def _banned(edges: np.ndarray, first_key: int, size: int, key_cap: int) -> np.ndarray:
    """Which nodes are keys that touch more than ``key_cap`` customer ids, shape (nodes,)."""
    to_key = edges[(edges[:, 0] < first_key) & (edges[:, 1] >= first_key)]
    from_key = edges[(edges[:, 0] >= first_key) & (edges[:, 1] < first_key)]
    degree = np.bincount(np.concatenate([to_key[:, 1], from_key[:, 0]]).astype(np.int64), minlength=size)
    return np.asarray(degree > key_cap)


def _labels(component: np.ndarray, count: int, names: np.ndarray) -> np.ndarray:
    # nodes come sorted, customer ids before keys: the first of a component names it
    order = np.argsort(component, kind="stable")
    first = np.searchsorted(component[order], np.arange(count))
    return np.asarray(names, dtype=object)[order[first]] if count else np.empty(0, dtype=object)
