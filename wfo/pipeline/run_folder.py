"""What a run leaves behind: one folder, written beside and put in place whole."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from wfo.pipeline.manifest import FILE, read_manifest
from wfo.pipeline.store import Stored, put_folder
from wfo.scenario.model import Scenario
from wfo.scenario.yaml_source import Where
from wfo.tables.carry_over import CarryOver
from wfo.tables.parquet import write_frame

AS_CSV = ("scorecard",)
"""Tables written as CSV, for people."""
MODEL = "forecast_model.json"
OWN = {"coach": ("levels", "activity_requests"), "schedule": ("wishes_met",)}
"""Tables taken from a stage although a later one has one of the same name."""


def write_run(
    folder: Path,
    scenario: Scenario,
    manifest: Mapping[str, Any],
    results: Mapping[str, Stored],
    extra: Mapping[str, pd.DataFrame],
    carry_over: CarryOver | None,
    finish: Iterable[Callable[[Path], None]] = (),
) -> None:
    """Write a run folder; a failure on the way leaves what was there.

    Parameters
    ----------
    folder : Path
    scenario : Scenario
    manifest : mapping
    results : mapping of str to Stored
        By stage, in the pipeline's order.
    extra : mapping of str to DataFrame
        Further tables.
    carry_over : CarryOver or None
    finish : iterable of callable
        Each gets the folder before it is put in place, and may add files to it.
    """

    def write(into: Path) -> None:
        _write_scenario(into, scenario, str(manifest["effort"]))
        for name, path in tables_of(results).items():
            if name in AS_CSV:
                results_of(results, name).to_csv(into / f"{name}.csv", index=False)
            else:
                shutil.copyfile(path, into / f"{name}.parquet")
        if "forecast" in results:
            shutil.copyfile(results["forecast"].folder / "state.json", into / MODEL)
        for name, frame in extra.items():
            write_frame(frame, into / f"{name}.parquet")
        if carry_over is not None:
            carry_over.save(into / "carry_over")
        (into / FILE).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for finisher in finish:
            finisher(into)

    put_folder(folder, write)
    _write_arms(folder.parent)


def tables_of(results: Mapping[str, Stored]) -> dict[str, Path]:
    """Parquet files of the run's tables by name; of two of one name the later stage's counts."""
    found: dict[str, Path] = {}
    for stage, stored in results.items():
        for name in stored.tables:
            owner = next((s for s, names in OWN.items() if name in names), stage)
            if owner == stage or owner not in results:
                found[name] = stored.folder / f"{name}.parquet"
    return found


def results_of(results: Mapping[str, Stored], name: str) -> pd.DataFrame:
    """A table of the run by name."""
    folder = tables_of(results)[name].parent
    return next(stored.tables[name] for stored in results.values() if stored.folder == folder)


def _write_scenario(folder: Path, scenario: Scenario, effort: str) -> None:
    """The scenario as it was run, the effort asked for included, and where each value is from."""
    given = scenario.as_dict()
    origins = dict(scenario.origins)
    if given.get("effort") != effort:
        origins["effort"] = Where("command line")
    text = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(given | {"effort": effort}, text)
    (folder / "scenario.yaml").write_text(text.getvalue(), encoding="utf-8")
    with (folder / "origins.csv").open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream, lineterminator="\n")
        lines.writerow(["setting", "file", "line", "column"])
        for path, where in sorted(origins.items()):
            lines.writerow([path, where.file, where.line or "", where.column or ""])


def _write_arms(scenario_folder: Path) -> None:
    """One line an arm, so that a sweep can be read as one table."""
    columns = ["arm", "name", "status", "week_start", "seed", "replications", "scenario_sha256"]
    rows = []
    for folder in sorted(p for p in scenario_folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        manifest = read_manifest(folder)
        if manifest:
            rows.append([folder.name, *(manifest.get(c, "") for c in columns[1:])])
    beside = scenario_folder / ".arms.csv"
    with beside.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *rows])
    beside.replace(scenario_folder / "arms.csv")
