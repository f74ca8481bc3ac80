"""The manifest of a run: what it was made from, by what, and how each stage ended."""

import json
import platform
from pathlib import Path
from typing import Any

from wfo.pipeline.calls import Entry
from wfo.pipeline.hashing import digest, versions
from wfo.pipeline.source import Source
from wfo.pipeline.week import PlanningWeek
from wfo.scenario.model import Scenario
from wfo.tables.result import SCHEMA_VERSION

FILE = "manifest.json"


def manifest_of(
    scenario: Scenario,
    source: Source,
    week: PlanningWeek,
    effort: str,
    entries: list[Entry],
    chosen: int,
    status: str,
    missed: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Everything about a run that is not a result, as plain values.

    Parameters
    ----------
    scenario : Scenario
    source : Source
    week : PlanningWeek
    effort : str
    entries : list of Entry
    chosen : int
        The round whose plan was kept; 0 where the run ended before.
    status : str
        ``done``, ``interrupted``, or the stage after which the run was told to stop.
    missed : tuple of str
        Of each target that the plan still misses: where most, and why.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": scenario.stem,
        "arm": scenario.arm,
        "name": scenario.name,
        "scenario_sha256": digest(scenario.as_dict()),
        "status": status,
        "seed": scenario.seed,
        "replications": scenario.replications,
        "effort": effort,
        "now": week.now.isoformat(),
        "week_start": week.first.isoformat(),
        "zone": scenario.centre.zone,
        "round": chosen,
        "inputs": dict(source.hashes),
        "data": {"key": source.key, "generated": source.generated},
        "versions": versions() | {"python": platform.python_version()},
        "missed": list(missed),
        "assumptions": [*scenario.assumptions, *source.notes],
        "stages": {e.stage: _stage(e) for e in entries if e.round in (1, chosen)},
        "calls": [_call(entry) for entry in entries],
    }


def _stage(entry: Entry) -> dict[str, Any]:
    meta = entry.stored.meta
    return {
        "stage": entry.stage,
        "round": entry.round,
        "key": entry.key,
        "seconds": round(entry.seconds, 3),
        "reused": entry.reused,
        "why": entry.why,
        "status": meta.status.value,
        "reasons": list(meta.reasons),
        "notes": list(meta.notes),
        "objective": meta.objective,
        "bound": meta.bound,
        "gap": meta.gap,
        "excess": meta.excess,
        "facts": dict(meta.facts),
    }


def _call(entry: Entry) -> dict[str, Any]:
    """One call of a stage, with the parts of its key, so that the next run can say what changed."""
    short = (
        "stage",
        "round",
        "key",
        "seconds",
        "reused",
        "why",
        "status",
        "objective",
        "bound",
        "gap",
        "excess",
    )
    whole = _stage(entry)
    return {name: whole[name] for name in short} | {"parts": dict(entry.parts)}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest in a run folder; empty where there is none that can be read."""
    try:
        return dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def earlier_parts(folder: Path) -> dict[str, dict[str, str]]:
    """Key parts of the run in a folder, by ``stage/round``."""
    calls = read_manifest(folder).get("calls", [])
    return {f"{call['stage']}/{call['round']}": call.get("parts", {}) for call in calls}
