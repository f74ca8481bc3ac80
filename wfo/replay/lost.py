"""Lost data: days of an open queue without a single contact where many were expected."""

import numpy as np

from wfo.forecasting.history import MISSING_BELOW


def lost_days(came: np.ndarray, expected: np.ndarray, is_open: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days of a queue without data, bool, shape (Q, D).

    Parameters
    ----------
    came, expected : ndarray, shape (Q, T)
        Contacts; those expected count where the queue is open.
    is_open : ndarray of bool, shape (Q, T)
    day : ndarray of int64, shape (T,)
        Local day, from 0.
    """
    days = int(day.max()) + 1
    total = np.array([np.bincount(day, row, days) for row in came])
    usual = np.array([np.bincount(day, row, days) for row in np.where(is_open, expected, 0.0)])
    return np.asarray((total == 0) & (usual >= MISSING_BELOW))
