"""A setting explained: what it means, its value, and the line it came from."""

import io
import textwrap
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_jsonable_python
from ruamel.yaml import YAML

from wfo.errors import InputError
from wfo.scenario.model import SHARED, Scenario
from wfo.scenario.schema import full_path, slot_at, suggestion
from wfo.scenario.yaml_source import Where, of_value

_WIDTH = 110
"""Columns of the text of a setting."""


@dataclass(frozen=True)
class Explanation:
    """What is known about one setting.

    Attributes
    ----------
    path : str
        Dotted, in full.
    doc : str
        What it means.
    value : object
        Plain; for a group of settings a mapping.
    default : object or None
    origins : tuple of (str, Where)
        Which file and line each value below it came from, under ``staff`` where staffing's value is taken;
        empty where all are defaults.
    """

    path: str
    doc: str
    value: Any
    default: Any
    origins: tuple[tuple[str, Where], ...]

    def lines(self) -> list[str]:
        """The explanation as lines of text."""
        out = _yaml(self.path, self.value).splitlines()
        if self.doc:
            # the docstrings are for the API's readers too: backticks and line breaks are theirs
            plain = " ".join(self.doc.replace("``", "'").replace("`", "").split())
            out += textwrap.wrap(plain, _WIDTH, initial_indent="  ", subsequent_indent="  ")
        out += [
            f"  from {where}" + (f"  ({path})" if path != self.path else "") for path, where in self.origins
        ]
        if not self.origins:
            out.append("  the default; no file sets it")
        elif self.default is not None:
            out.append(_yaml("  default", self.default, flow=True))
        return out


def _yaml(path: str, value: Any, *, flow: bool = False) -> str:
    """``path: value`` as it is written in a scenario file, a group of settings on lines below its path."""
    yaml, text = YAML(typ="safe", pure=True), io.StringIO()
    in_line = flow or not (isinstance(value, dict) and value)
    yaml.default_flow_style = in_line
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 10_000
    yaml.dump({"_": to_jsonable_python(value)}, text)
    written = text.getvalue().strip()
    return path + (written[1:-1] if in_line else written).removeprefix("_")


def explain_setting(scenario: Scenario, dotted: str) -> Explanation:
    """Explain one setting of a scenario.

    Parameters
    ----------
    scenario : Scenario
    dotted : str
        ``forecast.memory_days``, ``queues.voice.hours``; ``centre.`` may be left out.

    Raises
    ------
    InputError
        If there is no such setting; the message suggests one.
    """
    path = full_path(dotted)
    slot = slot_at(path)
    value: Any = scenario.as_dict()
    for key in path:
        if slot is None or not isinstance(value, dict) or key not in value:
            near = suggestion(dotted, of_value(scenario.as_dict(), Where("")))
            raise InputError(f"'{dotted}' is no setting of {scenario.stem}.yaml{near}")
        value = value[key]
    name = ".".join(path)
    said = name
    if path[0] == "evaluate" and path[-1] in SHARED and name not in scenario.origins:
        said = f"staff.{SHARED[path[-1]]}"
    origins = tuple((p, w) for p, w in scenario.origins.items() if p == said or p.startswith(f"{said}."))
    default = slot.default if slot else None
    shown = None if default is PydanticUndefined or isinstance(default, BaseModel) else default
    return Explanation(name, slot.doc if slot else "", value, shown, origins)
