"""What the chains come to: metrics overall and by first intent, each with the coverage it rests on."""

import pandas as pd

from wfo.chains.staging import MONEY
from wfo.tables.sql import Sql


def chain_metrics(sql: Sql, coverage: float) -> pd.DataFrame:
    """Table ``chain_metrics``: metric, scope, intent, value, chains, identity_coverage.

    Chains of unknown identity cannot show what follows, so metrics are over chains of known customers
    (scope ``known``) and closed ones where they speak of how chains end; ``contacts_per_chain``
    stands for all chains too. Open chains are never counted as resolved.

    Parameters
    ----------
    sql : Sql
        With ``chain`` and ``contact``.
    coverage : float
        Share of all contacts whose customer is known.
    """
    rows = []
    for intent, n, closed, contacts, first, resolved, failed, cost, several in sql.rows(
        _text("c.first_intent")
    ):
        rows.append(
            (
                intent,
                int(n),
                int(closed),
                *(int(v or 0) for v in (contacts, first, resolved, failed, cost, several)),
            )
        )
    names = dict(sql.rows("SELECT code, name FROM intent_name ORDER BY code"))
    total = tuple(sum(row[k] for row in rows) for k in range(1, 9))
    out = _metrics("known", None, total, coverage)
    known = {i: (n, k) for i, n, k in sql.rows(_coverage_text())}
    for row in rows:
        contacts, with_id = known.get(row[0], (0, 0))
        out += _metrics("known", names[row[0]], row[1:], with_id / max(contacts, 1))
    chains, contacts = sql.rows("SELECT count(*), CAST(sum(contacts) AS BIGINT) FROM chain")[0]
    out.append(("contacts_per_chain", "all", None, contacts / max(chains, 1), chains, coverage))
    columns = ["metric", "scope", "intent", "value", "chains", "identity_coverage"]
    frame = pd.DataFrame(out, columns=columns).astype(
        {"metric": "str", "scope": "str", "intent": "str", "value": "float64", "chains": "int64"}
    )
    return frame.sort_values(["metric", "scope", "intent"], ignore_index=True, na_position="first")


def _text(intent: str) -> str:
    return f"""
        SELECT {intent} AS intent, count(*), sum(CASE WHEN status <> 'open' THEN 1 ELSE 0 END),
          sum(contacts),
          sum(CASE WHEN status = 'resolved' AND contacts = 1 THEN 1 ELSE 0 END),
          sum(CASE WHEN status = 'resolved' THEN 1 ELSE 0 END),
          sum(CASE WHEN status <> 'open' THEN contacts - 1 ELSE 0 END),
          sum(CASE WHEN status = 'resolved' THEN cost ELSE 0 END),
          sum(CASE WHEN status <> 'open' AND contacts > 1 THEN 1 ELSE 0 END)
        FROM chain c WHERE c.customer IS NOT NULL GROUP BY 1 ORDER BY 1"""


def _coverage_text() -> str:
    return """SELECT intent, count(*), sum(CASE WHEN known THEN 1 ELSE 0 END) FROM contact
        GROUP BY 1 ORDER BY 1"""


def _metrics(
    scope: str, intent: str | None, sums: tuple[int, ...], coverage: float
) -> list[tuple[str, str, str | None, float, int, float]]:
    chains, closed, contacts, first, resolved, failed, cost, several = sums
    found: list[tuple[str, float, int]] = []
    if chains:
        found.append(("contacts_per_chain", contacts, chains))
    if closed:
        found += [
            ("first_contact_resolution", first, closed),
            ("resolved", resolved, closed),
            ("repeat", several, closed),
            ("failed_contacts_per_chain", failed, closed),
        ]
    if resolved:
        found.append(("cost_per_resolved_chain", cost / MONEY, resolved))
    return [(name, scope, intent, above / below, below, coverage) for name, above, below in found]
