"""What a dotted path means in the scenario model: its type, its text, its neighbours."""

import difflib
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from wfo.scenario.model import Scenario
from wfo.scenario.yaml_source import Node


@dataclass(frozen=True)
class Slot:
    """A place in the model where a value can stand.

    Attributes
    ----------
    annotation : object
        Its type, without ``Annotated`` and ``None``.
    doc : str
        What it means.
    default : object
        `PydanticUndefined` where there is none.
    named : bool
        Whether it is an entry in a mapping of named things (a queue, a contract, a target).
    """

    annotation: Any
    doc: str = ""
    default: Any = PydanticUndefined
    named: bool = False

    @property
    def model(self) -> type[BaseModel] | None:
        """The model class whose fields stand below, or None."""
        return (
            self.annotation
            if isinstance(self.annotation, type) and issubclass(self.annotation, BaseModel)
            else None
        )

    @property
    def entries(self) -> Any:
        """Type of the things below, where this is a mapping of named things, else None."""
        return get_args(self.annotation)[1] if get_origin(self.annotation) is dict else None

    @property
    def text(self) -> bool:
        """Whether a plain text stands here."""
        return self.annotation is str

    def below(self, key: str) -> "Slot | None":
        """The slot one key further down, or None where the model has none."""
        if self.model is not None:
            info = self.model.model_fields.get(key)
            if info is None:
                return None
            return Slot(
                _bare(info.annotation), info.description or "", info.get_default(call_default_factory=True)
            )
        if self.entries is not None:
            return Slot(_bare(self.entries), named=True)
        return None


ROOT = Slot(Scenario)


def slot_at(path: tuple[str, ...]) -> Slot | None:
    """The slot of a full path from the scenario's top, or None."""
    slot: Slot | None = ROOT
    for key in path:
        slot = slot.below(key) if slot else None
    return slot


def full_path(dotted: str) -> tuple[str, ...]:
    """Keys of a dotted path; a left-out ``centre.`` is put in front."""
    path = tuple(part.strip() for part in dotted.split("."))
    centre = slot_at(("centre",))
    if path[0] not in Scenario.model_fields and centre and centre.below(path[0]):
        return ("centre", *path)
    return path


def known_paths(tree: Node) -> Iterator[str]:
    """Dotted paths of everything that can be set, named things as in the tree; short forms for the centre."""
    for path in _walk(ROOT, tree, ()):
        yield ".".join(path[1:] if len(path) > 1 and path[0] == "centre" else path)


def _walk(slot: Slot, node: Node | None, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if path:
        yield path
    if slot.model is not None:
        keys = list(slot.model.model_fields)
    else:
        keys = list((node.mapping or {}) if node else ()) if slot.entries is not None else []
    for key in keys:
        below = slot.below(key)
        if below is not None:
            yield from _walk(below, node.find((key,)) if node else None, (*path, key))


def suggestion(word: str, tree: Node, path: tuple[str, ...] = ()) -> str:
    """``; did you mean 'x'?`` for a wrong key below ``path``, or an empty text."""
    slot, node = slot_at(path), tree.find(path)
    near: list[str] = []
    if slot is not None and slot.model is not None:
        near = list(slot.model.model_fields)
    elif node is not None and node.mapping is not None:
        near = list(node.mapping)
    best = difflib.get_close_matches(word, near, 1, 0.75)
    if not best:
        flat = {p.replace(".", "_"): p for p in reversed(list(known_paths(tree)))}
        last = {p.rsplit(".", 1)[-1]: p for p in reversed(list(known_paths(tree)))}
        key = word.replace(".", "_")
        hit = difflib.get_close_matches(key, flat, 1, 0.75)
        tail = difflib.get_close_matches(word.rsplit(".", 1)[-1], last, 1, 0.85)
        best = (
            [flat[hit[0]]]
            if hit
            else [last[tail[0]]]
            if tail
            else difflib.get_close_matches(word, near, 1, 0.5)
        )
    return f"; did you mean '{best[0]}'?" if best else ""


def _bare(annotation: Any) -> Any:
    """Type without ``Annotated`` and without ``| None``."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not type(None)]
        if len(rest) == 1:
            return _bare(rest[0])
    return annotation
