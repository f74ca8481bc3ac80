"""The report: one self-contained page that works offline."""

from pathlib import Path
from typing import Any

import pandas as pd

from wfo.charts.coverage import net_heatmap, required_against_scheduled
from wfo.charts.gantt import day_gantt
from wfo.charts.service import service_by_day
from wfo.charts.volumes import volume_with_spread
from wfo.evaluation.scorecard import SURE
from wfo.metrics.specs import CENTRE
from wfo.report import views
from wfo.report.accuracy import accuracy_rows
from wfo.report.coaching import coaching_content
from wfo.report.findings import SHOWN, findings_content, findings_tile
from wfo.report.forecast_made import forecast_content
from wfo.report.insight import insight_charts, insight_content
from wfo.report.insight_page import is_insight_alone, write_insight_page
from wfo.report.intents import intent_content
from wfo.report.page import write_page
from wfo.report.provenance import effort, stage_rows, stated
from wfo.report.review import review_content
from wfo.report.run_files import RunFiles
from wfo.report.staffing import staffing_rows
from wfo.report.team_page import write_team_page
from wfo.report.words import amount, chance, counted, missing, percent, plain, spread

_TONE = {"met": "good", "at risk": "warn", "missed": "bad"}


def write_html(folder: Path) -> Path:
    """Write ``report.html`` into a run folder.

    Parameters
    ----------
    folder : Path
        A run folder.

    Returns
    -------
    Path
        The page: no request leaves it when it is opened.

    Raises
    ------
    StoreError
        If the folder is no run folder.
    """
    run = RunFiles(folder)
    if len(run.table("rota")):
        return write_team_page(run)
    if is_insight_alone(run):
        return write_insight_page(run)
    return write_page(folder / "report.html", "report.html.j2", _charts(run), _content(run))


def _charts(run: RunFiles) -> dict[str, Any]:
    frames = {
        "net": (views.coverage(run), net_heatmap),
        "service": (views.service_by_day(run), service_by_day),
        "volumes": (views.volumes(run), volume_with_spread),
        "gantt": (views.shifts(run), day_gantt),
    }
    charts = {name: draw(frame) for name, (frame, draw) in frames.items() if len(frame)} | insight_charts(run)
    if "net" in charts:
        shown = ["at", "required", "required_pooled", "scheduled"]
        charts["week"] = required_against_scheduled(frames["net"][0][shown])
        charts["net"] = net_heatmap(_open_times(frames["net"][0]))
    return charts


def _open_times(week: pd.DataFrame) -> pd.DataFrame:
    """Times of day at which on some day somebody is required or scheduled."""
    peak = week[["required", "scheduled"]].max(axis=1).groupby(week["time"]).transform("max")
    return week[peak > 0]


def _content(run: RunFiles) -> dict[str, Any]:
    card = run.table("scorecard")
    manifest = run.manifest
    forecast = run.table("forecast")
    staffed = {q for q, spec in run.scenario["centre"]["queues"].items() if spec["law"] != "unstaffed"}
    expected = forecast.loc[forecast["queue"].isin(staffed), "volume_mean"].sum() if len(forecast) else 0.0
    accuracy = accuracy_rows(run)
    return {
        "title": run.scenario.get("name") or run.folder.parent.name,
        "scenario": run.folder.parent.name,
        "arm": manifest.get("arm", run.folder.name),
        "week": _week(run),
        "agents": counted(run.table("schedule").get("agent_id", pd.Series(dtype="str")).nunique(), "agent"),
        "contacts": f"{expected:,.0f}",
        "replications": manifest.get("replications", "–"),
        "tiles": _tiles(card, run),
        "worst": list(run.table("worst").get("text", [])),
        "targets": [_target_row(row, run) for row in _rows(_targeted(card))],
        "ledgers": _ledgers(run),
        "has_actuals": bool(accuracy),
        "accuracy": accuracy,
        **coaching_content(run),
        "staffing": staffing_rows(run),
        "assumptions": stated(run),
        "stages": stage_rows(run),
        "seed": manifest.get("seed"),
        "effort": effort(run),
        "versions": sorted(manifest.get("versions", {}).items()),
        **findings_content(run),
        "findings_shown": SHOWN,
        "came_in_truth": bool(manifest.get("data", {}).get("generated")),
        **forecast_content(run),
        **insight_content(run),
        **intent_content(run),
        **review_content(run),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _week(run: RunFiles) -> str:
    need = run.table("requirement")
    if need.empty:
        return "–"
    first = pd.DatetimeIndex(need["interval_start"]).min().tz_convert(run.zone)
    return str(run.manifest.get("week_start") or first.date())


def _targeted(card: pd.DataFrame) -> pd.DataFrame:
    return card[card["target"].notna()] if len(card) else card


def _tiles(card: pd.DataFrame, run: RunFiles) -> list[dict[str, str]]:
    tiles = findings_tile(run)
    if card.empty:
        return tiles
    goals = _targeted(card)
    if len(goals):
        met = int((goals["status"] == "met").sum())
        tone = "good" if met == len(goals) else "warn" if met * 2 >= len(goals) else "bad"
        tiles.append(
            {
                "value": f"{met} of {len(goals)}",
                "label": f"targets met in {percent(SURE, 0)} of weeks or more",
                "tone": tone,
            }
        )
    for metric, label in (
        ("service_level", "service level, all immediate queues"),
        ("abandonment", "abandoned of offered"),
        ("occupancy", "occupancy"),
        ("cost", "paid hours and initiatives"),
        ("failure_demand", "contacts caused by earlier ones"),
    ):
        row = card[(card["metric"] == metric) & (card["scope"] == CENTRE)]
        if len(row) and not missing(row["predicted"].iloc[0]):
            first = row.iloc[0]
            tiles.append(
                {"value": amount(first["predicted"], first["unit"], run.currency), "label": label, "tone": ""}
            )
    return tiles


def _target_row(row: dict[str, Any], run: RunFiles) -> dict[str, str]:
    grain = "" if row["grain"] == "week" else f" per {row['grain']}"
    return {
        "scope": plain(row["scope"]),
        "metric": plain(row["metric"]) + grain,
        "denominator": row["denominator"],
        "target": _target_text(row, run),
        "predicted": amount(row["predicted"], row["unit"], run.currency),
        "spread": spread(row["low"], row["high"], row["unit"], run.currency),
        "p_met": chance(row["p_met"]),
        "status": row["status"],
        "tone": _TONE.get(row["status"], ""),
    }


def _target_text(row: dict[str, Any], run: RunFiles) -> str:
    """The target as the planner wrote it; a figure where the scenario has no words for it."""
    centre_wide = row["scope"] == CENTRE
    said = run.scenario.get("targets", {}) if centre_wide else run.queue(row["scope"]).get("targets", {})
    names = (row["metric"], "service_level") if row["metric"] == "response_within" else (row["metric"],)
    words = next((said[name] for name in names if name in said), None)
    sense = "≥" if row["sense"] == ">=" else "≤"
    return str(words or f"{sense} {amount(row['target'], row['unit'], run.currency)}")


def _ledgers(run: RunFiles) -> list[dict[str, Any]]:
    card = run.table("ledgers")
    out = []
    for ledger, name in (("customer", "For customers"), ("business", "For the business")):
        rows = _rows(card[card["ledger"] == ledger]) if len(card) else []
        out.append(
            {
                "name": name,
                "rows": [
                    {
                        "label": row["label"],
                        "value": amount(row["value"], row["unit"], run.currency),
                        "spread": spread(row.get("low"), row.get("high"), row["unit"], run.currency),
                    }
                    for row in rows
                ],
            }
        )
    return out
