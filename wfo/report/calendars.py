"""One calendar file an agent: shifts, with breaks and activities in the description."""

from pathlib import Path
from urllib.parse import quote

import pandas as pd
from icalendar import Calendar, Event

from wfo.report.run_files import RunFiles


def write_calendars(folder: Path, target: Path) -> list[Path]:
    """Write ``<agent_id>.ics`` for every agent with a shift; what no file name may hold is written ``%2F``.

    Parameters
    ----------
    folder : Path
        A run folder.
    target : Path
        Where the files go; made if absent.

    Returns
    -------
    list of Path
        In order of agent id.
    """
    run = RunFiles(folder)
    schedule = run.table("schedule")
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for agent, rows in schedule[schedule["kind"] != "time_off"].groupby("agent_id", sort=True):
        calendar = Calendar()
        calendar.add("prodid", "-//wfo//schedule//EN")
        calendar.add("version", "2.0")
        for shift_id, shift in rows.sort_values("start").groupby("shift_id", sort=True):
            calendar.add_component(_shift(str(shift_id), shift, run))
        path = target / f"{quote(str(agent), safe=' @')}.ics"
        path.write_bytes(calendar.to_ical())
        written.append(path)
    return written


def _shift(shift_id: str, rows: pd.DataFrame, run: RunFiles) -> Event:
    event = Event()
    first, last = rows["start"].iloc[0], rows["end"].iloc[-1]
    event.add("uid", f"{shift_id}@wfo")
    event.add("dtstamp", first.to_pydatetime())
    event.add("dtstart", first.to_pydatetime())
    event.add("dtend", last.to_pydatetime())
    event.add("summary", "Work")
    rests = rows[rows["kind"] != "work"]
    lines = [
        f"{start.tz_convert(run.zone):%H:%M}–{end.tz_convert(run.zone):%H:%M} {activity.replace('_', ' ')}"
        for start, end, activity in zip(rests["start"], rests["end"], rests["activity"], strict=True)
    ]
    event.add("description", "\n".join(lines))
    return event
