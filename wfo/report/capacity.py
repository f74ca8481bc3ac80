"""Full-time equivalents by month: a week's requirement scaled with the months' contacts."""

import calendar
from pathlib import Path

import pandas as pd

from wfo.errors import InputError, Problem
from wfo.report.run_files import RunFiles
from wfo.report.staffing import ALL, staffing_summary

_MONTHS = 12
_NAMES = {f"{m:02d}" for m in range(1, 13)}


def monthly_fte(run: RunFiles, volumes: Path | None) -> "pd.Series[float]":
    """Paid full-time equivalents that each month needs, shrinkage included.

    Hours grow in step with contacts, which is on the safe side: larger queues need fewer for each contact.

    Parameters
    ----------
    run : RunFiles
        A run at least until ``staff``.
    volumes : Path or None
        CSV ``month, contacts`` and perhaps ``queue``, or the file of an outlook; None: twelve months like
        the week of the run.

    Returns
    -------
    Series
        By month, ``2026-01``.

    Raises
    ------
    InputError
        If the file lacks columns, or has months or contacts that cannot be read.
    """
    week = staffing_summary(run).set_index("queue")
    if volumes is None:
        begin = pd.Timestamp(run.table("requirement")["interval_start"].min()).tz_convert(run.zone)
        months = pd.period_range(begin.strftime("%Y-%m"), periods=_MONTHS, freq="M").astype(str)
        return pd.Series(float(week["fte"][ALL]), index=months)
    table = _read(volumes)
    if "queue" not in table:
        table = table.assign(queue=ALL)
    queues = run.scenario["centre"]["queues"]
    table = table[[queues.get(q, {}).get("law") != "unstaffed" for q in table["queue"]]]
    unknown = sorted(set(table["queue"]) - set(week.index))
    if unknown:
        known = ", ".join(week.index)
        text = f"{', '.join(unknown)} found; this run staffs {known}"
        raise InputError([Problem(f"{volumes}, column 'queue'", text)])
    days = table["month"].map(lambda m: calendar.monthrange(int(m[:4]), int(m[5:7]))[1])
    scale = table["contacts"] / days * 7 / table["queue"].map(week["contacts"])
    need = (scale * table["queue"].map(week["fte"])).groupby(table["month"], sort=True).sum()
    return need.rename_axis(None)


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}")]) from error
    if {"grain", "start", "volume_mean"} <= set(table):
        # the months of an outlook
        table = table[table["grain"] == "month"].rename(columns={"volume_mean": "contacts"})
        table = table.assign(month=table["start"].astype(str).str[:7]).reset_index(drop=True)
    missing = [c for c in ("month", "contacts") if c not in table]
    if missing:
        text = f"no column {' and '.join(missing)}; write month, contacts and perhaps queue"
        raise InputError([Problem(str(path), text)])
    table["month"] = table["month"].astype(str)
    problems = []
    for row, (month, contacts) in enumerate(zip(table["month"], table["contacts"], strict=True), start=2):
        if len(month) != 7 or month[4] != "-" or not month[:4].isdigit() or month[5:] not in _NAMES:
            problems.append(Problem(f"{path}, row {row}, column 'month'", f"'{month}' found; write 2026-01"))
        if isinstance(contacts, str) or not contacts >= 0:
            problems.append(
                Problem(f"{path}, row {row}, column 'contacts'", f"{contacts} found; write 0 or more")
            )
    if problems:
        raise InputError(problems)
    return table
