"""Kept: what one origin's replay found, made once and read from the cache from then on."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from wfo.pipeline.store import LazyFrames, put_folder
from wfo.tables.parquet import write_frame


def kept(folder: Path, names: tuple[str, ...], make: Callable[[], Mapping[str, pd.DataFrame]]) -> LazyFrames:
    """Tables of a folder; where it is not there yet they are made and put into it, all or none.

    Parameters
    ----------
    folder : Path
        Its name holds the hash of what the tables follow from.
    names : tuple of str
    make : callable
        Gives the tables.
    """
    if not (folder / f"{names[-1]}.parquet").is_file():
        tables = make()
        put_folder(folder, lambda into: _write(into, tables))
    return LazyFrames(folder, names)


def _write(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    for name, frame in tables.items():
        write_frame(frame, folder / f"{name}.parquet")
