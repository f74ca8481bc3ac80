"""Judge the rows of a chunk: each becomes a row of the table, or is refused for the first reason found."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.errors import Problem
from wfo.tables.contracts import Table
from wfo.tables.import_keys import SeenKeys
from wfo.tables.import_source import Chunk
from wfo.tables.imported import Imported, reasons
from wfo.tables.legs import first_legs, fold_legs, name_legs
from wfo.tables.mapped_fields import Ledger, fields_of, holds
from wfo.tables.mapping import Mapping
from wfo.tables.records_beside import kept_beside
from wfo.tables.rules import broken_among, broken_rows
from wfo.tables.source_columns import source_columns


@dataclass(frozen=True)
class Judged:
    """A chunk with the table's fields and what is wrong in each row by itself.

    Attributes
    ----------
    chunk : Chunk
    typed : DataFrame
        The table's fields, one row a source row.
    ledger : Ledger
    """

    chunk: Chunk
    typed: pd.DataFrame
    ledger: Ledger

    @property
    def readable(self) -> np.ndarray:
        """Rows that say what they have to say: kept so far, or left out by a rule of the mapping."""
        return self.ledger.kept | np.isin(self.ledger.rule, ("drop", "quarantine"))


def judge(rules: Mapping, table: Table, chunk: Chunk) -> Judged:
    """Judge each row by itself: its format, the mapping's rules, its cells, their ranges and order."""
    ledger = Ledger(len(chunk.frame))
    ledger.refuse("unreadable", chunk.faults, chunk.faults != "")
    for rule, rows in (("drop", rules.drop), ("quarantine", rules.quarantine)):
        for row in rows:
            ledger.refuse(rule, row.reason, holds(row.when, chunk.frame))
    typed = fields_of(rules, table, chunk.frame, ledger)
    left = np.flatnonzero(ledger.kept)
    ledger.refuse_all("broken", broken_rows(table, typed.iloc[left].reset_index(drop=True)), left)
    return Judged(chunk, typed, ledger)


def piece(rules: Mapping, table: Table, judged: Judged, seen: SeenKeys, rows: int) -> Imported:
    """What became of a chunk: keys that repeat and neighbours that overlap refused, legs folded.

    Parameters
    ----------
    rules : Mapping
    table : Table
    judged : Judged
    seen : SeenKeys
        Keys of earlier chunks; those of this one are added.
    rows : int
        Source rows that the reader counted.
    """
    chunk, typed, ledger = judged.chunk, judged.typed, judged.ledger
    # A row refused already must not be the first of two rows with one key.
    left = np.flatnonzero(ledger.kept)
    twice = np.zeros(len(typed), dtype=bool)
    twice[left[seen.repeated(table, typed.iloc[left])]] = True
    ledger.refuse("duplicate", f"this {' + '.join(table.key)} has come before", twice)
    left = np.flatnonzero(ledger.kept)
    ledger.refuse_all("broken", broken_among(table, typed.iloc[left].reset_index(drop=True)), left)
    first, steps = _legs(rules, judged)
    kept = ledger.kept
    frame, behind = typed[kept].reset_index(drop=True), chunk.behind[kept]
    beside = kept_beside(rules, table, frame, chunk.frame[kept].reset_index(drop=True))
    if first is not None and table.name == "segments":
        frame = name_legs(frame, first, steps)
    elif first is not None:
        frame, behind = fold_legs(frame, first, steps, behind)
    flags = [
        (rule.reason, int(chunk.behind[kept & holds(rule.when, chunk.frame)].sum())) for rule in rules.flag
    ]
    notes = [(said, int(chunk.behind[kept & rows.to_numpy()].sum())) for said, rows in ledger.notes]
    flags += [note for note in notes if note[1]]
    return Imported(
        table.name,
        frame,
        _refused(chunk, ledger),
        reasons(flags),
        reasons(dict(chunk.empty)),
        rows,
        int(behind.sum()),
        int((behind == 0).sum()),
        rules,
        beside,
    )


def _legs(rules: Mapping, judged: Judged) -> tuple[np.ndarray | None, np.ndarray]:
    """First legs of the rows kept and the steps to them; rows whose legs go in a circle are refused."""
    if not rules.legs:
        return None, np.empty(0, dtype=np.int64)
    ledger = judged.ledger
    while True:
        kept = np.flatnonzero(ledger.kept)
        names = judged.typed["interaction_id"].iloc[kept].reset_index(drop=True)
        columns = [judged.chunk.frame[c].iloc[kept].reset_index(drop=True) for c in rules.legs]
        first, steps = first_legs(names, columns)
        circle = np.zeros(len(ledger.kept), dtype=bool)
        circle[kept[first < 0]] = True
        if not circle.any():
            return first, steps
        ledger.refuse("broken", f"{rules.legs[0]}: its legs go round in a circle", circle)


def _refused(chunk: Chunk, ledger: Ledger) -> pd.DataFrame:
    out = ~ledger.kept
    return pd.DataFrame(
        {
            "file": pd.Series(chunk.files[out], dtype="str"),
            "row": chunk.numbers[out],
            "rule": pd.Series(ledger.rule[out], dtype="str"),
            "reason": pd.Series(ledger.reason[out], dtype="str"),
            "rows": chunk.behind[out],
            "found": pd.Series(ledger.found[out], dtype="str"),
        }
    )


def wrong_fields(rules: Mapping, table: Table, mapping: str) -> list[Problem]:
    """Fields that the mapping fills and the table has not, and those every row needs and it leaves out."""
    unknown = [
        Problem(mapping, f"columns.{f}: '{table.name}' has no such field; allowed: {', '.join(table.names)}")
        for f in rules.columns
        if table.column(f) is None
    ]
    return unknown + [
        Problem(mapping, f"columns.{column.name} is missing; every row needs it")
        for column in table.columns
        if not column.optional and column.name not in rules.columns
    ]


def wrong_columns(rules: Mapping, chunk: Chunk) -> list[Problem]:
    """Columns that the mapping names and the source has not."""
    present = set(chunk.frame.columns)
    found = ", ".join(str(c) for c in chunk.frame.columns)
    return [
        Problem(chunk.source, f"has no column '{name}', which the mapping names; found: {found}")
        for name in source_columns(rules)
        if name not in present
    ]
