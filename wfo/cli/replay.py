"""``wfo replay``: the last weeks planned again from what was known before them, and judged by what came."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wfo.cli import output
from wfo.cli.places import runs_option

if TYPE_CHECKING:
    from wfo.replay.replay import Replay

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


def _leads(context: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
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
    default="1,2,4",
    show_default=True,
    callback=_leads,
    help="Weeks of lead, 1 is the next week.",
)
@click.option(
    "--until",
    type=click.Choice(["forecast"]),
    default="forecast",
    show_default=True,
    help="Stop after this stage.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@output.overriding
@runs_option
@output.speaking
def command(
    scenario: str,
    weeks: int,
    leads: tuple[int, ...],
    until: str,
    jobs: int,
    overrides: Sequence[str],
    runs: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Forecast the last weeks of SCENARIO's data again and compare with what came.

    \b
    Example:
      wfo replay scenarios/week.yaml --weeks 8 --lead 1,2,4
    """
    from wfo.replay.replay import replay
    from wfo.report.replay_page import write_replay_page
    from wfo.scenario.load import load_arms

    found = []
    for arm in load_arms(scenario, set=list(overrides)):
        output.message(f"{arm.name} · {arm.arm}", quiet=quiet)
        done = replay(
            arm,
            weeks=weeks,
            leads=leads,
            runs=runs,
            jobs=jobs,
            finishers=(write_replay_page,),
            progress=lambda origin, how: output.message(
                f"  week of {origin.week.first}, lead {origin.lead}: {how}", quiet=quiet
            ),
        )
        found.append(done)
        if not as_json:
            _tell(done)
        for line in done.missing:
            output.message(f"left out: {line}", quiet=quiet)
    if as_json:
        output.as_json([_plain(done) for done in found])
    output.next_word(f"open {found[-1].folder / 'replay.html'}", quiet=quiet)


def _tell(done: "Replay") -> None:
    from wfo.report.replay_page import lead_rows, override_rows, queue_rows, verdict

    weeks = sorted({o.week.first for o in done.origins})
    output.data(
        f"{done.scenario.name} · {done.scenario.arm} · {len(weeks)} weeks, {weeks[0]} to {weeks[-1]}\n"
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


def _plain(done: "Replay") -> dict[str, object]:
    return {
        "arm": done.scenario.arm,
        "folder": str(done.folder),
        "accuracy": output.records(done.accuracy),
        "overrides": output.records(done.overrides),
        "left_out": [str(m) for m in done.missing],
    }
