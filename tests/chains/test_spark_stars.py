"""Components by stars against components by arrays; both on DuckDB, where small graphs are quick."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.tables.duck import DuckSql
from wfo.tables.stars import stars

NODES = st.integers(0, 12)


@given(st.lists(st.tuples(NODES, NODES), max_size=25))
@settings(max_examples=25, deadline=None)
def test_stars_find_what_arrays_find(edges):
    a, b = (np.array([e[side] for e in edges], dtype=np.int64) for side in (0, 1))
    smallest = {n: n for n in {*a.tolist(), *b.tolist()}}
    for _ in smallest:
        for x, y in edges:
            smallest[x] = smallest[y] = min(smallest[x], smallest[y])
    with DuckSql(threads=1) as sql:
        sql.hold("e", {"a": a, "b": b})
        sql.components("by_arrays", "SELECT a, b FROM e")
        stars(sql, "by_stars", "SELECT a, b FROM e")
        for name in ("by_arrays", "by_stars"):
            assert dict(sql.rows(f"SELECT node, root FROM {name} ORDER BY node")) == smallest


def test_a_path_takes_few_rounds(monkeypatch):
    order = np.random.default_rng(1).permutation(4_000)
    rounds = []
    with DuckSql(threads=2) as sql:
        create = sql.create
        monkeypatch.setattr(sql, "create", lambda name, text: (rounds.append(name), create(name, text)))
        sql.hold("e", {"a": order[1:], "b": order[:-1]})
        stars(sql, "c", "SELECT a, b FROM e")
        assert sql.rows("SELECT count(*), max(root) FROM c") == [(4_000, 0)]
    assert len(rounds) <= 2 + 2 * 12
