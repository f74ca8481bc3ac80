"""``wfo publish``: freeze a run as the published week."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import run_folder, runs_option


@click.command("publish")
@click.argument("run")
@runs_option
@output.speaking
def command(run: str, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Freeze RUN as the published week; what is published is never changed, a new version is added.

    \b
    Example:
      wfo publish runs/week/base
    """
    from wfo.pipeline.publish import publish

    folder = publish(run_folder(run, runs), runs)
    if as_json:
        output.as_json({"published": str(folder)})
    else:
        output.data(str(folder))
    output.next_word(f"wfo export {folder} --to ics", quiet=quiet)
