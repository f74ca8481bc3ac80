"""Check tables against their contracts, every problem at once."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
import pandas as pd

from wfo.errors import Problem
from wfo.tables.contracts import INPUTS, RUN, Table
from wfo.tables.convert import convert
from wfo.tables.finding import Finding, problems_of
from wfo.tables.rules import broken

TABLES: Mapping[str, Table] = {**INPUTS, **RUN}
"""Every table by name, what comes in and what a run leaves behind."""


def check_table(name: str, frame: pd.DataFrame, source: str) -> list[Problem]:
    """Every problem of one table.

    Parameters
    ----------
    name : str
        Of the table, as in the contracts.
    frame : DataFrame
        As it came: text or typed.
    source : str
        The file, or what else the user calls the frame; rows are counted as its reader sees them.
    """
    return checked(name, frame, source)[1]


def checked(
    name: str,
    frame: pd.DataFrame,
    source: str,
    *,
    timezone: str | None = None,
    numbers: np.ndarray | None = None,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Convert and check one table: the typed frame and every problem.

    Parameters
    ----------
    name, frame, source
        As in `check_table`.
    timezone : str, optional
        Zone of times without an offset.
    numbers : ndarray of int64, optional
        Row numbers as the user sees them.
    """
    table = TABLES.get(name)
    if table is None:
        return frame, [Problem(source, unknown_table(name))]
    missing = missing_columns(table, frame, source)
    if missing:
        return frame, missing
    typed, findings = convert(table, frame, timezone)
    told = [*findings, *(_as_written(finding, frame, typed) for finding in broken(table, typed))]
    return typed, problems_of(told, source, numbers)


def _as_written(finding: Finding, frame: pd.DataFrame, typed: pd.DataFrame) -> Finding:
    """A finding about times with the cells as the file has them, in its own clock."""
    if finding.column not in frame.columns or typed[finding.column].dtype.kind != "M":
        return finding
    return replace(finding, cells=frame[finding.column].iloc[finding.rows])


def unknown_table(name: str) -> str:
    """What to say about a table nobody knows."""
    close = get_close_matches(name, TABLES, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"allowed: {', '.join(INPUTS)}"
    return f"found table '{name}', which is unknown; {hint}"


def missing_columns(table: Table, frame: pd.DataFrame, source: str) -> list[Problem]:
    """Columns that a frame lacks, or has twice, so that its rows cannot be read at all."""
    present = [str(c) for c in frame.columns]
    twice = sorted({c for c in present if present.count(c) > 1})
    problems = [Problem(f"{source}, column '{c}'", "found twice; rename or remove one") for c in twice]
    unknown = [c for c in present if table.column(c) is None]
    for column in table.columns:
        if column.optional or column.name in present:
            continue
        close = get_close_matches(column.name, unknown, n=1)
        hint = (
            f"is it '{close[0]}'? rename it"
            if close
            else f"found: {', '.join(present) or 'no columns'}; add it"
        )
        problems.append(Problem(f"{source}, column '{column.name}'", f"is missing; {hint}"))
    return problems
