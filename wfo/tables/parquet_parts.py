"""A Parquet file written piece by piece, with facts about the table beside its rows."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_FACTS = b"wfo"


class PartWriter:
    """Writes frames of one table into one file.

    Parameters
    ----------
    path : Path
    facts : mapping of str to str
        Kept with the file.
    """

    def __init__(self, path: Path, facts: Mapping[str, str]) -> None:
        self._path = path
        self._facts = facts
        self._writer: pq.ParquetWriter | None = None

    def write(self, frame: pd.DataFrame) -> None:
        """Add rows; the columns are those of the first frame."""
        arrow = pa.Table.from_pandas(frame, preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, with_facts(_wide(arrow.schema), self._facts))
        self._writer.write_table(arrow.cast(self._writer.schema))

    def close(self) -> None:
        """End the file."""
        if self._writer is not None:
            self._writer.close()

    def rows_in_file(self) -> int:
        """Rows that the closed file says it has."""
        return int(pq.read_metadata(self._path).num_rows)


def _wide(schema: pa.Schema) -> pa.Schema:
    """A schema for all pieces: in a later one whole numbers may be missing, an empty column may have text."""
    kinds = {pa.int64(): pa.float64(), pa.null(): pa.string()}
    fields = [pa.field(f.name, kinds.get(f.type, f.type)) if f.nullable else f for f in schema]
    return pa.schema(fields, metadata=schema.metadata)


def with_facts(schema: pa.Schema, facts: Mapping[str, str]) -> pa.Schema:
    """The schema with facts about the table."""
    text = json.dumps(dict(facts), sort_keys=True, ensure_ascii=False).encode()
    return schema.with_metadata({**(schema.metadata or {}), _FACTS: text}) if facts else schema


def facts_of(path: Path) -> dict[str, str]:
    """Facts that a Parquet file has about its table; none of any other file."""
    if not path.name.lower().endswith(".parquet"):
        return {}
    metadata = pq.read_schema(path).metadata or {}
    return dict(json.loads(metadata.get(_FACTS, b"{}")))
