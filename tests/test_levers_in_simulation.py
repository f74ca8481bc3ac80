"""With levers and overrides too, the simulator makes the follow-ups that the forecast states."""

import datetime as dt

import numpy as np
import pytest

from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.tables.empty import empty_table

WEDNESDAY = dt.date(2025, 7, 9)
CHANGES = {
    "initiatives": {
        "repair": {
            "levers": {
                "fewer calls": {"what": "follow_ups", "from_queue": "web", "factor": 0.5, "start": WEDNESDAY},
                "to chat": {"what": "deflection", "queue": "voice_billing", "to_queue": "chat", "share": 0.2},
                "call back": {"what": "redials", "factor": 0.5},
            }
        }
    },
    "demand.overrides": {
        "mailing": {"queue": "web", "start": WEDNESDAY, "factor": 2.0, "reason": "mailing", "who": "Ada"}
    },
}


@pytest.mark.parametrize("preset", ["tiny", pytest.param("standard", marks=pytest.mark.heavy)])
def test_follow_ups_of_the_simulator_are_those_of_the_forecast(preset, tmp_path):
    sample = sample_centre(preset)
    name = "sample" if preset == "standard" else preset
    forecast = run(load_scenario(name, set=CHANGES), runs=tmp_path, until="forecast").results["forecast"]
    paths = forecast.sample(400 if preset == "tiny" else 200, 7)
    nobody = staffing_of(
        empty_table("schedule"),
        *(sample.data[table] for table in ("agents", "agent_skills", "routing")),
        sample.centre,
        paths.grid,
    )
    forced = SimulationOptions(forced_abandonment=paths.planned_abandonment)
    came = simulate(paths, nobody, seed=7, options=forced).offered.sum(axis=(1, 2))
    started = (paths.fresh + paths.carried).sum(axis=(1, 2))
    simulated = (came - started).mean()
    # stated for the mean of all paths; these paths start a little more or less
    of_week = forecast.expected() - forecast.fresh() - forecast.carried()
    stated = of_week.sum() * started.mean() / (forecast.fresh() + forecast.carried()).sum()
    noise = (came - started - stated * started / started.mean()).std(ddof=1) / np.sqrt(paths.n)
    print(f"{preset}: {simulated / stated - 1:+.3%}, noise {noise / stated:.3%}")
    assert simulated == pytest.approx(stated, rel=0.005, abs=2.5 * noise)
    mailing = forecast.tables["overrides"].iloc[0]
    assert mailing["planned"] == pytest.approx(2 * mailing["model"], rel=1e-4)
