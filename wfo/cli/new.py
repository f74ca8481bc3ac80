"""``wfo new``: a working example in a folder."""

from pathlib import Path
from typing import Literal

import click

from wfo.cli import output


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--preset", type=click.Choice(["standard", "tiny", "hard"]), default="tiny", show_default=True)
@output.speaking
def command(folder: Path, preset: Literal["standard", "tiny", "hard"], as_json: bool, quiet: bool) -> None:
    r"""Write a working example: tables, a centre, a week, three what-ifs.

    \b
    Example:
      wfo new my-centre
      wfo run my-centre/week.yaml
    """
    from wfo.sample.write import write_new

    written = write_new(folder, preset)
    if as_json:
        output.as_json([str(path) for path in written])
    else:
        output.data("\n".join(str(path) for path in written))
    output.next_word(f"wfo run {folder / 'week.yaml'}", quiet=quiet)
