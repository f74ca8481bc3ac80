"""``schedule.xlsx``: the week as planners keep it, agent by day, coverage by interval, coaching."""

from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from wfo.evaluation.paid import paid_hours_by_agent
from wfo.report import views
from wfo.report.run_files import RunFiles


def write_excel(folder: Path) -> Path:
    """Write ``schedule.xlsx`` into a run folder.

    Sheets: ``week`` (agent × day), ``coverage`` (required, scheduled and net positions by interval),
    ``coaching``, and ``schedule``, the segments in local time with ``utc_offset_min``, which can be read back
    as a table.

    Raises
    ------
    StoreError
        If the folder is no run folder.
    """
    run = RunFiles(folder)
    path = folder / "schedule.xlsx"
    with xlsxwriter.Workbook(path, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        book.set_properties(
            {"title": str(run.scenario.get("name", "")), "created": pd.Timestamp(0).to_pydatetime()}
        )
        head = book.add_format(
            {"bold": True, "bg_color": "#E8EEF2", "border": 0, "text_wrap": True, "valign": "top"}
        )
        _week(book, head, run)
        _coverage(book, head, run)
        write_sheet(book, "coaching", views.coaching(run), head)
        write_sheet(book, "schedule", segments(run), head)
    return path


def segments(run: RunFiles) -> pd.DataFrame:
    """The schedule in local wall-clock time with ``utc_offset_min``, lists as ``a|b``."""
    frame = run.table("schedule").copy()
    if frame.empty:
        return frame
    local = pd.DatetimeIndex(frame["start"]).tz_convert(run.zone)
    frame["utc_offset_min"] = (
        (local.tz_localize(None) - pd.DatetimeIndex(frame["start"]).tz_localize(None)).total_seconds() // 60
    ).astype(int)
    offset = pd.to_timedelta(frame["utc_offset_min"], unit="min")
    for column in ("start", "end"):
        frame[column] = (frame[column] + offset).dt.tz_localize(None)
    frame["queues"] = ["|".join(q) for q in frame["queues"]]
    return frame


def write_sheet(book: Any, name: str, frame: pd.DataFrame, head: Any) -> Any:
    """Write a frame as a sheet with its first row frozen; returns the sheet."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(frame.columns):
        sheet.write(0, column, str(title), head)
        cells = [
            None if pd.isna(v) else v.to_pydatetime() if isinstance(v, pd.Timestamp) else v
            for v in frame[title]
        ]
        sheet.write_column(1, column, cells)
        longest = max(
            [len(str(title)), *(min(40, len(str(c))) for c in cells[:200] if c is not None)], default=8
        )
        sheet.set_column(column, column, longest + 2)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    return sheet


def _week(book: Any, head: Any, run: RunFiles) -> None:
    sheet = book.add_worksheet("week")
    sheet.freeze_panes(1, 2)
    wrap = book.add_format({"text_wrap": True, "valign": "top", "font_size": 10})
    shifts = views.shifts(run)
    days = list(dict.fromkeys(shifts["day"]))
    sheet.write_row(0, 0, ["team", "agent", *days, "paid hours"], head)
    cells = {
        (str(key[0]), str(key[1])): _cell(part) for key, part in shifts.groupby(["agent", "day"], sort=False)
    }
    hours = paid_hours_by_agent(run.table("schedule")).to_dict()
    order = run.agents.sort_values(["team", "name"], kind="stable")
    for row, agent in enumerate(order.itertuples(), start=1):
        sheet.write_row(row, 0, [agent.team, agent.name])
        for column, day in enumerate(days, start=2):
            sheet.write(row, column, cells.get((str(agent.name), day), ""), wrap)
        sheet.write_number(row, 2 + len(days), round(hours.get(str(agent.agent_id), 0.0), 2))
    sheet.set_column(0, 1, 18)
    sheet.set_column(2, 1 + len(days), 19)


def _cell(part: pd.DataFrame) -> str:
    """``07:00–15:30`` and below it what is not work."""
    span = part["span"].iloc[0][:5] + "–" + part["span"].iloc[-1][-5:]
    rests = [f"{s[:5]} {a}" for s, a in zip(part["span"], part["activity"], strict=True) if a != "work"]
    return "\n".join([span, *rests])


def _coverage(book: Any, head: Any, run: RunFiles) -> None:
    week = views.coverage(run)[["day", "time", "required", "required_pooled", "scheduled", "net"]].round(2)
    sheet = write_sheet(book, "coverage", week, head)
    if len(week):
        short, long = book.add_format({"bg_color": "#F6C9B4"}), book.add_format({"bg_color": "#CFE1EB"})
        cells = (1, 5, len(week), 5)
        sheet.conditional_format(*cells, {"type": "cell", "criteria": "<", "value": -0.5, "format": short})
        sheet.conditional_format(*cells, {"type": "cell", "criteria": ">", "value": 0.5, "format": long})
