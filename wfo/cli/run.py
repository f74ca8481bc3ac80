"""``wfo run``: plan a week, or every arm of a sweep."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wfo.cli import output
from wfo.cli.exits import NO_PLAN, TARGETS_MISSED, Exit
from wfo.cli.places import runs_option
from wfo.pipeline.verbs import VERBS

if TYPE_CHECKING:
    from wfo.pipeline.run import Run

MOST_BREACHES = 20
"""Breaches of a schedule from a file that are printed."""


@click.command("run")
@click.argument("scenario")
@click.option("--until", type=click.Choice(list(VERBS)), help="Stop after this stage.")
@output.overriding
@runs_option
@click.option("--effort", type=click.Choice(["quick", "normal", "long"]), help="How hard the solvers try.")
@click.option("--weeks", type=click.IntRange(1, 13), default=1, help="Plan so many weeks in a row.")
@click.option(
    "--schedule",
    "given",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Judge the schedule in this file (CSV, Parquet, Excel) instead of making one.",
)
@click.option("--no-cache", is_flag=True, help="Reuse nothing.")
@click.option("--fail-on", type=click.Choice(["missed"]), help="Exit with 4 when a target is missed.")
@output.speaking
def command(
    scenario: str,
    until: str | None,
    overrides: Sequence[str],
    runs: Path,
    effort: str | None,
    weeks: int,
    given: Path | None,
    no_cache: bool,
    fail_on: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Plan the week of SCENARIO, a file or a built-in name (sample, tiny).

    \b
    Example:
      wfo run scenarios/week.yaml
      wfo run scenarios/week.yaml --set demand.scale=1.1
      wfo run scenarios/week.yaml --weeks 4
      wfo run scenarios/week.yaml --schedule theirs.xlsx
    """
    from wfo.scenario.load import load_arms

    if given is not None and weeks > 1:
        raise click.UsageError("--schedule is of one week; leave out --weeks")
    arms = load_arms(scenario, set=list(overrides))
    from wfo.cli.finish import FINISHERS
    from wfo.cli.progress import shown_progress
    from wfo.cli.warm import compiling_ahead
    from wfo.pipeline.several_weeks import run_weeks

    done: list[Run] = []
    for arm in arms:
        with compiling_ahead(runs, until, quiet=quiet), shown_progress(arm, quiet=quiet) as progress:
            made = run_weeks(
                arm,
                weeks,
                runs=runs,
                until=until,
                effort=effort,
                cache=not no_cache,
                finishers=FINISHERS,
                progress=progress,
                schedule=given,
            )
        for one in made:
            _tell(one, given, as_json=as_json, quiet=quiet)
        done += made
    if as_json:
        output.as_json([_plain(one) for one in done])
    _end(done, fail_on)


def _tell(done: "Run", given: Path | None = None, *, as_json: bool, quiet: bool) -> None:
    from wfo.cli.scorecard import scorecard_text

    if done.folder is None:
        output.message("\n".join(["no feasible plan:", *(f"  {reason}" for reason in done.reasons)]))
        return
    if not as_json:
        output.data(f"{done.scenario.name} · {done.scenario.arm} · week of {done.week.first:%a %d %b %Y}")
        if "breaches" in done.tables:
            output.data(_breaches_text(done))
        if "scorecard" in done.tables:
            output.data(scorecard_text(done.frame("scorecard"), done.scenario.centre.currency))
        elif "requirement" in done.tables and "schedule" not in done.tables:
            output.data(_staffing_text(done.folder))
        page = done.folder / "report.html"
        output.data(str(page if page.exists() else done.folder))
    if done.unchanged:
        output.message(f"nothing changed: {done.folder} is as it was", quiet=quiet)
    elif done.folder.name != done.scenario.arm:
        fuller = done.folder.with_name(done.scenario.arm)
        output.message(f"{fuller} holds a fuller run and was left alone", quiet=quiet)
    _message_under("To know about this plan:", done.reasons, quiet=quiet)
    if "chains" in done.results:
        from wfo.chains.facts import to_know

        _message_under("About the log:", to_know(done.results["chains"].meta.facts), quiet=quiet)
    if "forecast" in done.results and not (done.folder / "report.html").exists():
        notes = done.results["forecast"].meta.notes  # a report would show them
        _message_under("About the forecast:", notes, quiet=quiet)
    output.next_word(_next(done, given), quiet=quiet)


def _next(done: "Run", given: Path | None) -> str:
    """What to do with a run: publish a plan that keeps the rules, read what breaks them in another."""
    if given is not None and "breaches" in done.tables and not done.frame("breaches").empty:
        return f"wfo check {shlex.quote(str(given))} --against {done.folder}"
    return f"wfo {'publish' if 'scorecard' in done.tables else 'explain plan'} {done.folder}"


def _message_under(heading: str, lines: Sequence[str], *, quiet: bool) -> None:
    """Lines below a heading; nothing where there are none."""
    if lines:
        output.message("\n".join([heading, *(f"  {line}" for line in lines)]), quiet=quiet)


def _staffing_text(folder: Path) -> str:
    """What the week needs, by queue, as a table."""
    from wfo.report.run_files import RunFiles
    from wfo.report.staffing import staffing_summary

    return staffing_summary(RunFiles(folder)).to_string(index=False, na_rep="–")


def _breaches_text(done: "Run") -> str:
    """What the checker finds in a schedule from a file, before how well it serves."""
    notes = [f"  read: {note}" for note in done.results["schedule"].meta.notes]
    breaches = done.frame("breaches")
    if breaches.empty:
        return "\n".join(["The schedule keeps every rule.", *notes])
    lines = []
    for row in breaches.head(MOST_BREACHES).to_dict("records"):
        whose = [str(v) for v in (row["agent_id"], row["schedule_date"]) if v is not None and v == v]
        lines.append(f"  {', '.join(whose) or 'all'}: {row['message']} ({row['rule']})")
    more = len(breaches) - MOST_BREACHES
    lines += [f"  and {more} more, in table breaches"] if more > 0 else []
    head = "1 breach of rules:" if len(breaches) == 1 else f"{len(breaches)} breaches of rules:"
    return "\n".join([head, *lines, *notes])


def _plain(done: "Run") -> dict[str, object]:
    scorecard = output.records(done.frame("scorecard")) if "scorecard" in done.tables else []
    folder = str(done.folder) if done.folder else None
    return {
        "arm": done.scenario.arm,
        "folder": folder,
        "status": done.status.value,
        "reasons": list(done.reasons),
        "scorecard": scorecard,
    }


def _end(done: "list[Run]", fail_on: str | None) -> None:
    if any(one.folder is None for one in done):
        raise Exit(NO_PLAN)
    if fail_on == "missed":
        missed = [
            one
            for one in done
            if "scorecard" in one.tables and (one.frame("scorecard")["status"] == "missed").any()
        ]
        if missed:
            raise Exit(TARGETS_MISSED)
