"""The data of a centre: its frames by table name, cut at what was known at a moment."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wfo.tables.contracts import INPUTS


@dataclass(frozen=True)
class Origin:
    """Where a table was read.

    Attributes
    ----------
    source : str
        The file as the user gave it, of a workbook ``file.xlsx:sheet``; of a frame, the table's name.
    numbers : ndarray of int64
        Row numbers as the user sees them, one a row of the frame.
    facts : mapping of str to str
        What its import noted beside the rows: ``service_level_of``, what the source's service level is of.
    """

    source: str
    numbers: np.ndarray
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Data(Mapping[str, pd.DataFrame]):
    """Checked frames by table name; a table that is absent is not a key.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        Frames after the table contracts.
    origins : mapping of str to Origin
        Where tables were read, for messages; a table that is not in it is a program's frame.

    Examples
    --------
    >>> import datetime as dt
    >>> import wfo
    >>> sample = wfo.sample_centre("tiny")
    >>> earlier = sample.data.before(sample.now - dt.timedelta(weeks=1))
    >>> len(earlier["interactions"]) < len(sample.data["interactions"])
    True
    """

    frames: Mapping[str, pd.DataFrame]
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)

    def source(self, name: str) -> str:
        """What the user calls a table: its file, or its name."""
        return self.origins[name].source if name in self.origins else name

    def where(self, name: str, row: int, column: str) -> str:
        """Place of a cell as problems name it: ``agents.csv, row 7, column 'contract'``.

        Parameters
        ----------
        name : str
            Of the table.
        row : int
            Position in the frame.
        column : str
        """
        number = self.origins[name].numbers[row] if name in self.origins else row
        return f"{self.source(name)}, row {number}, column '{column}'"

    def before(self, now: dt.datetime) -> "Data":
        """Only what was known before ``now``: rows of event tables with a later ``known_at`` are left out."""
        return Data({name: _before(name, frame, now) for name, frame in self.frames.items()})


def known_at(name: str, frame: pd.DataFrame) -> pd.Series | None:
    """When each row became known; None for tables that are no events.

    The column ``known_at`` where given, else the first non-empty of the columns the contract names
    (``interval_end`` stands for an interval's end).
    """
    table = INPUTS.get(name)
    if table is None or not table.known_at:
        return None
    known = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
    for column in ("known_at", *table.known_at):
        if column == "interval_end":
            known = known.fillna(frame["interval_start"] + pd.to_timedelta(frame["interval_min"], unit="min"))
        elif column in frame.columns:
            known = known.fillna(frame[column])
    return known


def _before(name: str, frame: pd.DataFrame, now: dt.datetime) -> pd.DataFrame:
    known = known_at(name, frame)
    return frame if known is None else frame[(known <= pd.Timestamp(now)).to_numpy()].reset_index(drop=True)
