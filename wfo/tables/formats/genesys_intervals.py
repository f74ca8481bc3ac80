"""Genesys Cloud's historical interval CSV: one row a queue, media type, skill set, language and interval.

Rows of one queue and interval are summed over media types, skill sets and languages.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import Problem, TableError
from wfo.tables.account import Tally
from wfo.tables.formats.part import Part
from wfo.tables.sources import open_file

_START, _QUEUE = "interval start utc date", "queue"
_SUMS = {"offered": "offered", "interactions handled": "handled", "total handle time": "handle_s_total"}


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Sum files of interval rows by queue and interval: the part ``intervals``."""
    frames = [_rows(path, tally) for path in files]
    rows = pd.concat(frames, ignore_index=True)
    bad = rows["fault"] != ""
    key = ["start", "queue"]
    good = rows[~bad]
    summed = good.groupby(key, sort=False, as_index=False).agg(
        **{name: (name, "sum") for name in _SUMS.values()},
        file=("file", "first"),
        row=("row", "first"),
        behind=("row", "size"),
        fault=("fault", "first"),
    )
    whole = pd.concat([summed, rows[bad].assign(behind=1)], ignore_index=True)
    part = whole[[*key, *_SUMS.values()]].assign(interval_min=_step_min(good["start"]))
    return {
        "intervals": Part(
            part,
            whole["file"].to_numpy(dtype=object),
            whole["row"].to_numpy(dtype=np.int64),
            whole["behind"].to_numpy(dtype=np.int64),
            whole["fault"].to_numpy(dtype=object),
        )
    }


def _rows(path: Path, tally: Tally) -> pd.DataFrame:
    raw = open_file(path)
    tally.rows += len(raw.frame)
    # The unit stands in brackets behind some names: Total Handle Time (Seconds).
    names = {str(c).split("(")[0].strip().lower(): c for c in raw.frame.columns}
    missing = [n for n in (_START, _QUEUE, *_SUMS) if n not in names]
    if missing:
        found = ", ".join(str(c) for c in raw.frame.columns)
        message = f"has no column '{missing[0]}', which Genesys' historical import files have; found: {found}"
        raise TableError([Problem(str(path), message)])
    rows = pd.DataFrame({"start": raw.frame[names[_START]], "queue": raw.frame[names[_QUEUE]]})
    fault = pd.Series("", index=rows.index, dtype="str")
    for name, ours in _SUMS.items():
        rows[ours] = pd.to_numeric(raw.frame[names[name]], errors="coerce")
        wrong = rows[ours].isna() | (rows[ours] < 0)
        fault = fault.mask(wrong & (fault == ""), f"{name}: not a number of 0 or more")
    empty = rows["start"].isna() | rows["queue"].isna()
    return rows.assign(
        fault=fault.mask(empty, "no interval start or no queue"), file=path.name, row=raw.numbers
    )


def _step_min(starts: pd.Series) -> int:
    """The grid of the file: the largest step of 15, 30 or 60 minutes on which all starts lie."""
    minutes = pd.to_datetime(starts, errors="coerce", utc=True, format="ISO8601").dt.minute.dropna()
    return next((step for step in (60, 30) if len(minutes) and (minutes % step == 0).all()), 15)
