"""Freeze a run as the published week."""

import shutil
from pathlib import Path

from wfo.errors import InputError, Problem
from wfo.pipeline.manifest import read_manifest
from wfo.pipeline.published import PUBLISHED
from wfo.pipeline.store import put_folder


def publish(folder: Path, runs: Path) -> Path:
    """Copy a run to ``<runs>/published/<first day>/vN/``; versions before it stay.

    Parameters
    ----------
    folder : Path
        A run folder with a schedule.
    runs : Path
        Folder of all runs.

    Returns
    -------
    Path
        The frozen copy.

    Raises
    ------
    InputError
        If the folder is no run, or holds no schedule.
    """
    manifest = read_manifest(folder)
    if not manifest:
        raise InputError(
            [Problem(str(folder), "no run folder: manifest.json is missing; run a scenario first")]
        )
    if not (folder / "schedule.parquet").is_file():
        message = f"this run ended after '{manifest['status']}' and has no schedule; run it without --until"
        raise InputError([Problem(str(folder), message)])
    week = runs / PUBLISHED / str(manifest["week_start"])
    taken = [int(p.name[1:]) for p in week.glob("v*") if p.name[1:].isdigit()] if week.is_dir() else []
    target = week / f"v{max(taken, default=0) + 1}"
    put_folder(target, lambda into: _copy(folder, into))
    return target


def _copy(folder: Path, into: Path) -> None:
    shutil.copytree(folder, into, dirs_exist_ok=True)
