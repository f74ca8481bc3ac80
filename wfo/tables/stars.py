"""Connected components by iterated SQL: large stars and small stars by turns, until only stars are left.

Each round hangs a node's larger neighbours on its smallest neighbour, then a node and its smaller neighbours
on the smallest of them; rounds grow with the square of the logarithm of the nodes at most (Kiveris et al.
2014, "Connected components in MapReduce and beyond").
"""

from wfo.tables.sql import Sql

_EDGES = "wfo_edges"


def stars(sql: Sql, name: str, edges: str) -> None:
    """Make a table (node, root) of the nodes that edges join, with the smallest node of their component.

    Parameters
    ----------
    sql : Sql
    name : str
    edges : str
        ``SELECT`` of ``a, b``, whole numbers.
    """
    sql.create(
        _EDGES,
        f"""SELECT DISTINCT CAST(greatest(a, b) AS BIGINT) AS a, CAST(least(a, b) AS BIGINT) AS b
        FROM ({edges}) e WHERE a <> b""",
    )
    while not _only_stars(sql):
        sql.create(_EDGES, _large_stars())
        sql.create(_EDGES, _small_stars())
    alone = f"SELECT a AS node, a AS root FROM ({edges}) e WHERE a = b"
    sql.create(
        name,
        f"""SELECT node, CAST(min(root) AS BIGINT) AS root FROM (
          SELECT a AS node, b AS root FROM {_EDGES} UNION ALL SELECT b, b FROM {_EDGES} UNION ALL {alone}
        ) s GROUP BY node""",
    )
    sql.drop(_EDGES)


def _only_stars(sql: Sql) -> bool:
    """Whether every node hangs on one node that hangs on none."""
    several = sql.value(f"SELECT count(*) - count(DISTINCT a) FROM {_EDGES}")
    return not several and not sql.value(f"SELECT count(*) FROM {_EDGES} e JOIN {_EDGES} f ON f.a = e.b")


def _large_stars() -> str:
    return f"""
        SELECT DISTINCT v AS a, least(u, m) AS b FROM (
          SELECT u, v, min(v) OVER (PARTITION BY u) AS m FROM (
            SELECT a AS u, b AS v FROM {_EDGES} UNION ALL SELECT b, a FROM {_EDGES}
          ) n
        ) s WHERE v > u"""


def _small_stars() -> str:
    return f"""
        SELECT DISTINCT x AS a, m AS b FROM (
          SELECT b AS x, m FROM (SELECT b, min(b) OVER (PARTITION BY a) AS m FROM {_EDGES}) s
          UNION ALL SELECT a, min(b) FROM {_EDGES} GROUP BY a
        ) t WHERE x <> m"""
