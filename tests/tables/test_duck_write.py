"""Writing more than fits: what is kept and sorted in two steps is what one step would have written."""

import duckdb
import pandas as pd
import pytest

from wfo.errors import RunError
from wfo.tables.duck import DuckSql
from wfo.tables.duck_on_disk import DuckOnDisk


class Short(DuckSql):
    """An engine whose first attempt to write finds no room."""

    tried = 0

    def _copy(self, text):
        self.tried += 1
        if self.tried == 1:
            raise duckdb.OutOfMemoryException("no room")
        super()._copy(text)


def test_without_room_for_joins_and_sorting_the_file_is_the_same(tmp_path):
    names = pd.DataFrame({"code": [0, 1, 2], "name": ["a", "b", None]})
    text = """SELECT q.key, n.name AS word FROM (SELECT range * 7 % 1000 AS key, range % 3 AS code
        FROM range(1000)) q JOIN names n ON n.code = q.code ORDER BY key"""
    for kind, file in ((DuckSql, "one.parquet"), (Short, "two.parquet")):
        with kind() as sql:
            sql.register("names", names)
            sql.write(text, tmp_path / file)
            assert kind is DuckSql or sql.tried == 2
    one, two = (pd.read_parquet(tmp_path / f) for f in ("one.parquet", "two.parquet"))
    assert one["key"].tolist() == list(range(1000))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("kind", [DuckSql, DuckOnDisk])
def test_too_little_memory_is_said_with_what_to_do(kind):
    with (
        kind(memory="20MB") as sql,
        pytest.raises(RunError, match=r"20MB .*chains.memory_gb"),
    ):
        sql.create("wide", "SELECT list(range) AS all_of_them FROM range(20000000)")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with DuckSql() as sql, pytest.raises(RunError, match="no_such_folder"):
        sql.write("SELECT 1 AS x ORDER BY x", tmp_path / "no_such_folder" / "x.parquet")


def test_tables_on_disk_and_in_parts_hold_the_same(tmp_path):
    found, lots = [], []
    for kind, rows in ((DuckSql, 10**9), (DuckOnDisk, 1), (DuckOnDisk, 10**9)):
        with kind(memory="50GB", folder=tmp_path) as sql:
            parts = sql.parts("k", rows)
            lots.append(len(parts))
            for part, only in enumerate(parts):
                sql.passing("lot", f"SELECT * FROM (SELECT range AS k FROM range(1000)) q WHERE {only}")
                (sql.extend if part else sql.create)("t", "SELECT k, k * 2 AS twice FROM lot")
            sql.drop("lot")
            sql.create("t", "SELECT k, twice + 1 AS twice FROM t")
            sql.number("n", "place", "SELECT twice FROM t", "twice DESC")
            found.append(
                sql.frame("SELECT t.k, t.twice, n.place FROM t JOIN n ON n.twice = t.twice ORDER BY k")
            )
    assert lots == [1, 1, 4]
    assert found[0]["place"].tolist() == list(range(999, -1, -1))
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)
    assert not list(tmp_path.iterdir())


def test_a_table_on_disk_takes_its_file_with_it(tmp_path):
    with DuckOnDisk(folder=tmp_path) as sql:
        sql.create("t", "SELECT range AS x FROM range(3)")
        sql.create("t", "SELECT x + 1 AS x FROM t")
        sql.tally("n", "place", "SELECT x * x AS y FROM t ORDER BY x")
        assert len(list(tmp_path.rglob("*.db"))) == 2
        with pytest.raises(duckdb.Error, match="nowhere"):
            sql.create("t", "SELECT * FROM nowhere")
        assert sql.rows("SELECT x FROM t ORDER BY x") == [(1,), (2,), (3,)]
        assert sql.rows("SELECT place, y FROM n ORDER BY place") == [(0, 1), (1, 4), (2, 9)]
        sql.drop("t", "n")
        assert not list(tmp_path.rglob("*.db"))


@pytest.mark.parametrize("kind", [DuckSql, DuckOnDisk])
def test_a_full_disk_is_named_and_what_to_do(tmp_path, kind, monkeypatch):
    def full(*_):
        raise duckdb.IOException("IO Error: could not write: No space left on device")

    with kind(folder=tmp_path) as sql:
        monkeypatch.setattr(sql, "_copy", full)
        with pytest.raises(RunError, match=r"x\.parquet is full: make room there, or work in a folder"):
            sql.write("SELECT 1 AS x ORDER BY x", tmp_path / "x.parquet")
