"""The shape of a day: the share of its contacts in each interval, by weekday."""

import numpy as np

_POOLED_COUNT = 400.0  # the all-weekday profile weighs as much as this many contacts
_SMOOTH_COUNT = 100.0  # contacts an interval at which shares are smoothed over about SMOOTH_MIN
_SMOOTH_MIN = 22.0
_MOST_MIN = 60.0
_BURST_SD = 4.5
_BURST_CV = 0.2  # spread of an interval around the shape of its day, for what counts as a burst
_GAP_LEAST = 20.0  # contacts expected in a run without any from which it is a gap
_BURST_LEAST = 3.0  # contacts beyond which few expected ones can be a burst at all


def weekday_profiles(
    cube: np.ndarray,
    weekday: np.ndarray,
    used: np.ndarray,
    is_open: np.ndarray,
    *,
    memory_days: float,
    step_min: int,
) -> np.ndarray:
    """Shares of a day's contacts by weekday and step of the day.

    Older days weigh less; few contacts lean on the profile of all weekdays and are smoothed more widely,
    since the noise of a share falls with its contacts.

    Parameters
    ----------
    cube : ndarray, shape (D, S)
        Fresh contacts in open intervals; the last day lies just before the forecast's origin.
    weekday : ndarray of int64, shape (D,)
    used : ndarray of bool, shape (D,)
        Days learnt from.
    is_open : ndarray of bool, shape (D, S)
        Open steps of each day.
    memory_days : float
        A day weighs ``exp(−age / memory_days)``.
    step_min : int

    Returns
    -------
    ndarray, shape (7, S)
        Not normalised beyond the steps seen open on that weekday: `shares` restricts it to a day's open
        steps.
    """
    age = len(cube) - np.arange(len(cube))
    weight = np.exp(-age / memory_days) * used
    opened = np.maximum(weight @ is_open, 1e-12)
    pooled = np.where(weight @ is_open > 0, weight @ cube / opened, 0.0)
    out = np.zeros((7, cube.shape[1]))
    for w in range(7):
        rows = weekday == w
        here = weight * rows
        seen = (here @ is_open > 0) if here.any() else pooled != 0
        count = here @ cube
        prior = pooled * seen
        if prior.sum() > 0:
            count = count + _POOLED_COUNT * prior / _mass(prior, seen, step_min)
        out[w] = _smooth(count, seen, step_min)
    return out


def shares(profile: np.ndarray, is_open: np.ndarray) -> np.ndarray:
    """Shares of a day's contacts in its open intervals; they sum to 1 where any interval is open.

    Where the profile knows none of the open intervals they share evenly.

    Parameters
    ----------
    profile, is_open : ndarray, shape (S,) or (D, S)
    """
    inside = profile * is_open
    known = inside.sum(axis=-1, keepdims=True) > 0
    inside = np.where(known, inside, is_open)
    return np.asarray(inside / np.maximum(inside.sum(axis=-1, keepdims=True), 1e-300))


def without_bursts(cube: np.ndarray, expected: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Counts limited to what the shape of their day explains.

    An hour of a broken service or of a mailing says nothing about that hour on other days.

    Parameters
    ----------
    cube : ndarray, shape (D, S)
    expected : ndarray, shape (D, S)
        The day's total by the shares of its intervals; 0 where nothing is judged.
    taken : ndarray, shape (D, S)
        Contacts taken off each interval, in expectation.

    Returns
    -------
    ndarray, shape (D, S)
        ``cube`` itself where no interval stands out.
    """
    spread = np.sqrt(expected + taken + (_BURST_CV * expected) ** 2)
    most = expected + _BURST_SD * spread + _BURST_LEAST
    burst = (expected > 0) & (cube > most)
    return np.where(burst, expected, cube) if burst.any() else cube


def without_gaps(cube: np.ndarray, offered: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Counts with runs of intervals that have no contact where many were expected filled in.

    A run of an outage of the records, or of the lines, is told by chance: with more than 20 contacts expected
    none has a probability of 2 in 10⁹. The day's other intervals say how much is missing.

    Parameters
    ----------
    cube, offered, expected : ndarray, shape (D, S)
        Fresh contacts, all contacts, and the day's fresh contacts by its shape.

    Returns
    -------
    ndarray, shape (D, S)
        ``cube`` itself where there is no gap.
    """
    empty = (offered == 0) & (expected > 0)
    edge = np.diff(empty.astype(np.int8), axis=1, prepend=0) != 0
    edge[:, 0] = True
    run = np.cumsum(edge.ravel())
    mass = np.bincount(run, (expected * empty).ravel())
    gap = (mass[run] > _GAP_LEAST).reshape(empty.shape) & empty
    if not gap.any():
        return cube
    share = np.divide(
        (expected * gap).sum(axis=1), expected.sum(axis=1), where=gap.any(axis=1), out=np.zeros(len(cube))
    )
    filled = expected / np.maximum(1 - share, 0.1)[:, None]
    return np.where(gap, filled, cube)


def _mass(shape: np.ndarray, seen: np.ndarray, step_min: int) -> float:
    """Contacts in a shape; where some are below 0 those left once it is smoothed and cut, if there are more.

    The sum alone may be next to nothing while steps far above and below 0 make it up.
    """
    whole = float(shape.sum())
    if (shape >= 0).all():
        return whole
    return max(whole, float(_cut(shape, seen, _POOLED_COUNT / seen.sum(), step_min).sum()))


def _smooth(count: np.ndarray, seen: np.ndarray, step_min: int) -> np.ndarray:
    """Counts averaged as by `_cut` that add up to what they did; only cut where nothing is left of them."""
    if not seen.any() or count.sum() <= 0:
        return np.maximum(count, 0.0)
    smooth = _cut(count, seen, count.sum() / seen.sum(), step_min)
    if smooth.sum() <= 0:
        return np.maximum(count, 0.0)
    return np.asarray(smooth * (count.sum() / smooth.sum()))


def _cut(count: np.ndarray, seen: np.ndarray, typical: float, step_min: int) -> np.ndarray:
    """Gaussian average over open steps; its width falls with the root of a step's ``typical`` contacts.

    What is below 0 after it, since more was taken off than came, is 0.
    """
    width = min(_MOST_MIN, _SMOOTH_MIN * np.sqrt(_SMOOTH_COUNT / typical)) / step_min
    gap = np.subtract.outer(np.arange(len(count)), np.arange(len(count)))
    kernel = np.exp(-0.5 * np.square(gap / max(width, 1e-3))) * seen[None, :]
    return np.asarray(np.maximum(kernel @ count, 0.0) / np.maximum(kernel.sum(axis=1), 1e-300) * seen)
