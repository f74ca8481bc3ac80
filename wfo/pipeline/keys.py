"""What a stage's result depends on, and in words why it had to be made anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

from wfo.pipeline.hashing import digest, source_hash, versions
from wfo.tables.result import SCHEMA_VERSION, Result

_LAYERS = (
    ("errors.py", "timegrid.py", "draws.py", "effort.py", "compiled.py"),
    ("domain",),
    ("tables",),
    ("metrics",),
    ("chains",),
    ("forecasting", "insight"),
    ("simulation",),
    ("staffing",),
    ("scheduling", "coaching"),
    ("evaluation",),
    ("planning",),
)
_WORDS = {
    "settings": "its settings",
    "source": "the program",
    "versions": "package versions",
    "effort": "the effort",
}


@dataclass(frozen=True)
class Stage:
    """One verb of the pipeline as the cache sees it.

    Attributes
    ----------
    name : str
    part : str
        Folder of its code; a change there, or below, makes its stored results old.
    result : str
        ``module:class`` of what it returns.
    """

    name: str
    part: str
    result: str

    @property
    def kind(self) -> type[Result]:
        """The result's class."""
        module, name = self.result.split(":")
        return getattr(import_module(module), name)

    def source(self) -> str:
        """Hash of the code it runs on."""
        parts: list[str] = []
        for layer in _LAYERS:
            if self.part in layer:
                return source_hash(*parts, self.part)
            parts += layer
        raise ValueError(f"no layer has '{self.part}'")


@dataclass(frozen=True)
class Key:
    """Everything a stored result depends on, part by part.

    Attributes
    ----------
    parts : mapping of str to str
        Hashes by name: settings, every input, seed, effort, source, versions.
    """

    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The key as a folder's name."""
        return digest(dict(self.parts))[:32]

    def why_not(self, earlier: Mapping[str, str] | None) -> str:
        """Why a result is made, against the parts of an earlier run (None: there is none)."""
        if earlier is None:
            return "first run"
        changed = [name for name in self.parts if self.parts[name] != earlier.get(name)]
        if not changed:
            return "no stored result"
        return ", ".join(_WORDS.get(name, name) for name in changed) + " changed"


def key_of(stage: Stage, settings: object, inputs: Mapping[str, str], **rest: object) -> Key:
    """Key of one call of a stage.

    Parameters
    ----------
    stage : Stage
    settings : object
        Plain values.
    inputs : mapping of str to str
        Content hashes by name.
    **rest : object
        Seed, effort, replications.
    """
    parts = {"settings": digest(settings), **{name: digest(value) for name, value in inputs.items()}}
    parts |= {name: str(value) for name, value in rest.items()}
    return Key(parts | {"source": stage.source(), "versions": digest([versions(), SCHEMA_VERSION])})
