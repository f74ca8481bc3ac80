"""Contacts simulated a second: one queue, a large multi-skill centre, the sample centre's last logged week.

    python benchmarks/simulation.py

The compile cache is warmed first; its cold seconds are shown apart. Rates are per second of processor time,
which other programs on the machine disturb least; the seconds are those that pass.
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


def timed(call: Callable[[], Counts]) -> tuple[float, float, int]:
    """Seconds of processors, seconds that passed, and contacts of a simulation."""
    begin, worked = time.perf_counter(), time.process_time()
    counts = call()
    return time.process_time() - worked, time.perf_counter() - begin, int(counts.offered.sum())


def main() -> None:
    tiny = one_queue(10, 60, 60, 1, days=1, n=1)
    cases = {
        "one queue, 50 agents": one_queue(2880, 60, 120, 50, days=7, n=8),
        "one queue, 500 agents": one_queue(28800, 60, 120, 500, days=1, n=8),
        "1,000 agents, 19 groups × 20": large_centre(500_000, 20),
        "sample centre's week × 20": sample_week(20),
    }
    worked, seconds, _ = timed(lambda: simulate(*tiny, seed=1))
    print(f"{'compile, once':28s} {worked:6.2f} s of a processor, {seconds:6.2f} s passed")
    for name, (paths, staffing) in cases.items():
        for threads in (1, 2):
            options = SimulationOptions(threads=threads)
            runs = [
                timed(lambda p=paths, s=staffing, o=options: simulate(p, s, seed=1, options=o))  # type: ignore[misc]
                for _ in range(5)
            ]
            worked, seconds = (min(run[k] for run in runs) for k in range(2))
            contacts = runs[0][2]
            print(
                f"{name:28s} {contacts:11,d} contacts  {contacts / worked / 1e6:5.2f} M/s/core  "
                f"{threads} threads: {seconds:6.2f} s"
            )


if __name__ == "__main__":
    main()
