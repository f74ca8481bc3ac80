"""Contacts simulated a second: one queue, a large multi-skill centre, the sample centre's last logged week.

    python benchmarks/simulation.py

The compile cache is warmed first; its cold seconds are shown apart.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_SCRATCH = tempfile.TemporaryDirectory()
os.environ["NUMBA_CACHE_DIR"] = _SCRATCH.name
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "simulation"))

from simulation_cases import large_centre, sample_week  # noqa: E402
from small_centres import one_queue  # noqa: E402

from wfo.simulation.counts import Counts  # noqa: E402
from wfo.simulation.options import SimulationOptions  # noqa: E402
from wfo.simulation.simulate import simulate  # noqa: E402


def timed(call: Callable[[], Counts]) -> tuple[float, int]:
    """Wall seconds and contacts of a simulation."""
    begin = time.perf_counter()
    counts = call()
    return time.perf_counter() - begin, int(counts.offered.sum())


def main() -> None:
    tiny = one_queue(10, 60, 60, 1, days=1, n=1)
    cases = {
        "one queue, 50 agents": one_queue(2880, 60, 120, 50, days=7, n=8),
        "one queue, 500 agents": one_queue(28800, 60, 120, 500, days=1, n=8),
        "1,000 agents, 19 groups × 20": large_centre(500_000, 20),
        "sample centre's week × 20": sample_week(20),
    }
    print(f"{'compile, once':28s} {timed(lambda: simulate(*tiny, seed=1))[0]:6.2f} s")
    for name, (paths, staffing) in cases.items():
        for threads in (1, 2):
            options = SimulationOptions(threads=threads)
            seconds, contacts = min(
                timed(lambda p=paths, s=staffing, o=options: simulate(p, s, seed=1, options=o))  # type: ignore[misc]
                for _ in range(3)
            )
            rate = contacts / seconds / 1e6
            print(f"{name:28s} {seconds:6.2f} s  {contacts:8,d} contacts  {rate:5.2f} M/s  {threads} threads")


if __name__ == "__main__":
    main()
