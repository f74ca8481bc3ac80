"""Weeks published earlier from the same runs folder: labour rules hold across the boundary to them."""

import datetime as dt
from pathlib import Path

import pandas as pd

from wfo.tables.empty import empty_table
from wfo.tables.parquet import read_frame

PUBLISHED = "published"
"""Folder of published weeks among the runs."""
_BACK = dt.timedelta(days=35)
_WEEK = dt.timedelta(days=7)


def published_weeks(runs: Path, first: dt.date) -> pd.DataFrame:
    """Rows of the newest version of each week published in the five weeks before a day.

    Parameters
    ----------
    runs : Path
        Folder of all runs.
    first : date
        First day of the planning week; that week itself is left out.

    Returns
    -------
    DataFrame
        After the contract of ``published_schedule``; empty where nothing has been published.
    """
    parts = []
    for day, _ in _folders(runs):
        if first - _BACK <= day and day + _WEEK <= first:
            newest = newest_published(runs, day)
            if newest is not None and (newest / "schedule.parquet").is_file():
                parts.append(read_frame(newest / "schedule.parquet"))
    if not parts:
        return empty_table("schedule")
    return pd.concat(parts, ignore_index=True).sort_values(["agent_id", "start"], ignore_index=True)


def newest_published(runs: Path, first: dt.date) -> Path | None:
    """Folder of the newest published version of the week that begins on a day; None where there is none."""
    return max((runs / PUBLISHED / first.isoformat()).glob("v*"), key=_version, default=None)


def joined(given: pd.DataFrame | None, weeks: pd.DataFrame) -> pd.DataFrame | None:
    """The data's published schedule with published runs in place of what it says of the same days."""
    if weeks.empty:
        return given
    if given is None or given.empty:
        return weeks
    kept = given[~given["schedule_date"].isin(set(weeks["schedule_date"]))]
    return pd.concat([kept, weeks], ignore_index=True).sort_values(["agent_id", "start"], ignore_index=True)


def _folders(runs: Path) -> list[tuple[dt.date, Path]]:
    """Folders of published weeks with their first days, in order; others are passed over."""
    found = []
    for folder in sorted((runs / PUBLISHED).glob("*-*-*")):
        try:
            found.append((dt.date.fromisoformat(folder.name), folder))
        except ValueError:
            continue
    return found


def _version(folder: Path) -> int:
    number = folder.name.removeprefix("v")
    return int(number) if number.isdigit() else 0
