"""Import a source by a mapping file: every row is kept or refused with a reason, chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfo.errors import Problem, TableError
from wfo.tables.contracts import INPUTS, Table
from wfo.tables.import_keys import SeenKeys, superseded
from wfo.tables.import_source import Chunk, chunks
from wfo.tables.mapped_fields import Ledger, fields_of, holds
from wfo.tables.mapping import Mapping, load_mapping
from wfo.tables.rules import broken


@dataclass(frozen=True)
class Imported:
    """A table brought in, or a piece of it.

    Attributes
    ----------
    table : str
    frame : DataFrame
        The rows kept, after the table contract, in the source's order.
    refused : DataFrame
        The rows left out: file, row (as the user sees it), rule (drop, quarantine, unreadable, broken,
        duplicate, superseded), reason, rows (source rows behind it).
    flagged : DataFrame
        reason, rows: what was kept and deserves a word.
    rows : int
        Source rows that came in; the same as those behind the rows kept and refused.
    folded : int
        Source rows that went into a row kept beside its first: an event log's rows fold into contacts.
    mapping : Mapping
    """

    table: str
    frame: pd.DataFrame
    refused: pd.DataFrame
    flagged: pd.DataFrame
    rows: int
    folded: int
    mapping: Mapping

    def summary(self) -> pd.DataFrame:
        """Rows by what became of them: outcome, reason, rows."""
        return _summary(len(self.frame), self.folded, self.refused, self.flagged)


@dataclass(frozen=True)
class ImportedFile:
    """A table brought in and written to a folder.

    Attributes
    ----------
    table : str
    path : Path
        The Parquet file.
    kept, rows : int
        Rows written, and source rows that came in.
    summary : DataFrame
        Rows by what became of them: outcome, reason, rows.
    """

    table: str
    path: Path
    kept: int
    rows: int
    summary: pd.DataFrame


def import_table(mapping: Path, source: Path) -> Imported:
    """Bring in one table as a frame.

    Parameters
    ----------
    mapping : Path
        The mapping file.
    source : Path
        The source file, or the folder with files of the mapping's ``file`` pattern, in the order of names.

    Raises
    ------
    TableError
        If the mapping is wrong, names columns the source has not, or the source cannot be read.
    """
    pieces = list(_pieces(mapping, source))
    first = pieces[0]
    return Imported(
        first.table,
        pd.concat([p.frame for p in pieces], ignore_index=True),
        pd.concat([p.refused for p in pieces], ignore_index=True),
        _flags_added([p.flagged for p in pieces]),
        sum(p.rows for p in pieces),
        sum(p.folded for p in pieces),
        first.mapping,
    )


def import_into(mapping: Path, source: Path, folder: Path) -> ImportedFile:
    """Bring in one table as ``<table>.parquet`` in a folder, and what was refused as ``refused/<table>.csv``.

    A file of any size is read in chunks; nothing is left behind if the source breaks off.

    Raises
    ------
    TableError
        As `import_table`.
    """
    rules = load_mapping(mapping)
    (folder / "refused").mkdir(parents=True, exist_ok=True)
    path, refused = folder / f"{rules.table}.parquet", folder / "refused" / f"{rules.table}.csv"
    beside = path.with_suffix(".parquet.part"), refused.with_suffix(".csv.part")
    try:
        done = _written(_pieces(mapping, source), *beside)
        beside[0].replace(path)
        beside[1].replace(refused)
    finally:
        for part in beside:
            part.unlink(missing_ok=True)
    kept, rows, summary = done
    return ImportedFile(rules.table, path, kept, rows, summary)


def _written(pieces: Iterator[Imported], path: Path, refused: Path) -> tuple[int, int, pd.DataFrame]:
    writer: pq.ParquetWriter | None = None
    kept = rows = folded = 0
    refusals, flags = [], []
    try:
        for number, piece in enumerate(pieces):
            arrow = pa.Table.from_pandas(piece.frame, preserve_index=False)
            if writer is None:
                writer = pq.ParquetWriter(path, _wide(arrow.schema))
            writer.write_table(arrow.cast(writer.schema))
            piece.refused.to_csv(refused, index=False, mode="a" if number else "w", header=not number)
            kept, rows, folded = kept + len(piece.frame), rows + piece.rows, folded + piece.folded
            refusals.append(piece.refused.groupby(["rule", "reason"])["rows"].sum().reset_index())
            flags.append(piece.flagged)
    finally:
        if writer is not None:
            writer.close()
    counted = pd.concat(refusals, ignore_index=True)
    return kept, rows, _summary(kept, folded, counted, _flags_added(flags))


def _wide(schema: pa.Schema) -> pa.Schema:
    """A schema for all chunks: in a later one whole numbers may be missing, an empty column may have text."""
    kinds = {pa.int64(): pa.float64(), pa.null(): pa.string()}
    fields = [pa.field(f.name, kinds.get(f.type, f.type)) if f.nullable else f for f in schema]
    return pa.schema(fields, metadata=schema.metadata)


def _summary(kept: int, folded: int, refused: pd.DataFrame, flagged: pd.DataFrame) -> pd.DataFrame:
    told = [("kept", "", kept)] + ([("folded", "into a row kept", folded)] if folded else [])
    head = pd.DataFrame(told, columns=["outcome", "reason", "rows"])
    sums = refused.groupby(["rule", "reason"], sort=True)["rows"].sum().reset_index()
    parts = [head, flagged.assign(outcome="flagged"), sums.rename(columns={"rule": "outcome"})]
    return pd.concat([p for p in parts if len(p)], ignore_index=True)[["outcome", "reason", "rows"]]


def _flags_added(flags: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(flags, ignore_index=True).groupby("reason", sort=False)["rows"].sum().reset_index()


def _pieces(mapping: Path, source: Path) -> Iterator[Imported]:
    """What became of each chunk of the source."""
    rules = load_mapping(mapping)
    table = INPUTS[rules.table]
    wrong = _wrong_fields(rules, table, mapping)
    late: np.ndarray | None = None
    if rules.keep_latest is not None and not wrong:
        late = superseded(rules, str(mapping), table, chunks(rules, mapping, source))
    seen = SeenKeys()
    begin = 0
    for chunk in chunks(rules, mapping, source):
        wrong += _wrong_columns(rules, chunk)
        if wrong:
            raise TableError(wrong)
        ledger = Ledger(len(chunk.frame))
        ledger.refuse("unreadable", chunk.faults, chunk.faults != "")
        if late is not None:
            end = begin + len(chunk.frame)
            ledger.refuse("superseded", "a later record of the same key came", late[begin:end])
            begin = end
        yield _piece(rules, table, chunk, ledger, seen)


def _piece(rules: Mapping, table: Table, chunk: Chunk, ledger: Ledger, seen: SeenKeys) -> Imported:
    raw = chunk.frame
    for rule, rows in (("drop", rules.drop), ("quarantine", rules.quarantine)):
        for row in rows:
            ledger.refuse(rule, row.reason, holds(row.when, raw))
    typed = fields_of(rules, table, raw, ledger)
    # A row refused already must not be judged again, nor be the first of two rows with one key.
    left = np.flatnonzero(ledger.kept)
    twice = np.zeros(len(raw), dtype=bool)
    twice[left[seen.repeated(table, typed.iloc[left])]] = True
    ledger.refuse("duplicate", f"this {' + '.join(table.key)} has come before", twice)
    left = np.flatnonzero(ledger.kept)
    ledger.refuse_all("broken", broken(table, typed.iloc[left].reset_index(drop=True)), left)
    kept = ledger.kept
    refused = pd.DataFrame(
        {
            "file": pd.Series(chunk.files[~kept], dtype="str"),
            "row": chunk.numbers[~kept],
            "rule": pd.Series(ledger.rule[~kept], dtype="str"),
            "reason": pd.Series(ledger.reason[~kept], dtype="str"),
            "rows": chunk.behind[~kept],
        }
    )
    flags = [(rule.reason, int(chunk.behind[kept][holds(rule.when, raw[kept])].sum())) for rule in rules.flag]
    flagged = pd.DataFrame(flags, columns=["reason", "rows"]).astype({"reason": "str", "rows": "int64"})
    folded = int((chunk.behind[kept] - 1).sum())
    frame = typed[kept].reset_index(drop=True)
    return Imported(rules.table, frame, refused, flagged, int(chunk.behind.sum()), folded, rules)


def _wrong_fields(rules: Mapping, table: Table, mapping: Path) -> list[Problem]:
    unknown = [
        Problem(
            str(mapping), f"columns.{f}: '{table.name}' has no such field; allowed: {', '.join(table.names)}"
        )
        for f in rules.columns
        if table.column(f) is None
    ]
    return unknown + [
        Problem(str(mapping), f"columns.{column.name} is missing; every row needs it")
        for column in table.columns
        if not column.optional and column.name not in rules.columns
    ]


def _wrong_columns(rules: Mapping, chunk: Chunk) -> list[Problem]:
    present = set(chunk.frame.columns)
    found = ", ".join(str(c) for c in chunk.frame.columns)
    return [
        Problem(chunk.source, f"has no column '{name}', which the mapping names; found: {found}")
        for name in _source_columns(rules)
        if name not in present
    ]


def _source_columns(rules: Mapping) -> list[str]:
    fields = rules.columns.values()
    names = [rule.from_ for rule in fields if rule.from_ is not None and not rule.optional]
    for rule in fields:
        names += [*rule.plus_s, *(rule.when or {})]
    for row in (*rules.drop, *rules.quarantine, *rules.flag):
        names += row.when
    return list(dict.fromkeys(names))
