"""Contacts by month from a file: a planner's own months, or those of an outlook."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import InputError, Problem
from wfo.report.staffing import ALL


def read_months(path: Path, known: tuple[str, ...], unstaffed: set[str]) -> pd.DataFrame:
    """Contacts by month (index, ``2026-01``, without gaps, in order) and queue (columns).

    Parameters
    ----------
    path : Path
        CSV with ``month, contacts`` and perhaps ``queue``, or the file of an outlook.
    known : tuple of str
        Queues that may be named, ``all`` among them.
    unstaffed : set of str
        Queues whose rows are left out: nobody is needed for them.

    Raises
    ------
    InputError
        With every problem: file, row, column, what was found, what is allowed.
    """
    table = _rows(path)
    problems = _row_problems(path, table, set(known) | unstaffed)
    if problems:
        raise InputError(problems)
    table = table[[queue not in unstaffed for queue in table["queue"]]]
    problems = _whole_problems(path, table)
    if problems:
        raise InputError(problems)
    wide = table.pivot_table(index="month", columns="queue", values="contacts", sort=True)
    return wide[[queue for queue in known if queue in wide]]


def _rows(path: Path) -> pd.DataFrame:
    """Rows ``month, queue, contacts`` as they stand; ``row`` is the line in the file."""
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}")]) from error
    table = table.assign(row=np.arange(2, len(table) + 2))
    if {"grain", "start", "volume_mean"} <= set(table):
        # the months of an outlook
        table = table[table["grain"] == "month"].rename(columns={"volume_mean": "contacts"})
        table = table.assign(month=table["start"].astype(str).str[:7])
    missing = [c for c in ("month", "contacts") if c not in table]
    if missing:
        text = f"no column {' and '.join(missing)}; write month, contacts and perhaps queue"
        raise InputError([Problem(str(path), text)])
    if table.empty:
        raise InputError([Problem(str(path), "no months found; write at least one row like 2026-01,12000")])
    queue = table["queue"].astype(object).fillna("").astype(str) if "queue" in table else ALL
    return table.assign(month=table["month"].astype(str), queue=queue)[["row", "month", "queue", "contacts"]]


def _row_problems(path: Path, table: pd.DataFrame, allowed: set[str]) -> list[Problem]:
    """What is wrong with single rows."""
    found = []
    for row, month, queue, contacts in table.itertuples(index=False):
        where = f"{path}, row {row}, column"
        if not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", month):
            found.append(Problem(f"{where} 'month'", f"'{month}' found; write 2026-01"))
        if isinstance(contacts, str) or not 0 <= contacts < np.inf:
            found.append(Problem(f"{where} 'contacts'", f"{contacts} found; write 0 or more"))
        if queue not in allowed:
            text = f"'{queue}' found; this run staffs {', '.join(sorted(allowed))}"
            found.append(Problem(f"{where} 'queue'", text))
    return found


def _whole_problems(path: Path, table: pd.DataFrame) -> list[Problem]:
    """What is wrong with the rows together: `all` beside queues, twice the same, months that are missing."""
    found = []
    queues = sorted(set(table["queue"]))
    if ALL in queues and len(queues) > 1:
        rest = ", ".join(q for q in queues if q != ALL)
        text = f"'{ALL}' stands beside {rest}, which would count twice; write queues or '{ALL}', not both"
        found.append(Problem(f"{path}, column 'queue'", text))
    for row, month, queue, _ in table[table.duplicated(["month", "queue"])].itertuples(index=False):
        text = f"{month} of '{queue}' was told before; write each month of a queue once"
        found.append(Problem(f"{path}, row {row}", text))
    if table.empty:
        return [Problem(str(path), "only queues without people found; write a queue that is staffed")]
    months = pd.period_range(table["month"].min(), table["month"].max(), freq="M").astype(str)
    for queue in queues:
        gone = [m for m in months if m not in set(table.loc[table["queue"] == queue, "month"])]
        if gone:
            text = f"{', '.join(gone)} missing; months follow each other, write 0 where nothing comes"
            found.append(Problem(f"{path}, queue '{queue}'", text))
    return found
