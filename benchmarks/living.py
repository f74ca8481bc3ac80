"""Living with a schedule, on a finished run: requests, repair, breaks, checking and explanations, timed.

    python benchmarks/living.py runs/week/base

No other program that we know of answers requests against a plan with money and reasons: there is no peer.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from wfo.pipeline.questions import short
from wfo.pipeline.reopen import reopen
from wfo.pipeline.schedule_check import Rules, breaches_of
from wfo.scheduling.rebreak import rebreak
from wfo.scheduling.repair import RepairInputs, repair
from wfo.scheduling.requests import RequestInputs, answer_requests
from wfo.scheduling.week_value import WeekValue


def timed(name: str, call: Callable[[], object]) -> object:
    call()  # compiled and read
    began, spent = time.perf_counter(), time.process_time()
    answer = call()
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    print(f"{name:44s} {wall:7.2f} s, {cpu:6.2f} s CPU", flush=True)
    return answer


def main(folder: Path) -> None:
    runs = folder.parent.parent
    run = reopen(folder, runs)
    week, plan, scenario = run.inputs, run.plan, run.scenario
    shifts = plan.groupby("shift_id").agg(
        agent_id=("agent_id", "first"), start=("start", "min"), end=("end", "max")
    )
    one = shifts.groupby("agent_id").head(1).reset_index(drop=True)
    kinds = ["time_off", "voluntary_time_off", "extra_hours", "swap"]
    asked = one.head(40).assign(
        request_id=[f"r{n}" for n in range(min(40, len(one)))],
        kind=[kinds[n % 4] for n in range(min(40, len(one)))],
        with_agent=one["agent_id"].shift(-1).head(40),
        received_at=pd.Timestamp("2025-07-01", tz="UTC"),
    )
    asked.loc[asked["kind"] == "extra_hours", "start"] = asked["end"]
    asked.loc[asked["kind"] == "extra_hours", "end"] = asked["end"] + pd.Timedelta("1h")
    for number in (1, 40):
        given = RequestInputs(week, plan, asked.head(number), scenario.schedule)
        answers = timed(
            f"{number} requests", lambda given=given: answer_requests(given, scenario.requests, seed=1)
        )
    print("  ", answers.meta.facts)
    absent = one.iloc[::4].head(10)[["agent_id", "start", "end"]].assign(kind="time_off", paid=True)
    given = RepairInputs(week, plan, absent, scenario.schedule)
    mended = timed("repair of ten absences", lambda: repair(given, scenario.repair, seed=1))
    print("  ", mended.meta.facts)
    rules = Rules(week, scenario.schedule)
    new = timed("all breaks placed anew", lambda: rebreak(week, plan, scenario.schedule))
    worth = [WeekValue(week, scenario.schedule, frame).total for frame in (plan, new)]
    print(f"   the plan's value to service: {worth[0]:.0f} before, {worth[1]:.0f} after")
    timed("the plan checked from its file", lambda: breaches_of(folder / "schedule.parquet", rules))
    timed("what the next hour buys, what would help", lambda: short(folder, runs))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
