"""What every verb returns: frames, a status, and where they came from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import Any, ClassVar, Self

import pandas as pd

from wfo.errors import StoreError
from wfo.tables.parquet import read_frame, write_frame

SCHEMA_VERSION = 1


class Status(StrEnum):
    """How a verb ended.

    Examples
    --------
    >>> Status("not available") is Status.NOT_AVAILABLE
    True
    """

    DONE = "done"
    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    LIMIT = "limit"
    INTERRUPTED = "interrupted"
    NOT_AVAILABLE = "not available"


@dataclass(frozen=True)
class Meta:
    """Provenance of a result.

    Attributes
    ----------
    status : Status
    reasons : tuple of str
        Why it is infeasible, not available, or short; in the planner's words.
    objective, bound, gap, excess : float or None
        Gap is of the run's own objective, excess of the flat benchmark objective; None where there is none.
    seed : int
    notes : tuple of str
        What a reader should know: assumptions made, rows left out.
    facts : mapping
        Further JSON-able figures.
    """

    status: Status = Status.DONE
    reasons: tuple[str, ...] = ()
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    excess: float | None = None
    seed: int = 0
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Named frames with their provenance; a verb's own result subclasses it and adds questions, never fields.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        As in the table contracts.
    meta : Meta
    state : mapping
        JSON-able model parameters from which further questions are answered.

    Examples
    --------
    >>> result = Result({"answers": pd.DataFrame({"x": [1, 2]})})
    >>> result.meta.status.value, int(result.summary().loc["answers", "rows"])
    ('done', 2)
    """

    MAIN: ClassVar[str] = ""

    tables: Mapping[str, pd.DataFrame]
    meta: Meta = field(default_factory=Meta)
    state: Mapping[str, Any] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """Return the main table."""
        return self.tables[self.MAIN]

    def summary(self) -> pd.DataFrame:
        """How many rows each table has, indexed by table."""
        rows = [(name, len(frame)) for name, frame in self.tables.items()]
        return pd.DataFrame(rows, columns=["table", "rows"]).set_index("table")

    def _repr_html_(self) -> str:
        head = escape(f"{type(self).__name__}: {self.meta.status.value}")
        reasons = "".join(f"<li>{escape(r)}</li>" for r in self.meta.reasons)
        return f"<p><b>{head}</b></p><ul>{reasons}</ul>{self.summary().to_html()}"

    def save(self, folder: Path) -> None:
        """Write the result to a folder (Parquet and JSON, no pickle)."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.tables.items():
            write_frame(frame, folder / f"{name}.parquet")
        meta = {**self.meta.__dict__, "status": self.meta.status.value, "facts": dict(self.meta.facts)}
        content = {"schema_version": SCHEMA_VERSION, "tables": list(self.tables), "meta": meta}
        (folder / "result.json").write_text(json.dumps(content, sort_keys=True), encoding="utf-8")
        (folder / "state.json").write_text(json.dumps(self.state, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        StoreError
            If something is missing or of another schema version.
        """
        try:
            content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
            state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
            if content["schema_version"] != SCHEMA_VERSION:
                found = content["schema_version"]
                raise StoreError(f"{folder} has schema version {found}, expected {SCHEMA_VERSION}")
            tables = {name: read_frame(folder / f"{name}.parquet") for name in content["tables"]}
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(f"{folder} cannot be read: {error}") from error
        meta = content["meta"]
        for name in ("reasons", "notes"):
            meta[name] = tuple(meta[name])
        return cls(tables=tables, meta=Meta(**{**meta, "status": Status(meta["status"])}), state=state)
