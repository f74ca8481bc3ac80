"""Which earlier contact each contact continues, and which contacts hang together.

Hard links come first (a named parent, the same case); of the others each contact takes its best-scoring
predecessor if its odds are above the threshold, of equal ones the later. A chain is a component of links.
"""

import numpy as np

from wfo.chains.link_model import MICRO, LinkModel
from wfo.tables.sql import Sql


def link(sql: Sql, model: LinkModel, threshold: float) -> None:
    """Make ``link`` (child, parent, p, redial, hard) from ``hard`` and ``pair``."""
    _hold_scores(sql, model)
    least = round(float(np.log(threshold / (1 - threshold))) * MICRO)
    case = " ".join(f"WHEN {n} THEN {value}" for n, value in enumerate(model.case))
    sql.create(
        "link",
        f"""SELECT child, parent, CAST(1 AS DOUBLE) AS p, redial, 1 AS hard FROM hard
        UNION ALL
        SELECT child, parent, round(1 / (1 + exp(-score / {MICRO:.1f})), 6) AS p, redial, 0 AS hard FROM (
          SELECT child, parent, score, redial,
            row_number() OVER (PARTITION BY child ORDER BY score DESC, ik DESC) AS place
          FROM (
            SELECT p.child, p.parent, p.ik, p.redial, g.score + i.score + l.score
              + CASE p.cases {case} END + {model.redial} * p.redial AS score
            FROM pair p
            JOIN gap_score g ON g.source = p.source AND g.target = p.target AND g.bin = p.bin
            JOIN intent_score i ON i.source = p.source AND i.x = p.x AND i.target = p.target AND i.y = p.y
            JOIN left_score l ON l.source = p.source AND l.resolved = p.resolved AND l.promise = p.promise
            LEFT JOIN hard h ON h.child = p.child WHERE h.child IS NULL
          ) s WHERE score > {least}
        ) b WHERE place = 1""",
    )


def _hold_scores(sql: Sql, model: LinkModel) -> None:
    for name, columns, table in (
        ("gap_score", ("source", "target", "bin"), model.gap),
        ("left_score", ("source", "resolved", "promise"), model.left),
    ):
        places = np.indices(table.shape).reshape(len(columns), -1)
        sql.hold(name, {**dict(zip(columns, places, strict=True)), "score": table.ravel()})
    seen = sql.arrays("SELECT DISTINCT source, x, target, y FROM pair ORDER BY 1, 2, 3, 4")
    codes = {name: column.astype(np.int64) for name, column in seen.items()}
    score = model.by_intents(codes["source"], codes["x"], codes["target"], codes["y"])
    sql.hold("intent_score", {**codes, "score": score})


def components(sql: Sql) -> None:
    """Make ``multi`` (node, root): contacts (``rid``) of chains of several, and a number of their chain."""
    sql.components("multi", "SELECT child AS a, parent AS b FROM link")
