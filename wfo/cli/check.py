"""``wfo check``: scenarios, tables and schedules; every problem at its place."""

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from wfo.cli import against, output
from wfo.cli.exits import INPUT_WRONG, Exit
from wfo.cli.places import run_folder, runs_option, scenario_of
from wfo.errors import InputError, Problem
from wfo.scenario.load import load_arms
from wfo.scenario.model import Scenario

YAML = (".yaml", ".yml")
MAPPING, SCENARIO, SCHEDULE, TABLE = "mapping", "scenario", "schedule", "table"


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--data", "with_data", is_flag=True, help="Read the scenario's data too.")
@click.option("--scenario", help="The scenario whose rules a schedule is checked against.")
@against.options
@runs_option
@output.overriding
@output.speaking
def command(
    files: Sequence[str],
    with_data: bool,
    scenario: str | None,
    run: str | None,
    into: Path | None,
    runs: Path,
    overrides: Sequence[str],
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Check scenario files, mapping files, tables (CSV, Parquet, Excel), schedules, and what people ask for.

    A schedule, ours or another program's, is checked by the rules of a scenario or a run. With --against RUN
    a file of requests is answered (accept, refuse, waitlist), and a file of new absences (availability) is
    repaired with few changes; --into writes the plan as it is then.

    \b
    Example:
      wfo check scenarios/week.yaml
      wfo check data/agents.csv
      wfo check schedule.xlsx --scenario scenarios/week.yaml
      wfo check requests.xlsx --against runs/week/base --into runs/week/answered
    """
    sorts = {name: _sort(name, scenario, run) for name in files}
    if run is not None and sorts[files[0]] != SCHEDULE:
        if len(files) > 1:
            raise click.UsageError("one file at a time with --against")
        against.answer(files[0], run, into, runs, as_json=as_json, quiet=quiet)
        return
    problems: list[Problem] = []
    for name in files:
        found = _problems(name, with_data, scenario, overrides, run=run, runs=runs, quiet=quiet)
        problems += found
        if not found and not as_json:
            output.data(f"{name}: ok")
    if as_json:
        output.as_json([{"where": p.where, "message": p.message} for p in problems])
    for problem in problems if not as_json else ():
        output.message(str(problem))
    if problems:
        raise Exit(INPUT_WRONG)
    output.next_word(_next(sorts, scenario, run, runs), quiet=quiet)


def _sort(name: str, scenario: str | None, run: str | None) -> str:
    """What a file is taken for: by its name, by whether rules for a schedule are named, by its columns."""
    from wfo.tables.contracts import INPUTS

    path = Path(name)
    if name.endswith((".mapping.yaml", ".mapping.yml")):
        return MAPPING
    if path.suffix in YAML or not path.suffix:
        return SCENARIO
    stem = path.name.split(".")[0].lower()
    named = "schedule" in stem and (run is not None or stem not in INPUTS)
    if named or scenario is not None:
        return SCHEDULE
    if run is None or stem in INPUTS:
        return TABLE
    from wfo.pipeline.schedule_file import holds_schedule

    return SCHEDULE if holds_schedule(path) else TABLE


def _next(sorts: Mapping[str, str], scenario: str | None, run: str | None, runs: Path) -> str:
    """The command that comes next, by the sorts of the files."""
    first = {sort: shlex.quote(name) for name, sort in reversed(list(sorts.items()))}
    if SCHEDULE in first:
        if scenario is None and SCENARIO not in first:
            path = next(Path(name) for name, sort in sorts.items() if sort == SCHEDULE)
            scenario = scenario_of(run_folder(run, runs) if run else path.parent, run)
        rules = first[SCENARIO] if scenario is None else shlex.quote(scenario)
        return f"wfo run {rules} --schedule {first[SCHEDULE]}"
    if SCENARIO in first:
        return f"wfo run {first[SCENARIO]}"
    return (
        f"wfo import {first[MAPPING]} SOURCE -o FOLDER" if MAPPING in first else "wfo check SCENARIO --data"
    )


def _problems(
    name: str,
    with_data: bool,
    scenario: str | None,
    overrides: Sequence[str],
    *,
    run: str | None,
    runs: Path,
    quiet: bool,
) -> list[Problem]:
    path, sort = Path(name), _sort(name, scenario, run)
    try:
        if sort == MAPPING:
            from wfo.tables.mapping_files import load_mapping

            load_mapping(path)
        elif sort == SCENARIO:
            arms = load_arms(name, set=list(overrides))
            if with_data:
                for note in _read(arms[0]):
                    output.message(f"{name}: {note}", quiet=quiet)
        elif sort == SCHEDULE:
            return _schedule(path, scenario, overrides, run, runs, quiet=quiet)
        else:
            from wfo.tables.read import read_data

            read_data(path)
    except InputError as error:
        return list(error.problems)
    return []


def _read(scenario: Scenario) -> tuple[str, ...]:
    """Read the scenario's data; what a planner should know about them and may leave."""
    import tempfile

    from wfo.pipeline.source import open_source

    with tempfile.TemporaryDirectory(prefix="wfo-") as scratch:
        return open_source(scenario, None, Path(scratch)).notes


def _schedule(
    path: Path, scenario: str | None, overrides: Sequence[str], run: str | None, runs: Path, *, quiet: bool
) -> list[Problem]:
    """Breaches of every rule by a schedule, in words."""
    from wfo.pipeline.schedule_check import breaches_of, rules_of_run, rules_of_scenario

    if run is not None or scenario is None:
        if run is None and not (path.parent / "manifest.json").is_file():
            raise InputError([Problem(str(path), "say by which rules: add --scenario FILE or --against RUN")])
        rules = rules_of_run(run_folder(run, runs) if run else path.parent, runs)
    else:
        rules = rules_of_scenario(load_arms(scenario, set=list(overrides))[0], runs)
    breaches, notes = breaches_of(path, rules)
    for note in notes:
        output.message(f"{path}: {note}", quiet=quiet)
    return [
        Problem(
            f"{path}: {b['agent_id'] or 'all agents'}{_day(b['schedule_date'])}",
            f"{b['message']} ({b['rule']})",
        )
        for b in breaches.to_dict("records")
    ]


def _day(date: object) -> str:
    known = isinstance(date, dt.date) and date == date  # no day is unlike itself
    return f", {date:%a %d %b %Y}" if known else ""
