"""Content hashes: of files, frames, settings and source code."""

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import wfo

_BLOCK = 1 << 20
_PACKAGES = ("numpy", "pandas", "pyarrow", "scipy", "numba", "ortools")


def digest(content: Any) -> str:
    """SHA-256 of plain content, by its JSON text with sorted keys; what JSON does not know enters as text."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    total = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            total.update(block)
    return total.hexdigest()


def frame_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of a frame's values, column names and types, in their order."""
    total = hashlib.sha256(digest([(str(c), str(t)) for c, t in frame.dtypes.items()]).encode())
    for name in frame.columns:
        column = frame[name]
        if column.dtype == object:
            column = column.map(repr).astype("str")
        hashes = pd.util.hash_pandas_object(column, index=False)
        total.update(np.ascontiguousarray(hashes.to_numpy()).tobytes())
    return total.hexdigest()


@cache
def source_hash(*parts: str) -> str:
    """SHA-256 of the source of parts of the package: folders (with everything below) and modules."""
    root = Path(wfo.__file__).parent
    total = hashlib.sha256()
    for part in parts:
        path = root / part
        files = (
            sorted(p for p in path.rglob("*") if p.suffix in (".py", ".yaml")) if path.is_dir() else [path]
        )
        for file in files:
            total.update(file.relative_to(root).as_posix().encode())
            total.update(file.read_bytes())
    return total.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Versions of this package and of those whose results may differ from one to the next."""
    found = {"wfo": wfo.__version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found
