"""Who is who: customers as connected components of exact keys, with guards against bad edges.

A bad key (an office line, a shared phone, a test account) would melt strangers into one customer, so an
excluded identity joins nobody, a key that touches more customer ids than the cap joins nobody, and where
several keys together would join more than the cap, those that touch several ids join nobody. A customer with
too many contacts is left unlinked. A link of limited validity holds for the contacts of its time: the key it
names is cut into pieces of time, each an identity of its own. Every edge that joins two customer ids, and
every edge held back, is a row of the merge log; given back as a split, it joins no longer.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from wfo.chains.edges import EDGE_STATUS, USED, Edges, edges_of
from wfo.chains.settings import ChainSettings
from wfo.tables.sql import Sql

_OVER_KEY, _OVER_MERGE = EDGE_STATUS.index("key over the cap"), EDGE_STATUS.index("merge over the cap")


@dataclass(frozen=True)
class Identity:
    """What identities came to; who is whom is in the table ``named``.

    Attributes
    ----------
    customers : int
        Known customers with contacts.
    coverage : float
        Share of contacts whose customer is known.
    anchored_by_id : bool
        Whether only contacts that show a customer id count as anchored (see `wfo.chains.kernel`).
    keys_over_cap, customers_over_cap, contacts_over_cap, links_unused, merges_over_cap : int
        What the guards held back.
    largest_merge : int
        Most customer ids joined into one customer.
    """

    customers: int
    coverage: float
    anchored_by_id: bool
    keys_over_cap: int
    customers_over_cap: int
    contacts_over_cap: int
    links_unused: int
    merges_over_cap: int
    largest_merge: int


def identify(
    sql: Sql,
    identity_links: pd.DataFrame | None,
    splits: pd.DataFrame | None,
    now_ms: int,
    settings: ChainSettings,
) -> tuple[Identity, pd.DataFrame]:
    """Make ``named`` (name, from_ms, to_ms, customer, usable, over_cap) and ``label`` (customer, label).

    Parameters
    ----------
    sql : Sql
        With the view ``raw``.
    identity_links : DataFrame or None
        Deterministic links; those of a confidence under 0.9 are left unused.
    splits : DataFrame or None
        Edges that join nobody: ``id_a, type_a, id_b, type_b``, as in the merge log.
    now_ms : int
        Planning moment; links valid only later are left unused.
    settings : ChainSettings

    Returns
    -------
    Identity
    DataFrame
        The merge log, table ``identity_merges``.
    """
    edges = edges_of(sql, identity_links, splits, now_ms, settings.excluded_ids)
    nodes = sql.arrays("SELECT node, contacts, is_id, excluded FROM node ORDER BY node")
    size, is_id = len(nodes["node"]), nodes["is_id"].astype(bool)
    status, banned, cut = _guarded(edges, is_id, nodes["excluded"].astype(bool), size, settings.key_cap)
    count, component = _components(edges, status, size)
    usable = ~banned
    contacts = np.bincount(component[usable], weights=nodes["contacts"][usable], minlength=count)
    contacts = contacts.astype(np.int64)
    over = contacts > settings.customer_cap
    merged = np.bincount(component[is_id], minlength=max(count, 1))
    _name(sql, component, usable, over)
    log = _merge_log(sql, edges, status, component, merged)
    total, with_id = sql.rows(
        """SELECT coalesce(sum(contacts), 0), coalesce(sum(CASE WHEN substr(name, 1, 1) = 'i' THEN contacts
        ELSE 0 END), 0) FROM named WHERE usable"""
    )[0]
    identity = Identity(
        customers=int(((contacts > 0) & ~over).sum()),
        coverage=int(total) / max(sql.value("SELECT count(*) FROM raw"), 1),
        anchored_by_id=2 * with_id >= total,
        keys_over_cap=int((banned & ~nodes["excluded"].astype(bool)).sum()),
        customers_over_cap=int(over.sum()),
        contacts_over_cap=int(contacts[over].sum()),
        links_unused=edges.links_unused,
        merges_over_cap=cut,
        largest_merge=int(merged.max()) if size else 0,
    )
    return identity, log


def _guarded(
    edges: Edges, is_id: np.ndarray, excluded: np.ndarray, size: int, cap: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Status of each edge, which nodes are nobody's, and how many groups several keys would have joined."""
    status = edges.status.copy()
    degree = _degree(edges, status == USED, is_id, size)
    banned = excluded | (degree > cap)
    held = (status == USED) & (banned[edges.a] | banned[edges.b])
    status[held] = _OVER_KEY
    count, component = _components(edges, status, size)
    ids = np.bincount(component[is_id], minlength=max(count, 1))
    if size and ids.max() > cap:
        # too many by several keys: every key between two ids in there, and every id-to-id link, is held back
        degree = _degree(edges, status == USED, is_id, size)
        large = ids[component[edges.a]] > cap
        both = is_id[edges.a] & is_id[edges.b]
        shared = (degree[edges.a] > 1) | (degree[edges.b] > 1)
        key_to_key = ~is_id[edges.a] & ~is_id[edges.b]
        status[(status == USED) & large & (both | shared | key_to_key)] = _OVER_MERGE
    return status, banned, int((ids > cap).sum())


def _degree(edges: Edges, used: np.ndarray, is_id: np.ndarray, size: int) -> np.ndarray:
    """How many customer ids each key touches, int64, shape (nodes,)."""
    a, b = edges.a[used], edges.b[used]
    keys = np.concatenate([b[is_id[a] & ~is_id[b]], a[is_id[b] & ~is_id[a]]])
    return np.bincount(keys, minlength=size)


def _components(edges: Edges, status: np.ndarray, size: int) -> tuple[int, np.ndarray]:
    if not size:
        return 0, np.empty(0, dtype=np.int64)
    a, b = edges.a[status == USED], edges.b[status == USED]
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    count, component = connected_components(graph, directed=False)
    return int(count), component.astype(np.int64)


def _name(sql: Sql, component: np.ndarray, usable: np.ndarray, over: np.ndarray) -> None:
    """Make ``named`` and ``label``: the first node of a customer, ids before keys, names it."""
    size = len(component)
    capped = over[component] if size else np.empty(0, dtype=bool)
    sql.hold(
        "numbered",
        {
            "node": np.arange(size, dtype=np.int64),
            "customer": component,
            "usable": usable & ~capped,
            "over_cap": usable & capped,
        },
    )
    sql.create(
        "named",
        """SELECT n.name, n.from_ms, n.to_ms, n.contacts, m.customer, m.usable, m.over_cap
        FROM node n JOIN numbered m ON m.node = n.node""",
    )
    sql.create(
        "label",
        """SELECT customer, substr(min(name), 2) AS label FROM named WHERE usable GROUP BY customer""",
    )


def _merge_log(
    sql: Sql, edges: Edges, status: np.ndarray, component: np.ndarray, merged: np.ndarray
) -> pd.DataFrame:
    """Edges of customers of several ids, and edges held back."""
    shown = (status != USED) | (merged[component[edges.a]] > 1)
    rows = np.flatnonzero(shown)
    sql.hold(
        "shown",
        {
            "a": edges.a[rows],
            "b": edges.b[rows],
            "customer": component[edges.a[rows]],
            "evidence": edges.evidence[rows],
            "status": status[rows],
        },
    )
    log = sql.frame(
        """SELECT l.label AS customer_id, a.name AS a, b.name AS b, s.evidence, s.status
        FROM shown s JOIN node a ON a.node = s.a JOIN node b ON b.node = s.b
        LEFT JOIN label l ON l.customer = s.customer
        ORDER BY a, b, a.from_ms, b.from_ms, evidence"""
    )
    return _worded(log)


def _worded(log: pd.DataFrame) -> pd.DataFrame:
    out = {"customer_id": log["customer_id"].astype("str")}
    for side in ("a", "b"):
        name = log[side].astype("str")
        kind, key = name.str[1:].str.split(":", n=1).str[0], name.str[1:].str.split(":", n=1).str[1]
        is_id = name.str.startswith("i")
        out[f"id_{side}"] = name.str[1:].where(is_id, key).astype("str")
        out[f"type_{side}"] = kind.where(~is_id, "customer_id").astype("str")
    out["evidence"] = pd.Series(np.array(["contact", "link"], dtype=object)[log["evidence"]], dtype="str")
    out["status"] = pd.Series(np.array(EDGE_STATUS, dtype=object)[log["status"]], dtype="str")
    return pd.DataFrame(out).drop_duplicates(ignore_index=True)
