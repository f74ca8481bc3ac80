"""Chain metrics: first-contact resolution, whether causes are known, and coaching coverage."""

import numpy as np
import pandas as pd

from wfo.evaluation.measures import ratio
from wfo.evaluation.play import Played
from wfo.evaluation.scorecard import Points
from wfo.forecasting.paths import DemandPaths
from wfo.metrics import chains as chain_counts


def first_contact_resolution(
    chains: pd.DataFrame | None, metrics: pd.DataFrame | None, played: Played
) -> Points | None:
    """Expected first-contact resolution, of known customers by links as history's; None without chains.

    First-contact resolution as history shows it (`wfo.metrics.chains`), times what R makes of the simulated
    week over what R makes of history (scope ``estimated`` of ``chain_metrics``), so that a week like history
    has history's figure, whatever links miss.

    Parameters
    ----------
    chains, metrics : DataFrame or None
        Tables ``chains`` and ``chain_metrics``.
    played : Played
    """
    if chains is None or metrics is None or chains.empty:
        return None
    known = chain_counts.first_contact_resolution(chains)
    by_r = (metrics["metric"] == "first_contact_resolution") & (metrics["scope"] == "estimated")
    then = metrics.loc[by_r & metrics["intent"].isna(), "value"].to_numpy(dtype=float)
    if known is None or not then.size or then[0] <= 0.0:
        return None
    first, fresh = _ended_at_once(played)
    if not fresh.any():
        return None
    values = np.minimum(1.0, known.value * ratio(first, fresh) / then[0])
    pooled = known.value * float(first.sum() / fresh.sum()) / then[0]
    return Points(min(1.0, pooled), values, known.identity_coverage)


def _ended_at_once(played: Played) -> tuple[np.ndarray, np.ndarray]:
    """By week, fresh contacts that nothing follows by R and that nobody gives up; and all fresh ones."""
    counts, paths = played.counts, played.paths
    fresh, offered = counts.fresh.sum(axis=2), counts.offered.sum(axis=2)
    given_up = counts.abandoned.sum(axis=2) / np.maximum(offered, 1)
    quiet = 1.0 - np.minimum(paths.follow_ups.sum(axis=1), 1.0)
    return ((fresh * (1.0 - given_up)) @ quiet), fresh.sum(axis=1).astype(float)


def causes_known(chains: pd.DataFrame | None, paths: DemandPaths) -> bool:
    """Whether history or the forecast's laws say which contacts are caused by earlier ones.

    A centre that has counts alone has neither: its failure demand is unknown, not nothing.
    """
    laws = (paths.follow_ups, paths.carried, paths.redial_p)
    return (chains is not None and not chains.empty) or any(bool(law.any()) for law in laws)


def coaching_coverage(
    coaching: pd.DataFrame | None, schedule: pd.DataFrame, due: tuple[str, ...]
) -> Points | None:
    """Share of the agents due for coaching who have a session in the schedule; None where nobody is due.

    Parameters
    ----------
    coaching : DataFrame or None
        Table ``coaching``; without rows, the schedule's own rows of coaching count.
    schedule : DataFrame
    due : tuple of str
    """
    if not due:
        return None
    if coaching is not None and len(coaching):
        given = set(coaching.loc[coaching["start"].notna(), "agent_id"]) if "start" in coaching else set()
    elif "activity" in schedule:
        given = set(schedule.loc[(schedule["activity"] == "coaching").to_numpy(), "agent_id"])
    else:
        given = set()
    value = len(given & set(due)) / len(set(due))
    return Points(value, np.array([value]))
