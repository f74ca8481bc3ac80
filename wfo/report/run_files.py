"""A run folder as reports read it: its tables, its resolved scenario, its manifest."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from wfo.errors import StoreError


@dataclass(frozen=True)
class RunFiles:
    """Read-only view of ``<runs>/<scenario>/<arm>/``.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    def __post_init__(self) -> None:
        if not (self.folder / "manifest.json").is_file():
            raise StoreError(
                f"{self.folder} is no run folder: manifest.json is missing; run `wfo run SCENARIO` first"
            )

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run, empty where the run has none."""
        for path in (self.folder / f"{name}.parquet", self.folder / f"{name}.csv"):
            if path.is_file():
                return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        return pd.DataFrame()

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The run's manifest."""
        return dict(json.loads((self.folder / "manifest.json").read_text(encoding="utf-8")))

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The resolved scenario, as plain mappings."""
        return dict(YAML(typ="safe").load((self.folder / "scenario.yaml").read_text(encoding="utf-8")))

    @property
    def zone(self) -> str:
        """The centre's time zone."""
        return str(self.scenario["centre"]["zone"])

    @property
    def currency(self) -> str:
        """The unit of money."""
        return str(self.scenario["centre"].get("currency", ""))

    def queue(self, queue: str) -> dict[str, Any]:
        """One queue's settings."""
        return dict(self.scenario["centre"]["queues"].get(queue, {}))

    @cached_property
    def agents(self) -> pd.DataFrame:
        """Agents of the run with ``agent_id, name, team``; gaps filled, equal names told apart."""
        frame = self.table("agents")
        if frame.empty:
            ids = sorted(self.table("schedule").get("agent_id", pd.Series(dtype="str")).unique())
            frame = pd.DataFrame({"agent_id": ids})
        for column in ("name", "team"):
            if column not in frame:
                frame[column] = None
        frame["name"] = frame["name"].fillna(frame["agent_id"])
        frame["team"] = frame["team"].fillna("all agents")
        shared = frame["name"].duplicated(keep=False)
        frame["name"] = frame["name"].mask(shared, frame["name"] + " (" + frame["agent_id"] + ")")
        return frame[["agent_id", "name", "team"]].sort_values("agent_id").reset_index(drop=True)
