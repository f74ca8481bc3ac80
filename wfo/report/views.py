"""What planners look at, as frames: coverage, service by day, volumes, shifts, coaching."""

import numpy as np
import pandas as pd

from wfo.charts.theme import wall_clock
from wfo.report.accuracy import beside_actuals
from wfo.report.run_files import RunFiles


def coverage(run: RunFiles) -> pd.DataFrame:
    """Required and scheduled positions of all staffed queues together.

    Returns
    -------
    DataFrame
        ``interval_start`` (UTC), ``at`` (wall clock), ``day``, ``time``, ``required``,
        ``scheduled``, ``net``; one row an interval from the first to the last in which somebody is
        required or scheduled. Scheduled counts people on contacts, averaged over the interval.
    """
    need = run.table("requirement")
    schedule = run.table("schedule")
    if need.empty:
        return pd.DataFrame(columns=["interval_start", "at", "day", "time", "required", "scheduled", "net"])
    required = need.groupby("interval_start")["positions_with_shrinkage"].sum().sort_index()
    step = pd.Timedelta(minutes=int(run.scenario["week"]["grid_min"]))
    first, last = required.index[0], required.index[-1]
    work = schedule[schedule["kind"] == "work"] if len(schedule) else schedule
    if len(work):
        # shifts may begin between the starts of intervals
        first += min(0, (work["start"].min() - first) // step) * step
        last += max(0, -((last + step - work["end"].max()) // step)) * step
    starts = pd.date_range(first, last, freq=step)
    week = pd.DataFrame({"interval_start": starts})
    week["required"] = required.reindex(starts).fillna(0.0).to_numpy()
    week["scheduled"] = positions_on_duty(schedule, starts, step)
    week["net"] = week["scheduled"] - week["required"]
    local = pd.DatetimeIndex(week["interval_start"]).tz_convert(run.zone)
    week["day"] = local.strftime("%a %d %b")
    week["time"] = local.strftime("%H:%M")
    week["at"] = wall_clock(week["interval_start"], run.zone)
    return week


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
            "queue": frame["queue"],
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
