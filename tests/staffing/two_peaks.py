"""A day with two peaks: what it asks for by formula, corrected, and what simulated days say of it."""

import numpy as np
from stand_in import StandIn, small_centre, week_grid

from wfo.staffing.changing_load import simulated_service
from wfo.staffing.corrected import load_factors
from wfo.staffing.load import modified_offered_load, stationary
from wfo.staffing.mixture import COLUMNS, fewest_positions

STEP_S, PATIENCE_S = 900.0, 180.0
OPEN = (np.arange(96) >= 32) & (np.arange(96) < 80)
HOURS = np.arange(96) / 4 + 0.125
PEAKS = 0.25 + np.exp(-(((HOURS - 10.5) / 1.3) ** 2)) + 0.85 * np.exp(-(((HOURS - 15.5) / 1.5) ** 2))
SHAPE = np.where(OPEN, PEAKS / PEAKS[OPEN].max(), 0.0)


def service(arrivals: np.ndarray, positions: np.ndarray, handle_s: float, weeks: int, cv: float = 1.0):
    handle = np.full(arrivals.size, handle_s)
    draws = np.random.default_rng(11)
    base, good = simulated_service(
        draws, arrivals, positions, handle, cv, PATIENCE_S, 20.0, 5.0, STEP_S, np.ones((weeks, arrivals.size))
    )
    return base.sum(axis=0), good.sum(axis=0)


def rows_of(load: np.ndarray, handle_s: float) -> np.ndarray:
    values = dict.fromkeys(COLUMNS, 0.0) | {
        "handle_s": handle_s,
        "patience_s": PATIENCE_S,
        "within_s": 20.0,
        "short_s": 5.0,
        "level": 0.8,
        "max_occupancy": 1.0,
        "max_asa_s": np.inf,
        "max_abandonment": 1.0,
        "slots": 1.0,
        "room": np.inf,
    }
    rows = np.tile([values[c] for c in COLUMNS], (load.size, 1))
    rows[:, 0] = load / handle_s
    return rows


def positions_of(load: np.ndarray, handle_s: float, factors: np.ndarray | None = None) -> np.ndarray:
    rows, one = rows_of(load[OPEN], handle_s), np.ones((1, 1))
    if factors is not None:
        rows[:, 0] *= factors
    out = np.zeros(96, dtype=np.int64)
    out[OPEN] = fewest_positions(rows, np.zeros(len(rows), dtype=np.int64), one, np.ones(1), one)
    return out


def plans(handle_s: float, *, load: float = 100.0, weeks: int = 500, seed: int = 3) -> dict[str, np.ndarray]:
    """Positions by interval: stationary, modified offered load, and that corrected by simulation."""
    arrivals, handle = SHAPE * load / handle_s * STEP_S, np.full(96, handle_s)
    modified = modified_offered_load(arrivals, handle, 1.0, OPEN, STEP_S)
    laws = StandIn(small_centre(), week_grid(days=1), {}, {"voice": handle_s}).laws()
    laws.patience_s[0], laws.handle_cv[0] = PATIENCE_S, 1.0
    at = np.flatnonzero(OPEN)
    rows, queue = rows_of(modified[OPEN], handle_s), np.zeros(at.size, dtype=np.int64)
    factors = load_factors(laws, np.tile(arrivals, (4, 1)), rows, queue, at, weeks=weeks, seed=seed)
    assert (factors >= 1).all()
    return {
        "stationary": positions_of(stationary(arrivals, handle, STEP_S), handle_s),
        "modified": positions_of(modified, handle_s),
        "corrected": positions_of(modified, handle_s, factors),
    }
