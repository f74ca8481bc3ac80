"""Bias of the forecast against the planted truth of many sample centres: fresh contacts, and all that came.

    python benchmarks/forecast_planted.py [tiny|standard|hard] [seeds]

Each seed's centre is forecast at its planning moment. Fresh contacts of the week are judged by their planted
expectation (no luck in it but that of the history), volumes by what came, at the abandonment of the weeks
before. Means over seeds, with standard errors.
"""

import sys

import numpy as np
import pandas as pd

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.settings import ForecastSettings
from wfo.pipeline.known import known_table
from wfo.sample import demand, laws
from wfo.sample.sample_centre import SampleCentre, sample_centre
from wfo.timegrid import TimeGrid

SETTINGS = ForecastSettings(paths=20)


def planted_week(sample: SampleCentre) -> np.ndarray:
    """Expected fresh contacts of the planning week by queue, shape (Q,)."""
    centre, preset = sample.centre, laws.PRESETS[sample.preset]
    days = demand.days_of(centre, laws.LOG_END, 7)
    factor = demand.calendar_factor(centre, days)[:, days.day] * demand.event_factor(centre, days, preset)
    week = demand.fresh_week(centre, preset)[:, days.slot]
    return np.asarray((week * demand.open_mask(centre, days) * factor).sum(axis=1))


def one_centre(sample: SampleCentre) -> pd.DataFrame:
    """Forecast and truth by queue, and of all queues together."""
    log = known_table("interactions", sample.data["interactions"], sample.now)
    reports = known_table("queue_intervals", sample.data["queue_intervals"], sample.now)
    chains = build_chains(ChainInputs(sample.centre, log, sample.now), ChainSettings(), seed=1)
    given = ForecastInputs(
        sample.centre,
        TimeGrid.of_days(laws.LOG_END, 7, zone=sample.centre.zone, step_min=laws.STEP_MIN),
        sample.now,
        interactions=log,
        chain_members=chains.tables["chain_members"],
        kernel=chains.tables["kernel"],
        redial=chains.state["redial"],
        queue_intervals=reports,
    )
    result = forecast(given, SETTINGS, seed=1)
    volume, _ = result.volume_paths(2, 1, as_served=True)
    table = pd.DataFrame({"planted": planted_week(sample)}, index=list(result.queues))
    table["fresh"] = result.tables["forecast"].groupby("queue")["fresh_mean"].sum()
    table["volume"] = volume.sum(axis=1)
    table["came"] = sample.truth.future.groupby("queue").size()
    table.loc["all"] = table.sum()
    return table.rename_axis("queue").reset_index()


def bias(said: pd.Series, truth: pd.Series) -> str:
    """Σ said ÷ Σ truth − 1 in percent, with the standard error of the ratio."""
    ratio = said.mean() / truth.mean()
    error = (said - ratio * truth).std(ddof=1) / np.sqrt(len(said)) / truth.mean()
    return f"{100 * (ratio - 1):+.1f} ± {100 * error:.1f}"


def main() -> None:
    preset = sys.argv[1] if len(sys.argv) > 1 else "tiny"
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    parts = [one_centre(sample_centre(preset, seed=seed)) for seed in range(1, seeds + 1)]
    print(f"{preset}, {seeds} centres\n| queue | fresh, planted a week | bias % | volume, came | bias % |")
    print("|---|---|---|---|---|")
    for queue, rows in pd.concat(parts).groupby("queue", sort=False):
        fresh, volume = bias(rows["fresh"], rows["planted"]), bias(rows["volume"], rows["came"])
        planted, came = rows["planted"].mean(), rows["came"].mean()
        print(f"| {queue} | {planted:,.1f} | {fresh} | {came:,.1f} | {volume} |")


if __name__ == "__main__":
    main()
