"""Coaching as the page shows it: sessions with their worth and why, and what became of the others."""

from typing import Any

import pandas as pd

from wfo.report import views
from wfo.report.run_files import RunFiles
from wfo.report.words import amount, counted, spread

_NONE = "No coaching is proposed: there are no evaluations to learn from, or no session is worth its time."
_NOT_PLACED = {
    "without a shift": "{n} for people without a shift this week",
    "never at work together": "{n} for pairs never at work together long enough",
    "it would cost at least": "{n} as no time was worth its cost",
}
"""Reasons of placement by the words that tell them."""


def coaching_content(run: RunFiles) -> dict[str, Any]:
    """What the report's section on coaching needs."""
    plan = views.coaching(run)
    if plan.empty:
        return {"coaching": [], "coaching_line": _NONE}
    placed = plan[plan["status"] == "scheduled"]
    left = plan[plan["status"] != "scheduled"]
    rows = [{str(name): value for name, value in row.items()} for row in placed.to_dict("records")]
    return {
        "coaching": [_row(row, run) for row in rows],
        "coaching_line": " ".join([_line(len(placed), left["reason"].astype(str)), *_due(run, placed)]),
    }


def _row(row: dict[str, Any], run: RunFiles) -> dict[str, str]:
    return {
        **{name: str(row[name]) for name in ("agent", "coach", "behaviour", "when", "reason")},
        "value": amount(row["value"], "money", run.currency),
        "spread": spread(row["value_low"], row["value_high"], "money", run.currency),
    }


def _line(placed: int, reasons: "pd.Series[str]") -> str:
    """How many sessions are in the schedule, and why the others are not."""
    if placed and reasons.empty:
        return "All sessions proposed are in the schedule."
    head = f"{counted(placed, 'session')} {'is' if placed == 1 else 'are'} in the schedule"
    if reasons.empty:
        return f"{head}."
    parts, seen = [], pd.Series(data=False, index=reasons.index)
    for words, text in _NOT_PLACED.items():
        found = reasons.str.contains(words, regex=False) & ~seen
        seen |= found
        if found.any():
            parts.append(text.format(n=int(found.sum())))
    if not seen.all():
        parts.append(f"{int((~seen).sum())} for other reasons (table placements)")
    return f"{head}; not placed: {', '.join(parts)}."


def _due(run: RunFiles, placed: pd.DataFrame) -> list[str]:
    """What worth means, and why sessions below 0 may be there."""
    coach = run.scenario.get("coach", {})
    every, price = coach.get("every_weeks"), coach.get("price_overdue")
    told = ["Worth is expected, less the minutes it takes; where low is below zero, coaching may do harm."]
    if not every or not price:
        return told
    money = amount(price, "money", run.currency)
    below = int((placed["value"] < 0).sum())
    rule = (
        f"Everybody is due every {counted(every, 'week')} (coach.every_weeks), and an agent who is due and "
        f"gets none counts {money} (coach.price_overdue)"
    )
    tail = f": {below} of these sessions would not pay without that rule." if below else "."
    return [*told, rule + tail]
