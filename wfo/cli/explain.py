"""``wfo explain``: a setting and where it came from, a metric, the schema, a shift, why there is no plan."""

import difflib
from collections.abc import Sequence
from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import newest_run, run_folder, runs_option, scenario_of
from wfo.errors import InputError, Problem
from wfo.metrics.catalogue import CATALOGUE
from wfo.scenario.explain import explain_setting
from wfo.scenario.load import load_scenario
from wfo.scenario.model import json_schema
from wfo.scenario.overlay import locate

BASE = "base.yaml"


@click.command("explain")
@click.argument("what")
@click.argument("scenario", default="")
@output.overriding
@runs_option
@output.speaking
def command(
    what: str, scenario: str, overrides: Sequence[str], runs: Path, as_json: bool, quiet: bool
) -> None:
    r"""Explain WHAT: a setting, a metric, the schema; or of a run its plan, a shift, an agent, what is short.

    A setting is explained as SCENARIO has it, without SCENARIO as every scenario begins (base.yaml). Of the
    run of SCENARIO, without SCENARIO of the newest run: plan says why it ended so, short what the next
    agent-hour buys and what would help, a shift why it is there, an agent why there is no week.

    \b
    Example:
      wfo explain forecast.memory_days scenarios/week.yaml
      wfo explain service_level
      wfo explain schema > scenario.schema.json
      wfo explain A001/2025-07-07 scenarios/week.yaml
      wfo explain short runs/week/base
    """
    if what == "schema":
        output.as_json(json_schema())
        return
    told = (
        _shift(what, scenario, runs)
        or _plan(what, scenario, runs)
        or _short(what, scenario, runs)
        or _metric(what)
        or _agent(what, scenario, runs)
    )
    if told is None:
        told = _setting(what, scenario, overrides)
    if as_json:
        output.as_json(told)
    else:
        output.data("\n".join(told))
    output.next_word(f"wfo check {_scenario_word(scenario, runs)}", quiet=quiet)


def _scenario_word(scenario: str, runs: Path) -> str:
    """How to call the scenario that was asked about, or that of the run; ``SCENARIO`` where there is none."""
    if scenario and locate(scenario) is not None:
        return scenario
    try:
        return scenario_of(run_folder(scenario, runs) if scenario else newest_run(runs, "wfo explain"))
    except InputError:
        return scenario or "SCENARIO"


def _setting(what: str, scenario: str, overrides: Sequence[str]) -> list[str]:
    if scenario and Path(scenario).is_dir():
        scenario = str(Path(scenario) / "scenario.yaml")
    loaded = load_scenario(scenario or BASE, set=list(overrides))
    try:
        return explain_setting(loaded, what).lines()
    except InputError as error:
        if scenario:
            raise
        raise InputError(
            f"{error}; for what stands in a scenario name it: wfo explain {what} SCENARIO"
        ) from None


def _run_folder(what: str, scenario: str, runs: Path) -> Path:
    return run_folder(scenario, runs) if scenario else newest_run(runs, f"wfo explain {what}")


def _metric(what: str) -> list[str] | None:
    found = CATALOGUE.get(what)
    if found is None:
        return None
    modes = ("report", "priced", "hard")
    allowed = " or ".join(modes[: modes.index(found.strictest.value) + 1])
    moved = f"moved by {found.decision.value}" if found.decision else "earned, not decided"
    queues = ", ".join(law.value for law in found.laws)
    where = f"and for queues with {queues} work" if queues else "and for nothing smaller"
    return [
        f"{found.name} ({what})",
        f"  {found.formula}",
        f"  in the {found.ledger.value}'s ledger, as {found.unit.value}; {moved}",
        f"  a target sets {'at least' if found.sense == '>=' else 'at most'}, and may be {allowed}",
        f"  for the whole centre, {where}",
    ]


def _shift(what: str, scenario: str, runs: Path) -> list[str] | None:
    agent, slash, date = what.rpartition("/")
    if not slash or len(date) != 10:
        return None
    from wfo.tables.parquet import read_frame

    folder = _run_folder(what, scenario, runs)
    if not (folder / "schedule.parquet").is_file():
        found = f"this run has no schedule, so no shifts; run it to the end: wfo run {scenario or 'SCENARIO'}"
        raise InputError([Problem(str(folder), found)])
    schedule = read_frame(folder / "schedule.parquet")
    rows = schedule[(schedule["shift_id"] == what).to_numpy()]
    if rows.empty:
        days = sorted(
            d.rpartition("/")[2] for d in schedule.loc[schedule["agent_id"] == agent, "shift_id"].unique()
        )
        near = difflib.get_close_matches(agent, schedule["agent_id"].unique().tolist(), 1)
        hint = (
            f"{agent} works on {', '.join(days)}"
            if days
            else f"did you mean '{near[0]}'?"
            if near
            else "no such agent"
        )
        raise InputError(f"there is no shift {what} in {folder}; {hint}")
    zone = load_scenario(folder / "scenario.yaml").centre.zone
    out = [what]
    for row in rows.sort_values("start").to_dict("records"):
        start, end = row["start"].tz_convert(zone), row["end"].tz_convert(zone)
        paid = "paid" if row["paid"] else "unpaid"
        out.append(
            f"  {start:%H:%M}–{end:%H:%M}  {row['activity']} ({paid})  {', '.join(row['queues'])}".rstrip()
        )
    from wfo.pipeline.questions import why

    return out + why(folder, runs, agent, date)


def _short(what: str, scenario: str, runs: Path) -> list[str] | None:
    if what != "short":
        return None
    from wfo.pipeline.questions import short

    return short(_run_folder(what, scenario, runs), runs)


def _agent(what: str, scenario: str, runs: Path) -> list[str] | None:
    """Why an agent has no week; of words that are no agent of the run nothing is said."""
    if not scenario and not any(runs.glob("*/*/manifest.json")):
        return None
    try:
        folder = _run_folder(what, scenario, runs)
    except InputError:
        return None
    if not (folder / "agents.parquet").is_file() or not (folder / "schedule.parquet").is_file():
        return None
    from wfo.pipeline.questions import agent_week

    return agent_week(folder, runs, what)


def _plan(what: str, scenario: str, runs: Path) -> list[str] | None:
    if what != "plan":
        return None
    from wfo.pipeline.manifest import read_manifest

    folder = _run_folder(what, scenario, runs)
    manifest = read_manifest(folder)
    out = [f"{folder}: {manifest['status']}, round {manifest['round']}"]
    for name, stage in manifest["stages"].items():
        out.append(f"  {name}: {stage['status']} ({stage['why']})")
        out += [f"    {reason}" for reason in [*stage["reasons"], *stage["notes"]]]
    return out
