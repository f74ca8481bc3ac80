"""What a run rests on, and how good its solvers say it is."""

import re
from typing import Any

from wfo.report.run_files import RunFiles
from wfo.report.words import missing

_FOLDER = re.compile(r"(?<!\S)(?:/|[A-Z]:\\)\S*[/\\]([^/\\\s]+\.\w+)")
"""A file with the folder it lies in, which is nobody's business who gets the page."""


def stated(run: RunFiles) -> list[str]:
    """What a run rests on, in sentences: what it misses, assumptions, reasons, notes."""
    notes = [note for facts in run.manifest.get("stages", {}).values() for note in facts.get("notes", [])]
    reasons = [text for facts in run.manifest.get("stages", {}).values() for text in facts.get("reasons", [])]
    missed = run.manifest.get("missed", [])
    said = list(dict.fromkeys([*missed, *run.manifest.get("assumptions", []), *reasons, *notes]))
    return [_FOLDER.sub(r"\1", text) for text in said] or ["Nothing beyond the scenario file."]


def effort(run: RunFiles) -> str:
    """The effort with which the run was made: the command line's where it said one."""
    return str(run.manifest.get("effort") or run.scenario.get("effort", ""))


def stage_rows(run: RunFiles) -> list[dict[str, str]]:
    """Status, objective, bound and gap of each stage."""
    return [_stage_row(name, facts) for name, facts in run.manifest.get("stages", {}).items()]


def _stage_row(name: str, facts: dict[str, Any]) -> dict[str, str]:
    def figure(key: str, form: str) -> str:
        value = facts.get(key)
        return "–" if missing(value) else format(value, form)

    return {
        "stage": name,
        "status": str(facts.get("status", "")),
        "objective": figure("objective", ",.1f"),
        "bound": figure("bound", ",.1f"),
        "gap": figure("gap", ".2%"),
        "excess": figure("excess", ".2%"),
        "reused": str(facts.get("reused", "")),
    }
