"""Where a contact lands that is due while its queue is closed."""

import numpy as np

LANDING_MIN = 240
"""A contact due at a closed queue arrives within this many minutes of the next opening, unless data say."""


def landing(
    is_open: np.ndarray, step_min: int, within_min: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """First interval and number of intervals in which a contact due in each interval arrives.

    Parameters
    ----------
    is_open : ndarray of bool, shape (Q, T)
    step_min : int
        Length of an interval in minutes.
    within_min : ndarray of int64, shape (Q,), or None
        Minutes of the next opening within which contacts arrive, by queue; None: `LANDING_MIN`.

    Returns
    -------
    start, length : ndarray of int32, shape (Q, T)
        The interval itself and 1 where the queue is open; else the first minutes, or the whole of it
        where it is shorter, of the queue's next opening; −1 and 0 where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> start, length = landing(np.array([[True, False, False, True, True, False]]), 15)
    >>> start.tolist(), length.tolist()
    ([[0, 3, 3, 3, 4, -1]], [[1, 2, 2, 1, 1, 0]])
    """
    queues, n = is_open.shape
    here = np.arange(n)
    first = is_open & ~np.concatenate([np.zeros((queues, 1), dtype=bool), is_open[:, :-1]], axis=1)
    next_open = np.minimum.accumulate(np.where(first, here, n)[:, ::-1], axis=1)[:, ::-1]
    next_closed = np.minimum.accumulate(np.where(is_open, n, here)[:, ::-1], axis=1)[:, ::-1]
    closed_after = np.concatenate([next_closed, np.full((queues, 1), n)], axis=1)
    span = np.take_along_axis(closed_after, next_open, axis=1) - next_open
    within = np.full(queues, LANDING_MIN) if within_min is None else within_min
    most = np.maximum(1, within // step_min)[:, None]
    start = np.where(is_open, here, np.where(next_open < n, next_open, -1))
    length = np.where(is_open, 1, np.where(next_open < n, np.minimum(span, most), 0))
    return start.astype(np.int32), length.astype(np.int32)
