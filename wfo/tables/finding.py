"""Findings: one kind of fault in one column of a table, with the rows it was found in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import Problem

ROWS_NAMED = 20
"""At most so many rows of one kind are named; the rest is counted."""


@dataclass(frozen=True)
class Finding:
    """One kind of fault.

    Attributes
    ----------
    column : str
        The column at fault; of several, the one to look at first.
    rows : ndarray of int64
        Positions of the rows in the frame.
    cells : Series
        What was found there, as long as ``rows``.
    message : str
        What is allowed and what to do.
    """

    column: str
    rows: np.ndarray
    cells: pd.Series
    message: str


def found(column: str, values: pd.Series, bad: "pd.Series | np.ndarray", message: str) -> Iterator[Finding]:
    """One finding where ``bad`` (bool, as long as ``values``) holds anywhere, else none."""
    rows = np.flatnonzero(np.asarray(bad, dtype=bool))
    if len(rows):
        yield Finding(column, rows, values.iloc[rows], message)


def first_row(source: "Path | str") -> int:
    """The number a user sees beside the first data row: 2 below a header line, else pandas' own 0."""
    name = Path(source).name.lower()
    return 2 if name.endswith((".csv", ".csv.gz", ".xlsx")) or ".xlsx:" in name else 0


def problems_of(
    findings: Iterable[Finding], source: str, numbers: "np.ndarray | None" = None, limit: int = ROWS_NAMED
) -> list[Problem]:
    """Say each finding row by row.

    Parameters
    ----------
    findings : iterable of Finding
    source : str
        The file or frame, as the user knows it.
    numbers : ndarray of int64, optional
        Row numbers as the user sees them, one a row of the frame; empty: counted from `first_row`.
    limit : int
        Rows named for each finding.
    """
    problems = []
    for finding in findings:
        shown = finding.rows[:limit]
        labels = shown + first_row(source) if numbers is None else numbers[shown]
        for row, value in zip(labels, finding.cells.iloc[:limit], strict=True):
            where = f"{source}, row {row}, column '{finding.column}'"
            problems.append(Problem(where, f"found {show(value)}; {finding.message}"))
        if len(finding.rows) > limit:
            rest = f"and {len(finding.rows) - limit:,} more rows like these; {finding.message}"
            problems.append(Problem(f"{source}, column '{finding.column}'", rest))
    return problems


def show(value: object) -> str:
    """A value as an error message names it."""
    if value == "" or (not isinstance(value, list | np.ndarray) and pd.isna(value)):  # type: ignore[call-overload]
        return "nothing"
    return f"'{value}'" if isinstance(value, str) else str(value)
