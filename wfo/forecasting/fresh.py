"""Which of the observed contacts started chains: observed less those that earlier ones should have caused.

The subtraction is in expectation and by interval, so fresh contacts and their propagation add up to what
came, whatever the identities of single contacts.
"""

from dataclasses import dataclass

import numpy as np

from wfo.forecasting.history import History
from wfo.forecasting.laws import Laws
from wfo.forecasting.propagation import children, links_of

_MATTERS = 0.01  # follow-ups per contact below which a source without data is no gap
_SHARE_DAYS = 182


@dataclass(frozen=True)
class Fresh:
    """Fresh contacts in history.

    Attributes
    ----------
    counts : ndarray, shape (Q, T)
        Observed less expected children; single intervals may be below 0, their sums are right.
    served : ndarray, shape (Q, T)
        Observed less abandoned.
    taken : ndarray, shape (Q, T)
        Expected children that were taken off; 0 where a share of what came counts as fresh.
    notes : tuple of str
    """

    counts: np.ndarray
    served: np.ndarray
    taken: np.ndarray
    notes: tuple[str, ...]


def fresh_contacts(
    history: History,
    is_open: np.ndarray,
    laws: Laws,
    queues: tuple[str, ...],
    factor: np.ndarray | None = None,
) -> Fresh:
    """Take expected follow-ups and redials off the observed counts.

    On days for which the contacts that cause them are not on record, the queue's counts are scaled by the
    fresh share of the days for which they are.

    Parameters
    ----------
    history : History
    is_open : ndarray of bool, shape (Q, T)
    laws : Laws
    queues : tuple of str
    factor : ndarray, shape (days, Q, Q), or None
        On R of the contacts of each day, where a lever had begun.
    """
    served = np.maximum(history.offered - history.abandoned, 0.0)
    if laws.reach_min == 0 and not (laws.redial_p > 0).any():
        return Fresh(history.offered.copy(), served, np.zeros_like(served), ())
    step, n = history.grid.step_min, len(queues)
    start, length = laws.landing(is_open, step)
    zero, none = np.zeros(n), np.zeros((n, n))
    after_service = links_of(
        laws.follow_ups, laws.delay_cdf, laws.edges_min, zero, laws.redial_mean_s, zero, step
    )
    after_abandon = links_of(
        none, laws.delay_cdf, laws.edges_min, laws.redial_p, laws.redial_mean_s, zero + 1, step
    )
    scale = None
    if factor is not None:
        scale = factor[:, after_service.source, after_service.target].T[:, history.day]
    caused = children(served, after_service, start, length, scale=scale) + children(
        history.abandoned, after_abandon, start, length
    )
    fresh = history.offered - caused
    complete = _complete_days(history, laws)
    notes = []
    for q in range(n):
        gap = history.covered[q] & ~complete[q]
        if not gap.any():
            continue
        share = _fresh_share(history, fresh[q], q, complete[q] & history.covered[q])
        here = np.append(gap, False)[np.minimum(history.day, history.days)]
        fresh[q, here] = history.offered[q, here] * share
        caused[q, here] = 0.0
        days = int(gap.sum())
        notes.append(
            f"{queues[q]}: on {days} early day{'' if days == 1 else 's'} what earlier contacts caused is not "
            f"known; {share:.0%} of what came then is taken as fresh, as where it is known"
        )
    return Fresh(fresh, served, caused, tuple(notes))


def _complete_days(history: History, laws: Laws) -> np.ndarray:
    """Days on which every queue that matters to a queue, and the delays' reach, is on record; (Q, D)."""
    reach = -(-laws.reach_min // (24 * 60))
    missing = np.cumsum(np.pad(~history.covered, ((0, 0), (1, 0))), axis=1)
    days = np.arange(history.days)
    reached = missing[:, days + 1] - missing[:, np.maximum(days - reach, 0)] == 0
    reached[:, : min(reach, history.days)] = False
    sources = laws.follow_ups > _MATTERS
    return np.array([reached[sources[:, q]].all(axis=0) for q in range(len(history.covered))])


def _fresh_share(history: History, fresh: np.ndarray, q: int, complete: np.ndarray) -> float:
    days = np.flatnonzero(complete)[-_SHARE_DAYS:]
    use = np.isin(history.day, days) if len(days) else history.day < history.days
    offered = history.offered[q, use].sum()
    return float(np.clip(fresh[use].sum() / offered, 0.0, 1.0)) if offered > 0 else 1.0
