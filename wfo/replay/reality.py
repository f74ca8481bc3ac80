"""Reality: the contacts that came in a week, as a trace for the simulator, and what cannot be played."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.forecasting.laws import PATIENCE_DAYS
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.replay.lost import lost_days
from wfo.replay.patience import LEAST, Patience, patience_of
from wfo.simulation.trace import Trace
from wfo.timegrid import TimeGrid, epoch_ms

NOTES = ("queue", "day", "what", "contacts")


@dataclass(frozen=True)
class Reality:
    """What came.

    Attributes
    ----------
    trace : Trace
    laws : DemandPaths
        Handle times and patience of those of which they are not known, as this week had them.
    patience : mapping of str to Patience
        By queue whose contacts can give up.
    lost : ndarray of bool, shape (Q, D)
        Days of a queue without data.
    notes : DataFrame
        Columns `NOTES`: what could not be played or judged.
    """

    trace: Trace
    laws: DemandPaths
    patience: Mapping[str, Patience]
    lost: np.ndarray
    notes: pd.DataFrame


def reality_of(
    interactions: pd.DataFrame,
    centre: Centre,
    grid: TimeGrid,
    laws: DemandPaths,
    expected: np.ndarray,
    speed: Mapping[tuple[str, str], float],
) -> Reality:
    """Gather a week's contacts of staffed queues.

    Who gave up has the patience seen; who was answered waits at least as long as he did, and longer by the
    queue's estimated law. A handle time is multiplied by the speed of the agent who had the contact. Contacts
    that came to a queue served at once while it was closed are left out, and told: no plan is made for them.

    Parameters
    ----------
    interactions : DataFrame
        The whole log, up to the week's end at least.
    centre : Centre
    grid : TimeGrid
        The week.
    laws : DemandPaths
        Of the forecast, for queues in which nothing is known of the week's own.
    expected : ndarray, shape (Q, T)
        Contacts forecast: an open day without any is lost data only where some had to come.
    speed : mapping of (agent, queue) to float
        Where it is not 1.
    """
    rows = _rows(interactions, centre, laws.queues)
    begin, end = (int(t.timestamp() * 1000) for t in (grid.start, grid.end))
    inside = rows[(rows["at"] >= begin) & (rows["at"] < end)].reset_index(drop=True)
    interval = ((inside["at"] - begin) // (grid.step_min * 60_000)).to_numpy(dtype=np.int64)
    queue = inside["number"].to_numpy(dtype=np.int64)
    at_once = np.array([centre.queues[q].law in (Law.IMMEDIATE, Law.CONCURRENT) for q in laws.queues])
    is_open = open_intervals(centre, grid)
    closed = at_once[queue] & ~is_open[queue, interval]
    day = grid.local_day_number(centre.zone)
    dates = _dates(grid, centre.zone)
    staffed = np.array([centre.queues[q].staffed for q in laws.queues])
    came = np.zeros(is_open.shape)
    np.add.at(came, (queue, interval), 1.0)
    lost = lost_days(came, expected, is_open, day) & staffed[:, None]
    patience = _patience(rows, laws.queues, at_once, end)
    kept = inside[~closed]
    own = queue[~closed]
    who = zip(kept["agent_id"].astype("str"), kept["queue"].astype("str"), strict=True)
    handle = kept["handle_s"].to_numpy(dtype=np.float64) * np.array([speed.get(key, 1.0) for key in who])
    gave_up, waited = kept["abandoned"].to_numpy(dtype=bool), kept["wait_s"].to_numpy(dtype=np.float64)
    trace = Trace(
        queue=own,
        arrival_ms=kept["at"].to_numpy(dtype=np.int64) - begin,
        handle_s=handle,
        patience_s=np.where(gave_up & at_once[own], waited, np.nan),
        waited_s=np.where(gave_up | ~at_once[own], 0.0, np.nan_to_num(waited)),
    )
    return Reality(
        trace,
        _laws(laws, kept, own, patience),
        patience,
        lost,
        _notes(laws.queues, dates, queue[closed], day[interval][closed], lost),
    )


def _rows(log: pd.DataFrame, centre: Centre, queues: tuple[str, ...]) -> pd.DataFrame:
    """Incoming contacts of staffed queues with columns at, number, queue, wait_s, handle_s, agent_id."""
    number = pd.Index(queues).get_indexer(pd.Index(log["queue"]))
    staffed = np.array([centre.queues[q].staffed for q in queues] + [False])
    here = (log["direction"] == "in").to_numpy(dtype=bool) & staffed[number]
    rows = log[here]
    empty = pd.Series(np.nan, index=rows.index)
    return pd.DataFrame(
        {
            "at": epoch_ms(rows["started_at"]),
            "number": number[here],
            "queue": rows["queue"].to_numpy(),
            "abandoned": (rows["outcome"] == "abandoned").to_numpy(dtype=bool, na_value=False),
            **{
                name: rows.get(name, empty).to_numpy(dtype=np.float64, na_value=np.nan)
                for name in ("wait_s", "handle_s")
            },
            "agent_id": rows["agent_id"].to_numpy() if "agent_id" in rows else "",
        }
    )


def _dates(grid: TimeGrid, zone: str) -> list[dt.date]:
    return grid.local_dates(zone)


def _patience(
    rows: pd.DataFrame, queues: tuple[str, ...], at_once: np.ndarray, end_ms: int
) -> dict[str, Patience]:
    recent = rows[(rows["at"] < end_ms) & (rows["at"] >= end_ms - PATIENCE_DAYS * 86_400_000)]
    return {
        queues[q]: patience_of(
            own["wait_s"].to_numpy(dtype=np.float64), own["abandoned"].to_numpy(dtype=bool)
        )
        for q in np.flatnonzero(at_once).tolist()
        for own in [recent[recent["number"] == q]]
    }


def _laws(
    laws: DemandPaths, kept: pd.DataFrame, queue: np.ndarray, patience: Mapping[str, Patience]
) -> DemandPaths:
    """The forecast's laws with the week's own mean handle times, and with patience as it was."""
    own = np.array(
        [
            patience[q].mean_s if q in patience and patience[q].abandoned >= LEAST else law
            for q, law in zip(laws.queues, laws.patience_s, strict=True)
        ]
    )
    handle = laws.handle_mean_s.copy()
    means = kept["handle_s"].groupby(queue).mean().dropna()
    for q, mean in means.items():
        handle[int(str(q))] = mean
    return replace(laws, handle_mean_s=handle, patience_s=own)


def _notes(
    queues: tuple[str, ...], dates: list[dt.date], queue: np.ndarray, day: np.ndarray, lost: np.ndarray
) -> pd.DataFrame:
    rows: list[tuple[str, dt.date, str, int]] = []
    for q, d in np.unique(np.stack([queue, day]), axis=1).T.tolist():
        came = int(((queue == q) & (day == d)).sum())
        rows.append((queues[q], dates[d], "came while the queue was closed: left out", came))
    for q, d in np.argwhere(lost).tolist():
        rows.append((queues[q], dates[d], "no data of an open day: not judged", 0))
    frame = pd.DataFrame(sorted(rows), columns=list(NOTES))
    return frame.astype({"queue": "str", "what": "str", "contacts": "int64"})
