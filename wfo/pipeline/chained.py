"""The contacts behind a run, each with its chain."""

from pathlib import Path

import pandas as pd

from wfo.errors import InputError
from wfo.pipeline.planned import CACHE
from wfo.pipeline.source import open_source
from wfo.scenario.load import load_scenario
from wfo.tables.parquet import read_frame


def contacts_behind(folder: Path, runs: Path) -> pd.DataFrame:
    """Interactions that a run was planned from.

    Parameters
    ----------
    folder : Path
        The run's folder.
    runs : Path
        Folder of all runs, which has the cached data.

    Raises
    ------
    InputError
        If the data hold counts, not contacts.
    """
    source = open_source(load_scenario(folder / "scenario.yaml"), None, runs / CACHE / "data")
    if "interactions" not in source.frames:
        raise InputError("chains are not available: the data hold counts, not contacts")
    return source.frames["interactions"]


def chained_contacts(folder: Path, runs: Path) -> pd.DataFrame:
    """`contacts_behind` a run, with ``chain_id`` and ``role`` where they are in a chain."""
    members = read_frame(folder / "chain_members.parquet")[["interaction_id", "chain_id", "role"]]
    return contacts_behind(folder, runs).merge(members, on="interaction_id", how="left")
