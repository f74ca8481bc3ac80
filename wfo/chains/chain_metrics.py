"""What the chains come to: metrics overall and by first intent, each with the coverage it rests on."""

from collections.abc import Mapping

import pandas as pd

from wfo.chains.estimated import SCOPE, contacts_by_queue, estimated
from wfo.chains.staging import CONTAINED, MONEY, Staged
from wfo.chains.taxonomy import UNKNOWN
from wfo.metrics.chains import CLOSED
from wfo.tables.sql import Sql

_Row = tuple[str, str, str | None, float, int, float]
_CLOSED = "status IN (" + ", ".join(f"'{name}'" for name in CLOSED) + ")"


def chain_metrics(
    sql: Sql,
    staged: Staged,
    coverage: float,
    kernel: pd.DataFrame,
    redial: Mapping[str, Mapping[str, float]],
) -> pd.DataFrame:
    """Table ``chain_metrics``: metric, scope, intent, value, chains, identity_coverage.

    Chains of unknown identity cannot show what follows, so metrics are over chains of known customers
    (scope ``known``) and closed ones where they speak of how chains end; ``contacts_per_chain``
    stands for all chains too. What is counted so are links found: coincidences are among them, and follow-ups
    that showed no identity are not. Scope ``estimated`` has the same metrics by R, which is net of both
    (`wfo.chains.estimated`), where any customer is known. Open chains are never counted as resolved.
    ``containment`` is over self-service contacts whose window has passed (``chains`` says how many):
    contained are those resolved without a person that no contact of their chain followed within their window.
    Rows without an intent are over all; of contacts whose intent is not known, the intent is ``unknown``.

    Parameters
    ----------
    sql : Sql
        With ``chain``, ``step`` and ``contact``.
    staged : Staged
    coverage : float
        Share of all contacts whose customer is known.
    kernel : DataFrame
        Table ``kernel``.
    redial : mapping
        By queue ``p``.
    """
    names = {0: UNKNOWN} | dict(sql.rows("SELECT code, name FROM intent_name WHERE code > 0 ORDER BY code"))
    known = {i: (n, k) for i, n, k in sql.rows(_coverage_text())}
    rows = _sums(sql, _chain_text())
    out = _metrics(None, _total(rows, 8), coverage)
    for intent, sums in rows.items():
        contacts, with_id = known.get(intent, (0, 0))
        out += _metrics(names[intent], sums, with_id / max(contacts, 1))
    alone = _sums(sql, _containment_text(staged))
    out += _containment(None, _total(alone, 4))
    for intent, sums in alone.items():
        out += _containment(names[intent], sums)
    chains, contacts = sql.rows("SELECT count(*), CAST(sum(contacts) AS BIGINT) FROM chain")[0]
    out.append(("contacts_per_chain", "all", None, contacts / max(chains, 1), chains, coverage))
    if coverage > 0:
        came = contacts_by_queue(sql, staged.queues)
        by_r = estimated(came, kernel, redial).items()
        out += [(name, SCOPE, None, value, round(of), coverage) for name, (value, of) in by_r]
    columns = ["metric", "scope", "intent", "value", "chains", "identity_coverage"]
    frame = pd.DataFrame(out, columns=columns).astype(
        {"metric": "str", "scope": "str", "intent": "str", "value": "float64", "chains": "int64"}
    )
    return frame.sort_values(["metric", "scope", "intent"], ignore_index=True, na_position="first")


def _sums(sql: Sql, text: str) -> dict[int, tuple[int, ...]]:
    """Sums by intent code, which is the first column."""
    return {int(row[0]): tuple(int(v or 0) for v in row[1:]) for row in sql.rows(text)}


def _total(rows: dict[int, tuple[int, ...]], size: int) -> tuple[int, ...]:
    return tuple(sum(sums[k] for sums in rows.values()) for k in range(size))


def _chain_text() -> str:
    return f"""
        SELECT first_intent, count(*), sum(CASE WHEN {_CLOSED} THEN 1 ELSE 0 END), sum(contacts),
          sum(CASE WHEN status = 'resolved' AND contacts = 1 THEN 1 ELSE 0 END),
          sum(CASE WHEN status = 'resolved' THEN 1 ELSE 0 END),
          sum(CASE WHEN {_CLOSED} THEN contacts - 1 ELSE 0 END),
          sum(CASE WHEN status = 'resolved' THEN cost ELSE 0 END),
          sum(CASE WHEN {_CLOSED} AND contacts > 1 THEN 1 ELSE 0 END)
        FROM chain WHERE customer IS NOT NULL GROUP BY 1 ORDER BY 1"""


def _coverage_text() -> str:
    return """SELECT intent, count(*), sum(CASE WHEN known THEN 1 ELSE 0 END) FROM contact
        GROUP BY 1 ORDER BY 1"""


def _containment_text(staged: Staged) -> str:
    """By intent: self-service contacts, those of known customers, of them with a window passed, contained."""
    alone = [code for code, staffed in enumerate(staged.staffed) if not staffed]
    if not alone:
        return "SELECT 0, 0, 0, 0, 0 WHERE 1 = 0"
    return f"""
        SELECT intent, count(*), sum(CASE WHEN known THEN 1 ELSE 0 END),
          sum(CASE WHEN known AND passed THEN 1 ELSE 0 END),
          sum(CASE WHEN known AND passed AND quiet THEN 1 ELSE 0 END)
        FROM (
          SELECT c.intent, c.known, c.end_ms + c.window_ms <= {staged.now_ms} AS passed,
            c.outcome = {CONTAINED} AND (s.next_ms IS NULL OR s.next_ms - c.end_ms > c.window_ms) AS quiet
          FROM contact c LEFT JOIN step s ON s.rid = c.rid
          WHERE c.queue IN ({", ".join(str(code) for code in alone)})
        ) q GROUP BY 1 ORDER BY 1"""


def _containment(intent: str | None, sums: tuple[int, ...]) -> list[_Row]:
    contacts, known, passed, contained = sums
    return [("containment", "known", intent, contained / passed, passed, known / contacts)] if passed else []


def _metrics(intent: str | None, sums: tuple[int, ...], coverage: float) -> list[_Row]:
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
    return [(name, "known", intent, above / below, below, coverage) for name, above, below in found]
