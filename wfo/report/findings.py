"""What the checker finds in a schedule that came from a file: it opens the page."""

from typing import Any

from wfo.report.run_files import RunFiles
from wfo.report.words import counted, missing, plain

SHOWN = 12
"""Breaches before the rest is folded away."""


def findings_content(run: RunFiles) -> dict[str, Any]:
    """What the page's first section needs; nothing where the run planned its own schedule."""
    breaches = run.table("breaches")
    if "rule" not in breaches:
        return {"findings_line": "", "findings": []}
    rows = [_row({str(name): cell for name, cell in row.items()}) for row in breaches.to_dict("records")]
    agents = int(breaches["agent_id"].dropna().nunique())
    line = (
        f"{len(rows):,} {'breach' if len(rows) == 1 else 'breaches'} of rules, {counted(agents, 'agent')} "
        "concerned. What follows simulates the schedule as it stands."
        if rows
        else "No rule is broken. What follows simulates the schedule as it stands."
    )
    return {"findings_line": f"This schedule was given, not planned here. {line}", "findings": rows}


def findings_tile(run: RunFiles) -> list[dict[str, str]]:
    """The first tile of a given schedule's page."""
    breaches = run.table("breaches")
    if "rule" not in breaches:
        return []
    return [
        {
            "value": f"{len(breaches):,}",
            "label": "breach of rules" if len(breaches) == 1 else "breaches of rules",
            "tone": "bad" if len(breaches) else "good",
        }
    ]


def _row(breach: dict[str, Any]) -> dict[str, str]:
    agent, date = breach["agent_id"], breach["schedule_date"]
    return {
        "agent": "all agents" if missing(agent) or not agent else str(agent),
        "day": "" if missing(date) else f"{date:%a %d %b}",
        "rule": plain(str(breach["rule"])),
        "message": str(breach["message"]),
    }
