"""Agents' levels behind few noisy scores: a mixed model with agents random and raters fixed.

For each behaviour ``score = rater + agent + noise``, the agents normal with variance λ times the noise's.
Raw means mislead: the worst few of many agents are mostly the unlucky ones, and "improve" next month
without any coaching. The model is fitted by restricted maximum likelihood (Patterson & Thompson 1971)
profiled over λ alone; with one random effect all sums run over agents, so a fit costs milliseconds. Levels
are best linear unbiased predictions and their intervals use the full prediction error variance (Henderson
1975).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

Z10 = 1.2816
_LOG_RATIO = (-9.0, 4.0)


@dataclass(frozen=True)
class Fit:
    """Levels of n agents on one behaviour.

    Attributes
    ----------
    level, sd : ndarray of float64, shape (n,)
        Predicted level on the scale of the average rater, and its prediction error.
    evaluations : ndarray of int64, shape (n,)
    agent_sd, noise_sd : float
        Spread of agents, and of scores about them.
    """

    level: np.ndarray
    sd: np.ndarray
    evaluations: np.ndarray
    agent_sd: float
    noise_sd: float


@dataclass(frozen=True)
class _Sums:
    """What the likelihood needs: counts by agent and rater (n, p), sums of scores by agent and by rater."""

    counts: np.ndarray
    by_agent: np.ndarray
    by_rater: np.ndarray
    squares: float

    @property
    def n(self) -> np.ndarray:
        return np.asarray(self.counts.sum(axis=1))


def fit_levels(agent: np.ndarray, rater: np.ndarray, score: np.ndarray, agents: int) -> Fit:
    """Shrunken levels of one behaviour.

    Parameters
    ----------
    agent : ndarray of int
        Position of the agent of each score, in 0 … agents − 1.
    rater : ndarray of int
        Code of the rater of each score.
    score : ndarray of float
        Scores; at least one.
    agents : int
        Number of agents, those without a score included.

    Examples
    --------
    >>> import numpy as np
    >>> fit = fit_levels(np.array([0, 0, 1, 1]), np.zeros(4, int), np.array([60.0, 62, 80, 82]), 3)
    >>> bool(60 < fit.level[0] < fit.level[2] < fit.level[1] < 82)
    True
    """
    used, rater = np.unique(rater, return_inverse=True)
    counts = np.zeros((agents, len(used)))
    np.add.at(counts, (agent, rater), 1)
    centre = float(score.mean())
    y = score - centre
    sums = _Sums(
        counts,
        np.bincount(agent, weights=y, minlength=agents),
        np.bincount(rater, weights=y, minlength=len(used)),
        float(y @ y),
    )
    ratio = 0.0
    if len(score) > len(used) + 1 and (sums.n > 1).any():
        best = minimize_scalar(
            lambda x: _deviance(float(np.exp(x)), sums), bounds=_LOG_RATIO, method="bounded"
        )
        ratio = float(np.exp(best.x)) if best.fun < _deviance(0.0, sums) else 0.0
    return _predict(ratio, sums, centre)


def level_table(
    evaluations: pd.DataFrame, agent_ids: list[str]
) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Table ``levels`` in points of 100, for every listed agent and every behaviour evaluated.

    Parameters
    ----------
    evaluations : DataFrame
        Table ``evaluations`` with scores, at least one of a listed agent.
    agent_ids : list of str

    Returns
    -------
    levels : DataFrame
        Ordered by agent and behaviour; an agent never evaluated stands at the mean, with the widest interval.
    spread : dict
        By behaviour ``agent_sd`` and ``noise_sd`` in points.
    """
    position = pd.Index(agent_ids).get_indexer(pd.Index(evaluations["agent_id"]))
    rows, position = evaluations[position >= 0], position[position >= 0]
    points = (100.0 * rows["score"] / rows["max_score"]).to_numpy(dtype=float)
    raters = pd.factorize(rows["evaluator_id"].fillna(""), sort=True)[0]
    behaviour, names = pd.factorize(rows["behaviour"], sort=True)
    parts, spread = [], {}
    for number, name in enumerate(names):
        mine = behaviour == number
        fit = fit_levels(position[mine], raters[mine], points[mine], len(agent_ids))
        parts.append(
            pd.DataFrame(
                {
                    "agent_id": pd.Series(agent_ids, dtype="str"),
                    "behaviour": pd.Series([name] * len(agent_ids), dtype="str"),
                    "level": fit.level,
                    "low": fit.level - Z10 * fit.sd,
                    "high": fit.level + Z10 * fit.sd,
                    "evaluations": fit.evaluations,
                }
            )
        )
        spread[str(name)] = {"agent_sd": fit.agent_sd, "noise_sd": fit.noise_sd}
    levels = pd.concat(parts, ignore_index=True).sort_values(["agent_id", "behaviour"], ignore_index=True)
    return levels, spread


def _fixed(ratio: float, sums: _Sums) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weight of each agent's own mean, XᵀV⁻¹X and the rater effects at a variance ratio."""
    weight = ratio / (1.0 + ratio * sums.n)
    information = np.diag(sums.counts.sum(axis=0)) - (sums.counts * weight[:, None]).T @ sums.counts
    right = sums.by_rater - sums.counts.T @ (weight * sums.by_agent)
    return weight, information, np.linalg.solve(information, right)


def _deviance(ratio: float, sums: _Sums) -> float:
    """Minus twice the profiled restricted log-likelihood, up to a constant."""
    weight, information, effect = _fixed(ratio, sums)
    freedom = sums.counts.sum() - len(effect)
    right = information @ effect
    residual = sums.squares - weight @ sums.by_agent**2 - effect @ right
    log_det = np.log1p(ratio * sums.n).sum() + np.linalg.slogdet(information)[1]
    return float(freedom * np.log(max(residual, 1e-9) / freedom) + log_det)


def _predict(ratio: float, sums: _Sums, centre: float) -> Fit:
    weight, information, effect = _fixed(ratio, sums)
    freedom = max(sums.counts.sum() - len(effect), 1.0)
    noise = max(sums.squares - weight @ sums.by_agent**2 - effect @ information @ effect, 0.0) / freedom
    average = sums.counts.sum(axis=0) / sums.counts.sum()
    own = weight * (sums.by_agent - sums.counts @ effect)
    # error of average·effect + own: the agent's own part, and what the rater effects leave
    left = average - sums.counts * weight[:, None]
    spread = np.einsum("ij,ij->i", left, np.linalg.solve(information, left.T).T)
    variance = noise * (ratio / (1.0 + ratio * sums.n) + spread)
    return Fit(
        level=centre + float(average @ effect) + own,
        sd=np.sqrt(np.maximum(variance, 0.0)),
        evaluations=sums.n.astype(np.int64),
        agent_sd=float(np.sqrt(noise * ratio)),
        noise_sd=float(np.sqrt(noise)),
    )
