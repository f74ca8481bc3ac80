"""Chain metrics: first-contact resolution, whether causes are known, and coaching coverage."""

import numpy as np
import pandas as pd

from wfo.evaluation.measures import ratio
from wfo.evaluation.scorecard import Points
from wfo.forecasting.paths import DemandPaths
from wfo.metrics import chains as chain_counts
from wfo.simulation.counts import Counts


def first_contact_resolution(
    chains: pd.DataFrame | None, members: pd.DataFrame | None, counts: Counts
) -> Points | None:
    """Expected first-contact resolution; None without chains.

    First-contact resolution as history shows it (`wfo.metrics.chains`), times the simulated
    share of contacts that start chains over that share in history: the fewer follow-ups a week has, the more
    of its chains end with their first contact.
    """
    if chains is None or members is None or chains.empty or members.empty:
        return None
    known = chain_counts.first_contact_resolution(chains)
    if known is None:
        return None
    fresh_then = float((members["role"] == "fresh").mean())
    fresh, offered = counts.fresh.sum(axis=(1, 2)), counts.offered.sum(axis=(1, 2))
    if fresh_then == 0.0 or not offered.any():
        return None
    values = np.minimum(1.0, known.value * ratio(fresh, offered) / fresh_then)
    pooled = known.value * float(fresh.sum() / offered.sum()) / fresh_then
    return Points(min(1.0, pooled), values, known.identity_coverage)


def causes_known(chains: pd.DataFrame | None, paths: DemandPaths) -> bool:
    """Whether history or the forecast's laws say which contacts are caused by earlier ones.

    A centre that has counts alone has neither: its failure demand is unknown, not nothing.
    """
    laws = (paths.follow_ups, paths.carried, paths.redial_p)
    return (chains is not None and not chains.empty) or any(bool(law.any()) for law in laws)


def coaching_coverage(coaching: pd.DataFrame | None, due: tuple[str, ...]) -> Points | None:
    """Share of the agents due for coaching who have a session in the schedule; None where nobody is due."""
    if not due:
        return None
    given: set[str] = set()
    if coaching is not None and "start" in coaching.columns:
        given = set(coaching.loc[coaching["start"].notna(), "agent_id"])
    value = len(given & set(due)) / len(set(due))
    return Points(value, np.array([value]))
