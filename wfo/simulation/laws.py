"""Laws: how long contacts take and wait and what they cause, written into the kernel's float memory."""

import numpy as np

from wfo.forecasting.paths import DemandPaths
from wfo.simulation.blocks import Plan
from wfo.simulation.memory import (
    DEFERRED,
    F_DELAYS,
    F_FOLLOW_UPS,
    F_HANDLE,
    F_MAX_OCCUPANCY,
    F_QUEUES,
    F_SPEED,
    F_WAITS,
    NEVER,
    QF_BALK_P,
    QF_CALLBACK_P,
    QF_FORCED_P,
    QF_PATIENCE_MS,
    QF_REDIAL_MEAN_MS,
    QF_REDIAL_P,
    QF_SIGMA,
    QUEUE_F_SIZE,
)
from wfo.simulation.options import SimulationOptions
from wfo.simulation.staffing import Staffing


def place_laws(plan: Plan, demand: DemandPaths, staffing: Staffing, options: SimulationOptions) -> None:
    """Place the laws into the float memory; only immediate and concurrent queues are abandoned."""
    abandons = staffing.law < DEFERRED
    forced = options.forced_abandonment
    patience_ms = np.minimum(
        np.nan_to_num(demand.patience_s, nan=np.inf, posinf=np.inf) * 1000.0, float(NEVER)
    )
    laws = np.zeros((len(demand.queues), QUEUE_F_SIZE))
    variance = handle_variance(demand)
    laws[:, QF_SIGMA] = np.sqrt(variance)
    laws[:, QF_PATIENCE_MS] = np.where(abandons, patience_ms, float(NEVER))
    laws[:, QF_REDIAL_P] = np.where(abandons, np.nan_to_num(demand.redial_p), 0.0)
    laws[:, QF_REDIAL_MEAN_MS] = np.maximum(np.nan_to_num(demand.redial_mean_s), 0.001) * 1000.0
    laws[:, QF_FORCED_P] = 0.0 if forced is None else np.where(abandons, forced, 0.0)
    laws[:, QF_BALK_P] = np.where(abandons, _shares(options.balk_p), 0.0)
    laws[:, QF_CALLBACK_P] = np.where(abandons, _shares(options.callback_p), 0.0)
    plan.floats[0][[F_MAX_OCCUPANCY, F_WAITS]] = options.max_occupancy, options.deferred_waits
    plan.place_float(F_QUEUES, laws)
    median_ms = np.nan_to_num(demand.handle_mean_s) * 1000.0 * np.exp(-0.5 * variance)[:, None]
    plan.place_float(F_HANDLE, median_ms.T)
    plan.place_float(F_FOLLOW_UPS, demand.follow_ups)
    plan.place_float(F_DELAYS, demand.delay_cdf)
    plan.place_float(F_SPEED, staffing.speed)


def handle_variance(demand: DemandPaths) -> np.ndarray:
    """Variance of the logarithm of handle times, shape (Q,)."""
    return np.asarray(np.log1p(np.nan_to_num(demand.handle_cv) ** 2))


def _shares(values: np.ndarray | None) -> "np.ndarray | float":
    return 0.0 if values is None else np.asarray(values, dtype=np.float64)
