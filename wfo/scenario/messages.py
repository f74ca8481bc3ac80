"""A model's complaints in the planner's words, each at its file, line and column."""

from typing import Any

from pydantic_core import ErrorDetails

from wfo.errors import Problem
from wfo.scenario.schema import full_path, slot_at, suggestion
from wfo.scenario.yaml_source import Node, Where

_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def place_of(tree: Node, path: tuple[Any, ...], *, key: bool = False) -> Where:
    """Place of a value (or its key) in the tree; of the nearest parent where it is not written down."""
    for depth in range(len(path), 0, -1):
        node = tree.find(path[:depth])
        if node is not None:
            whole = depth == len(path)
            return node.key_at if key or not whole else node.at
    return tree.at


def problem_of(detail: ErrorDetails, tree: Node) -> Problem:
    """A complaint of a validation as a problem with its place."""
    path = tuple(p for p in detail["loc"] if p != "[key]")
    kind = detail["type"]
    if kind == "extra_forbidden":
        return Problem(str(place_of(tree, path, key=True)), unknown_key(path, tree))
    return Problem(str(place_of(tree, path, key=kind == "missing")), _message(detail, path, tree))


def unknown_key(path: tuple[Any, ...], tree: Node) -> str:
    """What to say about a key the model does not know."""
    word, above = str(path[-1]), tuple(str(p) for p in path[:-1])
    slot = slot_at(above)
    if not above and full_path(word) != (word,):
        return f"unknown key '{word}'; it belongs under 'centre:', or as '{word}.…' under 'set:'"
    near = suggestion(word, tree, above)
    if not near and slot is not None and slot.model is not None:
        near = f"; allowed here are {', '.join(slot.model.model_fields)}"
    return f"unknown key '{word}'{near}"


def _message(detail: ErrorDetails, path: tuple[Any, ...], tree: Node) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    name = _name(path)
    got = f", got {_shown(detail['input'], tree.find(path))}"
    if kind == "missing":
        return f"'{path[-1]}' is missing{_inside(path)}"
    if kind in _LIMITS:
        field, words = _LIMITS[kind]
        return f"{name} must be {words} {context[field]:g}{got}"
    if kind in ("enum", "literal_error"):
        allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return f"{name} must be one of {allowed}{got}"
    if kind in ("value_error", "assertion_error"):
        return f"{name}: {detail['msg'].removeprefix('Value error, ').removeprefix('Assertion failed, ')}"
    return f"{name} must be {_wanted(kind, detail)}{got}"


def _wanted(kind: str, detail: ErrorDetails) -> str:
    words = {
        "float": "a number",
        "int": "a whole number",
        "bool": "true or false",
        "date": "a date such as 2025-07-07",
        "string": "text",
        "dict": "a mapping of 'key: value' lines",
        "model": "a mapping of 'key: value' lines",
        "tuple": "a list",
        "list": "a list",
    }
    return words.get(kind.split("_", 1)[0], detail["msg"][:1].lower() + detail["msg"][1:])


def _name(path: tuple[Any, ...]) -> str:
    words = [str(p) for p in path if not isinstance(p, int)]
    if not words:
        return "the scenario"
    slot = slot_at(tuple(words))
    return f"{words[-2]}.{words[-1]}" if slot is not None and slot.named and len(words) > 1 else words[-1]


def _inside(path: tuple[Any, ...]) -> str:
    above = [str(p) for p in path[:-1]]
    return f" in '{'.'.join(above)}'" if above else ""


def _shown(value: Any, node: Node | None) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "nothing" if value is None else str(node.text if node is not None and node.text else value)
