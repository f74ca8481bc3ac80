"""What an import gives: a table's rows, and what became of every source row."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from wfo.tables.mapping import Mapping


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
        duplicate, superseded), reason, rows (source rows behind it), found (the cell at fault, if any).
    flagged, empty : DataFrame
        reason, rows: what was kept and deserves a word; source rows with nothing for this table.
    rows : int
        Source rows, as the reader counted them: those behind rows kept, refused and empty.
    behind : int
        Source rows behind the rows kept.
    further : int
        Rows kept beside the first of one source row.
    mapping : Mapping
    beside : mapping of str to DataFrame
        What a later import needs to know of the rows kept, from `wfo.tables.records_beside.kept_beside`.
    """

    table: str
    frame: pd.DataFrame
    refused: pd.DataFrame
    flagged: pd.DataFrame
    empty: pd.DataFrame
    rows: int
    behind: int
    further: int
    mapping: Mapping
    beside: MappingOf[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def folded(self) -> int:
        """Source rows that went into a row kept beside its first: events of a visit, legs of a call."""
        return self.behind + self.further - len(self.frame)

    def summary(self) -> pd.DataFrame:
        """Rows by what became of them: outcome, reason, rows, found."""
        return summary([self])


@dataclass(frozen=True)
class ImportedFile:
    """A table brought in and written to a folder.

    Attributes
    ----------
    table : str
    path : Path
        The Parquet file.
    kept, rows : int
        Rows kept, and source rows that came in.
    summary : DataFrame
        Rows by what became of them: outcome, reason, rows, found.
    refused : int
        Source rows refused, listed in ``refused/<table>.csv`` beside the table.
    before, replaced : int
        Of a file appended to: rows that were there, and how many of them gave way to new ones.
    """

    table: str
    path: Path
    kept: int
    rows: int
    summary: pd.DataFrame
    refused: int
    before: int = 0
    replaced: int = 0

    @property
    def refused_path(self) -> Path:
        """Where the refused rows are listed."""
        return self.path.parent / "refused" / f"{self.table}.csv"


def summary(pieces: list[Imported]) -> pd.DataFrame:
    """Rows of a table by what became of them: outcome, reason, rows, found (of the first such row).

    Parameters
    ----------
    pieces : list of Imported
        Of one table; their frames are looked at for their lengths alone.
    """
    counts = [
        ("kept", "", sum(len(p.frame) for p in pieces)),
        ("folded", "into a row kept", sum(p.folded for p in pieces)),
        ("further", "rows of one source row, beside its first", sum(p.further for p in pieces)),
    ]
    told = [count for count in counts if count[2] or count[0] == "kept"]
    parts = [pd.DataFrame(told, columns=["outcome", "reason", "rows"])]
    for outcome, frames in (("empty", [p.empty for p in pieces]), ("flagged", [p.flagged for p in pieces])):
        parts.append(reasons_added(frames).assign(outcome=outcome))
    refused = pd.concat([p.refused for p in pieces], ignore_index=True)
    parts = [part.assign(found="") for part in parts]
    parts.append(refusals(refused).rename(columns={"rule": "outcome"}))
    columns = ["outcome", "reason", "rows", "found"]
    return pd.concat([p for p in parts if len(p)], ignore_index=True)[columns]


def refusals(refused: pd.DataFrame) -> pd.DataFrame:
    """Refused rows by rule and reason: how many, and what was found in the first."""
    return refused.groupby(["rule", "reason"], sort=True).agg({"rows": "sum", "found": "first"}).reset_index()


def reasons_added(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of reason and rows as one, in the order in which reasons come."""
    return pd.concat(frames, ignore_index=True).groupby("reason", sort=False)["rows"].sum().reset_index()


def reasons(counts: "dict[str, int] | list[tuple[str, int]]") -> pd.DataFrame:
    """A frame of reason and rows."""
    items = list(counts.items()) if isinstance(counts, dict) else counts
    return pd.DataFrame(items, columns=["reason", "rows"]).astype({"reason": "str", "rows": "int64"})
