"""Nodes and edges of identities: what one contact, or one identity link, says belongs together."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wfo.chains.staging import FOREVER, NEVER, key_name, node_name, quoted
from wfo.tables.sql import Sql
from wfo.timegrid import epoch_ms

EDGE_STATUS = ("joined", "split", "excluded", "key over the cap", "merge over the cap")
USED, SPLIT, EXCLUDED = 0, 1, 2
_LEAST_CONFIDENCE = 0.9
_CUSTOMER_TYPE = "customer_id"


def edges_of(
    sql: Sql,
    links: pd.DataFrame | None,
    splits: pd.DataFrame | None,
    now_ms: int,
    excluded: Sequence[str],
    placeholders: Sequence[str],
) -> int:
    """Make ``node`` and ``edge``; return how many links are too weak, no longer or not yet valid.

    ``node``: node (numbered by name, so customer ids come before keys), name, from_ms, to_ms, contacts,
    is_id, excluded. ``edge``: a, b, evidence (0 one contact showed both, 1 an identity link), status (index
    into `EDGE_STATUS`, before the caps).

    Parameters
    ----------
    sql : Sql
        With the view ``raw``.
    links, splits : DataFrame or None
        Table ``identity_links``; pairs that join nobody.
    now_ms : int
        Planning moment.
    excluded : sequence of str
        Customer ids, or keys as ``type:key``.
    placeholders : sequence of str
        Values of ids and keys, in lower case, that are nobody's.
    """
    named = _named_links(links, now_ms)
    pieces = _pieces(named)
    sql.register("piece", pieces)
    sql.register("link_edge", _link_edges(named, pieces))
    sql.register("apart", _apart(splits))
    nobody = [f"{kind}{name}" for name in excluded for kind in "ik"]
    sql.register("nobody", pd.DataFrame({"name": pd.Series(nobody, dtype="str")}))
    sql.create("shown_pair", _shown_pairs())
    sql.number("node", "node", _nodes(placeholders), "name, from_ms")
    sql.create("edge", _edges())
    return (0 if links is None else len(links)) - len(named)


def _shown_pairs() -> str:
    key = key_name("r")
    return f"""
        SELECT DISTINCT 'i' || r.customer_id AS a, {key} AS b, coalesce(p.from_ms, {NEVER}) AS from_ms
        FROM raw r LEFT JOIN piece p
          ON p.name = {key} AND r.started_ms >= p.from_ms AND r.started_ms < p.to_ms
        WHERE r.customer_id IS NOT NULL AND r.customer_key IS NOT NULL"""


def _nodes(placeholders: Sequence[str]) -> str:
    value = "CASE WHEN substr(u.name, 1, 1) = 'i' THEN substr(u.name, 2) ELSE split_part(u.name, ':', 2) END"
    nobody = f" OR lower(trim({value})) IN ({quoted(placeholders)})" if placeholders else ""
    return f"""
        SELECT u.name, u.from_ms,
          coalesce(p.to_ms, {FOREVER}) AS to_ms, u.contacts,
          CASE WHEN substr(u.name, 1, 1) = 'i' THEN 1 ELSE 0 END AS is_id,
          CASE WHEN x.name IS NOT NULL{nobody} THEN 1 ELSE 0 END AS excluded
        FROM (
          SELECT name, from_ms, CAST(sum(contacts) AS BIGINT) AS contacts FROM (
            SELECT r.name, coalesce(p.from_ms, {NEVER}) AS from_ms, 1 AS contacts
            FROM (SELECT {node_name()} AS name, started_ms FROM raw) r
            LEFT JOIN piece p ON p.name = r.name AND r.started_ms >= p.from_ms AND r.started_ms < p.to_ms
            WHERE r.name IS NOT NULL
            UNION ALL SELECT b, from_ms, 0 FROM shown_pair
            UNION ALL SELECT a, a_ms, 0 FROM link_edge
            UNION ALL SELECT b, b_ms, 0 FROM link_edge
          ) o GROUP BY name, from_ms
        ) u
        LEFT JOIN piece p ON p.name = u.name AND p.from_ms = u.from_ms
        LEFT JOIN nobody x ON x.name = u.name"""


def _edges() -> str:
    return f"""
        SELECT x.node AS a, y.node AS b, min(s.evidence) AS evidence,
          max(CASE WHEN t.a IS NOT NULL THEN {SPLIT}
            WHEN x.excluded = 1 OR y.excluded = 1 THEN {EXCLUDED} ELSE {USED} END) AS status
        FROM (
          SELECT a, CAST({NEVER} AS BIGINT) AS a_ms, b, from_ms AS b_ms, 0 AS evidence FROM shown_pair
          UNION ALL SELECT a, a_ms, b, b_ms, 1 FROM link_edge
        ) s
        JOIN node x ON x.name = s.a AND x.from_ms = s.a_ms
        JOIN node y ON y.name = s.b AND y.from_ms = s.b_ms
        LEFT JOIN apart t ON t.a = s.a AND t.b = s.b
        GROUP BY x.node, y.node"""


def _names(frame: pd.DataFrame, side: str) -> pd.Series:
    kind, value = frame[f"type_{side}"].astype("str"), frame[f"id_{side}"].astype("str")
    return ("k" + kind + ":" + value).mask(kind == _CUSTOMER_TYPE, "i" + value)


def _named_links(links: pd.DataFrame | None, now_ms: int) -> pd.DataFrame:
    """Usable links by node name with their validity: ``a, b, from_ms, to_ms``."""
    if links is None or links.empty:
        text, number = pd.Series(dtype="str"), pd.Series(dtype="int64")
        return pd.DataFrame({"a": text, "b": text, "from_ms": number, "to_ms": number})
    out = pd.DataFrame({"a": _names(links, "a"), "b": _names(links, "b")})
    out["from_ms"] = _instants(links, "valid_from", NEVER)
    out["to_ms"] = _instants(links, "valid_to", FOREVER)
    keep = (out["from_ms"] <= now_ms) & (out["from_ms"] < out["to_ms"])
    if "confidence" in links.columns:
        keep &= ~(links["confidence"] < _LEAST_CONFIDENCE).to_numpy(dtype=bool, na_value=False)
    # ids are not cut in time: a link of two ids holds if it is valid at the planning moment
    two_ids = out["a"].str.startswith("i") & out["b"].str.startswith("i")
    keep &= ~two_ids | (out["to_ms"] > now_ms)
    return out[keep.to_numpy()].reset_index(drop=True)


def _instants(links: pd.DataFrame, column: str, missing: int) -> np.ndarray:
    out = np.full(len(links), missing, dtype=np.int64)
    if column in links.columns:
        given = links[column].notna().to_numpy()
        out[given] = epoch_ms(pd.DatetimeIndex(links[column][given]))
    return out


def _pieces(named: pd.DataFrame) -> pd.DataFrame:
    """Keys of links with a limited validity, cut at its ends: ``name, from_ms, to_ms``."""
    cuts: dict[str, set[int]] = {}
    for a, b, start, end in named.itertuples(index=False, name=None):
        for name in (a, b):
            if name.startswith("k"):
                cuts.setdefault(name, set()).update(t for t in (start, end) if t not in (NEVER, FOREVER))
    rows = []
    for name in sorted(n for n in cuts if cuts[n]):
        ends = [NEVER, *sorted(cuts[name]), FOREVER]
        rows += [(name, start, end) for start, end in zip(ends[:-1], ends[1:], strict=True)]
    return pd.DataFrame(
        {
            "name": pd.Series([r[0] for r in rows], dtype="str"),
            "from_ms": pd.Series([r[1] for r in rows], dtype="int64"),
            "to_ms": pd.Series([r[2] for r in rows], dtype="int64"),
        }
    )


def _link_edges(named: pd.DataFrame, pieces: pd.DataFrame) -> pd.DataFrame:
    """Links between pieces of time: each joins the pieces that lie within its validity."""
    of: dict[str, list[tuple[int, int]]] = {}
    for name, start, end in pieces.itertuples(index=False, name=None):
        of.setdefault(name, []).append((start, end))
    rows = [
        (a, at_a, b, at_b)
        for a, b, start, end in named.itertuples(index=False, name=None)
        for at_a in _within(of.get(a), start, end)
        for at_b in _within(of.get(b), start, end)
    ]
    return pd.DataFrame(
        {
            "a": pd.Series([r[0] for r in rows], dtype="str"),
            "a_ms": pd.Series([r[1] for r in rows], dtype="int64"),
            "b": pd.Series([r[2] for r in rows], dtype="str"),
            "b_ms": pd.Series([r[3] for r in rows], dtype="int64"),
        }
    )


def _within(pieces: list[tuple[int, int]] | None, start: int, end: int) -> list[int]:
    return [NEVER] if pieces is None else [p for p, q in pieces if p >= start and q <= end]


def _apart(splits: pd.DataFrame | None) -> pd.DataFrame:
    """Pairs that join nobody, in both directions."""
    if splits is None or splits.empty:
        return pd.DataFrame({"a": pd.Series(dtype="str"), "b": pd.Series(dtype="str")})
    a, b = _names(splits, "a"), _names(splits, "b")
    both = pd.DataFrame({"a": pd.concat([a, b]), "b": pd.concat([b, a])}, dtype="str")
    return both.drop_duplicates(ignore_index=True)
