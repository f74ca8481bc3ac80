"""Import a source by a mapping file: every row is kept or refused with a reason, chunk by chunk."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import TableError
from wfo.tables.account import Tally, settle
from wfo.tables.append_rows import appended, giving_way
from wfo.tables.contracts import INPUTS
from wfo.tables.import_keys import SeenKeys, hash_rows, superseded
from wfo.tables.import_rows import Judged, judge, piece, wrong_columns, wrong_fields
from wfo.tables.import_source import chunks
from wfo.tables.imported import Imported, ImportedFile, reasons_added, summary
from wfo.tables.mapping import Mapping, load_mapping
from wfo.tables.parquet_parts import PartWriter


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
    rules = load_mapping(mapping)
    pieces = list(_pieces(rules, mapping, source))
    whole = Imported(
        rules.table,
        pd.concat([p.frame for p in pieces], ignore_index=True),
        pd.concat([p.refused for p in pieces], ignore_index=True),
        reasons_added([p.flagged for p in pieces]),
        reasons_added([p.empty for p in pieces]),
        sum(p.rows for p in pieces),
        sum(p.behind for p in pieces),
        sum(p.further for p in pieces),
        rules,
    )
    settle(
        rules.table,
        read=whole.rows,
        behind=whole.behind,
        refused=int(whole.refused["rows"].sum()),
        empty=int(whole.empty["rows"].sum()),
        kept=sum(len(p.frame) for p in pieces),
        written=len(whole.frame),
    )
    return whole


def import_into(mapping: Path, source: Path, folder: Path, *, append: bool = False) -> ImportedFile:
    """Bring in one table as ``<table>.parquet`` in a folder, and what was refused as ``refused/<table>.csv``.

    A file of any size is read in chunks; nothing is left behind if the source breaks off, and a source of
    which no row can be kept replaces nothing.

    Parameters
    ----------
    mapping, source
        As `import_table`.
    folder : Path
    append : bool
        Keep what the folder has: rows with a key that is there already take its place, all others are added,
        in whatever order they come.

    Raises
    ------
    TableError
        As `import_table`, or if rows cannot be added to those that are there.
    """
    rules = load_mapping(mapping)
    (folder / "refused").mkdir(parents=True, exist_ok=True)
    path, refused = folder / f"{rules.table}.parquet", folder / "refused" / f"{rules.table}.csv"
    beside = path.with_suffix(".parquet.part"), refused.with_suffix(".csv.part")
    came = SeenKeys() if append else None
    try:
        done = _written(rules, _pieces(rules, mapping, source, came), *beside)
        before, replaced = appended(path, beside[0], rules, came) if came is not None else (0, 0)
        if append and refused.is_file():
            earlier = refused.read_bytes()
            new = beside[1].read_bytes().partition(b"\n")[2]
            beside[1].write_bytes(earlier + new)
        kept, rows, listed, told = done
        if kept or not listed or not path.is_file():
            beside[0].replace(path)
        beside[1].replace(refused)
    finally:
        for part in beside:
            part.unlink(missing_ok=True)
    return ImportedFile(rules.table, path, kept, rows, told, listed, before, replaced)


def _written(
    rules: Mapping, pieces: Iterator[Imported], path: Path, refused: Path
) -> tuple[int, int, int, pd.DataFrame]:
    """Rows kept, source rows, refused ones, and the report; the account is settled with the files."""
    told: list[Imported] = []
    listed = 0
    with closing(PartWriter(path, rules.facts)) as writer:
        for number, one in enumerate(pieces):
            writer.write(one.frame)
            one.refused.to_csv(refused, index=False, mode="a" if number else "w", header=not number)
            listed += int(one.refused["rows"].sum())
            told.append(_counted(one))
    read = sum(p.rows for p in told)
    settle(
        rules.table,
        read=read,
        behind=sum(p.behind for p in told),
        refused=listed,
        empty=sum(int(p.empty["rows"].sum()) for p in told),
        kept=sum(len(p.frame) for p in told),
        written=writer.rows_in_file(),
    )
    return sum(len(p.frame) for p in told), read, listed, summary(told)


def _counted(one: Imported) -> Imported:
    """A piece without its cells: as many rows, refusals counted by reason."""
    refused = one.refused.groupby(["rule", "reason"])["rows"].sum().reset_index()
    bare = pd.DataFrame(index=one.frame.index)
    return Imported(
        one.table, bare, refused, one.flagged, one.empty, one.rows, one.behind, one.further, one.mapping
    )


def _pieces(rules: Mapping, mapping: Path, source: Path, came: SeenKeys | None = None) -> Iterator[Imported]:
    """What became of each chunk of the source; ``came`` gets what rows that are there give way to."""
    table, seen = INPUTS[rules.table], SeenKeys()
    late: np.ndarray | None = None
    if rules.keep_latest is not None:
        late = superseded(rules, table, _judged(rules, mapping, source, Tally()))
    tally, counted, begin = Tally(), 0, 0
    for judged in _judged(rules, mapping, source, tally):
        if late is not None:
            end = begin + len(judged.typed)
            judged.ledger.refuse("superseded", "a later record of the same key came", late[begin:end])
            begin = end
        one = piece(rules, table, judged, seen, tally.rows - counted)
        if came is not None:
            came.add(hash_rows(judged.typed.loc[judged.ledger.kept, giving_way(rules.table)]))
        counted = tally.rows
        yield one


def _judged(rules: Mapping, mapping: Path, source: Path, tally: Tally) -> Iterator[Judged]:
    """Chunks of the source, each row judged by itself."""
    table = INPUTS[rules.table]
    wrong = wrong_fields(rules, table, str(mapping))
    for chunk in chunks(rules, mapping, source, tally):
        wrong += wrong_columns(rules, chunk)
        if wrong:
            raise TableError(wrong)
        yield judge(rules, table, chunk)
