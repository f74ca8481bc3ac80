"""The table of contacts: what is staged, with its customer, all codes integers, ready to be linked."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from wfo.chains.settings import ChainSettings
from wfo.chains.staging import MONEY, OUTCOMES, SERVED, Staged, node_name, quoted, small
from wfo.domain.centre import Centre
from wfo.tables.sql import Sql
from wfo.timegrid import HOUR_MS

_DOUBLINGS = 8
"""Chains of outgoing contacts up to 2^8 long are followed; longer ones, and rings, name no parent."""


def contacts(
    sql: Sql,
    staged: Staged,
    centre: Centre,
    settings: ChainSettings,
    agents: pd.DataFrame | None,
    *,
    anchored_by_id: bool,
) -> None:
    """Make the table ``contact`` from ``raw`` and ``named``, the identities of `wfo.chains.identity`.

    ``pool`` says whether a contact may count as a follow-up (anchored, of a queue, not ignored), ``cause``
    whether as what caused one (served too); see `wfo.chains.kernel_table`. The view ``seq`` has the contacts
    of known customers.

    A case of more customers or contacts than the caps, or whose id is a placeholder, is nobody's. A parent
    that is an outgoing contact stands for the incoming one that it answered, through any outgoing between.
    """
    wide, answers = _wide_cases(sql, settings), _answered(sql)
    _codes(sql, "queue_code", staged.queues, {"staffed": np.array(staged.staffed[1:], dtype=bool)})
    planned = [q.handle_s or 0.0 for q in centre.queues.values()]
    _codes(sql, "plan_code", staged.queues, {"plan_s": np.array(planned, dtype=np.float64)})
    each = [round(settings.contact_cost.get(c, 0.0) * MONEY) for c in staged.channels]
    _codes(sql, "channel_code", staged.channels, {"each": np.array(each, dtype=np.int64)})
    windows = [int(settings.window_of(i) * HOUR_MS) for i in staged.intents]
    _codes(sql, "intent_code", staged.intents, {"window_ms": np.array(windows, dtype=np.int64)})
    wage = _wages(sql, agents, settings.wage_per_h)
    outcome = " ".join(f"WHEN '{name}' THEN {code}" for code, name in enumerate(OUTCOMES))
    served = f"r.outcome IN ({quoted(SERVED)})"
    human = f"({served} AND coalesce(q.staffed, TRUE))"
    pool = "q.code IS NOT NULL AND r.outcome <> 'ignored'"
    if anchored_by_id:
        pool += " AND r.customer_id IS NOT NULL"
    cost = (
        f"CASE WHEN {human} THEN CAST(round(coalesce(r.handle_s, p.plan_s, 0.0) / 3600 "
        f"* coalesce(w.cost_per_h, {wage!r}) * {MONEY}) AS BIGINT) ELSE 0 END + coalesce(h.each, 0)"
    )
    sql.tally(
        "contact",
        "rid",
        f"""
        SELECT r.interaction_id, d.customer,
          coalesce(d.usable, FALSE) AS known, coalesce(d.over_cap, FALSE) AS capped,
          {pool} AS pool, {pool} AND {served} AS cause,
          r.started_ms AS start_ms, greatest(r.started_ms, coalesce(r.ended_ms, r.started_ms)) AS end_ms,
          {small("CASE WHEN r.ended_ms < r.started_ms THEN 1 ELSE 0 END")} AS backward,
          CAST(coalesce(q.code, 0) AS SMALLINT) AS queue, CAST(coalesce(h.code, 0) AS SMALLINT) AS channel,
          coalesce(i.code, 0) AS intent,
          {small("CASE WHEN r.resolved THEN 2 WHEN NOT r.resolved THEN 1 ELSE 0 END")} AS resolved,
          {small(f"CASE r.outcome {outcome} ELSE {len(OUTCOMES)} END")} AS outcome,
          {small(f"CASE WHEN {human} THEN 1 ELSE 0 END")} AS human,
          {"coalesce(a.answers, r.parent_id) AS parent_id" if answers else "r.parent_id"},
          {"CASE WHEN z.case_id IS NULL THEN r.case_id END AS case_id" if wide else "r.case_id"},
          r.promise_ms,
          coalesce(i.window_ms, {int(settings.window_h * HOUR_MS)}) AS window_ms, {cost} AS cost
        FROM (SELECT *, {node_name()} AS name FROM raw) r
        LEFT JOIN named d ON d.name = r.name AND r.started_ms >= d.from_ms AND r.started_ms < d.to_ms
        LEFT JOIN queue_code q ON q.name = r.queue
        LEFT JOIN plan_code p ON p.name = r.queue
        LEFT JOIN channel_code h ON h.name = r.channel
        LEFT JOIN intent_code i ON i.name = r.intent
        LEFT JOIN wage w ON w.agent_id = r.agent_id
        {"LEFT JOIN wide_case z ON z.case_id = r.case_id" if wide else ""}
        {"LEFT JOIN answer a ON a.sent = r.parent_id" if answers else ""}
        """,
    )
    sql.view("seq", "SELECT * FROM contact WHERE known")


def _wide_cases(sql: Sql, settings: ChainSettings) -> bool:
    """Make ``wide_case``, the cases that are nobody's; whether there are any."""
    nobody = f" OR lower(trim(case_id)) IN ({quoted(settings.placeholders)})" if settings.placeholders else ""
    sql.create(
        "wide_case",
        f"""SELECT case_id FROM (SELECT case_id, {node_name()} AS name FROM raw WHERE case_id IS NOT NULL) c
        GROUP BY case_id
        HAVING count(DISTINCT name) > {settings.key_cap} OR count(*) > {settings.customer_cap}{nobody}""",
    )
    return bool(sql.value("SELECT count(*) FROM wide_case"))


def _answered(sql: Sql) -> bool:
    """Let every row of ``answer`` name what was answered in the end; whether there are any."""
    for _ in range(_DOUBLINGS):
        if not sql.value("SELECT count(*) FROM answer a JOIN answer b ON b.sent = a.answers"):
            break
        sql.create(
            "answer",
            """SELECT a.sent, coalesce(b.answers, a.answers) AS answers
            FROM answer a LEFT JOIN answer b ON b.sent = a.answers""",
        )
    return bool(sql.value("SELECT count(*) FROM answer"))


def _codes(sql: Sql, name: str, values: Sequence[str], more: Mapping[str, np.ndarray]) -> None:
    columns = {
        "name": pa.array(values, type=pa.string()),
        "code": pa.array(np.arange(1, len(values) + 1, dtype=np.int32)),
    }
    sql.hold(name, pa.table({**columns, **{key: pa.array(column) for key, column in more.items()}}))


def _wages(sql: Sql, agents: pd.DataFrame | None, usual: float) -> float:
    """Make ``wage`` and return what stands for a wage that is not known: the mean of the others."""
    if agents is None or "cost_per_h" not in agents.columns:
        agents = pd.DataFrame({"agent_id": pd.Series(dtype="str"), "cost_per_h": pd.Series(dtype="float64")})
    known = agents[["agent_id", "cost_per_h"]].astype({"agent_id": "str", "cost_per_h": "float64"})
    known = known.dropna().drop_duplicates("agent_id").sort_values("agent_id")
    sql.register("wage", known)
    return round(float(known["cost_per_h"].mean()), 6) if len(known) else usual
