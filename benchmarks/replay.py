"""Does the plan come true? Past weeks planned again, played with what came, and planned by others.

    python benchmarks/replay.py RUNS [standard|hard] [--weeks 12] [--lead 1,2,4] [--ladder] [--jobs 1]

The forecast's method is two_level and the solvers' effort quick, for every planner alike; 100 simulated weeks
stand behind each promise. What was finished is kept in RUNS, so that a run that was stopped goes on.
"""

import argparse
import time

from wfo.effort import Effort
from wfo.replay.full import full_replay
from wfo.report.promise_page import write_promise_page
from wfo.scenario.load import load_scenario


def main() -> None:
    """Replay and print the tables of the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs")
    parser.add_argument("sample", nargs="?", default="standard", choices=["standard", "hard"])
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--lead", default="1")
    parser.add_argument("--ladder", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    settings = {"data.sample": asked.sample, "forecast.method": "two_level", "replications": 100}
    began = time.perf_counter()
    found = full_replay(
        load_scenario("sample", set=settings),
        weeks=asked.weeks,
        leads=[int(lead) for lead in asked.lead.split(",")],
        runs=asked.runs,
        effort=Effort.QUICK,
        jobs=asked.jobs,
        ladder=asked.ladder,
        finishers=(write_promise_page,),
        progress=lambda origin, how: print(origin.week.first, origin.lead, how, flush=True),
    )
    print(f"{time.perf_counter() - began:.0f} s, what was kept of earlier runs not counted")
    shown = found.skill[found.skill["own"] | found.skill["counted"]]
    for table in (found.gaps, shown, found.reliability, found.levels, found.saved):
        if len(table):
            print(table.round(4).to_string(index=False), end="\n\n")
    for line in found.missing:
        print("left out:", line)


if __name__ == "__main__":
    main()
