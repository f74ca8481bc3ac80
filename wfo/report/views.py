"""What planners look at, as frames: coverage, service by day, volumes, shifts, coaching."""

import numpy as np
import pandas as pd

from wfo.charts.theme import wall_clock
from wfo.report.accuracy import beside_actuals
from wfo.report.run_files import RunFiles
from wfo.report.words import plain


def coverage(run: RunFiles) -> pd.DataFrame:
    """Required and scheduled positions of all staffed queues together.

    How many are required depends on how far people share work: ``required`` staffs every queue alone,
    ``required_pooled`` lets those who know several queues share all of them. Deferred work counts where the
    schedule does it.

    Returns
    -------
    DataFrame
        ``interval_start`` (UTC), ``at`` (wall clock), ``day``, ``time``, ``required``, ``required_pooled``,
        ``scheduled``, ``net``; one row an interval from the first to the last in which somebody is
        required or scheduled. Scheduled counts people on contacts, averaged over the interval. ``net`` is
        above 0 where more are scheduled than ``required``, below 0 where fewer than ``required_pooled``.
    """
    need = run.table("requirement")
    schedule = run.table("schedule")
    if need.empty:
        columns = ["interval_start", "at", "day", "time", "required", "required_pooled", "scheduled", "net"]
        return pd.DataFrame(columns=columns)
    alone, pooled = _required(run, need)
    step = pd.Timedelta(minutes=int(run.scenario["week"]["grid_min"]))
    first, last = alone.index[0], alone.index[-1]
    work = schedule[schedule["kind"] == "work"] if len(schedule) else schedule
    if len(work):
        # shifts may begin between the starts of intervals
        first += min(0, (work["start"].min() - first) // step) * step
        last += max(0, -((last + step - work["end"].max()) // step)) * step
    starts = pd.date_range(first, last, freq=step)
    week = pd.DataFrame({"interval_start": starts})
    week["required"] = alone.reindex(starts).fillna(0.0).to_numpy()
    week["required_pooled"] = pooled.reindex(starts).fillna(0.0).to_numpy()
    week["scheduled"] = positions_on_duty(schedule, starts, step)
    over = np.maximum(week["scheduled"] - week["required"], 0.0)
    week["net"] = over - np.maximum(week["required_pooled"] - week["scheduled"], 0.0)
    local = pd.DatetimeIndex(week["interval_start"]).tz_convert(run.zone)
    week["day"] = local.strftime("%a %d %b")
    week["time"] = local.strftime("%H:%M")
    week["at"] = wall_clock(week["interval_start"], run.zone)
    return week


def _required(run: RunFiles, need: pd.DataFrame) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """Required positions by interval, each queue staffed alone, and pooled."""
    at_once, later = need[need["law"] != "deferred"], need[need["law"] == "deferred"]
    pooled, planned = run.table("pooled"), run.table("assignment")
    if len(planned):
        later = planned[planned["queue"].isin(set(later["queue"]))].rename(
            columns={"positions": "positions_with_shrinkage"}
        )
    parts = [_by_interval(later), _by_interval(at_once), _by_interval(pooled if len(pooled) else at_once)]
    alone, low = parts[0].add(parts[1], fill_value=0.0), parts[0].add(parts[2], fill_value=0.0)
    return alone.sort_index(), low.reindex(alone.index).fillna(0.0).sort_index()


def _by_interval(frame: pd.DataFrame) -> "pd.Series[float]":
    return frame.groupby("interval_start")["positions_with_shrinkage"].sum()


def positions_on_duty(schedule: pd.DataFrame, starts: pd.DatetimeIndex, step: pd.Timedelta) -> np.ndarray:
    """People on contacts in each interval, averaged over it, shape (len(starts),)."""
    if schedule.empty or not len(starts):
        return np.zeros(len(starts))
    work = schedule[schedule["kind"] == "work"]
    edges = np.append(starts.as_unit("us").asi8, (starts[-1:] + step).as_unit("us").asi8)
    worked = np.zeros(len(edges), dtype=np.int64)
    for column, sign in (("start", 1), ("end", -1)):
        at = pd.DatetimeIndex(work[column]).as_unit("us").asi8
        worked += sign * np.maximum(0, edges[:, None] - at[None, :]).sum(axis=1)
    return np.diff(worked) / (step.value // 1000)


def service_by_day(run: RunFiles) -> pd.DataFrame:
    """Service level of each queue and day over simulated weeks.

    Columns ``queue, day, predicted, low, high, target``.
    """
    days = run.table("days")
    if days.empty:
        return pd.DataFrame(columns=["queue", "day", "predicted", "low", "high", "target"])
    days = days.dropna(subset=["predicted", "target"]).copy()
    days["day"] = pd.to_datetime(days["day"]).dt.strftime("%a")
    days["queue"] = days["queue"].map(plain)
    return days[["queue", "day", "predicted", "low", "high", "target"]]


def volumes(run: RunFiles) -> pd.DataFrame:
    """Forecast by queue and interval with its spread, and what came.

    Columns ``queue, at, mean, low, high, actual, usual``; ``actual`` is empty where closed and quiet.
    """
    frame = beside_actuals(run)
    if frame.empty:
        return pd.DataFrame(columns=["queue", "at", "mean", "low", "high", "actual", "usual"])
    busy = frame.groupby("queue", sort=False)["volume_mean"].transform("sum")
    frame = frame[busy > 0]
    return pd.DataFrame(
        {
            "queue": frame["queue"].map(plain),
            "at": wall_clock(frame["interval_start"], run.zone),
            "mean": frame["volume_mean"].round(2),
            "low": frame["volume_p10"].round(1),
            "high": frame["volume_p90"].round(1),
            "actual": frame["offered"].where((frame["volume_mean"] > 0) | (frame["offered"] > 0)),
            "usual": frame["usual"].where(frame["volume_mean"] > 0, 0.0).round(2),
        }
    )


def shifts(run: RunFiles) -> pd.DataFrame:
    """Segments as the Gantt draws them, by date, agent and start.

    Columns ``day, team, agent, activity, from_h, to_h, span``.
    """
    schedule = run.table("schedule")
    if schedule.empty:
        return pd.DataFrame(columns=["day", "team", "agent", "activity", "from_h", "to_h", "span"])
    frame = schedule[schedule["kind"] != "time_off"].merge(run.agents, on="agent_id", how="left")
    frame = frame.sort_values(["schedule_date", "agent_id", "start"])
    start = pd.DatetimeIndex(frame["start"]).tz_convert(run.zone).tz_localize(None)
    end = pd.DatetimeIndex(frame["end"]).tz_convert(run.zone).tz_localize(None)
    day = pd.DatetimeIndex(pd.to_datetime(frame["schedule_date"]))
    return pd.DataFrame(
        {
            "day": day.strftime("%a %d %b"),
            "team": frame["team"].to_numpy(),
            "agent": frame["name"].to_numpy(),
            "activity": np.where(frame["kind"] == "work", "work", frame["activity"].str.replace("_", " ")),
            "from_h": np.round((start - day).total_seconds() / 3600, 3),
            "to_h": np.round((end - day).total_seconds() / 3600, 3),
            "span": start.strftime("%H:%M") + "–" + end.strftime("%H:%M"),
        }
    )


def coaching(run: RunFiles) -> pd.DataFrame:
    """Coaching sessions with names, local times, worth and reasons, the dearest first."""
    plan = run.table("coaching")
    if plan.empty:
        return plan
    names = run.agents.set_index("agent_id")["name"]
    start = pd.DatetimeIndex(plan["start"]).tz_convert(run.zone)
    when = pd.Series(start.strftime("%a %H:%M"), index=plan.index).where(plan["start"].notna(), "–")
    shown = pd.DataFrame(
        {
            "agent": plan["agent_id"].map(names).fillna(plan["agent_id"]),
            "coach": plan["coach_id"].map(names).fillna(plan["coach_id"]),
            "behaviour": plan["behaviour"].str.replace("_", " "),
            "when": when,
            "value": plan["value"],
            "value_low": plan["value_low"],
            "value_high": plan["value_high"],
            "status": plan["status"],
            "reason": plan["reason"],
        }
    )
    return shown.sort_values(["value", "agent"], ascending=[False, True]).reset_index(drop=True)
