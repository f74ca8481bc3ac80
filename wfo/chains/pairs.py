"""Which earlier contacts of the same customer a contact might continue: pairs and what is known of them.

Each customer's contacts are numbered in time (``placed``); a contact is paired with his last few before it
that are within their window. The join is by customer and block of as many contacts, so a customer of very
many contacts costs no more a contact than others. The moved copies of the control ask in the same way
(`moved`), with the place they would have had.
"""

from collections.abc import Sequence

from wfo.chains.settings import ChainSettings
from wfo.chains.staging import ABANDONED, Staged, small
from wfo.tables.sql import Sql
from wfo.timegrid import HOUR_MS, MINUTE_MS

GAP_H = (
    0, 1 / 12, 0.25, 0.5, 1, 2, 4, 8, 14, 20, 28, 38, 44, 52, 62, 68, 76, 86, 92, 100, 110, 116, 124, 134,
    140, 148, 158, 168, 192, 240, 336, 504, 720, 1080,
)  # fmt: skip
"""Edges of gap bins in hours after the earlier contact's end; finer about whole days, when people call."""
BINS = len(GAP_H) + 1
NO_CASE, OTHER_CASE, SAME_CASE = range(3)


def place(sql: Sql, only: str) -> None:
    """Make ``placed``: rows of ``seq`` for which ``only`` holds, ``k`` counting each customer's in time."""
    sql.passing(
        "placed",
        f"""SELECT rid, customer, start_ms, end_ms, queue, channel, intent, resolved, outcome, promise_ms,
          window_ms, case_id, pool, cause,
          CAST(row_number() OVER (PARTITION BY customer ORDER BY start_ms, interaction_id) - 1 AS INT) AS k
        FROM seq WHERE {only}""",
    )


def pairs(sql: Sql, settings: ChainSettings) -> None:
    """Make ``pair`` from ``seq``, by lots of customers that fit into memory."""
    rows = int(sql.value("SELECT count(*) FROM seq"))
    for lot, only in enumerate(sql.parts("customer", rows)):
        place(sql, only)
        keep = sql.extend if lot else sql.create
        keep("pair", pair_text(sql, settings, asking="placed"))
    sql.drop("placed")


def pair_text(sql: Sql, settings: ChainSettings, *, asking: str) -> str:
    """Every asking contact and its possible predecessors among those in ``placed``.

    Columns: ``child``, ``parent``, ``customer``, ``jk``, ``ik`` (places), ``lag_ms`` (start to start),
    ``source`` (2 × queue + abandoned), ``target`` (queue), ``bin`` (of the gap, end to start), ``x``, ``y``
    (intents), ``resolved``, ``promise`` (0 none, 1 not yet due, 2 due),
    ``cases``, ``redial``, ``counts`` (whether the kernel may count the pair), ``start_ms`` (of the later).

    An asking row has ``rid, customer, k, start_ms, queue, channel, intent, case_id, pool``; ``k`` is how many
    contacts come before it. Where both name a case, they differ, and the earlier was resolved, the later is a
    new order: no pair.
    """
    last = settings.predecessors
    block = sql.dialect.divide.format("k", last)
    redial_ms = int(settings.redial_min * MINUTE_MS)
    bins = bin_text("gap_ms", [round(h * HOUR_MS) for h in GAP_H])
    soon = f"gap_ms >= 0 AND gap_ms <= {redial_ms}"
    redial = f"CASE WHEN outcome = {ABANDONED} AND same_channel AND {soon} THEN 1 ELSE 0 END"
    cases = (
        f"CASE WHEN i.case_id IS NULL OR j.case_id IS NULL THEN {NO_CASE} "
        f"WHEN i.case_id = j.case_id THEN {SAME_CASE} ELSE {OTHER_CASE} END"
    )
    promise = "CASE WHEN i.promise_ms IS NULL THEN 0 WHEN i.promise_ms > j.start_ms THEN 1 ELSE 2 END"
    return f"""
        SELECT child, parent, customer, jk, ik, lag_ms, source, target, x, y, resolved, promise, cases,
          counts, start_ms, {small(bins)} AS bin, {small(redial)} AS redial
        FROM (
          SELECT j.rid AS child, i.rid AS parent, j.customer, j.k AS jk, i.k AS ik,
            j.start_ms - i.end_ms AS gap_ms, j.start_ms - i.start_ms AS lag_ms,
            CAST(2 * i.queue + CASE WHEN i.outcome = {ABANDONED} THEN 1 ELSE 0 END AS SMALLINT) AS source,
            j.queue AS target,
            i.intent AS x, j.intent AS y, j.pool AND i.cause AS counts, j.start_ms,
            i.resolved, i.outcome, i.channel = j.channel AS same_channel,
            {small(promise)} AS promise, {small(cases)} AS cases
          FROM (
            SELECT a.*, {block} AS block FROM {asking} a
            UNION ALL SELECT a.*, {block} - 1 AS block FROM {asking} a WHERE k >= {last}
          ) j
          JOIN (SELECT *, {block} AS block FROM placed) i
            ON i.customer = j.customer AND i.block = j.block
          WHERE i.k < j.k AND i.k >= j.k - {last} AND j.start_ms - i.end_ms <= i.window_ms
        ) p
        WHERE NOT (cases = {OTHER_CASE} AND resolved = 2)"""


def bin_text(value: str, edges: Sequence[int], first: int = 0) -> str:
    """Text of the number of edges that a value is not below, found by halving.

    Examples
    --------
    >>> bin_text("x", [0, 10, 20])
    'CASE WHEN x < 10 THEN CASE WHEN x < 0 THEN 0 ELSE 1 END ELSE CASE WHEN x < 20 THEN 2 ELSE 3 END END'
    """
    if not edges:
        return str(first)
    half = len(edges) // 2
    below = bin_text(value, edges[:half], first)
    above = bin_text(value, edges[half + 1 :], first + half + 1)
    return f"CASE WHEN {value} < {edges[half]} THEN {below} ELSE {above} END"


def hard_links(sql: Sql, settings: ChainSettings) -> None:
    """Make ``hard``: the named parent, else the contact before with the same case; whoever's they are.

    A named parent that is not in the log, or does not come before, is not used (so names in a loop link
    nothing); ``named_unused`` counts them.
    """
    redial_ms = int(settings.redial_min * MINUTE_MS)
    sql.create(
        "hard",
        f"""SELECT h.child, h.parent, CASE WHEN p.outcome = {ABANDONED} AND p.channel = c.channel
            AND c.start_ms >= p.end_ms AND c.start_ms - p.end_ms <= {redial_ms} THEN 1 ELSE 0 END AS redial,
          h.named, CASE WHEN p.intent > 0 AND c.intent > 0 THEN 1 ELSE 0 END AS stated,
          CASE WHEN p.intent = c.intent THEN 1 ELSE 0 END AS same
        FROM (
          SELECT child, coalesce(max(CASE WHEN named = 1 THEN parent END), max(parent)) AS parent,
            max(named) AS named
          FROM (
            SELECT c.rid AS child, p.rid AS parent, 1 AS named
            FROM (SELECT rid, parent_id, start_ms FROM contact WHERE parent_id IS NOT NULL) c
            JOIN contact p ON p.interaction_id = c.parent_id WHERE p.start_ms < c.start_ms
            UNION ALL
            SELECT rid, before, 0 FROM (
              SELECT rid, start_ms,
                lag(rid) OVER (PARTITION BY case_id ORDER BY start_ms, interaction_id) AS before,
                lag(start_ms) OVER (PARTITION BY case_id ORDER BY start_ms, interaction_id) AS before_ms
              FROM contact WHERE case_id IS NOT NULL
            ) s WHERE before IS NOT NULL AND before_ms < start_ms
          ) u GROUP BY child
        ) h JOIN contact c ON c.rid = h.child JOIN contact p ON p.rid = h.parent""",
    )


def named_unused(sql: Sql) -> int:
    """Contacts that name a parent which is not used."""
    named = sql.value("SELECT count(*) FROM contact WHERE parent_id IS NOT NULL")
    return int(named - sql.value("SELECT count(*) FROM hard WHERE named = 1"))


def moved(sql: Sql, staged: Staged, *, every: int, weeks: int, shift: int) -> None:
    """Make ``moved``: pool contacts of one customer in ``every``, moved by whole weeks around the log.

    Parameters
    ----------
    sql : Sql
    staged : Staged
    every : int
    weeks : int
        Length of the stretch, back from the planning moment, around which contacts move.
    shift : int
        Weeks by which they move.
    """
    week = 7 * 24 * HOUR_MS
    first, span = staged.now_ms - weeks * week, weeks * week
    sql.create(
        "moved",
        f"""SELECT rid, customer, start_ms, queue, channel, intent, CAST(NULL AS STRING) AS case_id,
          TRUE AS pool, CAST(k AS INT) AS k FROM (
          SELECT rid, customer, start_ms, queue, channel, intent, asks,
            coalesce(sum(1 - asks) OVER (PARTITION BY customer ORDER BY start_ms, 1 - asks
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), 0) AS k
          FROM (
            SELECT rid, customer, start_ms, queue, channel, intent, 0 AS asks FROM seq
              WHERE customer % {every} = 0
            UNION ALL
            SELECT rid, customer, {first} + (start_ms - {first} + {shift * week}) % {span}, queue, channel,
              intent, 1 FROM seq WHERE pool AND customer % {every} = 0 AND start_ms >= {first}
          ) u
        ) m WHERE asks = 1""",
    )
