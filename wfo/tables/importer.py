"""Import a source by a mapping file: every row is kept or refused with a reason, chunk by chunk."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import TableError
from wfo.tables.account import Tally, settle
from wfo.tables.append_legs import legs_kept, regrouped
from wfo.tables.append_rows import appended, giving_way, joined
from wfo.tables.contracts import INPUTS
from wfo.tables.import_keys import SeenKeys, hash_rows, instants, superseded
from wfo.tables.import_rows import Judged, judge, piece, wrong_columns, wrong_fields
from wfo.tables.import_source import chunks
from wfo.tables.imported import Imported, ImportedFile, reasons_added, refusals, summary
from wfo.tables.mapping import Mapping
from wfo.tables.mapping_files import load_mapping
from wfo.tables.parquet_parts import PartWriter
from wfo.tables.records_beside import LEGS, RECORDS, Known

_TABLE, _REFUSED = "table", "refused"


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
        Keep what the folder has: rows with a key that is there already take its place, unless the mapping
        keeps the latest record and theirs is older; all others are added, in whatever order they come. Legs
        are folded with those that came before.

    Raises
    ------
    TableError
        As `import_table`, or if rows cannot be added to those that are there.
    """
    rules = load_mapping(mapping)
    made = _files(folder, rules.table)
    parts = {kind: folder / f"{rules.table}.{kind}.part" for kind in made}
    folder.mkdir(parents=True, exist_ok=True)
    known = Known(made[RECORDS], INPUTS[rules.table].key) if append else None
    came = SeenKeys()
    try:
        done = _written(rules, _pieces(rules, mapping, source, came, known), parts)
        before, replaced = _added(rules, made, parts, came) if append else (0, 0)
        kept, rows, listed, told = done
        stays = listed and not kept and made[_TABLE].is_file()
        for kind, file in made.items():
            if stays and kind != _REFUSED:
                continue
            if parts[kind].is_file():
                file.parent.mkdir(exist_ok=True)
                parts[kind].replace(file)
            elif not append:
                file.unlink(missing_ok=True)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return ImportedFile(rules.table, made[_TABLE], kept, rows, told, listed, before, replaced)


def _files(folder: Path, table: str) -> dict[str, Path]:
    """Files of a table in a folder, by kind."""
    return {
        _TABLE: folder / f"{table}.parquet",
        _REFUSED: folder / _REFUSED / f"{table}.csv",
        RECORDS: folder / RECORDS / f"{table}.parquet",
        LEGS: folder / LEGS / f"{table}.parquet",
    }


def _added(rules: Mapping, made: dict[str, Path], parts: dict[str, Path], came: SeenKeys) -> tuple[int, int]:
    """Put what a folder has before what was written; rows that were there, and how many gave way."""
    key = list(INPUTS[rules.table].key)
    if rules.legs and made[LEGS].is_file():
        legs = legs_kept(made[LEGS], pd.read_parquet(parts[LEGS]), rules.table)
        rows, names = regrouped(made[LEGS], legs, rules.table)
        came.add(hash_rows(pd.DataFrame({"interaction_id": pd.Series(names, dtype="str")})))
        for frame, file in ((rows, parts[_TABLE]), (legs, parts[LEGS])):
            with closing(PartWriter(file, rules.facts)) as writer:
                writer.write(frame)
    for kind in (RECORDS, LEGS):
        if parts[kind].is_file() and made[kind].is_file():
            again = SeenKeys()
            again.add(hash_rows(pd.read_parquet(parts[kind], columns=key)))
            joined(made[kind], parts[kind], key, again, {})
    counts = appended(made[_TABLE], parts[_TABLE], rules, came)
    if made[_REFUSED].is_file():
        files = (made[_REFUSED], parts[_REFUSED])
        old, new = (pd.read_csv(file, dtype="str", keep_default_na=False) for file in files)
        pd.concat([old, new], ignore_index=True).fillna("").to_csv(parts[_REFUSED], index=False)
    return counts


def _written(
    rules: Mapping, pieces: Iterator[Imported], parts: dict[str, Path]
) -> tuple[int, int, int, pd.DataFrame]:
    """Rows kept, source rows, refused ones, and the report; the account is settled with the files."""
    told: list[Imported] = []
    listed = 0
    with ExitStack() as open_files:
        writers = {kind: PartWriter(parts[kind], rules.facts) for kind in (_TABLE, RECORDS, LEGS)}
        for writer in writers.values():
            open_files.callback(writer.close)
        for number, one in enumerate(pieces):
            for kind, frame in ((_TABLE, one.frame), *one.beside.items()):
                writers[kind].write(frame)
            one.refused.to_csv(parts[_REFUSED], index=False, mode="a" if number else "w", header=not number)
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
        written=writers[_TABLE].rows_in_file(),
    )
    return sum(len(p.frame) for p in told), read, listed, summary(told)


def _counted(one: Imported) -> Imported:
    """A piece without its cells: as many rows, refusals counted by reason."""
    refused = refusals(one.refused)
    bare = pd.DataFrame(index=one.frame.index)
    return Imported(
        one.table, bare, refused, one.flagged, one.empty, one.rows, one.behind, one.further, one.mapping
    )


def _pieces(
    rules: Mapping, mapping: Path, source: Path, came: SeenKeys | None = None, known: Known | None = None
) -> Iterator[Imported]:
    """What became of each chunk of the source, beside records that are known.

    ``came`` gets what rows that are there give way to.
    """
    table, seen = INPUTS[rules.table], SeenKeys()
    late: np.ndarray | None = None
    latest = rules.keep_latest
    if latest is not None:
        late = superseded(rules, table, _judged(rules, mapping, source, Tally()))
    tally, counted, begin = Tally(), 0, 0
    for judged in _judged(rules, mapping, source, tally):
        if late is not None and latest is not None:
            end = begin + len(judged.typed)
            judged.ledger.refuse("superseded", "a later record of the same key came", late[begin:end])
            begin = end
            if known is not None:
                older = known.later(
                    hash_rows(judged.typed[list(table.key)]), instants(judged.chunk.frame[latest])
                )
                judged.ledger.refuse("superseded", "a later record of the same key is there", older)
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
