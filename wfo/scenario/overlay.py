"""Scenario files laid over each other: ``extends``, the file's own values, ``set``.

Mappings merge, lists and scalars replace, ``null`` on a named thing removes it, ``{}`` on a mapping of named
things removes all of them. Precedence, weakest first: parent file, file, ``set``, sweep, command line. An
override that hits nothing is a problem with a suggestion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from wfo.errors import Problem
from wfo.scenario.schema import ROOT, Slot, full_path, suggestion
from wfo.scenario.yaml_source import Node, Where, of_value, parse_text, read_file

WORDS = ("extends", "set", "sweep", "zip")
BUILT_IN = "built-in"
_PACKAGES = ("wfo.scenario", "wfo.sample")


@dataclass
class Layers:
    """A file laid over its parents.

    Attributes
    ----------
    tree : Node
        What is set, places included.
    sweep, zipped : Node or None
        The file's own ``sweep`` and ``zip``; a parent's are not inherited.
    """

    tree: Node
    sweep: Node | None = None
    zipped: Node | None = None


def locate(source: str | Path, beside: Path | None = None) -> tuple[Path, str] | None:
    """Find a scenario file and say what to call it.

    Looks beside the file that extends it (or at the path as given), then among the built-in files, where
    ``.yaml`` may be left out.
    """
    path = Path(source) if beside is None else beside / source
    if path.is_file():
        return path, str(path)
    if Path(source).name == str(source):
        for package in _PACKAGES:
            for name in (str(source), f"{source}.yaml"):
                built_in = Path(str(resources.files(package).joinpath(name)))
                if built_in.suffix == ".yaml" and built_in.is_file():
                    return built_in, f"{BUILT_IN}/{built_in.name}"
    return None


def built_in_names() -> list[str]:
    """Names of the built-in scenario files."""
    found = [p.name for package in _PACKAGES for p in Path(str(resources.files(package))).glob("*.yaml")]
    return sorted(found)


def layered(path: Path, shown: str, problems: list[Problem], above: tuple[Path, ...] = ()) -> Layers:
    """Read a scenario file with everything it extends."""
    body = read_file(path, shown, problems)
    parts = body.mapping or {}
    words = {word: parts.pop(word) for word in WORDS if word in parts}
    _anchor_files(body, path.parent)
    _read_taxonomy(body, path.parent, shown, problems)
    tree = Node({}, body.at, body.key_at)
    if "extends" in words:
        tree = _parent(words["extends"], path, shown, problems, above)
    tree = merged(tree, body, ROOT, (), problems)
    if "set" in words:
        apply_overrides(tree, words["set"], problems, path.parent)
    return Layers(tree, words.get("sweep"), words.get("zip"))


def _parent(name: Node, path: Path, shown: str, problems: list[Problem], above: tuple[Path, ...]) -> Node:
    empty = Node({}, name.at, name.at)
    if not isinstance(name.value, str):
        problems.append(Problem(str(name.at), "extends takes the name of one file, for example base.yaml"))
        return empty
    found = locate(name.value, path.parent)
    if found is None:
        names = ", ".join(built_in_names())
        problems.append(
            Problem(str(name.at), f"extends '{name.value}': no such file here; built in are {names}")
        )
        return empty
    parent, label = found
    label = label if label.startswith(f"{BUILT_IN}/") else str(Path(shown).parent / name.value)
    chain = (*above, path.resolve())
    if parent.resolve() in chain:
        problems.append(Problem(str(name.at), f"extends '{name.value}': a file cannot extend itself"))
        return empty
    return layered(parent, label, problems, chain).tree


def merged(
    under: Node, over: Node, slot: Slot | None, path: tuple[str, ...], problems: list[Problem]
) -> Node:
    """Lay one tree over another; the result shares no mapping with either."""
    if over.mapping is None:
        return over
    emptied = not over.mapping and slot is not None and slot.entries is not None
    base = {} if emptied else under.mapping or {}
    out = dict(base)
    for key, child in over.mapping.items():
        below = slot.below(key) if slot else None
        if child.value is None and below is not None and below.named:
            if key not in out:
                near = suggestion(key, Node(base, under.at, under.at))
                problems.append(Problem(str(child.key_at), f"null removes '{key}', which is not there{near}"))
            out.pop(key, None)
        else:
            nothing = Node({} if child.mapping is not None else None, child.at, child.key_at)
            out[key] = merged(out.get(key, nothing), child, below, (*path, key), problems)
    return Node(out, over.at, over.key_at)


def apply_overrides(tree: Node, overrides: Node, problems: list[Problem], folder: Path | None = None) -> None:
    """Apply dotted overrides to a tree, in place.

    Parameters
    ----------
    tree : Node
    overrides : Node
        A mapping of dotted paths to values.
    problems : list of Problem
    folder : Path, optional
        What relative data paths are relative to.
    """
    if overrides.mapping is None:
        problems.append(Problem(str(overrides.at), "this takes lines of 'dotted.path: value'"))
        return
    for dotted, node in overrides.mapping.items():
        path = full_path(dotted)
        message = _misses(tree, path, node)
        if message:
            problems.append(Problem(str(node.key_at), f"'{dotted}' hits nothing: {message}"))
            continue
        patch = node
        for key in reversed(path):
            patch = Node({key: patch}, node.at, node.key_at)
        if folder is not None:
            _anchor_files(patch, folder)
        tree.value = merged(tree, patch, ROOT, (), problems).value


def _misses(tree: Node, path: tuple[str, ...], value: Node) -> str:
    """Why an override hits nothing; empty where it hits."""
    slot: Slot = ROOT
    for depth, key in enumerate(path):
        below = slot.below(key)
        if below is None:
            return f"unknown key '{key}'{suggestion('.'.join(path[depth:]), tree, path[:depth])}"
        if slot.entries is not None and not _there(tree, path[: depth + 1], below, value):
            return f"there is no '{key}' in '{'.'.join(path[:depth])}'{suggestion(key, tree, path[:depth])}"
        slot = below
    return ""


def _there(tree: Node, path: tuple[str, ...], slot: Slot, value: Node) -> bool:
    """Whether a named thing exists, or may be named for the first time by an override."""
    if tree.find(path) is not None:
        return True
    if path[:2] == ("demand", "queues"):
        return tree.find(("centre", "queues", path[2])) is not None
    return slot.model is None and value.value is not None


def _anchor_files(body: Node, folder: Path) -> None:
    """Make relative data paths relative to the file that states them."""
    data = body.find(("data",))
    named = data.find(("files",)) if data else None
    holders = [data.find(("folder",)) if data else None, *((named.mapping or {}).values() if named else ())]
    for node in holders:
        if node is not None and isinstance(node.value, str):
            node.value = str((folder / node.value).resolve())
            node.text = node.value


def _read_taxonomy(body: Node, folder: Path, shown: str, problems: list[Problem]) -> None:
    """Put the intents of a taxonomy file where the scenario names it; their places are the taxonomy's own."""
    chains = body.find(("chains",))
    named = chains.find(("intents",)) if chains else None
    if named is not None and isinstance(named.value, str):
        file = Path(named.value)
        content = read_file(folder / file, str(Path(shown).parent / file), problems)
        named.value, named.at = content.value, content.at


def command_line(overrides: Mapping[str, Any] | Sequence[str], problems: list[Problem]) -> Node:
    """Overrides from ``--set key=value`` words or from a mapping, as one node."""
    if isinstance(overrides, Mapping):
        at = Where("set")
        return Node({key: of_value(value, at) for key, value in overrides.items()}, at, at)
    out: dict[str, Node] = {}
    for word in overrides:
        key, equals, text = word.partition("=")
        at = Where(f"--set {word}")
        if not equals or not key.strip():
            problems.append(Problem(str(at), "write --set key=value, for example --set demand.scale=1.1"))
            continue
        out[key.strip()] = parse_text(text, str(at), problems, at=at) if text.strip() else Node(None, at, at)
    return Node(out, Where("--set"), Where("--set"))
