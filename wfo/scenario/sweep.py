"""Sweeps: a grid (``sweep``) and paired lists (``zip``) of overrides, each combination one arm."""

import hashlib
import itertools
import re
from dataclasses import dataclass

from wfo.errors import Problem
from wfo.scenario.schema import full_path
from wfo.scenario.yaml_source import Node


@dataclass(frozen=True)
class Arm:
    """One combination of a sweep.

    Attributes
    ----------
    name : str
        ``key=value,…``, or ``base`` where there is no sweep.
    overrides : Node
        A mapping of dotted paths to values.
    """

    name: str
    overrides: Node


def arms_of(
    sweep: Node | None,
    zipped: Node | None,
    top: Node,
    problems: list[Problem],
    stronger: frozenset[tuple[str, ...]] = frozenset(),
) -> list[Arm]:
    """All arms in the order they are written, the last key of the grid turning fastest.

    Keys in ``stronger``, as full paths, are decided elsewhere: the sweep collapses on them.
    """
    axes: list[list[dict[str, Node]]] = []
    for dotted, values in _lists(sweep, problems).items():
        if full_path(dotted) not in stronger:
            axes.append([{dotted: value} for value in values])
    paired = _lists(zipped, problems)
    if paired:
        lengths = {dotted: len(values) for dotted, values in paired.items()}
        if len(set(lengths.values())) > 1 and zipped is not None:
            said = ", ".join(f"{dotted} {n}" for dotted, n in lengths.items())
            problems.append(Problem(str(zipped.at), f"zip needs lists of equal length, got {said}"))
        paired = {dotted: values for dotted, values in paired.items() if full_path(dotted) not in stronger}
    if paired:
        axes.append([dict(zip(paired, row, strict=True)) for row in zip(*paired.values(), strict=False)])
    arms = []
    for combination in itertools.product(*axes):
        overrides = {dotted: node for part in combination for dotted, node in part.items()}
        arms.append(Arm(_name(overrides), Node(overrides, top.at, top.at)))
    return arms


def _lists(node: Node | None, problems: list[Problem]) -> dict[str, list[Node]]:
    if node is None:
        return {}
    out = {}
    for dotted, values in (node.mapping or {}).items():
        if isinstance(values.value, list) and values.value:
            out[dotted] = values.value
        else:
            problems.append(Problem(str(values.at), f"'{dotted}' needs a list of values, for example [1, 2]"))
    if node.mapping is None:
        problems.append(Problem(str(node.at), "a sweep takes lines of 'dotted.path: [values]'"))
    return out


def _name(overrides: dict[str, Node]) -> str:
    return ",".join(f"{dotted}={folder_word(_text(node))}" for dotted, node in overrides.items()) or "base"


def _text(node: Node) -> str:
    return node.text or str(node.plain())


def folder_word(text: str) -> str:
    """Text as a part of a folder's name: what a file system may refuse becomes ``_``."""
    return re.sub(r"[^\w.+=%-]+", "_", text.strip()).strip("_") or "_"


def with_hash(arm: str, overrides: Node) -> str:
    """Name of an arm under command-line overrides: a short hash behind a plus."""
    if not overrides.mapping:
        return arm
    said = "\n".join(f"{dotted}={node.plain()!r}" for dotted, node in sorted(overrides.mapping.items()))
    return f"{arm}+{hashlib.sha256(said.encode()).hexdigest()[:6]}"
