"""Scenario files in, scenarios out; all problems at once, each at its file, line and column."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wfo.errors import Problem, ScenarioError
from wfo.scenario.model import Scenario
from wfo.scenario.overlay import Layers, apply_overrides, built_in_names, command_line, layered, locate
from wfo.scenario.readable import read
from wfo.scenario.schema import ROOT, Slot, full_path
from wfo.scenario.sweep import arms_of, with_hash
from wfo.scenario.yaml_source import Node

Overrides = Mapping[str, Any] | Sequence[str]


def load_scenario(source: str | Path, *, set: Overrides = ()) -> Scenario:
    """Read a scenario; a sweep in it is left aside (`load_arms` gives every arm).

    Parameters
    ----------
    source : str or Path
        A file, or the name of a built-in one (``tiny``, ``sample``).
    set : mapping of dotted path to value, or sequence of ``key=value``
        Overrides stronger than anything in the files.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    problems: list[Problem] = []
    layers, stem = _read(source, problems)
    overrides = command_line(set, problems)
    scenario = _build(layers.tree, overrides, problems)
    arms_of(layers.sweep, layers.zipped, layers.tree, problems)
    return _done(scenario, layers.tree, stem, with_hash("base", overrides), problems)


def load_arms(source: str | Path, *, set: Overrides = ()) -> tuple[Scenario, ...]:
    """Read a scenario with its sweep: one scenario an arm, in the order they are written.

    A swept key that is also in ``set`` has that one value: it is no axis of the sweep any more.

    Raises
    ------
    ScenarioError
        With every problem of every arm.
    """
    problems: list[Problem] = []
    layers, stem = _read(source, problems)
    overrides = command_line(set, problems)
    stronger = frozenset(full_path(dotted) for dotted in overrides.mapping or {})
    done = []
    for arm in arms_of(layers.sweep, layers.zipped, layers.tree, problems, stronger):
        tree = Node(layers.tree.value, layers.tree.at, layers.tree.at)
        apply_overrides(tree, arm.overrides, problems)
        scenario = _build(tree, overrides, problems)
        done.append((scenario, tree, with_hash(arm.name, overrides)))
    _raise(problems)
    return tuple(_done(scenario, tree, stem, arm, []) for scenario, tree, arm in done)


def _read(source: str | Path, problems: list[Problem]) -> tuple[Layers, str]:
    found = locate(source)
    if found is None:
        names = ", ".join(built_in_names())
        raise ScenarioError([Problem(str(source), f"no such scenario file; built in are {names}")])
    path, shown = found
    return layered(path, shown, problems), path.stem


def _build(tree: Node, overrides: Node, problems: list[Problem]) -> Scenario | None:
    """Apply the command line to the tree and validate it; problems are added."""
    apply_overrides(tree, overrides, problems, Path.cwd())
    scenario, found = read(_values(tree, ROOT), tree)
    problems += found
    return scenario


def _done(scenario: Scenario | None, tree: Node, stem: str, arm: str, problems: list[Problem]) -> Scenario:
    _raise(problems)
    if scenario is None:
        raise ScenarioError("the scenario could not be read")
    origins = {".".join(path): node.at for path, node in tree.leaves()}
    named = scenario if scenario.name else scenario.model_copy(update={"name": stem})
    return named.placed(origins=origins, stem=stem, arm=arm)


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise ScenarioError(sorted(dict.fromkeys(problems), key=_by_place))


def _by_place(problem: Problem) -> tuple[str, int, int]:
    file, *numbers = problem.where.rsplit(":", 2)
    if len(numbers) == 2 and all(n.isdigit() for n in numbers):
        return file, int(numbers[0]), int(numbers[1])
    return problem.where, 0, 0


def _values(node: Node, slot: Slot | None) -> Any:
    """Plain values for the model; where it wants text, numbers are taken as they were written."""
    if node.mapping is not None:
        return {key: _values(child, slot.below(key) if slot else None) for key, child in node.mapping.items()}
    if slot is not None and slot.text and isinstance(node.value, int | float):
        return node.text
    return node.plain()
