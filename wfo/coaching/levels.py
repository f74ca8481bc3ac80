"""Agents' levels behind few noisy scores: a mixed model with agents random and raters fixed.

For each behaviour ``score = rater + agent + noise``, the agents normal. Raw means mislead: the worst few of
many agents are mostly the unlucky ones, and "improve" next month without any coaching. The model is
statsmodels' ``MixedLM`` under restricted maximum likelihood (Patterson & Thompson 1971). Levels are best
linear unbiased predictions and their intervals use the full prediction error variance (Henderson 1975).
Moments (``wfo.coaching.moments``) say beforehand whether there is anything to fit, and where to start.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.coaching.moments import RATIO_MOST, moments_of
from wfo.metrics.intervals import Z80

# the library calls an agent variance below 0.01 a boundary whatever the unit: give noise a spread of 100
_UNIT = 100.0


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
    moments = moments_of(agent, rater, score, counts)
    if moments.ratio > 0:
        return _mixed(agent, rater, score, counts, moments.ratio, moments.noise_sd)
    return Fit(
        level=np.full(agents, score.mean()),
        sd=np.full(agents, moments.noise_sd / np.sqrt(len(score))),
        evaluations=counts.sum(axis=1).astype(np.int64),
        agent_sd=0.0,
        noise_sd=moments.noise_sd,
    )


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
                    "low": fit.level - Z80 * fit.sd,
                    "high": fit.level + Z80 * fit.sd,
                    "evaluations": fit.evaluations,
                }
            )
        )
        spread[str(name)] = {"agent_sd": fit.agent_sd, "noise_sd": fit.noise_sd}
    levels = pd.concat(parts, ignore_index=True).sort_values(["agent_id", "behaviour"], ignore_index=True)
    return levels, spread


def _mixed(
    agent: np.ndarray, rater: np.ndarray, score: np.ndarray, counts: np.ndarray, ratio: float, spread: float
) -> Fit:
    """Predictions under the mixed model; the ratio is where the search starts, or stays if the highest."""
    from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

    raters = counts.shape[1]
    unit, centre = spread / _UNIT, float(score.mean())
    design = (rater[:, None] == np.arange(raters)).astype(float)
    model = MixedLM((score - centre) / unit, design, groups=agent)
    start = MixedLMParams.from_components(fe_params=np.zeros(raters), cov_re=np.array([[ratio]]))
    held = MixedLMParams.from_components(fe_params=np.ones(raters), cov_re=np.zeros((1, 1)))
    fit = model.fit(reml=True, start_params=start, method="bfgs", free=held if ratio >= RATIO_MOST else None)
    noise, between = float(fit.scale), float(fit.cov_re[0, 0])
    own, own_variance = np.zeros(len(counts)), np.full(len(counts), between)
    scored = np.array(model.group_labels)
    own[scored] = [float(u.iloc[0]) for u in fit.random_effects.values()]
    own_variance[scored] = [float(v.iloc[0, 0]) for v in fit.random_effects_cov.values()]
    # error of average·effect + own: the agent's own part, and what the rater effects leave
    average = counts.sum(axis=0) / len(score)
    weight = between / (noise + between * counts.sum(axis=1))
    left = average - counts * weight[:, None]
    effects = np.asarray(fit.cov_params())[:raters, :raters]
    variance = own_variance + np.einsum("ij,jk,ik->i", left, effects, left)
    return Fit(
        level=centre + unit * (float(average @ fit.fe_params) + own),
        sd=unit * np.sqrt(np.maximum(variance, 0.0)),
        evaluations=counts.sum(axis=1).astype(np.int64),
        agent_sd=unit * float(np.sqrt(between)),
        noise_sd=unit * float(np.sqrt(noise)),
    )
