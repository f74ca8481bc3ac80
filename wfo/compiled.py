"""Compiled: Numba's decorators, with a cache on disk that notices a change in any file it was compiled from.

Numba's own cache looks at the file of a function alone. A kernel spread over several files, their constants
among them, would be loaded as it was before one of the others changed: after an upgrade in place it would
work on a memory of another layout.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit, types
from numba.extending import intrinsic

_HOME = Path(__file__).parent

inner = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that only compiled ones call: they are kept with those that call them."""


@intrinsic
def pointer(_, array):  # type: ignore[no-untyped-def]
    """First word of a contiguous array, to be indexed like it, by compiled functions alone.

    Functions that get an array count its references at every call, which costs more than what a short one
    does, and they look at every index for a negative one. The array must outlive the pointer.
    """

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        return context.make_array(signature.args[0])(context, builder, values[0]).data

    return types.CPointer(array.dtype)(array), code


def entry(*parts: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorator for functions that Python calls, kept on disk under the hash of their sources.

    Parameters
    ----------
    *parts : str
        Folders and files under ``wfo/`` whose source they are compiled from, for example ``"simulation"``,
        ``"draws.py"``.
    **options
        Further options of `numba.njit`.

    Notes
    -----
    The cache is under ``NUMBA_CACHE_DIR`` where that is set, else in the ``__pycache__`` of this package,
    else in the user's cache folder; where nothing can be written each process compiles anew.
    """
    place = _writable(f"compiled-{_stamp(parts)}")

    def decorate(function: Callable[..., Any]) -> Any:
        before = config.CACHE_DIR
        config.CACHE_DIR = place
        try:
            return njit(cache=bool(place), error_model="numpy", **options)(function)
        finally:
            config.CACHE_DIR = before

    return decorate


def _writable(name: str) -> str:
    """First folder of that name that can be made and written into; empty if there is none."""
    bases = (
        [Path(config.CACHE_DIR)]
        if config.CACHE_DIR
        else [_HOME / "__pycache__", Path.home() / ".cache" / "wfo"]
    )
    for base in bases:
        try:
            (base / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(base / name, os.W_OK):
            return os.fspath(base / name)
    return ""


def _stamp(parts: tuple[str, ...]) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        place = _HOME / part
        for path in [place] if place.is_file() else sorted(place.glob("*.py")):
            hashed.update(f"{path.name}\0".encode() + path.read_bytes())
    return hashed.hexdigest()[:16]
