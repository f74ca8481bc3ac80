"""The page of a full replay: what was promised, what came of it, and why."""

from pathlib import Path

import pandas as pd

from wfo.charts.promise import cost_by_planner, promise_by_week, reliability
from wfo.metrics.specs import SERVICE
from wfo.replay.calibration import ALL, judged_service
from wfo.replay.full import FullReplay
from wfo.replay.ladder import PLANNERS
from wfo.report.page import write_page
from wfo.report.words import missing, percent, plain, points

TOGETHER = "all staffed queues"
_BOUND = {"on the line": "", "at most": "≤ ", "at least": "≥ "}


def write_promise_page(found: FullReplay, folder: Path) -> Path:
    """Write ``replay.html``: tables and figures, without any request when it is opened.

    Parameters
    ----------
    found : FullReplay
    folder : Path
        Where the page goes.
    """
    first = min((o.lead for o in found.origins), default=1)
    nearest = found.promises[found.promises["lead"] == first]
    charts = {"weeks": promise_by_week(_weeks(nearest))}
    curve = found.reliability[found.reliability["lead"] == first]
    if len(curve):
        charts["reliability"] = reliability(curve.drop(columns=["lead", "low", "high"]).round(4))
    if len(found.levels):
        charts["cost"] = cost_by_planner(_money(found.levels))
    content = {
        "title": found.scenario.name or found.scenario.stem,
        "scenario": found.scenario.stem,
        "arm": found.scenario.arm,
        "weeks": len({o.week.first for o in found.origins}),
        "left_out": [str(m) for m in found.missing],
        "gaps": gap_rows(found.gaps),
        "skill": skill_rows(found.skill),
        "causes": cause_rows(found.causes, first),
        "table": promise_rows(found.promises),
        "patience": _patience_rows(found.patience),
        "notes": _note_rows(found.notes),
        "levels": level_rows(found.levels),
        "saved": saved_rows(found.saved),
        "assumptions": found.assumptions,
    }
    return write_page(folder / "replay.html", "promise.html.j2", charts, content)


def gap_rows(gaps: pd.DataFrame) -> list[dict[str, str]]:
    """Gap, bias and coverage by lead and queue, in words."""
    return [
        {
            "lead": str(row["lead"]),
            "queue": TOGETHER if row["queue"] == ALL else plain(str(row["queue"])),
            "weeks": str(row["weeks"]),
            "contacts": f"{row['contacts']:,.0f}",
            **{name: percent(row[name]) for name in ("promised", "realised")},
            "gap": points(row["gap"], sign=False),
            "bias": points(row["bias"]),
            "inside": percent(row["inside"], 0),
        }
        for row in gaps.to_dict("records")
    ]


def skill_rows(skill: pd.DataFrame) -> list[dict[str, str]]:
    """Brier score against the base rate, by lead, queue and level: own targets, and all that count."""
    return [
        {
            "lead": str(row["lead"]),
            "queue": "all that count" if row["queue"] == ALL else plain(str(row["queue"])),
            "target": "" if missing(row["target"]) else percent(row["target"], 0),
            "days": f"{row['days']:,.0f}",
            "base_rate": percent(row["base_rate"], 0),
            "brier": "–" if missing(row["brier"]) else f"{row['brier']:.3f}",
            "skill": "–" if missing(row["skill"]) else f"{row['skill']:+.2f}",
            "counted": "yes" if row["counted"] else "no",
        }
        for row in skill[skill["own"] | skill["counted"]].to_dict("records")
    ]


def cause_rows(causes: pd.DataFrame, lead: int) -> list[dict[str, str]]:
    """Means over judged weeks of the steps from positions to reality, by queue."""
    own = causes[(causes["status"] == "judged") & (causes["lead"] == lead)]
    rows = []
    for queue, part in own.groupby("queue", sort=False):
        mean = part[
            ["fractional", "promised", "realised", "rounding", "forecast", "handle_time", "luck"]
        ].mean()
        rows.append(
            {
                "queue": plain(str(queue)),
                **{name: percent(mean[name]) for name in ("fractional", "promised", "realised")},
                **{name: points(mean[name]) for name in ("rounding", "forecast", "handle_time", "luck")},
            }
        )
    return rows


def promise_rows(promises: pd.DataFrame) -> list[dict[str, str]]:
    """Every week's service by queue: promised, interval, P(met), realised."""
    own = promises[(promises["grain"] == "week") & promises["metric"].isin(SERVICE)]
    return [
        {
            "week": str(row["week"]),
            "lead": str(row["lead"]),
            "queue": plain(str(row["queue"])),
            "target": "–" if missing(row["target"]) else percent(row["target"], 0),
            "promised": percent(row["promised"]),
            "spread": f"{percent(row['low'])} – {percent(row['high'])}",
            "p_met": percent(row["p_met"], 0),
            "realised": percent(row["realised"]),
            "contacts": f"{row['of']:,.0f}" if not missing(row["of"]) else "–",
            "met": "–" if missing(row["met"]) else "met" if row["met"] else "missed",
            "status": str(row["status"]),
        }
        for row in own.to_dict("records")
    ]


def level_rows(levels: pd.DataFrame) -> list[dict[str, str]]:
    """What each planner realised at each of its levels."""
    return [
        {
            "planner": f"({row['planner']}) {PLANNERS[row['planner']]}",
            "level": f"{row['level']:g}",
            "service": percent(row["service"]),
            "deferred": percent(row["deferred"]),
            "cost": f"{row['cost']:,.0f}",
            "lost": f"{row['lost']:,.0f}",
        }
        for row in levels.to_dict("records")
    ]


def saved_rows(saved: pd.DataFrame) -> list[dict[str, str]]:
    """Cost of each planner at the service that all of ours realised, or its bound where no level is there."""
    return [
        {
            "planner": f"({row['planner']}) {PLANNERS[row['planner']]}",
            "service": percent(row["service"]),
            "cost": f"{_BOUND[row['reach']]}{row['cost']:,.0f}",
            "reference": f"{row['reference']:,.0f}",
            "saved": f"{_BOUND[row['reach']]}{percent(row['saved'], sign=True)}",
        }
        for row in saved.to_dict("records")
        if row["planner"] != "d"
    ]


def _patience_rows(patience: pd.DataFrame) -> list[dict[str, str]]:
    last = patience[patience["week"] == patience["week"].max()].drop_duplicates("queue")
    return [
        {
            "queue": plain(str(row["queue"])),
            "waits": f"{row['waits']:,}",
            "abandoned": f"{row['abandoned']:,}",
            "mean": f"{row['mean_s']:,.0f} s",
            "seconds": f"{row['seconds']:g} s",
            "seen": percent(row["waiting_seen"]),
            "law": percent(row["waiting_exponential"]),
        }
        for row in last.to_dict("records")
    ]


def _note_rows(notes: pd.DataFrame) -> list[dict[str, str]]:
    shown = notes.drop_duplicates(["week", "queue", "day", "what"])
    return [
        {
            **{name: str(row[name]) for name in ("week", "day", "what")},
            "queue": plain(str(row["queue"])),
            "contacts": f"{row['contacts']:,}",
        }
        for row in shown.to_dict("records")
    ]


def _weeks(promises: pd.DataFrame) -> pd.DataFrame:
    own = judged_service(promises, "week")
    return pd.DataFrame(
        {
            "week": own["week"].astype("str"),
            "queue": own["queue"].map(plain),
            **{c: own[c].round(4) for c in ("promised", "low", "high", "realised", "target")},
        }
    )


def _money(levels: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name, column in (("wages", "cost"), ("lost and late contacts", "lost")):
        part = levels[["planner", "level", "service"]].assign(part=name, money=levels[column].round(2))
        parts.append(part)
    both = pd.concat(parts, ignore_index=True)
    both["planner"] = both["planner"].map(lambda p: f"({p}) {PLANNERS[p]}")
    both["level"] = both["level"].map(lambda v: f"{v:g}")
    return both
