"""Whether a log fits into memory: planning reads it whole, and a run without room ends without a word."""

import os
from collections.abc import Iterable
from pathlib import Path

from wfo.errors import InputError, Problem
from wfo.tables.given import rows_of

_ROW_BYTES = 1_800
"""Memory of a run a row of ``interactions``: 2.1 GB for a million rows, of which 0.3 are the program."""
_CSV_BYTES = 12
"""The same a byte of CSV, at some 150 bytes a row."""


def memory_bytes() -> int | None:
    """Memory of this machine; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def too_large(files: Iterable[Path]) -> list[Problem]:
    """Logs among data files for which this machine's memory is too small, by a rough count of their rows."""
    room = memory_bytes()
    if room is None:
        return []
    found = []
    for path in files:
        if path.name.split(".")[0] != "interactions":
            continue
        size, need = _need(path)
        if need > room:
            found.append(
                Problem(
                    str(path),
                    f"has {size}; planning reads a log whole, which takes some {need / 1e9:,.0f} GB of "
                    f"memory, and this machine has {room / 1e9:,.0f}: keep the last year or two, or plan "
                    "from counts (queue_intervals); wfo chains builds the chains of a Parquet log of any "
                    "size",
                )
            )
    return found


def _need(path: Path) -> tuple[str, int]:
    """How large a log is, in words, and the memory it takes to plan with it."""
    if path.suffix == ".parquet":
        try:
            rows = rows_of(path)
        except InputError:  # said when it is read, with everything else that is wrong
            return "", 0
        return f"{rows:,} rows", rows * _ROW_BYTES
    size = path.stat().st_size
    return f"{size / 1e9:,.1f} GB", size * _CSV_BYTES
