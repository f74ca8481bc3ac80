"""The staffing table as planners know it: a period a row, before and after shrinkage; hours and FTE."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from wfo.errors import InputError, Problem
from wfo.report.excel import write_sheet
from wfo.report.run_files import RunFiles
from wfo.report.words import plain

ALL = "all"
_SUMS = ("contacts", "work_s", "load", "positions", "scheduled")


def staffing_table(run: RunFiles, minutes: int = 30) -> pd.DataFrame:
    """Requirement of each queue and period, and of all queues together.

    Parameters
    ----------
    run : RunFiles
        With the tables ``requirement`` and ``forecast``.
    minutes : int
        Length of a period, a multiple of the grid's step: positions are means over its intervals, hours sums.

    Returns
    -------
    DataFrame
        ``queue, day, from, to, contacts, handle_s, load, positions`` (people on the work),
        ``positions_scheduled`` (unscheduled shrinkage added), ``positions_paid`` (scheduled shrinkage added),
        ``hours``, ``hours_scheduled``, ``hours_paid``. Deferred work is spread evenly until it is due.

    Raises
    ------
    InputError
        If the length is no multiple of the grid's step, or no part of a day.
    """
    step = int(run.scenario["week"]["grid_min"])
    if minutes % step or 1440 % minutes:
        text = f"{minutes} minutes found; write a multiple of the grid's {step} that divides a day, like 30"
        raise InputError([Problem("minutes", text)])
    frame = _intervals(run)
    local = pd.DatetimeIndex(frame["interval_start"]).tz_convert(run.zone)
    frame["begins"] = _period(local, minutes)
    sums = frame.groupby(["queue", "begins"], sort=False)[list(_SUMS)].sum().reset_index()
    whole = sums.groupby("begins", sort=True)[list(_SUMS)].sum().reset_index().assign(queue=ALL)
    sums = pd.concat([sums, whole], ignore_index=True)
    whole_days = pd.date_range(
        local.min().normalize(),
        local.max().normalize() + pd.DateOffset(days=1),
        freq=f"{step}min",
        inclusive="left",
    )
    # an hour less or more where clocks change within the period
    per_period = sums["begins"].map(_period(whole_days, minutes).value_counts())
    per_h = step / 60
    begins = pd.DatetimeIndex([begin for begin, _ in sums["begins"]])
    opens = pd.Series(begins.hour * 60 + begins.minute)
    paid = 1.0 - scheduled_share(run)
    return pd.DataFrame(
        {
            "queue": sums["queue"],
            "day": begins.strftime("%a %Y-%m-%d"),
            "from": _clock(opens),
            "to": _clock(opens + minutes),
            "contacts": sums["contacts"].round(2),
            "handle_s": (sums["work_s"] / sums["contacts"].where(sums["contacts"] > 0)).round(1),
            "load": (sums["load"] / per_period).round(3),
            "positions": (sums["positions"] / per_period).round(3),
            "positions_scheduled": (sums["scheduled"] / per_period).round(3),
            "positions_paid": (sums["scheduled"] / per_period / paid).round(3),
            "hours": (sums["positions"] * per_h).round(3),
            "hours_scheduled": (sums["scheduled"] * per_h).round(3),
            "hours_paid": (sums["scheduled"] * per_h / paid).round(3),
        }
    )


def staffing_summary(run: RunFiles) -> pd.DataFrame:
    """Hours of the week by queue, and how many full-time people they are.

    Returns
    -------
    DataFrame
        ``queue, contacts, handle_s, peak_positions, hours, hours_scheduled, hours_paid, fte``.
    """
    frame = _intervals(run)
    per_h = int(run.scenario["week"]["grid_min"]) / 60
    whole = frame.groupby("interval_start", sort=True)[list(_SUMS)].sum().reset_index().assign(queue=ALL)
    rows = pd.concat([frame, whole], ignore_index=True)
    sums = rows.groupby("queue", sort=False)[list(_SUMS)].sum()
    paid = sums["scheduled"] * per_h / (1.0 - scheduled_share(run))
    return pd.DataFrame(
        {
            "contacts": sums["contacts"].round(1),
            "handle_s": (sums["work_s"] / sums["contacts"].where(sums["contacts"] > 0)).round(1),
            "peak_positions": rows.groupby("queue", sort=False)["scheduled"].max().round(1),
            "hours": (sums["positions"] * per_h).round(1),
            "hours_scheduled": (sums["scheduled"] * per_h).round(1),
            "hours_paid": paid.round(1),
            "fte": (paid / full_time_h(run)).round(1),
        }
    ).reset_index()


def staffing_rows(run: RunFiles) -> list[dict[str, Any]]:
    """The summary as the page shows it, empty where the run lacks its tables."""
    need, told = run.table("requirement"), run.table("forecast")
    if need.empty or "offered_load" not in need or "handle_s_mean" not in told:
        return []
    week = staffing_summary(run)
    figures = week.drop(columns="queue").map(lambda v: "–" if pd.isna(v) else f"{v:,.10g}")
    names = week["queue"].replace({ALL: "all queues"}).map(plain)
    return [
        {"queue": name, "cells": cells}
        for name, cells in zip(names, figures.to_numpy().tolist(), strict=True)
    ]


def _intervals(run: RunFiles) -> pd.DataFrame:
    """What each queue-interval needs, with its contacts and their work."""
    need = run.table("requirement").rename(
        columns={"offered_load": "load", "positions_with_shrinkage": "scheduled"}
    )
    if need.empty:
        raise InputError(
            [Problem(str(run.folder), "this run has no requirement; run it at least until staff")]
        )
    told = run.table("forecast")[["queue", "interval_start", "volume_mean", "handle_s_mean"]]
    out = need.merge(told, on=["queue", "interval_start"], how="left")
    out["contacts"] = out["volume_mean"].fillna(0.0)
    out["work_s"] = out["contacts"] * out["handle_s_mean"].fillna(0.0)
    return out


def scheduled_share(run: RunFiles) -> float:
    """Scheduled shrinkage of all kinds together, as staffing found or assumed it."""
    table = run.table("shrinkage")
    whole = table[(table["loss"] == "scheduled") & (table["weekday"] == ALL)] if len(table) else table
    return float(1.0 - np.prod(1.0 - whole["share"].to_numpy(dtype=float))) if len(whole) else 0.0


def full_time_h(run: RunFiles) -> float:
    """Mean full-time hours of the run's agents, each by his contract.

    Of all contracts where no agent is known; 40 without any contract.
    """
    contracts = run.scenario["centre"].get("contracts", {})
    hours = {name: float(contract["full_time_h"]) for name, contract in contracts.items()}
    agents = run.table("agents")
    known = agents["contract"].map(hours).dropna() if "contract" in agents else pd.Series(dtype=float)
    return float(np.mean(known if len(known) else list(hours.values()) or [40.0]))


def _period(local: pd.DatetimeIndex, minutes: int) -> "pd.Series[Any]":
    """Period of each local instant: its begin by the clock, and the zone's offset, as clocks go back once."""
    clock = local.tz_localize(None)
    begin = clock.normalize() + pd.to_timedelta(
        (clock.hour * 60 + clock.minute) // minutes * minutes, unit="min"
    )
    return pd.Series(list(zip(begin, clock - local.tz_convert("UTC").tz_localize(None), strict=True)))


def _clock(minutes: "pd.Series[int]") -> "pd.Series[str]":
    return (minutes // 60).astype(str).str.zfill(2) + ":" + (minutes % 60).astype(str).str.zfill(2)


def shrinkage_kinds(run: RunFiles) -> pd.DataFrame:
    """Shrinkage by kind: what it is, its share with its spread, and whether it is estimated or assumed."""
    table = run.table("shrinkage")
    if table.empty:
        return table
    whole = table[table["weekday"] == ALL]
    return whole[["kind", "loss", "share", "low", "high", "source"]].reset_index(drop=True).round(4)


def write_staffing(folder: Path, minutes: int = 30) -> Path:
    """Write ``staffing.xlsx`` into a run folder: a summary, shrinkage by kind, and the table by period.

    Raises
    ------
    InputError
        If the run has no requirement, or the minutes do not fit its grid.
    """
    run = RunFiles(folder)
    path = folder / "staffing.xlsx"
    sheets = {
        "summary": staffing_summary(run),
        "shrinkage": shrinkage_kinds(run),
        f"by {minutes} min": staffing_table(run, minutes),
    }
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"created": pd.Timestamp(0).to_pydatetime()})
        head = book.add_format({"bold": True, "bg_color": "#E8EEF2", "text_wrap": True, "valign": "top"})
        for name, frame in sheets.items():
            write_sheet(book, name, frame, head)
    return path
