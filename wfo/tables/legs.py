"""Legs of a contact that was handed on, which some sources record as contacts of their own, made one again.

A leg names the contact it goes on with. All legs that lead to one first leg become one interaction, as the
other sources have it: it begins where it first entered a queue and waits until somebody answers, on
whichever leg; its agent and disposition are the last ones, handle time is the sum. In ``segments`` each leg
stays a row, under the first leg's id.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

_HEAD = ("queue", "started_at", "wait_s")
"""Taken together from the first leg that entered a queue."""
_SUMS = ("handle_s", "transfers", "revenue")
_LAST = ("agent_id", "disposition", "resolved", "emotion", "promise_due")
_LATEST = ("ended_at", "known_at")
_ANSWERED = ("handled", "transferred")


def first_legs(names: pd.Series, goes_on_with: Sequence[pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    """Where each row's first leg is, and how many hand-overs lie between.

    Parameters
    ----------
    names : Series
        What the rows are called, index 0 … n−1.
    goes_on_with : sequence of Series
        The name of the row that each goes on with; the first of them that is there counts.

    Returns
    -------
    first : ndarray of int64, shape (n,)
        Position of the first leg, the row itself where it goes on with none; −1 where legs go in a circle.
    steps : ndarray of int64, shape (n,)

    Examples
    --------
    >>> names = pd.Series(["a", "b", "c", "d", "e"])
    >>> first, steps = first_legs(names, [pd.Series([None, "a", "b", "e", "d"])])
    >>> first.tolist(), steps.tolist()
    ([0, 0, 0, -1, -1], [0, 1, 2, 0, 0])
    """
    own = np.arange(len(names), dtype=np.int64)
    place = pd.Series(own, index=pd.Index(names, dtype=object))
    place = place[~place.index.duplicated() & place.index.notna()]
    before = np.full(len(names), -1, dtype=np.int64)
    for column in goes_on_with:
        found = place.reindex(pd.Index(column, dtype=object)).fillna(-1).to_numpy(dtype=np.int64)
        before = np.where((before < 0) & (found != own), found, before)
    jump, steps = np.where(before < 0, own, before), (before >= 0).astype(np.int64)
    for _ in range(len(names).bit_length() + 1):
        jump, steps = jump[jump], steps + steps[jump]
    circle = before[jump] >= 0
    return np.where(circle, -1, jump), np.where(circle, 0, steps)


def fold_legs(
    frame: pd.DataFrame, first: np.ndarray, steps: np.ndarray, behind: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Interactions with their legs in one row each.

    Parameters
    ----------
    frame : DataFrame
        Table ``interactions``, one row a leg, index 0 … n−1.
    first, steps : ndarray
        From `first_legs`, none in a circle.
    behind : ndarray of int64
        Source rows behind each row.

    Returns
    -------
    frame : DataFrame
        In the order of first legs; parents are named by their first legs.
    behind : ndarray of int64
    """
    name = frame["interaction_id"].to_numpy(dtype=object)
    frame = frame.assign(**_parents(frame, name, first)) if "parent_id" in frame else frame
    own = np.arange(len(frame))
    several = np.bincount(first, minlength=len(frame))[first] > 1
    if not several.any():
        return frame, behind
    order = np.lexsort((own, frame["started_at"].to_numpy(), steps, first))
    order = order[several[order]]
    folded = _folded(frame.iloc[order].reset_index(drop=True), first[order])
    whole = pd.concat([frame[~several], folded.set_index(np.unique(first[order]))]).sort_index()
    for column in frame:
        whole[column] = whole[column].astype(frame[column].dtype)
    rows = whole.index.to_numpy()
    sums = np.bincount(first, weights=behind, minlength=len(frame)).astype(np.int64)
    return whole.reset_index(drop=True), sums[rows]


def name_legs(frame: pd.DataFrame, first: np.ndarray, steps: np.ndarray) -> pd.DataFrame:
    """Segments under the ids of their first legs, numbered in the order of time.

    Parameters
    ----------
    frame : DataFrame
        Table ``segments``, one row a leg, index 0 … n−1.
    first, steps : ndarray
        From `first_legs`, none in a circle.
    """
    times = [frame[c] for c in ("queued_at", "answered_at", "ended_at") if c in frame]
    begun = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
    for column in times:
        begun = begun.fillna(column)
    order = np.lexsort((begun.to_numpy(), steps, first))
    number = np.empty(len(frame), dtype=np.int64)
    number[order] = pd.Series(first[order]).groupby(first[order]).cumcount() + 1
    names = frame["interaction_id"].to_numpy(dtype=object)[first]
    several = np.bincount(first, minlength=len(frame))[first] > 1
    seq = np.where(several, number, frame["seq"].to_numpy())
    return frame.assign(interaction_id=pd.Series(names, dtype="str"), seq=seq.astype(np.int64))


def _parents(frame: pd.DataFrame, name: np.ndarray, first: np.ndarray) -> dict[str, pd.Series]:
    """Parents by the names of their first legs; nobody is his own parent."""
    root = pd.Series(name[first], index=pd.Index(name, dtype=object))
    given = frame["parent_id"].to_numpy(dtype=object)
    known = root[~root.index.duplicated()].reindex(pd.Index(given, dtype=object)).to_numpy(dtype=object)
    parents = pd.Series(np.where(pd.isna(known), given, known), index=frame.index, dtype="str")
    return {"parent_id": parents.mask(parents == frame["interaction_id"])}


def _folded(legs: pd.DataFrame, key: np.ndarray) -> pd.DataFrame:
    """One row a key, of legs in their order; where nothing else is said, the first leg that knows speaks."""
    groups = legs.groupby(key, sort=True)
    out = groups.first()
    for column in ("interaction_id", "parent_id"):
        if column in legs:
            out[column] = groups[column].nth(0).set_axis(out.index)
    if "queue" in legs:
        queued = legs["queue"].notna()
        for column in (c for c in _HEAD if c in legs):
            head = legs[column].where(queued).groupby(key, sort=True).first()
            out[column] = head.where(queued.groupby(key, sort=True).any(), out[column])
    for column in (c for c in _SUMS if c in legs):
        out[column] = groups[column].sum(min_count=1)
    # Who was only consulted was gone before the others were.
    late = np.lexsort((legs["ended_at"].to_numpy(), key)) if "ended_at" in legs else np.arange(len(legs))
    for column in (c for c in _LAST if c in legs):
        out[column] = legs[column].iloc[late].groupby(key[late], sort=True).last()
    if "text" in legs:
        said = legs["text"].dropna()
        out["text"] = said.groupby(key[said.index], sort=True).agg("\n".join).reindex(out.index)
    for column in (c for c in _LATEST if c in legs):
        out[column] = groups[column].max()
    out["outcome"] = _outcomes(legs, key)
    if {"wait_s", "answered_at", "ended_at"} <= set(legs):
        out["wait_s"] = _waits(legs, key, out)
    if "ended_at" in legs:
        out["ended_at"] = out["ended_at"].mask(out["outcome"] == "open")
    if "answered_at" in legs:
        out["answered_at"] = groups["answered_at"].min()
        if "session_s" in legs:
            closed = legs["answered_at"] + pd.to_timedelta(legs["session_s"], unit="s")
            out["session_s"] = (closed.groupby(key).max() - out["answered_at"]).dt.total_seconds()
    return out[legs.columns]


def _outcomes(legs: pd.DataFrame, key: np.ndarray) -> pd.Series:
    """Open while a leg is; handled where one was answered; else what became of the last leg."""
    outcome = legs["outcome"]
    spoken = outcome.isin(_ANSWERED)
    if "answered_at" in legs:
        # A line handed on before anybody answered is transferred too.
        spoken &= (outcome != "transferred") | legs["answered_at"].notna()
    found = outcome.groupby(key, sort=True).last()
    answered = spoken.groupby(key, sort=True).any()
    running = (outcome == "open").groupby(key, sort=True).any()
    return found.mask(answered, "handled").mask(running, "open")


def _waits(legs: pd.DataFrame, key: np.ndarray, out: pd.DataFrame) -> pd.Series:
    """Waits of whole contacts: where the first line was left unanswered, they went on in the next."""
    queued = legs["queue"].notna() if "queue" in legs else pd.Series(data=True, index=legs.index)
    none = ~queued.groupby(key).transform("any")
    head = pd.Series(legs.index, index=legs.index).where(queued | none).groupby(key, sort=True).first()
    went_on = legs["answered_at"].isna()[head.astype("int64")].to_numpy()
    begun = out["started_at"].reindex(key).set_axis(legs.index)
    answers = legs["answered_at"].where(legs["answered_at"] >= begun).groupby(key, sort=True).min()
    over = answers.fillna(out["ended_at"].where(out["outcome"] == "abandoned"))
    wait = (over - out["started_at"]).dt.total_seconds()
    return out["wait_s"].mask(went_on & wait.notna(), wait)
