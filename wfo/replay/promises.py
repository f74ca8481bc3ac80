"""Promise and reality side by side: by week, queue and metric, and each day of a queue's service."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.centre import Centre, Law
from wfo.forecasting.opening import open_intervals
from wfo.replay.realised import METRICS
from wfo.replay.reality import NOTES
from wfo.timegrid import TimeGrid

COLUMNS = (
    "week",
    "lead",
    "queue",
    "metric",
    "grain",
    "day",
    "sense",
    "target",
    "promised",
    "low",
    "high",
    "p_met",
    "realised",
    "of",
    "met",
    "status",
)
JUDGED = "judged"
_ROOM = 1e-9
_SERVICE = {Law.IMMEDIATE: "service_level", Law.CONCURRENT: "service_level", Law.DEFERRED: "response_within"}


def service_metric(centre: Centre, queue: str) -> str | None:
    """The metric that says whether contacts of a queue are served in time; None where nobody serves them."""
    return _SERVICE.get(centre.queues[queue].law)


def promise_table(
    scorecard: pd.DataFrame, days: pd.DataFrame, values: pd.DataFrame, lost: pd.DataFrame, centre: Centre
) -> pd.DataFrame:
    """What was promised and what came of it.

    Parameters
    ----------
    scorecard, days : DataFrame
        Of the plan's evaluation.
    values : DataFrame
        From `realised.values`: ``queue, metric, day, value, of``.
    lost : DataFrame
        ``queue, day`` without data: such days, and weeks with one, are shown and not judged.
    centre : Centre

    Returns
    -------
    DataFrame
        `COLUMNS` from ``queue`` on.
    """
    asked = scorecard[(scorecard["grain"] == "week") & scorecard["scope"].isin(centre.queue_ids)]
    week = asked.rename(columns={"scope": "queue", "predicted": "promised"}).assign(day=None)
    daily = days.rename(columns={"predicted": "promised"}).assign(
        metric=pd.Series([service_metric(centre, q) for q in days["queue"]], index=days.index, dtype=object),
        grain="day",
    )
    daily["sense"] = pd.Series(np.where(daily["target"].notna(), ">=", ""), index=daily.index, dtype="str")
    kept = ["queue", "metric", "grain", "day", "sense", "target", "promised", "low", "high", "p_met"]
    promised = pd.concat([week[kept], daily[daily["metric"].notna()][kept]], ignore_index=True)
    keys = {(q, m, d): (v, o) for q, m, d, v, o in values.itertuples(index=False, name=None)}
    found = [
        keys.get((q, m, None if d is None else d), (np.nan, np.nan))
        for q, m, d in zip(promised["queue"], promised["metric"], promised["day"], strict=True)
    ]
    promised["realised"], promised["of"] = (
        np.array(column, dtype=np.float64) for column in zip(*found, strict=True)
    )
    wanted = [
        m in METRICS[centre.queues[q].law] for q, m in zip(promised["queue"], promised["metric"], strict=True)
    ]
    table = promised[np.array(wanted, dtype=bool)].reset_index(drop=True)
    table["met"] = _met(table)
    table["status"] = _status(table, lost)
    rank = {q: k for k, q in enumerate(centre.queue_ids)}
    order = sorted(
        range(len(table)),
        key=lambda k: (
            rank[table["queue"][k]],
            table["metric"][k],
            table["grain"][k] == "day",
            str(table["day"][k]),
        ),
    )
    return table.iloc[order].reset_index(drop=True)


def _met(table: pd.DataFrame) -> np.ndarray:
    """1 where the target was met, 0 where not, NaN where there is none or nothing came."""
    value, target = table["realised"].to_numpy(), table["target"].to_numpy(dtype=np.float64)
    more = (table["sense"] == ">=").to_numpy()
    room = _ROOM * np.maximum(1.0, np.abs(target))
    met = np.where(more, value >= target - room, value <= target + room).astype(np.float64)
    return np.where(np.isnan(value) | np.isnan(target), np.nan, met)


def _status(table: pd.DataFrame, lost: pd.DataFrame) -> list[str]:
    gone = set(zip(lost["queue"], lost["day"], strict=True))
    count = lost.groupby("queue").size().to_dict()
    out = []
    for queue, grain, day, of in zip(table["queue"], table["grain"], table["day"], table["of"], strict=True):
        if (queue, day) in gone:
            out.append("no data of this day")
        elif grain == "week" and count.get(queue, 0):
            out.append(f"{count[queue]} days without data")
        elif not of > 0:
            out.append("nobody came")
        else:
            out.append(JUDGED)
    return out


def unscheduled_days(
    schedule: pd.DataFrame, values: pd.DataFrame, centre: Centre, grid: TimeGrid
) -> pd.DataFrame:
    """Open days of a queue on which contacts came and nobody was scheduled at all, as notes."""
    working = set(schedule.loc[schedule["kind"].astype(str) == Kind.WORK.value, "schedule_date"])
    is_open = open_intervals(centre, grid)
    day = grid.local_day_number(centre.zone)
    dates: list[dt.date] = grid.local_dates(centre.zone)
    number = {q: k for k, q in enumerate(centre.queue_ids)}
    came = values[(values["metric"] == "volume") & values["day"].notna()]
    rows = [
        (queue, date, "no schedule for this day", int(of))
        for queue, date, of in zip(came["queue"], came["day"], came["of"], strict=True)
        if of > 0 and date not in working and is_open[number[queue], day == dates.index(date)].any()
    ]
    frame = pd.DataFrame(rows, columns=list(NOTES))
    return frame.astype({"queue": "str", "what": "str", "contacts": "int64"})
