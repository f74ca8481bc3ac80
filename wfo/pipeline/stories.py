"""Customers' stories from a run: the index is written once for a run's chains, then only read."""

from pathlib import Path

from wfo.chains.stories.index import VERSION, write_index
from wfo.chains.stories.timeline import Stories, Story
from wfo.pipeline.chained import contacts_behind
from wfo.pipeline.manifest import read_manifest
from wfo.pipeline.planned import CACHE
from wfo.tables.parquet import read_frame


def timeline(name: str, run: "Path | str", *, runs: "Path | str | None" = None) -> Story:
    """One customer's story over every channel, what is open first.

    Parameters
    ----------
    name : str
        A customer id, a key (phone number, e-mail address, handle), an interaction or a chain.
    run : path
        A run's folder.
    runs : path, optional
        Folder of all runs, which has the cached data; empty: two above the run's.

    Raises
    ------
    InputError
        If nobody goes by that name, or the data hold counts, not contacts.
    """
    with open_stories(Path(run), Path(runs) if runs is not None else Path(run).parents[1]) as stories:
        return stories.timeline(name)


def open_stories(folder: Path, runs: Path) -> Stories:
    """The index of a run's stories, written where there is none yet.

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
    manifest = read_manifest(folder)
    key = manifest["stages"]["chains"]["key"] if manifest else ""
    path = runs / CACHE / "stories" / f"{key}-{VERSION}.sqlite"
    if not path.is_file():
        interactions = contacts_behind(folder, runs)
        chains, members = (read_frame(folder / f"{name}.parquet") for name in ("chains", "chain_members"))
        write_index(path, interactions, chains, members)
    return Stories(path)
