"""Chains of a log of any size: built out of core from Parquet where it lies, without planning a week."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.result import ChainsResult
from wfo.errors import InputError, Problem
from wfo.pipeline.store import put_folder
from wfo.pipeline.week import planning_week
from wfo.scenario.model import Scenario
from wfo.tables.given import rows_of
from wfo.tables.parquet import write_frame
from wfo.tables.read import read_data
from wfo.tables.result import Status

_SMALL = ("identity_links", "identity_splits", "agents")
_WRITTEN = {"chains", "chain_members", "intents"}
"""Tables that the chains write themselves."""


@dataclass(frozen=True)
class LargeChains:
    """Chains in files.

    Attributes
    ----------
    folder : Path
        Holds every table of the result as Parquet, and ``facts.json``.
    rows : int
        Interactions read.
    now : datetime
        Moment up to which they are counted.
    result : ChainsResult
        Its large tables are in the files alone.
    """

    folder: Path
    rows: int
    now: dt.datetime
    result: ChainsResult


def large_chains(scenario: Scenario, *, runs: Path | str = Path("runs")) -> LargeChains:
    """Build the chains of a scenario's log out of core.

    Parameters
    ----------
    scenario : Scenario
        Its data have ``interactions.parquet``.
    runs : Path
        Folder of all runs; the files land in ``<runs>/<scenario>/<arm>@chains/``.

    Raises
    ------
    InputError
        If there is no such file, it has no contact that came in, or a table is not as the contracts say.
    RunError
        If memory (``chains.memory_gb``) or disk do not suffice.
    """
    log = _file(scenario, "interactions", (".parquet",))
    if log is None:
        message = (
            "chains of any size are built from interactions.parquet, which the scenario's data lack; "
            "bring the log in with wfo import, or use wfo run for data in other files"
        )
        raise InputError([Problem(scenario.data.folder or "data", message)])
    rows = rows_of(log)
    now = planning_week(scenario, _last(log)).now
    small = {name: _file(scenario, name, (".parquet", ".csv", ".csv.gz")) for name in _SMALL}
    found = {name: path for name, path in small.items() if path is not None}
    tables: Mapping[str, pd.DataFrame] = read_data(found, timezone=scenario.data.timezone) if found else {}
    given = ChainInputs(
        scenario.centre,
        log,
        now,
        identity_links=tables.get("identity_links"),
        agents=tables.get("agents"),
        identity_splits=tables.get("identity_splits"),
    )
    folder = Path(runs) / scenario.stem / f"{scenario.arm}@chains"
    built: list[ChainsResult] = []

    def write(into: Path) -> None:
        result = build_chains(given, scenario.chains, seed=scenario.seed, into=into)
        if result.meta.status is Status.NOT_AVAILABLE:
            said = f"{' '.join(result.meta.reasons)} Bring contacts in with wfo import."
            raise InputError([Problem(str(log), said)])
        for name in sorted(result.tables.keys() - _WRITTEN):
            write_frame(result.tables[name], into / f"{name}.parquet")
        facts = {"now": now.isoformat(), "rows": rows, **result.meta.facts, "notes": result.meta.notes}
        (into / "facts.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        built.append(result)

    put_folder(folder, write)
    return LargeChains(folder, rows, now, built[0])


def _file(scenario: Scenario, table: str, kinds: tuple[str, ...]) -> Path | None:
    """Where a table of the scenario's data lies, in one of these kinds of file."""
    named = scenario.data.files.get(table)
    if named is not None:
        return Path(named) if str(named).endswith(kinds) else None
    if not scenario.data.folder:
        return None
    paths = (Path(scenario.data.folder) / f"{table}{kind}" for kind in kinds)
    return next((path for path in paths if path.is_file()), None)


def _last(log: Path) -> dt.datetime | None:
    """When the last contact came."""
    latest = None
    with pq.ParquetFile(log) as file:
        for batch in file.iter_batches(columns=["started_at"], batch_size=1_000_000):
            moment = pc.max(batch.column(0)).as_py()
            if moment is not None and (latest is None or moment > latest):
                latest = moment
    return latest
