"""Mapping files read: a planner's own and the ready ones, every problem at its line and column."""

from collections.abc import Mapping as MappingOf
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from wfo.errors import Problem, TableError
from wfo.tables.mapping import Mapping

READY = Path(__file__).parent / "mappings"
"""The mappings that come with the engine: a folder a source, a file a table."""


def ready_mappings() -> dict[str, list[Path]]:
    """Ready mappings by source, each with a file a table, in the order in which they are imported."""
    return {folder.name: sorted(folder.glob("*.yaml")) for folder in sorted(READY.iterdir())}


def find_mappings(given: str) -> list[Path]:
    """The mapping file of a path, or the ready ones of a source or of ``source/table``.

    Raises
    ------
    TableError
        If there is neither.
    """
    ready = ready_mappings()
    source, _, table = given.partition("/")
    chosen = [p for p in ready.get(source, []) if table in ("", p.stem)]
    if Path(given).is_file() or not chosen:
        if Path(given).suffix in (".yaml", ".yml"):
            return [Path(given)]
        allowed = ", ".join(ready)
        message = f"neither a mapping file (.yaml) nor a ready mapping; ready are: {allowed}"
        raise TableError([Problem(given, message)])
    return chosen


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file; with ``extends: source/table`` over a ready one, its columns over that one's.

    Raises
    ------
    TableError
        With every problem at its line and column.
    """
    tree = _tree(path)
    try:
        return Mapping.model_validate(_extended(path, tree, _plain(tree)))
    except ValidationError as error:
        raise TableError(
            Problem(_where(path, tree, fault["loc"]), _message(fault)) for fault in error.errors()
        ) from error


def _extended(path: Path, tree: Any, given: Any) -> Any:
    if not isinstance(given, dict) or "extends" not in given:
        return given
    name = str(given.pop("extends"))
    try:
        base = find_mappings(name)
    except TableError as error:
        raise TableError([Problem(_where(path, tree, ("extends",)), error.problems[0].message)]) from error
    if len(base) > 1:
        tables = ", ".join(f"{name}/{p.stem}" for p in base)
        message = f"'{name}' has several tables; write one of {tables}"
        raise TableError([Problem(_where(path, tree, ("extends",)), message)])
    parent = _plain(_tree(base[0]))
    return {**parent, **given, "columns": {**parent["columns"], **(given.get("columns") or {})}}


def _tree(path: Path) -> Any:
    try:
        return YAML().load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TableError(
            [Problem(str(path), f"cannot be read ({error.strerror}); check the path")]
        ) from error
    except UnicodeDecodeError as error:
        message = f"the text is not UTF-8 (byte {error.start}); save it as UTF-8"
        raise TableError([Problem(str(path), message)]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise TableError([Problem(where, f"this is no YAML: {error.problem}")]) from error


def _plain(node: Any) -> Any:
    """Text keys everywhere: a map's words are text even where YAML reads a number."""
    if isinstance(node, MappingOf):
        return {str(key): _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if isinstance(node, list) else node


def _message(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return f"unknown key '{fault['loc'][-1]}'; see the mapping files' words in docs/data.md"
    if fault["type"] == "missing":
        return f"'{fault['loc'][-1]}' is missing; add it"
    return f"{fault['msg'].removeprefix('Value error, ')}; found {fault['input']!r}"


def _where(path: Path, tree: Any, location: tuple[Any, ...]) -> str:
    """``file:line:column`` of the innermost part of a location that stands in the file."""
    line, column = 0, 0
    node: Any = tree
    for part in location:
        if isinstance(node, CommentedMap) and part in node:
            line, column = node.lc.key(part)
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line, column = node.lc.item(part)
        else:
            break
        node = node[part]
    return f"{path}:{line + 1}:{column + 1}"
