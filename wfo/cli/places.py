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


def newest_run(runs: Path, word: str) -> Path:
    """Folder of the run written last, for a word that was given none.

    Raises
    ------
    InputError
        If there is no run.
    """
    found = list(runs.glob("*/*/manifest.json"))
    if not found:
        raise InputError([Problem(str(runs), f"no run here; run a scenario first, or say which: {word} RUN")])
    return max(found, key=lambda path: (path.stat().st_mtime_ns, str(path))).parent


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


def out_of_date(given: str, folder: Path) -> bool:
    """Whether ``given`` is a scenario file that has been changed since the run in ``folder`` was made."""
    if not given.endswith((".yaml", ".yml")) or not Path(given).is_file():
        return False
    from wfo.pipeline.hashing import digest
    from wfo.pipeline.manifest import read_manifest
    from wfo.scenario.load import load_arms

    arms = {arm.arm: arm for arm in load_arms(given)}
    arm = arms.get(folder.name)
    return arm is not None and digest(arm.as_dict()) != read_manifest(folder).get("scenario_sha256")


def scenario_of(folder: Path, given: str | None = None) -> str:
    """How to call the scenario of a run: its file where the run was ``given`` by it, else its built-in name.

    Where neither is so, the file that the run has kept of it.
    """
    from wfo.pipeline.hashing import digest
    from wfo.pipeline.manifest import read_manifest
    from wfo.scenario.load import load_scenario
    from wfo.scenario.overlay import built_in_names

    if given is not None and given.endswith((".yaml", ".yml")) and Path(given).is_file():
        return given
    manifest = read_manifest(folder)
    name, made = str(manifest["scenario"]), manifest["scenario_sha256"]
    same = f"{name}.yaml" in built_in_names() and digest(load_scenario(name).as_dict()) == made
    return name if same else str(folder / "scenario.yaml")
