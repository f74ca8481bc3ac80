"""One M/M/n+M, three simulators and the exact answer: wfo, simpy and ciw in the same process.

    python benchmarks/simulation_peers.py

simpy and ciw are no dependencies of the project; install them to run it.
"""

import random
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "simulation"))

import ciw  # noqa: E402
import simpy  # noqa: E402
from small_centres import one_queue  # noqa: E402

from wfo.simulation.options import SimulationOptions  # noqa: E402
from wfo.simulation.simulate import simulate  # noqa: E402
from wfo.staffing.erlang import performance  # noqa: E402

RATE_H, HANDLE_S, PATIENCE_S, AGENTS = 2880.0, 60.0, 120.0, 50


def of_wfo(days: int, n: int) -> tuple[int, float]:
    """Contacts and share abandoned; handle times are lognormal with a coefficient of variation of 1."""
    counts = simulate(
        *one_queue(RATE_H, HANDLE_S, PATIENCE_S, AGENTS, days=days, n=n),
        seed=1,
        options=SimulationOptions(threads=1),
    )
    return int(counts.offered.sum()), float(counts.abandoned.sum() / counts.offered.sum())


def of_simpy(hours: float) -> tuple[int, float]:
    """The same in simpy."""
    env, draw, seen = simpy.Environment(), random.Random(1), [0, 0]
    agents = simpy.Resource(env, capacity=AGENTS)

    def contact() -> Generator[Any, Any, None]:
        seen[0] += 1
        with agents.request() as request:
            found = yield request | env.timeout(draw.expovariate(1 / PATIENCE_S))
            if request in found:
                yield env.timeout(draw.expovariate(1 / HANDLE_S))
            else:
                seen[1] += 1

    def arrivals() -> Generator[Any, Any, None]:
        while True:
            yield env.timeout(draw.expovariate(RATE_H / 3600))
            env.process(contact())

    env.process(arrivals())
    env.run(until=hours * 3600)
    return seen[0], seen[1] / seen[0]


def of_ciw(hours: float) -> tuple[int, float]:
    """The same in ciw."""
    ciw.seed(1)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE_H / 3600)],
        service_distributions=[ciw.dists.Exponential(1 / HANDLE_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(hours * 3600)
    kinds = [record.record_type for record in simulation.get_all_records()]
    return len(kinds), kinds.count("renege") / len(kinds)


def main() -> None:
    """Print contacts a second of processor time and the share abandoned."""
    of_wfo(1, 1)
    rates = {}
    for name, call in (
        ("wfo", lambda: of_wfo(14, 4)),
        ("simpy", lambda: of_simpy(12)),
        ("ciw", lambda: of_ciw(12)),
    ):
        seconds, contacts, lost = float("inf"), 0, 0.0
        for _ in range(3):
            begin = time.process_time()
            contacts, lost = call()
            seconds = min(seconds, time.process_time() - begin)
        rates[name] = contacts / seconds
        times = "" if name == "wfo" else f"   wfo is {rates['wfo'] / rates[name]:,.0f} times as fast"
        print(
            f"{name:6s} {contacts:9,d} contacts  {rates[name]:12,.0f}/s  abandoned {100 * lost:.2f} %{times}"
        )
    exact = float(performance(RATE_H, HANDLE_S, AGENTS, patience_s=PATIENCE_S).p_abandon)
    print(f"exact (Erlang A): abandoned {100 * exact:.2f} %")


if __name__ == "__main__":
    main()
