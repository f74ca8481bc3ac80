"""Collect: the outcomes of a walk, what could not be played and why, and what each replay's folder says."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from wfo.replay.walk import Step
from wfo.replay.weeks import Missing, Origin
from wfo.scenario.model import Scenario

Tables = Mapping[str, pd.DataFrame]
Progress = Callable[[Origin, str], None]
"""Gets an origin that has been played, and how it went."""


def collected(
    steps: Iterator[Step[Tables]], left: list[Missing], progress: Progress | None, *, who: str = ""
) -> tuple[tuple[Origin, ...], list[Tables]]:
    """Origins that were played, and their tables.

    Parameters
    ----------
    steps : iterator of Step
    left : list of Missing
        Origins that could not be played are added.
    progress : callable or None
        Told of each.
    who : str
        Put before what is told, for example ``planners: ``.
    """
    played, tables = [], []
    for step in steps:
        if step.outcome is None:
            left.append(Missing(step.origin.week.first, step.origin.lead, who + step.failed))
        else:
            played.append(step.origin)
            tables.append(step.outcome)
        if progress is not None:
            progress(step.origin, who + (step.failed or f"done in {step.seconds:.1f} s"))
    return tuple(played), tables


def together(tables: Sequence[Tables], names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables of all origins, one under the other."""
    return {name: pd.concat([t[name] for t in tables], ignore_index=True) for name in names}


def write_facts(
    folder: Path, scenario: Scenario, origins: Sequence[Origin], missing: Sequence[Missing], **more: object
) -> None:
    """Write ``replay.json``: what was replayed, what was left out, and what else is to be said."""
    facts = {
        "scenario": scenario.stem,
        "arm": scenario.arm,
        "seed": scenario.seed,
        "weeks": sorted({o.week.first.isoformat() for o in origins}),
        "leads": sorted({o.lead for o in origins}),
        "left_out": [str(m) for m in missing],
        **more,
    }
    (folder / "replay.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
