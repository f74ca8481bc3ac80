"""A flat table unfolded from a source, each row with the source rows behind it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from wfo.tables.formats.records import Record

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """One flat table of a source.

    Attributes
    ----------
    frame : DataFrame
        Columns as text or numbers; what is absent is missing.
    files, numbers : ndarray
        File name and row number of the source row that each row comes from, as the user sees them.
    behind : ndarray of int64
        How many source rows stand behind each row: an event log's rows fold into contacts; of several rows
        from one source row it stands behind the first, and none behind the others.
    faults : ndarray of object
        Why a row cannot be used; empty where it can.
    empty : mapping of str to int
        Source rows that have nothing for this table, by what they lack.
    """

    frame: pd.DataFrame
    files: np.ndarray
    numbers: np.ndarray
    behind: np.ndarray
    faults: np.ndarray
    empty: Mapping[str, int] = field(default_factory=dict)


@dataclass
class PartBuilder:
    """Collects the rows of a part.

    Parameters
    ----------
    columns : sequence of str
        Columns the part always has, in order; others follow as they come.
    """

    columns: Sequence[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    places: list[tuple[str, int, int, str]] = field(default_factory=list)
    without: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record, row: dict[str, Any], *, behind: int = 1) -> None:
        """Add a row that comes from ``record`` and stands for ``behind`` source rows."""
        self.rows.append(row)
        self.places.append((record.file, record.row, behind, ""))

    def refuse(self, record: Record, fault: str, *, behind: int = 1) -> None:
        """Add a source row that cannot be used, with the reason."""
        self.rows.append({})
        self.places.append((record.file, record.row, behind, fault))

    def lacks(self, what: str) -> None:
        """Note a source row that has nothing for this table."""
        self.without[what] += 1

    def part(self) -> Part:
        """What was collected."""
        extra = dict.fromkeys(key for row in self.rows for key in row)
        names = [*self.columns, *(k for k in extra if k not in self.columns)]
        frame = pd.DataFrame({name: _column(row.get(name) for row in self.rows) for name in names})
        files, numbers, behind, faults = zip(*self.places, strict=True) if self.places else ((), (), (), ())
        return Part(
            frame,
            np.asarray(files, dtype=object),
            np.asarray(numbers, dtype=np.int64),
            np.asarray(behind, dtype=np.int64),
            np.asarray(faults, dtype=object),
            dict(self.without),
        )


def _column(values: Iterable[Any]) -> pd.Series:
    """Cells of one column; numbers stay numbers, everything else becomes text or missing."""
    cells = [None if value is None or value == "" else value for value in values]
    known = [cell for cell in cells if cell is not None]
    if known and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known):
        return pd.Series(cells, dtype="float64")
    return pd.Series([_text(cell) for cell in cells], dtype="str")


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


class Refused(Exception):
    """A record cannot be used; the text says why."""


def unfolded(record: Record, unfold: Callable[[dict[str, Any]], T]) -> tuple[T | None, str]:
    """What a record unfolds to, and why it does not where it is not as its source documents it."""
    if record.fault:
        return None, record.fault
    try:
        return unfold(record.content), ""
    except Refused as reason:
        return None, str(reason)
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        return None, f"not as its source documents it ({type(error).__name__}: {error})"


def dig(content: Any, path: str) -> Any:
    """The value under a dotted path of a nested object; None where a step is missing."""
    for step in path.split("."):
        content = content.get(step) if isinstance(content, dict) else None
    return content
