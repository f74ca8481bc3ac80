"""Long text and time columns made without a Python loop."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wfo.timegrid import TimeGrid


def numbered(prefix: str, number: np.ndarray, width: int, missing: np.ndarray | None = None) -> pa.Array:
    """Texts such as ``C0000012``; null where ``missing``."""
    digits = pc.utf8_lpad(pa.array(number, mask=missing).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def named(names: Sequence[str | None], index: np.ndarray) -> pa.Array:
    """Names by position; −1 is null."""
    return pa.array(list(names), pa.string()).take(pa.array(index, mask=index < 0))


def instants(grid: TimeGrid, seconds: np.ndarray) -> pa.Array:
    """UTC instants of seconds after the grid's start, cut to milliseconds; null where not finite."""
    finite = np.isfinite(seconds)
    ms = np.floor(np.where(finite, seconds, 0.0) * 1000.0).astype(np.int64)
    us = (grid.start_min * 60_000 + ms) * 1000
    return pa.array(us, mask=~finite).cast(pa.timestamp("us", tz="UTC"))


def numbers(values: np.ndarray) -> pa.Array:
    """Numbers rounded to milliseconds' precision; null where not finite."""
    return pa.array(np.round(values, 3), mask=~np.isfinite(values))


def frame_of(columns: dict[str, pa.Array]) -> pd.DataFrame:
    """DataFrame of Arrow columns: ``str``, ``datetime64[us, UTC]``, ``boolean`` and numbers."""
    return pa.table(columns).to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
