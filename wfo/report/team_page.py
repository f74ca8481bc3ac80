"""The page of a fixed-shift team's week: cover by kind of shift, and the rota."""

from pathlib import Path
from typing import Any

import pandas as pd

from wfo.report.page import write_page
from wfo.report.provenance import effort, stage_rows, stated
from wfo.report.run_files import RunFiles
from wfo.report.words import counted


def write_team_page(run: RunFiles) -> Path:
    """Write ``report.html`` into the run folder of a fixed-shift team.

    Parameters
    ----------
    run : RunFiles
        With tables ``rota`` and ``shift_cover``.

    Returns
    -------
    Path
        The page: no request leaves it when it is opened.
    """
    rota, cover = run.table("rota"), run.table("shift_cover")
    days = sorted({*rota["schedule_date"], *cover["schedule_date"]})
    missing = int((cover["wanted"] - cover["planned"]).clip(lower=0).sum())
    content: dict[str, Any] = {
        "title": run.scenario.get("name") or run.folder.parent.name,
        "scenario": run.folder.parent.name,
        "arm": run.manifest.get("arm", run.folder.name),
        "week": run.manifest.get("week_start", "–"),
        "agents": counted(rota["agent_id"].nunique(), "agent"),
        "days": [f"{day:%a %d %b}" for day in days],
        "tiles": _tiles(run, cover, missing),
        "cover": _cover_rows(cover, days),
        "rota": _rota_rows(run, rota, days),
        "assumptions": stated(run),
        "stages": stage_rows(run),
        "seed": run.manifest.get("seed"),
        "effort": effort(run),
    }
    return write_page(run.folder / "report.html", "team.html.j2", {}, content)


def _tiles(run: RunFiles, cover: pd.DataFrame, missing: int) -> list[dict[str, str]]:
    wishes = run.table("wishes_met")
    wanted, over = int(cover["wanted"].sum()), int((cover["planned"] - cover["wanted"]).clip(lower=0).sum())
    tone = "bad" if missing else "good"
    tiles = [
        {"value": f"{wanted - missing} of {wanted}", "label": "shifts wanted are worked", "tone": tone},
        {"value": str(over), "label": "more agents than wanted", "tone": "warn" if over else ""},
    ]
    if len(wishes):
        value = f"{int(wishes['met'].sum())} of {len(wishes)}"
        tiles.append({"value": value, "label": "wishes met", "tone": ""})
    return tiles


def _cover_rows(cover: pd.DataFrame, days: list[Any]) -> list[dict[str, Any]]:
    """A row for each kind of shift: agents planned of those wanted, by day."""
    rows = []
    for shift in dict.fromkeys(cover["shift"]):
        own = cover[cover["shift"] == shift].set_index("schedule_date")
        cells = []
        for day in days:
            there, want = (int(own.loc[day, c]) if day in own.index else 0 for c in ("planned", "wanted"))
            tone = "bad" if there < want else "warn" if there > want else "good"
            cells.append({"text": f"{there} of {want}", "tone": tone if there or want else ""})
        rows.append({"shift": shift, "cells": cells})
    return rows


def _rota_rows(run: RunFiles, rota: pd.DataFrame, days: list[Any]) -> list[dict[str, Any]]:
    """A row for each agent: kind of shift by day, and how many."""
    worked = {(a, d): s for a, d, s in rota[["agent_id", "schedule_date", "shift"]].itertuples(index=False)}
    agents = run.agents.sort_values(["team", "name"], kind="stable")
    return [
        {
            "team": agent.team,
            "agent": agent.name,
            "cells": [worked.get((agent.agent_id, day), "") for day in days],
            "shifts": sum((agent.agent_id, day) in worked for day in days),
        }
        for agent in agents.itertuples()
    ]
