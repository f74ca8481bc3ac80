"""Times, gap and excess of `schedule`: ``python benchmarks/scheduling.py INPUTS.pickle [EFFORT]``.

The pickle holds `ScheduleInputs`, for example those of a run of the sample centre.
"""

import pickle
import sys
import time
from pathlib import Path

from wfo.effort import Effort
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings


def main() -> None:
    inputs = pickle.loads(Path(sys.argv[1]).read_bytes())
    effort = Effort(sys.argv[2]) if len(sys.argv) > 2 else Effort.NORMAL
    for label in ("cold", "warm"):
        begin = time.perf_counter()
        result = schedule(inputs, ScheduleSettings(), seed=1, effort=effort)
        seconds = time.perf_counter() - begin
        meta = result.meta
        print(f"{label}: {seconds:.1f} s, gap {meta.gap:.4%}, excess {meta.excess:.3%}")
    begin = time.perf_counter()
    breaches = check_schedule(
        result.frame(), centre=inputs.centre, agents=inputs.agents, availability=inputs.availability,
        published=inputs.published, grid=inputs.grid, agent_skills=inputs.agent_skills,
        routing=inputs.routing,
    )  # fmt: skip
    print(f"checker: {time.perf_counter() - begin:.1f} s, {len(breaches)} breaches")


if __name__ == "__main__":
    main()
