"""Left open: deferred work that is not begun when the simulated week ends, for the week after it."""

from typing import Any

from wfo.evaluation.play import Played
from wfo.simulation.memory import DEFERRED


def left_open(played: Played) -> dict[str, dict[str, Any]]:
    """Contacts and cases that are left, means over the simulated weeks.

    Returns
    -------
    dict of str to dict
        By deferred queue: ``old``, of what was open before the week; ``came``, of what came in each interval,
        T figures, people on lists among them whose list has ended or not.
    """
    counts = played.counts
    return {
        name: {
            "old": float(counts.old_left[:, q].mean()),
            "came": counts.left[:, q].mean(axis=0).tolist(),
        }
        for q, name in enumerate(played.paths.queues)
        if played.staffing.law[q] == DEFERRED
    }
