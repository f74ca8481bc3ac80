"""The page of an outlook: months as a table, weeks as a figure."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wfo.charts.outlook import weeks_to_come
from wfo.pipeline.outlook import OutlookRun
from wfo.report.page import write_page
from wfo.report.words import missing, percent, plain


def write_outlook_page(done: OutlookRun, folder: Path) -> Path:
    """Write ``outlook.html``: no request leaves it when it is opened.

    Parameters
    ----------
    done : OutlookRun
    folder : Path
        Where the page goes.
    """
    found = done.outlook
    content = {
        "title": done.scenario.name or done.scenario.stem,
        "scenario": done.scenario.stem,
        "arm": done.scenario.arm,
        "months": month_rows(found.table),
        "growth": [(plain(q), percent(g, sign=True)) for q, g in found.growth.items()],
        "notes": list(dict.fromkeys(found.notes)),
    }
    charts = {"weeks": weeks_to_come(_weeks(found.table, found.past))}
    return write_page(folder / "outlook.html", "outlook.html.j2", charts, content)


def month_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Months by queue: expected, the middle 80 %, and how far from the same weeks a year before.

    Several queues come together at the end, where what is expected adds up, and low and high do not.
    """
    rows = []
    months = table[table["grain"] == "month"]
    for row in [*months.to_dict("records"), *_together(months)]:
        before = row["year_before"]
        change = (
            "–" if missing(before) or before <= 0 else percent(row["volume_mean"] / before - 1, 0, sign=True)
        )
        rows.append(
            {
                "queue": plain(str(row["queue"])),
                "month": f"{row['start']:%b %Y}",
                **{
                    name: "–" if missing(row[name]) else f"{row[name]:,.0f}"
                    for name in ("volume_mean", "low", "high")
                },
                "change": change,
            }
        )
    return rows


def _together(months: pd.DataFrame) -> list[dict[Any, Any]]:
    if months["queue"].nunique() < 2:
        return []
    sums = months.groupby("start", sort=True)[["volume_mean", "year_before"]].sum(min_count=1).reset_index()
    whole = months.groupby("start", sort=True)["year_before"].count().to_numpy() == months["queue"].nunique()
    sums["year_before"] = sums["year_before"].where(whole)
    return sums.assign(queue="all queues", low=np.nan, high=np.nan).to_dict("records")


def _weeks(table: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    coming = table[table["grain"] == "week"]
    ahead = {"mean": "volume_mean", "low": "low", "high": "high"}
    frames = [
        _dated(past).assign(actual=past["offered"], **dict.fromkeys(ahead, np.nan)),
        _dated(coming).assign(actual=np.nan, **{k: coming[v].round(1) for k, v in ahead.items()}),
    ]
    seen = frames[0].dropna(axis=1, how="all"), frames[1].dropna(axis=1, how="all")
    whole = pd.concat(seen, ignore_index=True)
    return whole[whole["queue"].isin([plain(str(q)) for q in coming["queue"].unique()])]


def _dated(frame: pd.DataFrame) -> Any:
    at = frame["start"].map(lambda d: f"{d}T00:00:00Z")
    return pd.DataFrame({"queue": frame["queue"].map(plain), "at": at})
