"""``wfo publish``: freeze a run as the published week."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import run_folder, runs_option


@click.command("publish")
@click.argument("run")
@click.option("--with-breaches", is_flag=True, help="Publish it though its schedule breaks rules.")
@runs_option
@output.speaking
def command(run: str, with_breaches: bool, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Freeze RUN as the published week; what is published is never changed, a new version is added.

    A schedule from a file, or one repaired after absences, may break rules: table breaches of the run.

    \b
    Example:
      wfo publish runs/week/base
    """
    from wfo.pipeline.publish import publish

    folder = publish(run_folder(run, runs), runs, with_breaches=with_breaches)
    if as_json:
        output.as_json({"published": str(folder)})
    else:
        output.data(str(folder))
    output.next_word(f"wfo export {folder} --to ics", quiet=quiet)
