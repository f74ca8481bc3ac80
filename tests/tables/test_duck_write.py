"""Writing more than fits: what is kept and sorted in two steps is what one step would have written."""

import duckdb
import pandas as pd

from wfo.tables.duck import DuckSql


class Short(DuckSql):
    """An engine whose first attempt to write finds no room."""

    tried = 0

    def _run(self, text):
        if text.startswith("COPY"):
            self.tried += 1
            if self.tried == 1:
                raise duckdb.OutOfMemoryException("no room")
        super()._run(text)


def test_without_room_for_joins_and_sorting_the_file_is_the_same(tmp_path):
    names = pd.DataFrame({"code": [0, 1, 2], "name": ["a", "b", None]})
    text = """SELECT q.key, n.name AS word FROM (SELECT range * 7 % 1000 AS key, range % 3 AS code
        FROM range(1000)) q JOIN names n ON n.code = q.code ORDER BY key"""
    for kind, file in ((DuckSql, "one.parquet"), (Short, "two.parquet")):
        with kind() as sql:
            sql.register("names", names)
            sql.write(text, tmp_path / file)
    one, two = (pd.read_parquet(tmp_path / f) for f in ("one.parquet", "two.parquet"))
    assert one["key"].tolist() == list(range(1000))
    pd.testing.assert_frame_equal(one, two)
