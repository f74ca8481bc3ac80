"""Last week's review as the report shows it: planned and came, and what made the difference."""

from typing import Any

import numpy as np
import pandas as pd

from wfo.report.run_files import RunFiles
from wfo.report.words import missing, percent, plain, points

STEPS = ("by_volume", "by_handle_time", "by_staffing", "by_shrinkage", "rest")


def review_content(run: RunFiles) -> dict[str, Any]:
    """What the report's first section needs; empty lists where last week was not published."""
    table, kept = run.table("review"), run.table("review_adherence")
    if table.empty:
        return {"review": [], "review_days": [], "review_line": ""}
    return {
        "review": queue_rows(table),
        "review_days": [_row(plain(str(r["queue"])), str(r["day"]), r) for r in table.to_dict("records")],
        "review_line": _line(table, kept),
    }


def queue_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """The week by queue: counts summed, handle times and service weighted by contacts."""
    rows = []
    for queue, part in table.groupby("queue", sort=False):
        weights = part["of"].fillna(0.0).to_numpy(dtype=np.float64)
        whole: dict[str, Any] = {name: part[name].sum() for name in ("volume_planned", "volume")}
        whole["handle_planned"] = _mean(part["handle_planned"], part["volume_planned"])
        whole["handle"] = _mean(part["handle"], part["volume"])
        for name in ("promised", "realised", *STEPS):
            whole[name] = _mean(part[name], pd.Series(weights, index=part.index))
        rows.append(_row(plain(str(queue)), "", whole))
    return rows


def _mean(values: pd.Series, weights: pd.Series) -> float:
    known = values.notna() & (weights > 0)
    if not known.any():
        return float("nan")
    return float(np.average(values[known].to_numpy(dtype=np.float64), weights=weights[known].to_numpy()))


def _row(queue: str, day: str, row: dict[Any, Any]) -> dict[str, str]:
    change = row["volume"] / row["volume_planned"] - 1 if row["volume_planned"] else np.nan
    return {
        "queue": queue,
        "day": day,
        "planned": f"{row['volume_planned']:,.0f}",
        "came": f"{row['volume']:,.0f}",
        "change": percent(change, sign=True),
        **{name: "–" if missing(row[name]) else f"{row[name]:,.0f}" for name in ("handle_planned", "handle")},
        **{
            name: "–" if missing(row[name]) else f"{100 * row[name]:.1f} %"
            for name in ("promised", "realised")
        },
        **{name: points(row[name]) for name in STEPS},
    }


def _line(table: pd.DataFrame, kept: pd.DataFrame) -> str:
    days = table.drop_duplicates("day")
    planned, worked = days["hours_planned"].sum(), days["hours"].sum(min_count=1)
    parts = [f"{planned:,.0f} hours on the work were planned"]
    if not missing(worked):
        parts[0] += f", {worked:,.0f} were worked"
    done = table["work"].sum(min_count=1) if "work" in table else np.nan
    if not missing(done):
        parts.append(f"contacts took {done:,.0f} of these, {table['work_planned'].sum():,.0f} were expected")
    lost = days["lost"].mean()
    if not missing(lost):
        parts.append(f"{100 * lost:.1f} % of the time was lost unscheduled")
    if len(kept) and kept["scheduled_min"].sum() > 0:
        share = kept["adherent_min"].sum() / kept["scheduled_min"].sum()
        parts.append(f"adherence was {100 * share:.1f} % of the scheduled time")
        work = kept["work_min"].sum() if "work_min" in kept else 0.0
        if work > 0:
            parts.append(
                f"conformance {100 * kept['worked_min'].sum() / work:.1f} % of the time scheduled for work"
            )
    return "; ".join(parts) + "."
