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


def merged(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another: mappings merge, all else replaces, ``None`` removes."""
    out = dict(parent)
    for key, value in child.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(out.get(key), Mapping):
            out[key] = merged(out[key], value)
        else:
            out[key] = value
    return out


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
        out = merged(out, layer)
    return {**out, "extends": name}


@cache
def centre_of(preset: str) -> Centre:
    """Centre of a preset."""
    return Centre.model_validate(scenario_of(preset)["centre"])
