"""What can be read of a scenario of which parts cannot, so that later checks say theirs at the same time."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wfo.errors import Problem
from wfo.scenario.crosscheck import crosscheck
from wfo.scenario.messages import place_of, problem_of
from wfo.scenario.model import Scenario
from wfo.scenario.schema import slot_at
from wfo.scenario.yaml_source import Node

Path = tuple[Any, ...]
_ROUNDS = 10
"""Validations of what is left; rules of a part are asked once its keys are right."""
_NAMED = 3
"""Keys of a path to a named thing: ``centre.queues.voice``."""


def read(values: dict[str, Any], tree: Node) -> tuple[Scenario | None, list[Problem]]:
    """Validate plain values; None where anything is wrong, with every problem that can be told already.

    What is wrong is taken out and the rest validated and cross-checked again. A complaint that may come of
    what was taken out is not told: it is asked again when that is mended.

    Parameters
    ----------
    values : dict
        Plain values of the scenario; parts of it are taken out.
    tree : Node
        The same values with their places.
    """
    problems: list[Problem] = []
    out: list[Path] = []
    for _ in range(_ROUNDS):
        try:
            scenario = Scenario.model_validate(values)
        except ValidationError as error:
            details = error.errors()
            problems += [problem_of(d, tree) for d in details if not _at_or_below(out, _path(d))]
            new = [gone for d in details if (gone := _take_out(values, _path(d), d["type"]))]
            if not new:
                break
            out += new
        else:
            problems += [Problem(str(place_of(tree, p)), said) for p, said in _between(scenario, tree, out)]
            return None if problems else scenario, list(dict.fromkeys(problems))
    return None, list(dict.fromkeys(problems))


def _path(detail: ErrorDetails) -> Path:
    return tuple(part for part in detail["loc"] if part != "[key]")


def _at_or_below(out: Sequence[Path], path: Path) -> bool:
    """Whether something was taken out at or below a path."""
    return any(gone[: len(path)] == path for gone in out)


def _take_out(values: dict[str, Any], path: Path, kind: str) -> Path:
    """Take what a complaint is about out of plain values.

    A value in a list goes with its list; what lacks a key goes itself.

    Returns
    -------
    tuple
        Path of what was taken out, empty where nothing of it was there (any more).
    """
    if kind == "missing":
        path = path[:-1]
    node: Any = values
    for depth, part in enumerate(path):
        key = str(part)
        if not isinstance(node, dict) or key not in node:
            return ()
        if depth + 1 == len(path) or not isinstance(node[key], dict):
            del node[key]
            return path[: depth + 1]
        node = node[key]
    return ()


def _between(scenario: Scenario, tree: Node, out: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """What is wrong between settings and does not come of what was taken out."""
    if any(_has_names(gone, tree) for gone in out):
        return
    names = [f"'{gone[-1]}'" for gone in out]
    for path, said in crosscheck(scenario):
        if not (any(_same(gone, path) for gone in out) or any(name in said for name in names)):
            yield path, said


def _same(gone: Path, path: Path) -> bool:
    """Whether a complaint at ``path`` may come of what was taken out: it is of the same named thing.

    Targets of a queue rest on its law alone; that a centre has no queue at all rests on everything.
    """
    if "targets" in path[_NAMED:]:
        return gone == path[: len(gone)] or gone == (*path[:_NAMED], "law")
    return gone[:_NAMED] == path[:_NAMED] or gone == path[: len(gone)] or path == ("data",)


def _has_names(gone: Path, tree: Node) -> bool:
    """Whether what was taken out is a part of the scenario whose keys are named elsewhere."""
    slot, node = slot_at(tuple(map(str, gone))), tree.find(gone)
    if slot is None:
        return node is not None and node.mapping is not None
    return not slot.named and (slot.model is not None or slot.entries is not None)
