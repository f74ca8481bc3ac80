"""Demand paths: the joint draws of demand that staffing and simulation share, free of double counting.

Only the simulator makes follow-ups and redials inside the horizon; the paths hold what starts chains there
(``fresh``) and what earlier contacts send in (``carried``).
"""

from dataclasses import dataclass

import numpy as np

from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class DemandPaths:
    """Integer counts on the scenario's grid and the laws by which contacts cause contacts.

    Attributes
    ----------
    grid : TimeGrid
        T intervals in UTC.
    queues : tuple of str
        Q queue ids in the scenario's order, unstaffed ones included.
    fresh : ndarray of int32, shape (n, Q, T)
        Contacts that start chains; 0 in closed intervals.
    carried : ndarray of int32, shape (n, Q, T)
        Follow-ups of contacts before the horizon.
    follow_ups : ndarray of float64, shape (Q, Q)
        R[from, to], expected follow-ups in ``to`` of one *served* contact in ``from``.
    lag_edges_min : ndarray of int64, shape (L + 1,)
        Edges of the delay bins in minutes, first 0.
    delay_cdf : ndarray of float64, shape (Q, Q, L)
        P(delay ≤ upper edge of bin); uniform within a bin; last value 1 where R > 0. The delay runs from the
        parent's arrival.
    redial_p : ndarray of float64, shape (Q,)
        P(an abandoned contact calls again).
    redial_mean_s : ndarray of float64, shape (Q,)
        Mean of the exponential redial delay, which runs from the abandonment and is conditioned on
        being below 30 minutes.
    landing_start, landing_len : ndarray of int32, shape (Q, T)
        A follow-up or redial due in interval t arrives uniformly in intervals
        ``[landing_start, landing_start + landing_len)``: t itself where the queue is open (length 1), else
        the first hours of its next opening; −1 where that is beyond the horizon.
    handle_mean_s : ndarray of float64, shape (Q, T)
        Mean handle time of agent work of a contact that arrives in t (whole session work for chat).
    handle_cv : ndarray of float64, shape (Q,)
        Coefficient of variation of the lognormal handle time.
    patience_s : ndarray of float64, shape (Q,)
        Mean of exponential patience; inf where nobody gives up.
    planned_abandonment : ndarray of float64, shape (Q,)
        The abandonment at which ``volume_mean`` is stated.
    """

    grid: TimeGrid
    queues: tuple[str, ...]
    fresh: np.ndarray
    carried: np.ndarray
    follow_ups: np.ndarray
    lag_edges_min: np.ndarray
    delay_cdf: np.ndarray
    redial_p: np.ndarray
    redial_mean_s: np.ndarray
    landing_start: np.ndarray
    landing_len: np.ndarray
    handle_mean_s: np.ndarray
    handle_cv: np.ndarray
    patience_s: np.ndarray
    planned_abandonment: np.ndarray

    @property
    def n(self) -> int:
        """Number of paths."""
        return int(self.fresh.shape[0])
