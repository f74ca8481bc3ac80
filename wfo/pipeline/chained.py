"""The contacts behind a run, each with its chain."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from wfo.errors import InputError
from wfo.pipeline.planned import CACHE
from wfo.pipeline.source import open_source
from wfo.scenario.load import load_scenario
from wfo.tables.parquet import read_frame
from wfo.tables.worked import worked_by_interval


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
    return _frames(folder, runs)["interactions"]


def worked_behind(folder: Path, runs: Path, step_min: int) -> pd.DataFrame:
    """Agents' work on the contacts behind a run, by queue and the interval in which it was done.

    Returns
    -------
    DataFrame
        As `wfo.tables.worked.worked_by_interval`; contacts that were passed on by their segments.
    """
    frames = _frames(folder, runs)
    return worked_by_interval(frames["interactions"], frames.get("segments"), step_min=step_min)


def _frames(folder: Path, runs: Path) -> Mapping[str, pd.DataFrame]:
    source = open_source(load_scenario(folder / "scenario.yaml"), None, runs / CACHE / "data")
    if "interactions" not in source.frames:
        raise InputError("the data behind this run hold counts, not contacts: contacts are not available")
    return source.frames


def chained_contacts(folder: Path, runs: Path) -> pd.DataFrame:
    """`contacts_behind` a run, with ``chain_id`` and ``role`` where they are in a chain."""
    members = read_frame(folder / "chain_members.parquet")[["interaction_id", "chain_id", "role"]]
    return contacts_behind(folder, runs).merge(members, on="interaction_id", how="left")
