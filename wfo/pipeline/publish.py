"""Freeze a run as the published week."""

import shutil
from pathlib import Path

from wfo.errors import InputError, Problem
from wfo.pipeline.manifest import read_manifest
from wfo.pipeline.published import PUBLISHED
from wfo.pipeline.store import put_folder
from wfo.tables.parquet import read_frame


def publish(folder: Path, runs: Path, *, with_breaches: bool = False) -> Path:
    """Copy a run to ``<runs>/published/<first day>/vN/``; versions before it stay.

    Parameters
    ----------
    folder : Path
        A run folder with a schedule.
    runs : Path
        Folder of all runs.
    with_breaches : bool
        Publish a plan that breaks rules too, as one from a file or repaired after absences may.

    Returns
    -------
    Path
        The frozen copy.

    Raises
    ------
    InputError
        If the folder is no run, holds no schedule, or holds one that breaks rules.
    """
    manifest = read_manifest(folder)
    if not manifest:
        raise InputError(
            [Problem(str(folder), "no run folder: manifest.json is missing; run a scenario first")]
        )
    if not (folder / "schedule.parquet").is_file():
        message = f"this run ended after '{manifest['status']}' and has no schedule; run it without --until"
        raise InputError([Problem(str(folder), message)])
    if not with_breaches:
        _refuse_breaches(folder)
    week = runs / PUBLISHED / str(manifest["week_start"])
    taken = [int(p.name[1:]) for p in week.glob("v*") if p.name[1:].isdigit()] if week.is_dir() else []
    target = week / f"v{max(taken, default=0) + 1}"
    put_folder(target, lambda into: _copy(folder, into))
    return target


def _refuse_breaches(folder: Path) -> None:
    """The week after would be planned around it, so a plan that breaks rules is not published unasked."""
    path = folder / "breaches.parquet"
    breaches = read_frame(path) if path.is_file() else None
    if breaches is None or breaches.empty:
        return
    worst = breaches.iloc[0]
    who = worst["agent_id"] if isinstance(worst["agent_id"], str) else "all agents"
    more = f" (and {len(breaches) - 1} more)" if len(breaches) > 1 else ""
    message = (
        f"its schedule breaks rules: {who}: {worst['message']}{more}; see table breaches, mend the schedule "
        "and judge it again, or publish it as it is: --with-breaches"
    )
    raise InputError([Problem(str(folder), message)])


def _copy(folder: Path, into: Path) -> None:
    shutil.copytree(folder, into, dirs_exist_ok=True)
