"""``wfo replay``: the last weeks planned again from what was known before them, and judged by what came."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wfo.cli import output
from wfo.cli.places import runs_option

if TYPE_CHECKING:
    from wfo.replay.collect import Progress
    from wfo.replay.full import FullReplay
    from wfo.replay.replay import Replay
    from wfo.replay.weeks import Origin
    from wfo.scenario.model import Scenario

_COLUMNS = {
    "queue": "queue",
    "lead": "lead",
    "grain": "by",
    "method": "method",
    "contacts": "came",
    "wape": "WAPE",
    "bias": "bias",
    "mase": "MASE",
    "pinball": "pinball",
    "cover_80": "in 80 %",
    "cover_95": "in 95 %",
    "added_naive": "vs last week",
    "added_mean": "vs mean of 8",
}
_NUMBERS = 4  # columns from here on are figures
_GAPS = {
    "queue": "queue",
    "lead": "lead",
    "weeks": "weeks",
    "promised": "promised",
    "realised": "realised",
    "gap": "gap",
    "bias": "bias",
    "inside": "in 80 %",
}


def _leads(context: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
    if not text:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and 1 <= int(part) <= 52 for part in parts):
        raise click.BadParameter(f"'{text}' is no list of weeks; write 1,2,4 (each from 1 to 52)")
    return tuple(sorted({int(part) for part in parts}))


@click.command("replay")
@click.argument("scenario")
@click.option(
    "--weeks", type=click.IntRange(1, 260), default=8, show_default=True, help="How many last weeks."
)
@click.option(
    "--lead",
    "leads",
    default="",
    callback=_leads,
    help="Weeks of lead, 1 is the next week  [default: 1; with --until forecast 1,2,4]",
)
@click.option(
    "--until",
    type=click.Choice(["forecast"]),
    default=None,
    help="Stop after this stage: forecasts alone are judged.",
)
@click.option("--ladder", is_flag=True, help="Other planners plan the same weeks too; several times longer.")
@click.option(
    "--effort", type=click.Choice(["quick", "normal", "long"]), help="Of every solver; empty: the scenario's."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@output.overriding
@runs_option
@output.speaking
def command(
    scenario: str,
    weeks: int,
    leads: tuple[int, ...],
    until: str | None,
    ladder: bool,
    effort: str | None,
    jobs: int,
    overrides: Sequence[str],
    runs: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Plan the last weeks of SCENARIO's data again, and play what came through each plan.

    \b
    Example:
      wfo replay scenarios/week.yaml --weeks 8
      wfo replay scenarios/week.yaml --weeks 8 --lead 1,2,4 --until forecast
    """
    from wfo.scenario.load import load_arms

    if until and (ladder or effort):
        raise click.UsageError("--ladder and --effort are about plans; leave out --until forecast")

    def say(origin: "Origin", how: str) -> None:
        output.message(f"  week of {origin.week.first}, lead {origin.lead}: {how}", quiet=quiet)

    found: list[Replay | FullReplay] = []
    for arm in load_arms(scenario, set=list(overrides)):
        output.message(f"{arm.name} · {arm.arm}", quiet=quiet)
        if until:
            found.append(_forecasts(arm, weeks, leads or (1, 2, 4), runs, jobs, say))
        else:
            found.append(_plans(arm, weeks, leads or (1,), runs, jobs, say, ladder, effort))
        if not as_json:
            _tell(found[-1])
        for line in found[-1].missing:
            output.message(f"left out: {line}", quiet=quiet)
    if as_json:
        output.as_json([_plain(done) for done in found])
    output.next_word(f"open {found[-1].folder / 'replay.html'}", quiet=quiet)


def _forecasts(
    arm: "Scenario", weeks: int, leads: tuple[int, ...], runs: Path, jobs: int, say: "Progress"
) -> "Replay":
    from wfo.replay.replay import replay
    from wfo.report.replay_page import write_replay_page

    page = (write_replay_page,)
    return replay(arm, weeks=weeks, leads=leads, runs=runs, jobs=jobs, finishers=page, progress=say)


def _plans(
    arm: "Scenario",
    weeks: int,
    leads: tuple[int, ...],
    runs: Path,
    jobs: int,
    say: "Progress",
    ladder: bool,
    effort: str | None,
) -> "FullReplay":
    from wfo.effort import Effort
    from wfo.replay.full import full_replay
    from wfo.report.promise_page import write_promise_page

    return full_replay(
        arm,
        weeks=weeks,
        leads=leads,
        runs=runs,
        effort=None if effort is None else Effort(effort),
        jobs=jobs,
        ladder=ladder,
        finishers=(write_promise_page,),
        progress=say,
    )


def _tell(done: "Replay | FullReplay") -> None:
    from wfo.replay.replay import Replay

    if isinstance(done, Replay):
        _tell_forecasts(done)
    else:
        _tell_plans(done)


def _tell_plans(done: "FullReplay") -> None:
    from wfo.report.promise_page import gap_rows, saved_rows, skill_rows

    weeks = sorted({o.week.first for o in done.origins})
    output.data(
        f"{done.scenario.name} · {done.scenario.arm} · {len(weeks)} weeks, {weeks[0]} to {weeks[-1]}\n"
    )
    cells = [[row[name] for name in _GAPS] for row in gap_rows(done.gaps)]
    output.data(output.table(cells, tuple(_GAPS.values()), right=range(2, len(_GAPS))) + "\n")
    names = ("queue", "target", "lead", "days", "base_rate", "brier", "skill", "counted")
    cells = [[row[name] for name in names] for row in skill_rows(done.skill)]
    head = ("P(met) by day", "level", "lead", "days", "met", "Brier", "skill", "counts")
    output.data(output.table(cells, head, right=range(2, len(head))) + "\n")
    if len(done.saved):
        kept = ("planner", "service", "cost", "reference", "saved")
        cells = [[row[name] for name in kept] for row in saved_rows(done.saved)]
        words = ("planner", "service", "wages", "of ours", "we save")
        output.data(output.table(cells, words, right=range(1, len(words))) + "\n")
    output.data(str(done.folder / "replay.html"))


def _tell_forecasts(done: "Replay") -> None:
    from wfo.report.replay_page import lead_rows, override_rows, queue_rows, summary, verdict

    weeks = sorted({o.week.first for o in done.origins})
    output.data(
        f"{done.scenario.name} · {done.scenario.arm} · {len(weeks)} weeks, {weeks[0]} to {weeks[-1]}\n\n"
        f"{summary(done.accuracy)}\n"
    )
    for rows in (lead_rows(done.accuracy), queue_rows(done.accuracy)):
        cells = [[row[name] for name in _COLUMNS] for row in rows]
        output.data(
            output.table(cells, tuple(_COLUMNS.values()), right=range(_NUMBERS, len(_COLUMNS))) + "\n"
        )
    if len(done.overrides):
        names = ("override", "who", "queue", "schedule_date", "lead", "model", "planner", "actual", "right")
        head = ("override", "who", "queue", "day", "lead", "model", "planner", "came", "nearer")
        cells = [[row[name] for name in names] for row in override_rows(done.overrides)]
        output.data(output.table(cells, head, right=(5, 6, 7)) + f"\n{verdict(done.overrides)}\n")
    output.data(str(done.folder / "replay.html"))


def _plain(done: "Replay | FullReplay") -> dict[str, object]:
    from wfo.replay.replay import Replay

    names = ("accuracy", "overrides") if isinstance(done, Replay) else ("gaps", "skill", "promises", "causes")
    return {
        "arm": done.scenario.arm,
        "folder": str(done.folder),
        **{name: output.records(getattr(done, name)) for name in names},
        "left_out": [str(m) for m in done.missing],
    }
