"""How the forecast was made: ways and their records, days nothing was learnt from, the planner's figures."""

from typing import Any

import pandas as pd

from wfo.report.run_files import RunFiles
from wfo.report.words import missing, percent, plain

_WAYS = {
    "two_level": "weekdays and calendar",
    "structural": "walking level",
    "glm": "GLM",
    "same_weekday_mean": "mean of same weekdays",
    "seasonal_naive": "last week again",
    "plain_mean": "plain mean of all days",
    "adoption": "the planned growth",
    "none": "nothing: it counts as 0",
}
_KINDS = {
    "day": "whole day far from expected",
    "burst": "burst",
    "gap": "gap in the records",
    "lost": "open day without a contact",
    "closed": "came on a closed day",
}
_SHORT = 3  # ways named in a queue's row
_SHOWN = 0.005  # weight from which a way has a part at all
_DAYS = 12  # outlying days before the rest is folded away


def forecast_content(run: RunFiles) -> dict[str, Any]:
    """Content of the report's forecast section beside its figure."""
    ways = run.table("methods")
    outliers = outlier_rows(run.table("outliers"))
    return {
        "ways": [_queue_row(str(name), part) for name, part in ways.groupby("queue", sort=False)]
        if len(ways)
        else [],
        "records": [_record_row(row) for row in ways.to_dict("records") if row["weeks"] > 0],
        "outliers": outliers[:_DAYS],
        "older_outliers": outliers[_DAYS:],
        "overrides": override_rows(run.table("overrides")),
    }


def outlier_rows(outliers: pd.DataFrame) -> list[dict[str, str]]:
    """What history has that nothing was learnt from, the latest first."""
    if outliers.empty:
        return []
    frame = outliers.sort_values(["schedule_date", "queue", "kind"], ascending=[False, True, True])
    return [
        {
            "queue": plain(str(row["queue"])),
            "day": f"{pd.Timestamp(row['schedule_date']):%a %d %b %Y}",
            "what": _KINDS[row["kind"]] + (f", {row['minutes']:,} min" if row["minutes"] else ""),
            **{name: f"{row[name]:,.0f}" for name in ("actual", "expected")},
        }
        for row in frame.to_dict("records")
    ]


def override_rows(overrides: pd.DataFrame) -> list[dict[str, str]]:
    """The planner's own figures for days, beside the model's."""
    return [
        {
            **{name: str(row[name]) for name in ("override", "who", "reason")},
            "queue": plain(str(row["queue"])),
            "day": f"{pd.Timestamp(row['schedule_date']):%a %d %b}",
            **{name: f"{row[name]:,.0f}" for name in ("model", "planner", "planned")},
        }
        for row in overrides.to_dict("records")
    ]


def _queue_row(name: str, part: pd.DataFrame) -> dict[str, str]:
    """One queue: what its forecast is put together from, and how its ways did on past weeks."""
    used = part[part["weight"] >= _SHOWN].sort_values("weight", ascending=False, kind="stable")
    main = [
        f"{_way(row['method'])} {100 * row['weight']:.0f} %" for row in used.head(_SHORT).to_dict("records")
    ]
    if len(used) > _SHORT:
        main.append(f"others {100 * used['weight'].iloc[_SHORT:].sum():.0f} %")
    tried = part[part["weeks"] > 0]
    plainly = tried[tried["method"].str.startswith("same_weekday_mean")]
    return {
        "queue": plain(name),
        "made_of": ", ".join(main) if len(used) > 1 else _way(used["method"].iloc[0]),
        "weeks": str(int(part["weeks"].max())),
        "least": _percent(tried["wape_pct"].min() if len(tried) else None),
        "usual": _percent(plainly["wape_pct"].iloc[0] if len(plainly) else None),
    }


def _record_row(row: dict[Any, Any]) -> dict[str, str]:
    return {
        "queue": plain(row["queue"]),
        "way": _way(row["method"]),
        "weeks": str(row["weeks"]),
        "wape": _percent(row["wape_pct"]),
        "bias": percent(row["bias_pct"] / 100, sign=True),
        "weight": f"{100 * row['weight']:.0f} %" if row["weight"] >= _SHOWN else "–",
    }


def _way(label: str) -> str:
    """A way's label with its method in words.

    Examples
    --------
    >>> _way("structural (memory 240 d)")
    'walking level (memory 240 d)'
    """
    method, _, rest = label.partition(" ")
    return f"{_WAYS[method]} {rest}".strip()


def _percent(value: Any) -> str:
    return "–" if missing(value) else f"{value:.1f} %"
