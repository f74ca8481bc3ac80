"""Variances of agents and of noise from moments: is there an agent effect to fit, and where to start.

Two estimates in closed form on the scores less their rater's mean. The analysis of variance splits the sum
of squares into agents and what agents and raters leave (Henderson 1953, method 3). The one by Rao (1971) at a
prior of no agent variance has the sign of the restricted likelihood's slope there, so it says whether
the likelihood has its maximum above zero.
"""

from dataclasses import dataclass

import numpy as np

RATIO_LEAST, RATIO_MOST = 1e-3, 50.0


@dataclass(frozen=True)
class Moments:
    """What moments say about one behaviour's scores.

    Attributes
    ----------
    ratio : float
        Agents' variance over the noise's. 0 when scores show no agent effect or cannot: nobody scored twice,
        or one agent alone. At most ``RATIO_MOST``, where scores hardly differ within an agent.
    noise_sd : float
        Spread of scores about their rater's mean; the noise's spread where ``ratio`` is 0.
    """

    ratio: float
    noise_sd: float


def moments_of(agent: np.ndarray, rater: np.ndarray, score: np.ndarray, counts: np.ndarray) -> Moments:
    """Moments of one behaviour.

    Parameters
    ----------
    agent, rater : ndarray of int
        Positions of the agent and of the rater of each score.
    score : ndarray of float
    counts : ndarray of float, shape (agents, raters)
        Number of scores; every rater has one at least.

    Examples
    --------
    >>> import numpy as np
    >>> agent, rater = np.array([0, 0, 1, 1]), np.zeros(4, int)
    >>> round(moments_of(agent, rater, np.array([60.0, 64, 66, 70]), np.array([[2.0], [2.0]])).ratio, 6)
    1.75
    """
    by_rater = counts.sum(axis=0)
    rest = score - (np.bincount(rater, weights=score) / by_rater)[rater]
    total, freedom = float(rest @ rest), len(score) - len(by_rater)
    noise_sd = float(np.sqrt(total / max(freedom, 1)))
    sums = np.bincount(agent, weights=rest, minlength=len(counts))
    inner = np.diag(counts.sum(axis=1)) - (counts / by_rater) @ counts.T
    between_freedom = int(np.linalg.matrix_rank(inner, hermitian=True))
    within_freedom = freedom - between_freedom
    if between_freedom == 0 or within_freedom == 0 or noise_sd <= 1e-9 * max(1.0, np.abs(score).max()):
        return Moments(0.0, noise_sd)

    trace, squares = float(np.trace(inner)), float((inner**2).sum())
    slope = (freedom * float(sums @ sums) - trace * total) / (freedom * squares - trace**2)
    if slope <= RATIO_LEAST * noise_sd**2:
        return Moments(0.0, noise_sd)
    between = float(sums @ np.linalg.pinv(inner, hermitian=True) @ sums)
    noise = max(total - between, 0.0) / within_freedom
    agents = (between - between_freedom * noise) / trace
    if agents >= RATIO_MOST * noise:
        return Moments(RATIO_MOST, noise_sd)
    return Moments(max(agents / noise, 0.01), noise_sd)
