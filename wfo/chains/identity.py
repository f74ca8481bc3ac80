"""Who is who: customers as connected components of exact keys, with guards against bad edges.

A bad key (an office line, a shared phone, a test account) would melt strangers into one customer, so an
excluded identity joins nobody, a key that touches more customer ids and other keys than the cap joins nobody,
and where several keys together would join more people than the cap, those that touch several join nobody.
Counted as people are customer ids, and keys that no id shows or is linked to. A customer with too many
contacts is left unlinked. A link of limited validity holds for the contacts of its time: the key it names is
cut into pieces of time, each an identity of its own. Every edge that joins people, and every edge held back,
is a row of the merge log; given back as a split, it joins no longer.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.chains.edges import EDGE_STATUS, USED, edges_of
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
        Whether only contacts that show a customer id count as anchored (see `wfo.chains.kernel_table`).
    keys_over_cap, customers_over_cap, contacts_over_cap, links_unused, merges_over_cap : int
        What the guards held back.
    largest_merge : int
        Most people (customer ids, keys without one) joined into one customer.
    largest_label : str
        The customer so joined; empty where nobody was.
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
    largest_label: str


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
    unused = edges_of(sql, identity_links, splits, now_ms, settings.excluded_ids, settings.placeholders)
    # names of ids sort before those of keys, so a node is an id if its number is below this
    ids = int(sql.value("SELECT count(*) FROM node WHERE is_id = 1"))
    sql.create("degree", _degree(ids))
    sql.create("banned", _banned(settings.key_cap))
    over_key = sql.value("SELECT count(*) FROM banned WHERE excluded = 0")
    if sql.value("SELECT count(*) FROM banned"):
        sql.create("edge", _without_banned())
        sql.create("degree", _degree(ids))
    merges = _guard_merges(sql, ids, settings.key_cap)
    _name(sql, settings.customer_cap)
    total, with_id = sql.rows(
        """SELECT coalesce(sum(contacts), 0), coalesce(sum(CASE WHEN substr(name, 1, 1) = 'i' THEN contacts
        ELSE 0 END), 0) FROM named WHERE usable"""
    )[0]
    customers, over, contacts_over = sql.rows(
        """SELECT coalesce(sum(CASE WHEN contacts > 0 AND NOT over_cap THEN 1 ELSE 0 END), 0),
          coalesce(sum(CASE WHEN over_cap THEN 1 ELSE 0 END), 0),
          coalesce(sum(CASE WHEN over_cap THEN contacts ELSE 0 END), 0)
        FROM customer"""
    )[0]
    largest, label = _largest(sql)
    identity = Identity(
        customers=int(customers),
        coverage=int(total) / max(sql.value("SELECT count(*) FROM raw"), 1),
        anchored_by_id=2 * with_id >= total,
        keys_over_cap=int(over_key),
        customers_over_cap=int(over),
        contacts_over_cap=int(contacts_over),
        links_unused=unused,
        merges_over_cap=merges,
        largest_merge=largest if largest else min(int(customers), 1),
        largest_label=label,
    )
    log = _merge_log(sql)
    sql.drop("node", "edge", "banned", "joined", "customer", "degree", "merged")
    return identity, log


def _degree(ids: int) -> str:
    """How many identities each key touches, and how many of them are customer ids."""
    return f"""
        SELECT k AS node, count(*) AS touched, CAST(sum(is_id) AS BIGINT) AS ids FROM (
          SELECT b AS k, CASE WHEN a < {ids} THEN 1 ELSE 0 END AS is_id FROM edge
            WHERE status = {USED} AND b >= {ids}
          UNION ALL SELECT a, CASE WHEN b < {ids} THEN 1 ELSE 0 END FROM edge
            WHERE status = {USED} AND a >= {ids}
        ) e GROUP BY k"""


def _banned(cap: int) -> str:
    """Nodes that are nobody's."""
    return f"""
        SELECT node, max(excluded) AS excluded FROM (
          SELECT node, 1 AS excluded FROM node WHERE excluded = 1
          UNION ALL SELECT node, 0 FROM degree WHERE touched > {cap}
        ) b GROUP BY node"""


def _merged(ids: int) -> str:
    """Groups of several people, and how many they are."""
    return f"""
        SELECT j.root, count(*) AS people FROM joined j LEFT JOIN degree d ON d.node = j.node
        WHERE j.node < {ids} OR coalesce(d.ids, 0) = 0 GROUP BY j.root HAVING count(*) > 1"""


def _without_banned() -> str:
    return f"""
        SELECT e.a, e.b, e.evidence, CASE WHEN e.status = {USED}
          AND (x.node IS NOT NULL OR y.node IS NOT NULL) THEN {_OVER_KEY} ELSE e.status END AS status
        FROM edge e LEFT JOIN banned x ON x.node = e.a LEFT JOIN banned y ON y.node = e.b"""


def _guard_merges(sql: Sql, ids: int, cap: int) -> int:
    """Make ``joined`` (node, root) by edges that hold, and ``merged`` (root, people) of groups of several.

    In a group of too many, every key between two ids, and every link of two ids or two keys, is held back.
    Returns how many such groups there were.
    """
    used = f"SELECT a, b FROM edge WHERE status = {USED}"
    sql.components("joined", used)
    sql.create("merged", _merged(ids))
    groups = int(sql.value(f"SELECT count(*) FROM merged WHERE people > {cap}"))
    if groups:
        sql.create(
            "edge",
            f"""SELECT e.a, e.b, e.evidence, CASE WHEN e.status = {USED} AND l.root IS NOT NULL AND (
                (e.a < {ids} AND e.b < {ids}) OR (e.a >= {ids} AND e.b >= {ids})
                OR coalesce(x.ids, 0) > 1 OR coalesce(y.ids, 0) > 1
              ) THEN {_OVER_MERGE} ELSE e.status END AS status
            FROM edge e LEFT JOIN joined j ON j.node = e.a
            LEFT JOIN merged l ON l.root = j.root AND l.people > {cap}
            LEFT JOIN degree x ON x.node = e.a LEFT JOIN degree y ON y.node = e.b""",
        )
        sql.create("degree", _degree(ids))
        sql.components("joined", used)
        sql.create("merged", _merged(ids))
    return groups


def _largest(sql: Sql) -> tuple[int, str]:
    """People in the largest group, and whose name it bears; of equals the first by name."""
    rows = sql.rows(
        """SELECT m.people, n.name FROM merged m JOIN node n ON n.node = m.root
        ORDER BY m.people DESC, n.name LIMIT 1"""
    )
    return (int(rows[0][0]), str(rows[0][1])[1:]) if rows else (0, "")


def _name(sql: Sql, cap: int) -> None:
    """Make ``customer``, ``named`` and ``label``.

    Customers are numbered by their first node, ids before keys, which names them.
    """
    sql.number(
        "customer",
        "customer",
        f"""SELECT coalesce(j.root, n.node) AS root,
          CAST(sum(CASE WHEN b.node IS NULL THEN n.contacts ELSE 0 END) AS BIGINT) AS contacts,
          coalesce(sum(CASE WHEN b.node IS NULL THEN n.contacts ELSE 0 END), 0) > {cap} AS over_cap
        FROM node n LEFT JOIN joined j ON j.node = n.node LEFT JOIN banned b ON b.node = n.node
        GROUP BY coalesce(j.root, n.node)""",
        "root",
    )
    sql.create(
        "named",
        """SELECT n.node, n.name, n.from_ms, n.to_ms, n.contacts, c.customer,
          b.node IS NULL AND NOT c.over_cap AS usable, b.node IS NULL AND c.over_cap AS over_cap
        FROM node n LEFT JOIN joined j ON j.node = n.node LEFT JOIN banned b ON b.node = n.node
        JOIN customer c ON c.root = coalesce(j.root, n.node)""",
    )
    sql.create(
        "label",
        """SELECT customer, substr(min(name), 2) AS label FROM named WHERE usable GROUP BY customer""",
    )


def _merge_log(sql: Sql) -> pd.DataFrame:
    """Edges of customers of several ids, and edges held back."""
    log = sql.frame(
        f"""SELECT l.label AS customer_id, x.name AS name_a, y.name AS name_b, e.evidence, e.status
        FROM edge e JOIN named x ON x.node = e.a JOIN named y ON y.node = e.b
        JOIN customer c ON c.customer = x.customer LEFT JOIN label l ON l.customer = x.customer
        LEFT JOIN merged m ON m.root = c.root
        WHERE e.status <> {USED} OR m.people > 1
        ORDER BY name_a, name_b, x.from_ms, y.from_ms, evidence"""
    )
    return _worded(log)


def _worded(log: pd.DataFrame) -> pd.DataFrame:
    out = {"customer_id": log["customer_id"].astype("str")}
    for side in ("a", "b"):
        name = log[f"name_{side}"].astype("str")
        kind, key = name.str[1:].str.split(":", n=1).str[0], name.str[1:].str.split(":", n=1).str[1]
        is_id = name.str.startswith("i")
        out[f"id_{side}"] = name.str[1:].where(is_id, key).astype("str")
        out[f"type_{side}"] = kind.where(~is_id, "customer_id").astype("str")
    out["evidence"] = pd.Series(np.array(["contact", "link"], dtype=object)[log["evidence"]], dtype="str")
    out["status"] = pd.Series(np.array(EDGE_STATUS, dtype=object)[log["status"]], dtype="str")
    return pd.DataFrame(out).drop_duplicates(ignore_index=True)
