import numpy as np
import pytest

from tests.forecasting import small
from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.errors import InputError
from wfo.forecasting.backtest import backtest
from wfo.forecasting.forecast import ForecastInputs
from wfo.forecasting.settings import ForecastSettings
from wfo.sample.sample_centre import sample_centre


def test_origins_know_nothing_of_their_own_week():
    reports = small.reports(100, {"voice": 10.0})
    given = ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=reports)
    before = backtest(given, ForecastSettings(), weeks=2).table
    last = reports["interval_start"] >= before["origin"].max()
    after = backtest(
        ForecastInputs(
            small.centre(),
            small.week(),
            small.week().start,
            queue_intervals=reports.assign(offered=reports["offered"].where(~last, reports["offered"] * 2)),
        ),
        ForecastSettings(),
        weeks=2,
    ).table
    for method in ("two_level", "same_weekday_mean", "seasonal_naive"):
        np.testing.assert_allclose(before[method], after[method])
    assert (after["actual"] > before["actual"]).any()


def test_baselines_by_hand():
    reports = small.reports(40, {"voice": 10.0})
    given = ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=reports)
    table = backtest(given, ForecastSettings(), weeks=1).table
    row = table[table["queue"] == "voice"].iloc[50]
    voice = reports[reports["queue"] == "voice"].set_index("interval_start")["offered"]
    assert row["actual"] == voice[row["interval_start"]]
    assert row["seasonal_naive"] == voice[row["interval_start"] - np.timedelta64(7, "D")]


def test_too_little_history_is_an_error():
    given = ForecastInputs(
        small.centre(), small.week(), small.week().start, queue_intervals=small.reports(20, {"voice": 9.0})
    )
    with pytest.raises(InputError, match="at least 3 weeks"):
        backtest(given, ForecastSettings())


def test_it_beats_the_mean_of_the_last_eight_same_weekdays_on_the_sample():
    sample = sample_centre("standard")
    chains = build_chains(
        ChainInputs(sample.centre, sample.data["interactions"], sample.now), ChainSettings(), seed=1
    )
    given = ForecastInputs(
        sample.centre,
        small.week(),
        sample.now,
        interactions=sample.data["interactions"],
        kernel=chains.tables["kernel"],
        redial=chains.state["redial"],
        queue_intervals=sample.data["queue_intervals"],
    )
    accuracy = backtest(given, ForecastSettings()).accuracy().set_index(["queue", "grain", "method"])
    pooled = accuracy.loc["centre"]
    assert (
        pooled.loc[("interval", "two_level"), "wape"] < pooled.loc[("interval", "same_weekday_mean"), "wape"]
    )
    assert pooled.loc[("day", "two_level"), "wape"] < pooled.loc[("day", "same_weekday_mean"), "wape"]
    assert abs(pooled.loc[("day", "two_level"), "bias"]) < 0.02
