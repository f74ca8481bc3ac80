"""How far a bank's calls can be told with hindsight: chance in the intervals, and days known from both sides.

    python benchmarks/forecast_floor.py [--weeks 12] [--step 15]

On the last weeks of the series (WFO_REAL_DATA names its folder) WAPE over intervals of
- the mean of the last eight same weekdays, and 82 % of it (18 % below);
- ours, a week ahead, and ours scaled to each day's true total (what the shape of a day still costs);
- hindsight: each day from all days of other weeks, those before *and after* it, by the same regression and
  shape; and from all other days, the rest of its week among them. Of many memories the one that scores best
  on these very weeks is taken, for totals and for shapes: more than anybody can know a week ahead;
- Poisson: the chance that is left where the rate of every interval is known (at the rates of hindsight).
"""

import argparse
import os
from itertools import product
from pathlib import Path

import forecast_series
import numpy as np
import pandas as pd
from forecast import ours, same_weekdays
from forecast_series import Series
from scipy.stats import poisson

from wfo.forecasting.calendar import Days
from wfo.forecasting.level import DRIFT_SD, design_of, prior_sd
from wfo.forecasting.profile import shares, weekday_profiles
from wfo.forecasting.ridge import SPREAD, ridge
from wfo.forecasting.settings import ForecastSettings

MEMORY_DAYS = (20.0, 40.0, 80.0, 160.0)
DRIFT_DAYS = (1.5, 3.0, 7.0, 14.0)
SHAPE_DAYS = (30.0, 60.0, 120.0, 1000.0)


def days_of(series: Series) -> tuple[pd.DataFrame, np.ndarray]:
    """Counts of whole days by step, excluded days left out, and the days' design rows."""
    counts = series.counts[series.counts.index < series.end]
    excluded = pd.DatetimeIndex(series.centre.calendar.excluded_days)
    counts = counts[~counts.index.normalize().isin(excluded)]
    frame = counts.to_frame("y").assign(day=counts.index.normalize())
    frame["at"] = counts.index - frame["day"]
    cube = frame.pivot_table(index="day", columns="at", values="y").fillna(0.0)
    first, last = cube.index[0].date(), cube.index[-1].date()
    calendar = Days.of(series.centre, first, (last - first).days + 1)
    rows = (cube.index - cube.index[0]).days
    return cube, design_of(calendar, 0, calendar_effects=True)[rows]


def total_from_both_sides(
    total: np.ndarray, design: np.ndarray, gap: np.ndarray, other: np.ndarray, memory: float, drift: float
) -> float:
    """A day's total from other days, the nearer the more; ``gap`` are days from it, 0 at itself."""
    weight, sd = np.exp(-gap / memory), prior_sd(design.shape[1])
    beta = ridge(design[other], total[other], offset=np.zeros(other.sum()), weight=weight[other], sd=sd)
    mean = np.exp(design @ beta)
    near = np.where(other, np.exp(-gap / drift) * mean / (1 + SPREAD**2 * mean), 0.0)
    moved = (near @ (total / mean - 1)) / (near.sum() + DRIFT_SD**-2)
    return float(mean[gap == 0][0] * (1 + moved))


def shape_from_both_sides(
    cube: np.ndarray, weekday: np.ndarray, at: int, memory: float, step: int
) -> np.ndarray:
    """Shares of a day's contacts by its weekday's shape on all other days, the nearest weighing most."""
    order = np.argsort(-np.abs(np.arange(len(cube)) - at), kind="stable")[:-1]
    opened = np.ones((len(order), cube.shape[1]), dtype=bool)
    profile = weekday_profiles(
        cube[order],
        weekday[order],
        np.ones(len(order), dtype=bool),
        opened,
        memory_days=memory,
        step_min=step,
    )
    return shares(profile[weekday[at]], opened[0])


def wape(made: np.ndarray, came: np.ndarray) -> float:
    """Σ|came − made| ÷ Σ came, in percent."""
    return 100 * float(np.abs(came - made).sum() / came.sum())


def laid_out(made: pd.DataFrame, cube: pd.DataFrame) -> np.ndarray:
    """Forecast means in the order of the cube's days and steps."""
    day = made["ds"].dt.normalize()
    frame = pd.DataFrame({"day": day, "at": made["ds"] - day, "mean": made["mean"]})
    table = frame.pivot_table(index="day", columns="at", values="mean")
    return table.reindex(index=cube.index, columns=cube.columns).fillna(0.0).to_numpy()


def best_totals(
    total: np.ndarray, design: np.ndarray, number: np.ndarray, alike: np.ndarray, judged: np.ndarray
) -> tuple[np.ndarray, tuple[float, float]]:
    """Judged days' totals by hindsight from days not ``alike``, at the memories that score best on them."""
    totals = {
        key: np.array(
            [
                total_from_both_sides(total, design, np.abs(number - number[d]), alike != alike[d], *key)
                for d in judged
            ]
        )
        for key in product(MEMORY_DAYS, DRIFT_DAYS)
    }
    taken = min(totals, key=lambda key: wape(totals[key], total[judged]))
    return totals[taken][:, None], taken


def best_shapes(
    cube: np.ndarray, weekday: np.ndarray, judged: np.ndarray, step: int
) -> tuple[np.ndarray, float]:
    """Judged days' shares by hindsight, at the memory that scores best on them."""
    shapes = {
        m: np.array([shape_from_both_sides(cube, weekday, d, m, step) for d in judged]) for m in SHAPE_DAYS
    }
    known, came = cube[judged].sum(axis=1)[:, None], cube[judged]
    kept = min(shapes, key=lambda m: wape(known * shapes[m], came))
    return shapes[kept], kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--step", type=int, default=15)
    asked = parser.parse_args()
    series = forecast_series.bank_2003(Path(os.environ["WFO_REAL_DATA"]), asked.step)
    table, design = days_of(series)
    cube, total = table.to_numpy(), table.to_numpy().sum(axis=1)
    number = np.asarray((table.index - table.index[0]).days)
    weekday = np.asarray(table.index.day_of_week)
    judged = np.flatnonzero(table.index >= series.end - pd.Timedelta(weeks=asked.weeks))
    came, known = cube[judged], total[judged][:, None]

    mean = laid_out(same_weekdays(series, asked.weeks, 0, 8), table.iloc[judged])
    own = laid_out(ours(series, asked.weeks, 0, ForecastSettings()), table.iloc[judged])
    sides = {"other weeks'": (number - weekday) // 7, "all other": number}
    found = {name: best_totals(total, design, number, alike, judged) for name, alike in sides.items()}
    shapes, kept = best_shapes(cube, weekday, judged, asked.step)
    rate = found["all other"][0] * shapes
    chance = rate * 2 * poisson.pmf(np.floor(rate), rate)  # mean absolute deviation of a Poisson

    print(f"{series.name}, last {asked.weeks} weeks: WAPE %, of intervals and of days")
    rows = [("mean of 8 same weekdays", mean), ("ours, a week ahead", own)]
    rows += [("ours with true totals", own / own.sum(axis=1, keepdims=True) * known)]
    rows += [(f"hindsight, {name} days", made * shapes) for name, (made, _) in found.items()]
    rows += [("hindsight's shapes with true totals", known * shapes)]
    for name, made in rows:
        print(f"{name}: {wape(made, came):.2f}, {wape(made.sum(axis=1), total[judged]):.2f}")
    print(f"18 % below the mean: {0.82 * wape(mean, came):.2f}")
    print(f"Poisson alone: {100 * chance.sum() / rate.sum():.2f}")
    taken = {name: key for name, (_, key) in found.items()}
    print(f"taken, memory and neighbours in days: {taken}; shapes: {kept:g}")


if __name__ == "__main__":
    main()
