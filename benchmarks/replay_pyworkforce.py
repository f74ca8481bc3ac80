"""The plain planner of the ladder with pyworkforce's scheduler: past weeks asked for, scheduled and played.

    python benchmarks/replay_pyworkforce.py RUNS PYTHON [standard|hard] [--weeks 3]

PYTHON is that of an environment of its own with pyworkforce. The planner is (a): the mean of eight weeks and
Erlang C. pyworkforce counts shifts by day and hour for one queue at a time: it knows no people, weeks, rest,
breaks, shared skills or deferred work, so that its hours are those of the queues served at once alone, and
everybody of a shift is there all the time but for absence.
"""

import argparse
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from wfo.effort import Effort
from wfo.forecasting.result import ForecastResult
from wfo.pipeline.planned import CACHE
from wfo.pipeline.source import open_source
from wfo.replay.again import as_of_then
from wfo.replay.baselines import baselines
from wfo.replay.erlang_c import erlang_c_requirement
from wfo.replay.fractional import fractional_schedule
from wfo.replay.plans import past_week, stages_then
from wfo.replay.realised import values
from wfo.replay.weeks import origins
from wfo.scenario.load import load_scenario
from wfo.timegrid import TimeGrid

SHIFT_H, STARTS, MOST = 8, range(6, 16), 60


def scheduled(need: pd.DataFrame, grid: TimeGrid, zone: str, python: str) -> pd.DataFrame:
    """People on duty as pyworkforce counts them, in the shape of table ``requirement``."""
    local = grid.local(zone)
    day, hour = grid.local_day_number(zone), np.asarray(local.hour)
    shifts = {f"{s:02d}": [int(s <= h < s + SHIFT_H) for h in range(24)] for s in STARTS}
    parts = []
    for queue, rows in need.groupby("queue", sort=True):
        asked = np.zeros(grid.n)
        asked[grid.locate(rows["interval_start"])] = rows["positions_with_shrinkage"]
        by_hour = np.zeros((7, 24))
        np.add.at(by_hour, (day, hour), asked * grid.step_min / 60.0)
        given = {"need": np.rint(by_hour).astype(int).tolist(), "shifts": shifts, "agents": MOST}
        done = subprocess.run(
            [python, Path(__file__).parent / "scheduling_pyworkforce.py"],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=True,
        )
        there = np.array(json.loads(done.stdout))[day, hour]
        row = {"queue": queue, "interval_start": grid.starts, "asked": asked, "positions": there}
        parts.append(pd.DataFrame(row))
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    """Print service and hours by queue over all weeks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs")
    parser.add_argument("python")
    parser.add_argument("sample", nargs="?", default="standard", choices=["standard", "hard"])
    parser.add_argument("--weeks", type=int, default=3)
    asked = parser.parse_args()
    scenario = as_of_then(
        load_scenario("sample", set={"data.sample": asked.sample, "forecast.method": "two_level"})
    )
    cache = Path(asked.runs) / CACHE
    source = open_source(scenario, None, cache / "data")
    weeks, _ = origins(scenario, source, weeks=asked.weeks, leads=(1,))
    centre, found = scenario.centre, []
    for origin in weeks:
        stages = stages_then(scenario, source, origin, Effort.QUICK, cache)
        stages.need()
        forecast = stages.forecast(stages.chains())
        staffed, grid = stages.staff(forecast), origin.week.grid
        result = cast("ForecastResult", forecast.result)
        lost = float(staffed.result.state["unscheduled"])
        usual = baselines(centre, forecast.tables["history"], grid)["mean_of_8"].fillna(0.0)
        expected = usual.to_numpy(dtype=np.float64).reshape(len(result.queues), grid.n)
        need = erlang_c_requirement(
            centre, grid, scenario.specs(), result.laws(), expected, unscheduled=lost, easing=1.0
        )
        people = scheduled(need, grid, centre.zone, asked.python)
        asked = staffed.tables["requirement"]
        week = past_week(scenario, source, grid, result, asked, scenario.evaluated(lost))
        schedule, skills = fractional_schedule(people, week.routing, 1.0, grid, centre.zone)
        played = replace(week, agent_skills=skills, agents=skills[["agent_id"]]).came(schedule)
        told = values(played, centre, result.queues, grid)
        told = told[told["day"].isna() & (told["metric"] == "service_level") & (told["of"] > 0)]
        hours = people.groupby("queue")[["asked", "positions"]].sum() * grid.step_min / 60.0
        found.append(told.merge(hours, on="queue").assign(week=origin.week.first))
        print(origin.week.first, "played", flush=True)
    table = pd.concat(found, ignore_index=True)
    table["in_time"] = table["value"] * table["of"]
    sums = table.groupby("queue")[["in_time", "of", "asked", "positions"]].sum()
    sums.loc["all"] = sums.sum()
    sums["service"] = sums["in_time"] / sums["of"]
    wage = float(source.frames["agents"]["cost_per_h"].mean())
    sums["wages"] = sums["positions"] * wage
    print(sums[["of", "asked", "positions", "service", "wages"]].round(4).to_string())


if __name__ == "__main__":
    main()
