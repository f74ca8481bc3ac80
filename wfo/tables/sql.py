"""What a SQL engine does for chains: DuckDB on one machine, Spark beyond it.

What is asked is plain ``SELECT`` text that DuckDB and Spark 4 read alike: joins, ``GROUP BY``, ``CASE`` and
window functions over columns, no arrays, no ``QUALIFY``, integer sums, no order of empty cells. The few words
in which the two differ come from `Dialect`; what is no ``SELECT`` (a number for each row, connected
components) each engine does in its own way, with the same answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa

Source = pd.DataFrame | Path | str | Sequence[Path]
"""A frame, a Parquet file or several of them."""


@dataclass(frozen=True)
class Dialect:
    """Words in which SQL engines differ.

    Attributes
    ----------
    ms : str
        Template of milliseconds since the epoch, rounded, of an instant ``{0}``.
    instant : str
        Template of the instant (UTC) of milliseconds ``{0}``.
    divide : str
        Template of the whole part of ``{0}`` by ``{1}``, both not negative.
    """

    ms: str
    instant: str
    divide: str


class Sql(ABC):
    """A session over named tables; see `wfo.tables.duck` and `wfo.tables.spark`."""

    dialect: Dialect

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """End the session and remove what it spilled."""

    @abstractmethod
    def register(self, name: str, source: Source) -> None:
        """Make a frame, or Parquet files, readable as a table.

        Raises
        ------
        InputError
            If a file is missing or is no Parquet file.
        """

    @abstractmethod
    def hold(self, name: str, columns: pa.Table | Mapping[str, np.ndarray]) -> None:
        """Make arrays of equal length readable as a table."""

    @abstractmethod
    def columns(self, name: str) -> tuple[str, ...]:
        """Columns of a table."""

    @abstractmethod
    def view(self, name: str, select: str) -> None:
        """Name a ``SELECT``, asked anew each time it is read."""

    @abstractmethod
    def create(self, name: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` as a table, in place of an earlier one."""

    def passing(self, name: str, select: str) -> None:
        """Keep an answer for a moment, one of `parts`, which fits into memory; an earlier such one goes."""
        self.create(name, select)

    def extend(self, name: str, select: str) -> None:
        """Add the answer of a ``SELECT``, of the same columns, to a table."""
        self.create(name, f"SELECT * FROM {name} UNION ALL {select}")

    def parts(self, column: str, rows: int) -> tuple[str, ...]:
        """Conditions on a column; of each row one holds, and rows of which one holds fit into memory.

        Parameters
        ----------
        column : str
            Whole numbers, not negative, over which rows are spread evenly.
        rows : int
            About how many rows there are.
        """
        return ("TRUE",)

    @abstractmethod
    def drop(self, *names: str) -> None:
        """Forget tables."""

    @abstractmethod
    def tally(self, name: str, column: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` with a first column of whole numbers from 0 on, in no order.

        No number stands twice; in `wfo.tables.duck` none is left out.
        """

    @abstractmethod
    def number(self, name: str, column: str, select: str, order: str) -> None:
        """Keep the answer of a ``SELECT`` with a first column that counts from 0 in an order without ties."""

    @abstractmethod
    def components(self, name: str, edges: str) -> None:
        """Make a table (node, root) of nodes that edges join, with the smallest node of their component.

        Parameters
        ----------
        name : str
        edges : str
            ``SELECT`` of two whole numbers ``a, b``, none negative; directions and repeats do not matter.
        """

    @abstractmethod
    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """Rows of a small answer."""

    def value(self, select: str) -> Any:
        """The one cell of an answer."""
        return self.rows(select)[0][0]

    @abstractmethod
    def arrays(self, select: str) -> dict[str, np.ndarray]:
        """Numeric columns of an answer without empty cells, in the order it asks for."""

    @abstractmethod
    def frame(self, select: str) -> pd.DataFrame:
        """An answer as a frame after the table contracts; it must say its order.

        Raises
        ------
        ValueError
            If the text has no ``ORDER BY``.
        """

    @abstractmethod
    def write(self, select: str, path: Path) -> None:
        """Write an answer as Parquet without holding it in memory."""


def ordered(select: str) -> str:
    """The same text, refused if it does not say its order."""
    if "ORDER BY" not in select:
        raise ValueError("a table that leaves the engine says its order: add ORDER BY its key")
    return select


def contract_frame(table: pa.Table) -> pd.DataFrame:
    """An answer as a frame: times in UTC microseconds."""
    frame = table.to_pandas()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.tz_convert("UTC").dt.as_unit("us")
    return frame


def parquet_files(source: Path | str | Sequence[Path]) -> list[Path]:
    """Paths of a source that is no frame."""
    return [Path(source)] if isinstance(source, Path | str) else [Path(p) for p in source]
