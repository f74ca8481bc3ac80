"""Count interactions by queue and interval, in the shape of ``queue_intervals``."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.timegrid import epoch_min, epoch_ms, from_epoch_min

SHORT_S = 5.0
"""Abandons faster than this are short, where nothing else is said."""


def interval_counts(
    interactions: pd.DataFrame,
    *,
    step_min: int,
    start_min: int = 0,
    short_s: "float | Mapping[str, float]" = SHORT_S,
) -> pd.DataFrame:
    """Offered, answered and abandoned contacts, handle and waiting time, by queue and interval of arrival.

    Parameters
    ----------
    interactions : DataFrame
        After the table contract; rows that go out, have no queue or were ignored are left out.
    step_min : int
        Length of an interval in minutes.
    start_min : int
        Minutes since 1970 UTC of any interval's start: a grid's, where its zone is off by half an hour.
    short_s : float or mapping of queue to float
        Abandons that waited less than this are short.

    Returns
    -------
    DataFrame
        queue, interval_start, interval_min, offered, answered, abandoned, abandoned_short, handle_s_total and
        wait_s_total (of answered contacts); only intervals in which something came, ordered by key. Sums are
        over whole milliseconds, so that they do not depend on the order of rows. A contact still open counts
        as offered alone.
    """
    offered = (interactions["direction"] == "in") & interactions["queue"].notna()
    contacts = interactions[(offered & (interactions["outcome"] != "ignored")).to_numpy()]
    queues = np.asarray(sorted(contacts["queue"].unique()), dtype=object)
    code = pd.Categorical(contacts["queue"], categories=queues).codes.astype(np.int64)
    slot = (epoch_min(contacts["started_at"]) - start_min) // step_min
    base = int(slot.min()) if len(slot) else 0
    width = int(slot.max()) - base + 1 if len(slot) else 1
    cells, at = np.unique(code * width + (slot - base), return_inverse=True)

    abandoned = (contacts["outcome"] == "abandoned").to_numpy()
    answered = ~abandoned & (contacts["outcome"] != "open").to_numpy()
    wait_ms = _wait_ms(contacts)
    limit_ms = _limit_ms(queues, short_s)[code] if len(queues) else wait_ms
    short = abandoned & (wait_ms >= 0) & (wait_ms < limit_ms)

    def count(rows: np.ndarray) -> np.ndarray:
        return np.bincount(at, weights=rows, minlength=len(cells)).astype(np.float64)

    return pd.DataFrame(
        {
            "queue": pd.Series(queues[cells // width], dtype="str"),
            "interval_start": pd.Series(from_epoch_min(start_min + (cells % width + base) * step_min)),
            "interval_min": np.full(len(cells), step_min, dtype=np.int64),
            "offered": count(np.ones(len(at))),
            "answered": count(answered),
            "abandoned": count(abandoned),
            "abandoned_short": count(short),
            "handle_s_total": count(_ms(contacts, "handle_s") * answered) / 1000,
            "wait_s_total": count(np.maximum(wait_ms, 0) * answered) / 1000,
        }
    )


def _limit_ms(queues: np.ndarray, short_s: "float | Mapping[str, float]") -> np.ndarray:
    given = short_s if isinstance(short_s, Mapping) else dict.fromkeys(queues, short_s)
    return np.asarray([round(1000 * given.get(q, SHORT_S)) for q in queues], dtype=np.int64)


def _ms(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Whole milliseconds of a column of seconds; 0 where it is empty or absent."""
    if column not in frame.columns:
        return np.zeros(len(frame), dtype=np.int64)
    seconds = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.rint(np.nan_to_num(seconds) * 1000).astype(np.int64)


def _wait_ms(contacts: pd.DataFrame) -> np.ndarray:
    """Waiting time, from ``wait_s``, else from the moment of the answer; −1 where nothing is known."""
    known = np.zeros(len(contacts), dtype=bool)
    wait = np.full(len(contacts), -1, dtype=np.int64)
    if "wait_s" in contacts.columns:
        known = contacts["wait_s"].notna().to_numpy()
        wait[known] = _ms(contacts, "wait_s")[known]
    if "answered_at" in contacts.columns:
        late = ~known & contacts["answered_at"].notna().to_numpy()
        rows = contacts[late]
        wait[late] = epoch_ms(rows["answered_at"]) - epoch_ms(rows["started_at"])
    return wait
