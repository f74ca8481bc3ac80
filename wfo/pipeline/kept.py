"""What a run folder holds already: a run that need not be written again, or a fuller one to be left alone."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wfo.pipeline.hashing import digest, file_hash, source_hash
from wfo.pipeline.manifest import read_manifest
from wfo.pipeline.verbs import VERBS
from wfo.scenario.model import Scenario

FILES = "files.json"
"""Hashes of a run folder's files, and of what they were written from."""
_WRITERS = ("pipeline", "report", "charts", "cli")
_NOT_CONTENT = ("stages", "calls", "data")
_RANKS = {name: rank for rank, name in enumerate([*VERBS, "interrupted", "done"])}


def folder_of(root: Path, scenario: Scenario, status: str) -> Path:
    """Where a run lands: ``<root>/<scenario>/<arm>``, or beside it where that holds a fuller run.

    Parameters
    ----------
    root : Path
        Folder of all runs.
    scenario : Scenario
    status : str
        ``done``, ``interrupted``, or the stage after which the run ended.

    Returns
    -------
    Path
        With ``@until-<stage>`` or ``@interrupted`` behind the arm where a fuller run is there.
    """
    folder = root / scenario.stem / scenario.arm
    there = _RANKS.get(str(read_manifest(folder).get("status")), -1)
    if there <= _RANKS[status]:
        return folder
    word = status if status == "interrupted" else f"until-{status}"
    return folder.with_name(f"{folder.name}@{word}")


def made_from(manifest: Mapping[str, Any], scenario: Scenario) -> str:
    """Hash of everything the files of a run folder follow from; seconds and reasons to rerun are left out."""
    parts = {name: value for name, value in manifest.items() if name not in _NOT_CONTENT}
    calls = [(call["stage"], call["round"], call["key"]) for call in manifest["calls"]]
    origins = {path: str(where) for path, where in scenario.origins.items()}
    return digest([parts, manifest["data"]["key"], calls, origins, source_hash(*_WRITERS)])


def is_kept(folder: Path, word: str, finishers: Iterable[str] = ()) -> bool:
    """Whether the folder holds the files of a run of this `made_from`, none changed or missing.

    Files beside them, such as exports, do not matter; nor does what more finishers than these wrote.
    """
    try:
        noted = json.loads((folder / FILES).read_text(encoding="utf-8"))
        if noted["made_from"] != word or not set(finishers) <= set(noted["finishers"]):
            return False
        return all(file_hash(folder / name) == known for name, known in noted["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def note_files(folder: Path, word: str, finishers: Iterable[str] = ()) -> None:
    """Write ``files.json`` beside the files."""
    content = {"made_from": word, "finishers": sorted(finishers), "files": _hashes(folder)}
    (folder / FILES).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != FILES)
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in files}
