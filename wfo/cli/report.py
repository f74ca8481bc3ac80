"""``wfo report``: the page of a run, written again."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import run_folder, runs_option


@click.command("report")
@click.argument("run")
@runs_option
@output.speaking
def command(run: str, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Write report.html of RUN (a run folder, or a scenario that was run).

    \b
    Example:
      wfo report scenarios/week.yaml
    """
    from wfo.report.html import write_html

    folder = run_folder(run, runs)
    page = write_html(folder)
    if as_json:
        output.as_json({"report": str(page)})
    else:
        output.data(str(page))
    output.next_word(f"wfo publish {folder}", quiet=quiet)
