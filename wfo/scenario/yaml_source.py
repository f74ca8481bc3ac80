"""YAML text as a tree of nodes that know their file, line and column.

YAML 1.2 by ruamel.yaml: ``8:30`` and ``NO`` stay text, dates stay text (the model reads them), duplicate keys
are problems. Every problem of a file is found, not the first alone, as far as its syntax can be read.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from wfo.errors import Problem


@dataclass(frozen=True, order=True)
class Where:
    """A place in a scenario file; line 0 is the command line or the calling program.

    Attributes
    ----------
    file : str
        As the user named it.
    line, column : int
        Counted from 1.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass
class Node:
    """One value and where it stands.

    Attributes
    ----------
    value : object
        A dict of str to Node, a list of Node, or a scalar.
    at : Where
        Place of the value.
    key_at : Where
        Place of the key that leads to it; the value's own where there is none.
    text : str
        A scalar as it was written.
    """

    value: Any
    at: Where
    key_at: Where
    text: str = ""

    @property
    def mapping(self) -> dict[str, "Node"] | None:
        """The children by key where this is a mapping, else None."""
        return self.value if isinstance(self.value, dict) else None

    def plain(self) -> Any:
        """Plain Python value without places."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def find(self, path: tuple[Any, ...]) -> "Node | None":
        """The node at a path of keys and list positions, or None."""
        node: Node | None = self
        for key in path:
            if node is None:
                return None
            if isinstance(node.value, dict):
                node = node.value.get(str(key))
            elif isinstance(node.value, list) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
            else:
                return None
        return node

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Node"]]:
        """Paths and nodes of everything that is not a mapping (lists count as one value)."""
        if isinstance(self.value, dict) and self.value:
            for key, child in self.value.items():
                yield from child.leaves((*path, key))
        else:
            yield path, self


def of_value(value: Any, at: Where) -> Node:
    """Node tree of a plain Python value, all of it at one place."""
    if isinstance(value, Mapping):
        return Node({str(k): of_value(v, at) for k, v in value.items()}, at, at)
    if isinstance(value, list | tuple):
        return Node([of_value(v, at) for v in value], at, at)
    return Node(value, at, at, "" if value is None else str(value))


def parse_text(text: str, file: str, problems: list[Problem], *, at: Where | None = None) -> Node:
    """Read YAML text into a node tree.

    Parameters
    ----------
    text : str
    file : str
        What the places are called.
    problems : list of Problem
        Syntax errors, duplicate and non-text keys are added to it.
    at : Where, optional
        One place for every node (a value from the command line).

    Returns
    -------
    Node
        An empty mapping where the text is empty or cannot be read.
    """
    top = at or Where(file, 1, 1)
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = at or (Where(file, mark.line + 1, mark.column + 1) if mark else top)
        problems.append(Problem(str(place), f"not YAML: {error.problem or error.context}"))
        return Node({}, top, top)
    except YAMLError as error:
        problems.append(Problem(str(top), f"not YAML: {str(error).splitlines()[0]}"))
        return Node({}, top, top)
    if root is None:
        return Node({}, top, top)
    return _Reader(file, problems, at).node(root)


def read_file(path: Path, shown: str, problems: list[Problem]) -> Node:
    """Read a YAML file; one that cannot be read is a problem and gives an empty mapping."""
    top = Where(shown, 1, 1)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(Problem(shown, f"cannot be read: {reason}"))
        return Node({}, top, top)
    node = parse_text(text, shown, problems)
    if node.mapping is None:
        problems.append(Problem(str(top), "a scenario is a mapping of 'key: value' lines"))
        return Node({}, top, top)
    return node


@dataclass
class _Reader:
    """Turns composed YAML nodes into ours."""

    file: str
    problems: list[Problem]
    at: Where | None
    open_ids: list[int] = field(default_factory=list)

    def node(self, raw: Any, key_at: Where | None = None) -> Node:
        at = self._where(raw)
        if id(raw) in self.open_ids:
            self.problems.append(Problem(str(at), "an anchor cannot contain itself"))
            return Node(None, at, key_at or at)
        self.open_ids.append(id(raw))
        if isinstance(raw, MappingNode):
            out = Node(self._mapping(raw), at, key_at or at)
        elif isinstance(raw, SequenceNode):
            out = Node([self.node(item) for item in raw.value], at, key_at or at)
        else:
            out = Node(self._scalar(raw, at), at, key_at or at, str(raw.value))
        self.open_ids.pop()
        return out

    def _where(self, raw: Any) -> Where:
        return self.at or Where(self.file, raw.start_mark.line + 1, raw.start_mark.column + 1)

    def _mapping(self, raw: MappingNode) -> dict[str, Node]:
        out: dict[str, Node] = {}
        for key, value in raw.value:
            at = self._where(key)
            if not isinstance(key, ScalarNode):
                self.problems.append(Problem(str(at), "a key must be text"))
                continue
            name = str(key.value)
            if name in out:
                first = out[name].key_at
                self.problems.append(
                    Problem(str(at), f"duplicate key '{name}', first used in line {first.line}")
                )
                continue
            out[name] = self.node(value, at)
        return out

    def _scalar(self, raw: Any, at: Where) -> Any:
        kind = str(raw.tag).rsplit(":", 1)[-1]
        text = str(raw.value)
        try:
            if kind == "int":
                return int(text.replace("_", ""), 0 if text.lower().startswith(("0x", "0o")) else 10)
            if kind == "float":
                number = float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
                if math.isfinite(number):
                    return number
                self.problems.append(Problem(str(at), f"'{text}' is not a finite number"))
                return 0.0
        except ValueError:
            return text
        if kind == "bool":
            return text.lower() == "true"
        return None if kind == "null" else text
