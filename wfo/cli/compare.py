"""``wfo compare``: assumptions first, then results."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import out_of_date, run_folder, runs_option


@click.command("compare")
@click.argument("first")
@click.argument("second")
@runs_option
@output.speaking
def command(first: str, second: str, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Compare run FIRST with run SECOND: what they assume, then what they reach, week by simulated week.

    FIRST and SECOND are scenario files that have been run, run folders, or scenario/arm.

    \b
    Example:
      wfo compare scenarios/week.yaml scenarios/web_repaired.yaml
    """
    from wfo.cli.scorecard import comparison_text
    from wfo.pipeline.compare import compare

    folders = run_folder(first, runs), run_folder(second, runs)
    for given, folder in zip((first, second), folders, strict=True):
        if out_of_date(given, folder):
            output.message(f"{given} was changed after {folder} was made; run it again: wfo run {given}")
    found = compare(*folders)
    if as_json:
        assumptions, results = output.records(found.assumptions), output.records(found.results)
        output.as_json(
            {"first": found.first, "second": found.second, "assumptions": assumptions, "results": results}
        )
    else:
        output.data(comparison_text(found))
    output.next_word(f"wfo publish {folders[1]}", quiet=quiet)
