"""Seconds, gap and excess of named weeks for the sample centre, by effort.

    python benchmarks/scheduling.py [quick] [normal] [long]

The first call of a process compiles or loads compiled code and is not counted.
"""

import sys
import tempfile
import time

from wfo.effort import Effort
from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.schedule import ScheduleInputs, schedule


def sample_inputs() -> ScheduleInputs:
    """What the scheduler gets in the sample's base week."""
    sample = sample_centre("standard")
    with tempfile.TemporaryDirectory() as runs:
        staffed = run("sample", runs=runs, until="staff")
        tables = {name: staffed.frame(name) for name in ("cover", "deferred", "requirement")}
        grid = staffed.week.grid
    data = sample.data
    return ScheduleInputs(
        centre=sample.centre,
        grid=grid,
        agents=data["agents"],
        agent_skills=data["agent_skills"],
        routing=data["routing"],
        availability=data["availability"],
        wishes=data["wishes"],
        published=data["published_schedule"],
        **tables,
    )


def main() -> None:
    inputs, settings = sample_inputs(), load_scenario("sample").schedule
    efforts = [Effort(word) for word in sys.argv[1:]] or [Effort.QUICK, Effort.NORMAL]
    schedule(inputs, settings, seed=1, effort=Effort.QUICK)
    print("| effort | seconds | status | gap | excess | breaches |\n|---|---|---|---|---|---|")
    for effort in efforts:
        begin = time.perf_counter()
        result = schedule(inputs, settings, seed=1, effort=effort)
        seconds, meta = time.perf_counter() - begin, result.meta
        breaches = check_schedule(
            result.frame(),
            centre=inputs.centre,
            agents=inputs.agents,
            availability=inputs.availability,
            published=inputs.published,
            grid=inputs.grid,
            agent_skills=inputs.agent_skills,
            routing=inputs.routing,
        )
        print(
            f"| {effort.value} | {seconds:.1f} | {meta.status.value} | {meta.gap:.2%} | {meta.excess:.2%} "
            f"| {len(breaches)} |"
        )


if __name__ == "__main__":
    main()
