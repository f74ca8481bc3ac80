"""Where a run lies: from a folder, or from the scenario it was made from."""

from pathlib import Path

import click

from wfo.cli.output import F
from wfo.errors import InputError, Problem


def runs_option(command: F) -> F:
    """Give a word the option ``-o``."""
    return click.option(
        "-o",
        "runs",
        type=click.Path(path_type=Path),
        default=Path("runs"),
        show_default=True,
        help="Folder of all runs.",
    )(command)


def run_folder(given: str, runs: Path) -> Path:
    """Folder of a run, named by itself, by ``scenario/arm``, by its scenario or its scenario's file.

    Raises
    ------
    InputError
        If there is no such run.
    """
    path = Path(given)
    stem = path.stem if path.suffix in (".yaml", ".yml") else given
    for folder in (path, runs / given, runs / stem / "base"):
        if (folder / "manifest.json").is_file():
            return folder
    arms = sorted(p.parent.name for p in (runs / stem).glob("*/manifest.json"))
    hint = f"; its arms are {', '.join(arms)}" if arms else f"; run it first: wfo run {given}"
    raise InputError([Problem(given, f"no run of this name in {runs}{hint}")])
