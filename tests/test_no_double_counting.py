"""Forecast and simulation count the same contacts: nobody twice, nobody forgotten."""

import numpy as np
import pytest

from wfo.forecasting.propagation import expected_volume, links_of
from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.tables.empty import empty_table


@pytest.mark.parametrize("preset", ["tiny", pytest.param("standard", marks=pytest.mark.heavy)])
def test_simulated_volume_at_planned_abandonment_is_the_forecast(preset, tmp_path):
    sample = sample_centre(preset)
    done = run("sample" if preset == "standard" else preset, runs=tmp_path, until="forecast")
    forecast = done.results["forecast"]
    paths = forecast.sample(200, 7)
    nobody = staffing_of(
        empty_table("schedule"),
        sample.data["agents"],
        sample.data["agent_skills"],
        sample.data["routing"],
        sample.centre,
        paths.grid,
    )
    forced = SimulationOptions(forced_abandonment=paths.planned_abandonment)
    weeks = simulate(paths, nobody, seed=7, options=forced).offered
    simulated = weeks.mean(axis=0)
    noise = weeks.sum(axis=(1, 2)).std(ddof=1) / np.sqrt(paths.n)
    links = links_of(
        paths.follow_ups,
        paths.delay_cdf,
        paths.lag_edges_min,
        paths.redial_p,
        paths.redial_mean_s,
        paths.planned_abandonment,
        paths.grid.step_min,
    )
    of_paths = expected_volume(
        (paths.fresh + paths.carried).mean(axis=0), links, paths.landing_start, paths.landing_len
    )
    stated = forecast.expected().sum()
    off = simulated.sum() / of_paths.sum() - 1, simulated.sum() / stated - 1
    print(f"{preset}: {off[0]:+.3%} of the paths' expectation, {off[1]:+.3%} of the forecast's mean")
    assert simulated.sum() == pytest.approx(of_paths.sum(), rel=0.005)
    # the small centre's paths themselves scatter by half a per cent about the forecast
    assert simulated.sum() == pytest.approx(stated, rel=0.005, abs=3 * noise)
    busy = of_paths.sum(axis=1) > 100
    np.testing.assert_allclose(simulated.sum(axis=1)[busy], of_paths.sum(axis=1)[busy], rtol=0.015)
