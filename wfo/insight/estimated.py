"""How many failures stand behind those that the log shows: what R says, by queue, over what is seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    unseen : mapping of str to float
        By queue the failures that R or the redials tell where not one is seen to carry them: they are in no
        weight, so the estimates lack them. Less than half a failure is left out.
    """

    weight: np.ndarray
    error: np.ndarray
    unseen: Mapping[str, float] = field(default_factory=dict)

    def notes(self) -> tuple[str, ...]:
        """For which queues nothing was seen, in words."""
        if not self.unseen:
            return ()
        told = ", ".join(f"{name} ({number:.0f} by R)" for name, number in sorted(self.unseen.items()))
        return (
            f"estimates lack failures of which not one is seen in the log: {told}; they are too low there",
        )


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
    unseen: dict[str, float] = {}
    for name, rows in steps.groupby("queue", sort=True).indices.items():
        again = float(redial.get(str(name), {}).get("p", 0.0))
        spread = float(np.sqrt(variance.get(name, 0.0)))
        for kind, rate, sd in ((served, float(r.get(name, 0.0)), spread), (given_up, again, 0.0)):
            own = np.asarray(rows)[kind[rows]]
            seen = int(failed[own].sum())
            if seen:
                weight[own], error[own] = rate * len(own) / seen, sd * len(own) / seen
            elif rate * len(own) >= 0.5:
                unseen[str(name)] = unseen.get(str(name), 0.0) + rate * len(own)
    return Behind(weight, error, unseen)
