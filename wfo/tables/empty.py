"""Tables without rows, every column of its type."""

import pandas as pd

from wfo.tables.contracts import INPUTS, RUN

_DTYPES = {
    "text": "str",
    "enum": "str",
    "int": "int64",
    "number": "float64",
    "bool": "bool",
    "time": "datetime64[us, UTC]",
    "date": "object",
    "list": "object",
}


def empty_table(name: str) -> pd.DataFrame:
    """Table of that name, of a run or else an input, without rows.

    Examples
    --------
    >>> empty_table("kernel").dtypes["lag_min"]
    dtype('int64')
    """
    table = RUN[name] if name in RUN else INPUTS[name]
    return pd.DataFrame({c.name: pd.Series(dtype=_DTYPES[c.type]) for c in table.columns})
