"""``wfo check``: scenarios, tables and schedules; every problem at its place."""

from collections.abc import Sequence
from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.exits import INPUT_WRONG, Exit
from wfo.errors import InputError, Problem
from wfo.scenario.load import load_arms
from wfo.scenario.model import Scenario

YAML = (".yaml", ".yml")


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--data", "with_data", is_flag=True, help="Read the scenario's data too.")
@click.option("--scenario", help="The scenario whose rules a schedule is checked against.")
@output.overriding
@output.speaking
def command(
    files: Sequence[str],
    with_data: bool,
    scenario: str | None,
    overrides: Sequence[str],
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Check scenario files, mapping files, tables (CSV, Parquet, Excel) and schedules.

    \b
    Example:
      wfo check scenarios/week.yaml
      wfo check data/agents.csv
      wfo check runs/week/base/schedule.parquet --scenario scenarios/week.yaml
    """
    problems: list[Problem] = []
    for name in files:
        found = _problems(name, with_data, scenario, overrides, quiet=quiet)
        problems += found
        if not found and not as_json:
            output.data(f"{name}: ok")
    if as_json:
        output.as_json([{"where": p.where, "message": p.message} for p in problems])
    for problem in problems if not as_json else ():
        output.message(str(problem))
    if problems:
        raise Exit(INPUT_WRONG)
    runnable = [name for name in files if Path(name).suffix in YAML or not Path(name).suffix]
    output.next_word(f"wfo run {runnable[0]}" if runnable else "wfo check SCENARIO --data", quiet=quiet)


def _problems(
    name: str, with_data: bool, scenario: str | None, overrides: Sequence[str], *, quiet: bool
) -> list[Problem]:
    path = Path(name)
    try:
        if name.endswith((".mapping.yaml", ".mapping.yml")):
            from wfo.tables.mapping import load_mapping

            load_mapping(path)
        elif path.suffix in YAML or not path.suffix:
            arms = load_arms(name, set=list(overrides))
            if with_data:
                for note in _read(arms[0]):
                    output.message(f"{name}: {note}", quiet=quiet)
        elif path.name.split(".")[0] == "schedule":
            return _schedule(path, scenario)
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


def _schedule(path: Path, scenario: str | None) -> list[Problem]:
    import tempfile

    from wfo.pipeline.source import open_source
    from wfo.pipeline.week import planning_week
    from wfo.scheduling.checker import check_schedule
    from wfo.tables.read import read_data

    if scenario is None:
        beside = path.parent / "scenario.yaml"
        if not beside.is_file():
            raise InputError([Problem(str(path), "say by which rules: add --scenario FILE")])
        scenario = str(beside)
    chosen = load_arms(scenario)[0]
    schedule = read_data({"schedule": path}, timezone=chosen.data.timezone)["schedule"]
    with tempfile.TemporaryDirectory(prefix="wfo-") as scratch:
        source = open_source(chosen, None, Path(scratch))
        week = planning_week(chosen, source.last)
        breaches = check_schedule(
            schedule,
            centre=chosen.centre,
            agents=source.frames["agents"],
            availability=source.known("availability", week.now),
            published=source.known("published_schedule", week.now),
            grid=week.grid,
            agent_skills=source.frames["agent_skills"],
            routing=source.frames["routing"],
        )
    return [
        Problem(f"{path}: {row['agent_id']} {row['schedule_date']}", f"{row['rule']}: {row['message']}")
        for row in breaches.to_dict("records")
    ]
