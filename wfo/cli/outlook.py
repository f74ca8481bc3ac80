"""``wfo outlook``: the weeks and months of a year."""

from collections.abc import Sequence
from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import runs_option


@click.command("outlook")
@click.argument("scenario")
@click.option(
    "--months", type=click.IntRange(1, 36), default=12, show_default=True, help="Whole months ahead."
)
@output.overriding
@runs_option
@output.speaking
def command(
    scenario: str, months: int, overrides: Sequence[str], runs: Path, as_json: bool, quiet: bool
) -> None:
    r"""Forecast the weeks and months ahead of SCENARIO's centre, from its history, growth and customers.

    \b
    Example:
      wfo outlook scenarios/week.yaml
      wfo outlook scenarios/week.yaml --set demand.queues.chat.growth=0.2
    """
    from wfo.pipeline.outlook import outlook
    from wfo.report.outlook_page import month_rows, write_outlook_page
    from wfo.scenario.load import load_arms

    done = [
        outlook(arm, months=months, runs=runs, finishers=(write_outlook_page,))
        for arm in load_arms(scenario, set=list(overrides))
    ]
    head = ("queue", "month", "contacts", "low", "high", "against a year before")
    for one in done:
        if not as_json:
            output.data(f"{one.scenario.name} · {one.scenario.arm}\n")
            rows = [tuple(row.values()) for row in month_rows(one.outlook.table)]
            output.data(output.table(rows, head, right=(2, 3, 4, 5)))
            output.data(str(one.folder / "outlook.html"))
        for note in dict.fromkeys(one.outlook.notes):
            output.message(f"  {note}", quiet=quiet)
    if as_json:
        output.as_json([{"arm": o.scenario.arm, "outlook": output.records(o.outlook.table)} for o in done])
    output.next_word(f"wfo run {scenario}", quiet=quiet)
