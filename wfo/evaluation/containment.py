"""Containment foretold: how many self-service contacts end without a person and without another contact."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from wfo.evaluation.play import Played
from wfo.evaluation.scorecard import Points
from wfo.metrics import chains as chain_counts
from wfo.simulation.memory import UNSTAFFED

_NOT_TOLD = ("open", "ignored")


def contained_by_queue(
    interactions: pd.DataFrame | None, chains: pd.DataFrame | None, played: Played
) -> dict[str, Points]:
    """Expected containment by self-service queue; none where the log has no contact of it, or no chains.

    The share of its contacts that ended without a person in the log (outcome ``contained``), times the chance
    that none follows by the follow-ups that the week is simulated with, initiatives included: each pair of
    queues causes one or none of its own, so the chance is the product of 1 − R over the queues where
    follow-ups land. What a week and the log hold by chance makes the samples, one a simulated week at even
    steps of the normal law.

    Parameters
    ----------
    interactions, chains : DataFrame or None
    played : Played

    Returns
    -------
    dict of str to Points
        By queue; ``identity_coverage`` is that of the chains behind R.
    """
    if interactions is None or chains is None or chains.empty or interactions.empty:
        return {}
    known = chain_counts.first_contact_resolution(chains)
    told = interactions[
        (interactions["direction"] == "in").to_numpy() & ~interactions["outcome"].isin(_NOT_TOLD).to_numpy()
    ]
    of_queue = (told["outcome"] == "contained").groupby(told["queue"], sort=True)
    shares, sizes = of_queue.mean().to_dict(), of_queue.size().to_dict()
    found = {}
    for k, queue in enumerate(played.paths.queues):
        if played.staffing.law[k] == UNSTAFFED and queue in sizes:
            share, size = float(shares[queue]), int(sizes[queue])
            quiet = float(np.prod(1.0 - np.minimum(played.paths.follow_ups[k], 1.0)))
            contacts = played.counts.offered[:, k].sum(axis=1)
            value = share * quiet
            spread = np.sqrt(
                value * (1.0 - value) / np.maximum(contacts, 1) + quiet**2 * share * (1.0 - share) / size
            )
            steps = ndtri((np.arange(len(contacts)) + 0.5) / len(contacts))
            samples = np.where(contacts > 0, np.clip(value + spread * steps, 0.0, 1.0), np.nan)
            found[queue] = Points(value, samples, np.nan if known is None else known.identity_coverage)
    return found
