"""The page of a replay: how good the forecasts of past weeks were, and whose figures were nearer."""

from pathlib import Path
from typing import Any

import pandas as pd

from wfo.charts.accuracy import days_as_forecast, error_by_week
from wfo.replay.accuracy import ALL
from wfo.replay.replay import Replay
from wfo.report.page import write_page
from wfo.report.words import missing, percent, plain, points

NAMES = {
    "model": "forecast",
    "planner": "with overrides",
    "mean_of_8": "mean of 8",
    "naive": "last week again",
}
"""Methods in a reader's words."""
TOGETHER = "all staffed queues"


def write_replay_page(found: Replay, folder: Path) -> Path:
    """Write ``replay.html``: tables and figures, without any request when it is opened.

    Parameters
    ----------
    found : Replay
    folder : Path
        Where the page goes.
    """
    charts = {"errors": error_by_week(_weeks(found.accuracy)), "days": days_as_forecast(_days(found.days))}
    content = {
        "title": found.scenario.name or found.scenario.stem,
        "scenario": found.scenario.stem,
        "arm": found.scenario.arm,
        "weeks": len({o.week.first for o in found.origins}),
        "left_out": [str(m) for m in found.missing],
        "summary": summary(found.accuracy),
        "leads": lead_rows(found.accuracy),
        "queues": queue_rows(found.accuracy),
        "overrides": override_rows(found.overrides),
        "verdict": verdict(found.overrides),
    }
    return write_page(folder / "replay.html", "replay.html.j2", charts, content)


def lead_rows(accuracy: pd.DataFrame) -> list[dict[str, str]]:
    """Scores over all weeks and staffed queues, by grain (days first), lead and method."""
    pooled = _pooled(accuracy)
    return [_row(row) for row in pooled.sort_values(["grain", "lead"], kind="stable").to_dict("records")]


def summary(accuracy: pd.DataFrame) -> str:
    """How good the day totals of the shortest lead were, in a sentence; empty without one."""
    days = _pooled(accuracy).query("grain == 'day'")
    days = days[days["lead"] == days["lead"].min()].set_index("method")
    if "model" not in days.index:
        return ""
    own = days.loc["model"]
    ahead = "a week" if own["lead"] == 1 else f"{own['lead']} weeks"
    beside = [
        f"{percent(days.loc[name, 'wape'])} by {words}"
        for name, words in (("mean_of_8", "the mean of eight weeks"), ("naive", "last week again"))
        if name in days.index
    ]
    return (
        f"Forecast {ahead} ahead, day totals of the queues came out {percent(own['wape'])} off"
        f"{' (' + ', '.join(beside) + ')' if beside else ''}, {percent(own['bias'], sign=True)} over all; "
        f"{percent(own['cover_80'], 0)} of them lay in their 80 % range."
    )


def _pooled(accuracy: pd.DataFrame) -> pd.DataFrame:
    return accuracy[(accuracy["week"] == ALL) & (accuracy["queue"] == ALL)]


def queue_rows(accuracy: pd.DataFrame) -> list[dict[str, str]]:
    """Scores of the model by queue over all weeks, at the shortest lead, by interval and by day."""
    own = accuracy[(accuracy["week"] == ALL) & (accuracy["queue"] != ALL) & (accuracy["method"] == "model")]
    nearest = own[own["lead"] == own["lead"].min()]
    return [_row(row) for row in nearest.to_dict("records")]


def override_rows(overrides: pd.DataFrame) -> list[dict[str, str]]:
    """Each overridden day of each lead: what was said, what came, who was nearer."""
    return [
        {
            **{
                name: str(row[name])
                for name in ("override", "who", "reason", "schedule_date", "lead", "right")
            },
            "queue": plain(str(row["queue"])),
            **{name: f"{row[name]:,.0f}" for name in ("model", "planner", "actual")},
        }
        for row in overrides.to_dict("records")
    ]


def verdict(overrides: pd.DataFrame) -> str:
    """Who was right, in a sentence; empty where nobody overrode anything."""
    if overrides.empty:
        return ""
    near = int((overrides["right"] == "planner").sum())
    saved = float(overrides["saved"].sum())
    word = "smaller" if saved >= 0 else "larger"
    return (
        f"The planner was nearer on {near} of {len(overrides)} overridden days; with overrides the errors "
        f"of these days are {abs(saved):,.0f} contacts {word} in all."
    )


def _row(row: dict[Any, Any]) -> dict[str, str]:
    return {
        "lead": str(row["lead"]),
        "queue": TOGETHER if row["queue"] == ALL else plain(str(row["queue"])),
        "grain": str(row["grain"]),
        "method": NAMES[row["method"]],
        "contacts": f"{row['contacts']:,.0f}",
        **{name: percent(row[name]) for name in ("wape", "pinball")},
        "bias": percent(row["bias"], sign=True),
        "mase": "–" if missing(row["mase"]) else f"{row['mase']:.2f}",
        "cover_80": percent(row["cover_80"], 0),
        "cover_95": percent(row["cover_95"], 0),
        "added_naive": points(row["added_over_naive"]),
        "added_mean": points(row["added_over_mean"]),
    }


def _weeks(accuracy: pd.DataFrame) -> pd.DataFrame:
    by_week = accuracy[accuracy["week"] != ALL]
    return pd.DataFrame(
        {
            "week": by_week["week"],
            "lead": by_week["lead"].astype("str"),
            "queue": by_week["queue"].map(lambda q: TOGETHER if q == ALL else plain(q)),
            "grain": by_week["grain"],
            "method": by_week["method"].map(NAMES),
            "wape": by_week["wape"].round(4),
        }
    )


def _days(days: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "day": days["schedule_date"].map(lambda d: f"{d}T00:00:00Z"),
            "lead": days["lead"].astype("str"),
            "queue": days["queue"].map(plain),
            "mean": days["model"].round(1),
            "low": days["q100"],
            "high": days["q900"],
            "actual": days["actual"],
        }
    )
