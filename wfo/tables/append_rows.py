"""Rows brought in added to those a folder has: of one key the row that came last counts.

Segments give way together, as a contact brought in again brings all of its own.
"""

from collections.abc import Mapping as MappingOf
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wfo.errors import Problem, TableError
from wfo.tables.contracts import INPUTS
from wfo.tables.import_keys import SeenKeys, hash_rows
from wfo.tables.mapping import Mapping
from wfo.tables.parquet_parts import facts_of, with_facts

_OTHER = (".csv", ".csv.gz", ".xlsx")


def giving_way(table: str) -> list[str]:
    """Columns of which a value brought in again takes the place of all rows that have it."""
    return ["interaction_id"] if table == "segments" else list(INPUTS[table].key)


def appended(there: Path, new: Path, rules: Mapping, came: SeenKeys) -> tuple[int, int]:
    """Put the rows of a file that is there before those of a new one, less those that give way to it.

    Parameters
    ----------
    there : Path
        The table's Parquet file; none: the new rows are all.
    new : Path
        Parquet; gets the rows of both.
    rules : Mapping
        By which the new rows came.
    came : SeenKeys
        What came of the columns of `giving_way`, legs that were folded included.

    Returns
    -------
    before, replaced : int
        Rows that were there, and how many of them gave way.

    Raises
    ------
    TableError
        If the table is there in another format, has no key columns, or counts its service level otherwise.
    """
    _refuse_other(there, rules)
    return joined(there, new, giving_way(rules.table), came, rules.facts)


def joined(
    there: Path, new: Path, key: list[str], came: SeenKeys, facts: MappingOf[str, str]
) -> tuple[int, int]:
    """As `appended`, of any two files by key columns, with facts to keep."""
    if not there.is_file():
        return 0, 0
    both = new.with_suffix(".both")
    try:
        with pq.ParquetFile(there) as old, pq.ParquetFile(new) as fresh:
            schema = _schema(there, old.schema_arrow, fresh.schema_arrow, key)
            kept = 0
            with pq.ParquetWriter(both, with_facts(schema, {**facts_of(there), **facts})) as writer:
                for batch in old.iter_batches():
                    keys = batch.select(key).to_pandas()
                    rows = pa.Table.from_batches([batch]).filter(pa.array(~came.known(hash_rows(keys))))
                    kept += len(rows)
                    writer.write_table(_widened(rows, schema))
                for batch in fresh.iter_batches():
                    writer.write_table(_widened(pa.Table.from_batches([batch]), schema))
            before = old.metadata.num_rows
        both.replace(new)
    finally:
        both.unlink(missing_ok=True)
    return before, before - kept


def _refuse_other(there: Path, rules: Mapping) -> None:
    """Refuse a table in a format that is not appended to, or one of another denominator."""
    for suffix in _OTHER:
        other = there.with_name(f"{rules.table}{suffix}")
        if other.is_file():
            message = "only Parquet is appended to; import this file first, into a folder of its own"
            raise TableError([Problem(str(other), message)])
    was = facts_of(there).get("service_level_of") if there.is_file() else None
    if was is not None and rules.service_level_of not in (None, was):
        message = (
            f"its service level is of contacts {was}, that of the new rows of contacts "
            f"{rules.service_level_of}; bring them in by one denominator"
        )
        raise TableError([Problem(str(there), message)])


def _schema(there: Path, old: pa.Schema, new: pa.Schema, key: list[str]) -> pa.Schema:
    missing = [name for name in key if name not in old.names]
    if missing:
        raise TableError([Problem(str(there), f"has no column '{missing[0]}'; write it anew")])
    try:
        both = pa.unify_schemas([old.remove_metadata(), new.remove_metadata()], promote_options="permissive")
    except pa.ArrowTypeError as error:
        message = f"its columns and the new ones do not go together ({error}); import both anew"
        raise TableError([Problem(str(there), message)]) from error
    return both.with_metadata(None)


def _widened(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows with all columns of a schema, empty where they have none."""
    columns = [
        rows[f.name].cast(f.type) if f.name in rows.column_names else pa.nulls(len(rows), f.type)
        for f in schema
    ]
    return pa.table(columns, schema=schema)
