"""Compiling ahead: on the first run in a place, a second process compiles the kernels that come late.

Numba keeps compiled functions on disk: what the helper has compiled by planning a tiny centre, the run only
loads. Results do not depend on it.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wfo.cli import output
from wfo.pipeline.verbs import WITHOUT_PEOPLE

TOLD = "first run in this folder; what is not compiled yet is compiled now, once, which can take some minutes"
_PARTS = ("staffing", "scheduling", "simulation", "draws.py")


@contextmanager
def compiling_ahead(runs: Path, until: str | None = None, *, quiet: bool = False) -> Iterator[None]:
    """Compile beside what happens inside, unless it has been done for this source and these versions.

    Parameters
    ----------
    runs : Path
        Folder of all runs; a marker in its cache says that nothing is left to compile.
    until : str, optional
        The stage after which the run stops; those before people come in need no help.
    quiet : bool
        Say nothing of it.
    """
    from wfo.pipeline.hashing import digest, source_hash, versions
    from wfo.pipeline.planned import CACHE

    marker = runs / CACHE / "compiled" / digest([source_hash(*_PARTS), versions(), sys.prefix])[:32]
    if marker.exists() or until in WITHOUT_PEOPLE:
        yield
        return
    output.message(TOLD, quiet=quiet)
    if (os.cpu_count() or 1) < 2:
        yield
        return
    helper = subprocess.Popen(
        [sys.executable, "-m", "wfo.cli.warm"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        done = helper.poll() == 0
        if helper.poll() is None:
            helper.terminate()
            helper.wait()
        # Where nothing could be written no run was made, and no marker is needed.
        with contextlib.suppress(OSError):
            if done and marker.parent.parent.is_dir():
                marker.parent.mkdir(exist_ok=True)
                marker.touch()


def compile_all() -> None:
    """Plan the tiny centre once, without keeping anything, so that every kernel is compiled."""
    from wfo.pipeline.run import run
    from wfo.scenario.load import load_scenario

    with tempfile.TemporaryDirectory(prefix="wfo-") as folder:
        run(load_scenario("tiny", set={"replications": 1}), runs=Path(folder), effort="quick", cache=False)


if __name__ == "__main__":
    compile_all()
