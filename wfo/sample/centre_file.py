"""The sample centre's own scenario files, and the `Centre` they hold.

The files are the one copy of hours, patience, contracts and targets; the generator reads them too.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from wfo.domain.centre import Centre

FILES = {"standard": "sample.yaml", "hard": "sample.yaml", "tiny": "tiny.yaml"}
"""The scenario file of each preset."""


def file_text(name: str) -> str:
    """Text of a built-in file of this folder."""
    return resources.files("wfo.sample").joinpath(name).read_text(encoding="utf-8")


def lay_over(parent: dict[str, Any], child: Mapping[str, Any]) -> None:
    """Merge a child into its parent in place, so that a parent's comments stay; ``None`` removes."""
    for key, value in child.items():
        if value is None:
            parent.pop(key, None)
        elif isinstance(value, dict) and isinstance(parent.get(key), dict):
            lay_over(parent[key], value)
        else:
            parent[key] = value


def scenario_of(preset: str) -> dict[str, Any]:
    """Scenario of a preset as plain values, its parents inside this folder merged in."""
    name = FILES[preset]
    layers = []
    while name in FILES.values():
        layer = YAML(typ="safe").load(file_text(name))
        layers.append(layer)
        name = layer["extends"]
    out: dict[str, Any] = {}
    for layer in reversed(layers):
        lay_over(out, layer)
    return {**out, "extends": name}


@cache
def centre_of(preset: str) -> Centre:
    """Centre of a preset."""
    return Centre.model_validate(scenario_of(preset)["centre"])
