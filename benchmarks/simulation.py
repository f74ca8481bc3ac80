"""Contacts simulated a second: one queue, and the sample centre's last published week.

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

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from small_centres import demand, one_queue  # noqa: E402

import wfo  # noqa: E402
from wfo.domain.centre import Law  # noqa: E402
from wfo.forecasting.opening import open_intervals  # noqa: E402
from wfo.forecasting.paths import DemandPaths  # noqa: E402
from wfo.simulation.counts import Counts  # noqa: E402
from wfo.simulation.options import SimulationOptions  # noqa: E402
from wfo.simulation.simulate import simulate  # noqa: E402
from wfo.simulation.staffing import Staffing, staffing_of  # noqa: E402
from wfo.timegrid import TimeGrid  # noqa: E402


def sample_week(n: int) -> tuple[DemandPaths, Staffing]:
    """Poisson contacts at the last logged week's counts against the people who worked it."""
    sample = wfo.sample_centre("standard")
    centre = sample.centre
    grid = TimeGrid.of_days(sample.now.date() - pd.Timedelta(days=6), 7, zone=centre.zone, step_min=15)
    log = sample.data["interactions"]
    at, queues = grid.locate(log["started_at"]), centre.queue_ids
    inside = (at >= 0) & (at < grid.n) & log["queue"].isin(queues).to_numpy()
    number = log["queue"].map({q: k for k, q in enumerate(queues)})
    mean = np.zeros((len(queues), grid.n))
    np.add.at(mean, (number[inside].to_numpy(dtype=np.int64), at[inside]), 1)
    is_open = open_intervals(centre, grid)
    fresh = np.random.default_rng(1).poisson(mean * is_open, size=(n, *mean.shape)).astype(np.int32)
    specs = [centre.queues[q] for q in queues]
    patience = np.array([s.patience_s or np.inf for s in specs])
    handle = log.groupby("queue")["handle_s"].mean().reindex(list(queues)).fillna(1.0).to_numpy()
    handle = np.where([s.law is Law.UNSTAFFED for s in specs], 1.0, handle)
    paths = demand(
        grid,
        queues,
        fresh,
        is_open=is_open,
        patience_s=patience,
        handle_mean_s=np.repeat(handle[:, None], grid.n, axis=1),
        redial_p=np.full(len(queues), 0.45),
        follow_ups=np.full((len(queues), len(queues)), 0.01),
    )
    people = (sample.data[name] for name in ("published_schedule", "agents", "agent_skills", "routing"))
    return paths, staffing_of(*people, centre, grid)


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
