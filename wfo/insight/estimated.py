"""How many failures stand behind those that the log shows: what R says, by queue, over what is seen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.chains.staging import SERVED
from wfo.metrics.intervals import Z80


@dataclass(frozen=True)
class Behind:
    """What a seen failure of each contact stands for.

    Attributes
    ----------
    weight : ndarray of float64, shape (steps,)
        Failures expected by R for one seen: above 1 where follow-ups show no identity, below 1 where links
        are coincidences, 0 where R finds nothing. 1 for contacts without a queue.
    error : ndarray of float64, shape (steps,)
        Standard error of that weight, from R's own.
    """

    weight: np.ndarray
    error: np.ndarray


def behind(
    steps: pd.DataFrame, kernel: pd.DataFrame | None, redial: Mapping[str, Mapping[str, float]]
) -> Behind:
    """Weigh the failures seen so that by queue they add up to those that R and the redials tell.

    Parameters
    ----------
    steps : DataFrame
        As `wfo.insight.steps.steps_of` gives: queue, outcome, last.
    kernel : DataFrame or None
        Table ``kernel``; None: every failure stands for itself.
    redial : mapping
        By queue ``p``, the share of contacts given up that call again.
    """
    weight, error = np.ones(len(steps)), np.zeros(len(steps))
    if kernel is None:
        return Behind(weight, error)
    r = kernel.groupby("from_queue", sort=True)["r"].sum()
    variance = (((kernel["high"] - kernel["r"]) / Z80) ** 2).groupby(kernel["from_queue"], sort=True).sum()
    failed = ~steps["last"].to_numpy(dtype=bool)
    served = steps["outcome"].isin(SERVED).to_numpy()
    given_up = (steps["outcome"] == "abandoned").to_numpy()
    for name, rows in steps.groupby("queue", sort=True).indices.items():
        again = float(redial.get(str(name), {}).get("p", 0.0))
        spread = float(np.sqrt(variance.get(name, 0.0)))
        for kind, rate, sd in ((served, float(r.get(name, 0.0)), spread), (given_up, again, 0.0)):
            own = np.asarray(rows)[kind[rows]]
            seen = int(failed[own].sum())
            if seen:
                weight[own], error[own] = rate * len(own) / seen, sd * len(own) / seen
    return Behind(weight, error)
