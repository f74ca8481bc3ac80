"""Row words: words of given rows by what they are, so that a row more changes nobody else's luck."""

import numpy as np

from wfo.draws import fold


def row_words(of_queue: np.ndarray, queue: np.ndarray, *columns: np.ndarray) -> np.ndarray:
    """Hash of each row's queue, of its columns and of its ordinal among equals.

    Parameters
    ----------
    of_queue : ndarray of uint64, shape (Q,)
        Word of each queue.
    queue : ndarray of int64, shape (N,)
        Index into it.
    *columns : ndarray of int64, shape (N,)
        What else makes rows differ; rows equal in queue and columns must follow each other.

    Returns
    -------
    ndarray of int64, shape (N,)
        The bits of the words.

    Examples
    --------
    >>> import numpy as np
    >>> one, two = np.array([0, 0]), np.array([5, 5])
    >>> words = row_words(np.array([7], dtype=np.uint64), one, two)
    >>> bool(words[0] != words[1])
    True
    """
    n = len(queue)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    k = np.arange(n)
    differs = np.any([np.diff(column) != 0 for column in (queue, *columns)], axis=0)
    first = np.concatenate([[True], differs])
    ordinal = k - np.maximum.accumulate(np.where(first, k, 0))
    words = of_queue[queue]
    with np.errstate(over="ignore"):
        for column in (*columns, ordinal):
            words = fold(words, column.astype(np.uint64))
    return np.asarray(words).view(np.int64)
