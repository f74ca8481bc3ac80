"""Cuts: where the simulation missed a target, more people on duty are asked for.

A cut of a queue served at once belongs to an interval: the people kept for the queue must be those the plan
keeps for it now and a few more (it names the queue; who could serve it and is kept for another does not
count). A cut of deferred work belongs to the time in which late work could have been done: the intervals
people who can do it spend on duty in it, in all, must be those now and those that the late work takes.
``value`` is what one missing position loses.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wfo.metrics.specs import CENTRE, SERVICE, Mode
from wfo.planning.losses import Prices, interval_losses
from wfo.planning.on_duty import count_on_duty

MOVED_BY_STAFFING = (*SERVICE, "asa", "abandonment")
"""Metrics that people on duty decide."""
SHARE_OF_LOSS = 0.8
"""Cuts are made for the intervals that hold this share of a queue's loss."""
MORE = 0.1
"""A cut asks for this share more people than are kept for the queue, at least one."""
COLUMNS = ["cut", "skill_set", "interval_start", "coefficient", "rhs", "value", "queue"]


def missed_targets(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Rows of queues' hard or priced targets that people decide and that are missed more often than not."""
    return scorecard[
        (
            scorecard["metric"].isin(MOVED_BY_STAFFING)
            & scorecard["mode"].isin([Mode.HARD, Mode.PRICED])
            & (scorecard["p_met"] < 0.5)
            & (scorecard["scope"] != CENTRE)
        ).to_numpy()
    ]


def new_cuts(
    intervals: pd.DataFrame,
    schedule: pd.DataFrame,
    queues: tuple[str, ...],
    *,
    routing: pd.DataFrame,
    skill_sets: Iterable[frozenset[str]],
    deferred: pd.DataFrame,
    before: pd.DataFrame | None,
    prices: Prices,
    assigned: pd.DataFrame | None = None,
) -> pd.DataFrame | None:
    """Cuts for where the queues lose most, added to those there were.

    Parameters
    ----------
    intervals : DataFrame
        Simulated means: ``queue, interval_start, offered, abandoned, abandoned_short, late, of,
        service_level``.
    schedule : DataFrame
        The schedule that was simulated.
    queues : tuple of str
        Queues whose targets were missed.
    routing, deferred : DataFrame
        After the table contracts; a queue with rows of ``deferred`` is one of deferred work.
    skill_sets : iterable of frozenset of str
        Skills that single agents have.
    before : DataFrame or None
        Cuts that hold already; a new one of the same name replaces it where it asks for more.
    prices : Prices
    assigned : DataFrame, optional
        ``queue, interval_start, positions`` that the plan keeps for each queue; without it all on duty count
        who may serve it.

    Returns
    -------
    DataFrame or None
        Table ``cuts``, ordered by key; None where nothing new is asked for.
    """
    later = sorted(set(deferred["queue"]) & set(queues))
    at_once = intervals["queue"].isin([queue for queue in queues if queue not in later])
    rows, held = [], frozenset(skill_sets)
    now = _at_once(intervals[at_once.to_numpy()], schedule, prices, assigned)
    if len(now):
        rows.append(now.assign(skill_set=_repeated((), now.index), coefficient=1.0))
    for queue in later:
        part = _deferred(intervals, deferred, schedule, queue)
        terms = either_of(frozenset(routing.loc[routing["queue"] == queue, "skill"]), held)
        rows += [
            part.assign(skill_set=_repeated(s, part.index), coefficient=c, queue="")
            for s, c in terms
            if len(part)
        ]
    if not rows:
        return None
    new = pd.concat(rows, ignore_index=True)
    both = new if before is None else pd.concat([before, new], ignore_index=True)
    both = both.reindex(columns=COLUMNS).fillna({"queue": ""})
    both["_word"] = both["skill_set"].map("|".join)
    both = both.sort_values(["cut", "_word", "interval_start", "rhs"], kind="stable")
    kept = both.drop_duplicates(["cut", "_word", "interval_start"], keep="last")
    return kept[COLUMNS].reset_index(drop=True)


def _at_once(
    intervals: pd.DataFrame, schedule: pd.DataFrame, prices: Prices, assigned: pd.DataFrame | None
) -> pd.DataFrame:
    """Cuts of the intervals with most of each queue's loss: ``cut, queue, interval_start, rhs, value``."""
    rows = intervals[["queue", "interval_start"]].assign(value=interval_losses(intervals, prices))
    rows = rows[(rows["value"] > 0).to_numpy()].sort_values(
        ["queue", "value", "interval_start"], ascending=[True, False, True]
    )
    total = rows.groupby("queue")["value"].transform("sum")
    above = rows.groupby("queue")["value"].cumsum() - rows["value"]
    rows = rows[(above < SHARE_OF_LOSS * total).to_numpy()].reset_index(drop=True)
    kept = _kept(rows, schedule) if assigned is None else _assigned(rows, assigned)
    missing = np.maximum(1.0, np.ceil(MORE * kept))
    rows["rhs"] = kept + missing
    rows["value"] /= missing
    rows["cut"] = rows["queue"] + "/" + _utc(rows["interval_start"])
    return rows


def _kept(rows: pd.DataFrame, schedule: pd.DataFrame) -> np.ndarray:
    """People on duty who may serve the queue of each row in its interval."""
    there = np.zeros(len(rows))
    for queue, part in rows.groupby("queue", sort=True):
        there[part.index] = count_on_duty(schedule, str(queue), part["interval_start"])
    return there


def _assigned(rows: pd.DataFrame, assigned: pd.DataFrame) -> np.ndarray:
    """People whom the plan keeps for the queue of each row in its interval, in whole people."""
    key = ["queue", "interval_start"]
    found = rows[key].merge(assigned[[*key, "positions"]], on=key, how="left", validate="many_to_one")
    return np.ceil(found["positions"].fillna(0.0).to_numpy(dtype=np.float64) - 1e-9)


def _deferred(
    intervals: pd.DataFrame, deferred: pd.DataFrame, schedule: pd.DataFrame, queue: str
) -> pd.DataFrame:
    """Cuts of deferred work, one for each day on which late work is due; columns as of `_at_once`."""
    own = intervals[(intervals["queue"] == queue).to_numpy()].sort_values("interval_start")
    work = deferred[(deferred["queue"] == queue).to_numpy()].sort_values(["release", "due"])
    if own.empty or work.empty:
        return pd.DataFrame()
    moments = pd.DatetimeIndex(sorted(intervals["interval_start"].unique()))
    step = moments.to_series().diff().min()
    late = own["late"].to_numpy(dtype=float, na_value=0.0)
    share = np.clip(late / np.maximum(own["of"].to_numpy(dtype=float, na_value=0.0), 1e-9), 0.0, 1.0)
    at = np.maximum(own["interval_start"].searchsorted(work["release"], side="right") - 1, 0)
    work = work.assign(missing_s=share[at] * work["work_s"].to_numpy(dtype=float))
    work = work[(work["missing_s"] > 0).to_numpy()]
    staffed = moments[count_on_duty(schedule, None, moments.to_series()) > 0]
    found = []
    for _, part in work.groupby(work["due"].dt.floor("D"), sort=True):
        first, last = part["release"].min(), part["due"].max()
        window = staffed[(staffed >= first) & (staffed + step <= last)]
        if not len(window):
            continue
        missing = np.ceil(np.sort(part["missing_s"]).sum() / step.total_seconds())
        per_min = np.average(part["value_per_min"], weights=part["missing_s"])
        found.append(
            pd.DataFrame(
                {
                    "cut": f"{queue}/{first:%Y-%m-%dT%H:%MZ}–{last:%Y-%m-%dT%H:%MZ}",
                    "queue": queue,
                    "interval_start": window,
                    "rhs": count_on_duty(schedule, queue, window.to_series()).sum() + missing,
                    "value": per_min * step.total_seconds() / 60,
                }
            )
        )
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def either_of(able: frozenset[str], held: Iterable[frozenset[str]]) -> list[tuple[tuple[str, ...], float]]:
    """Skill sets with coefficients that count everybody once who has at least one of some skills.

    A row of a cut counts the agents who have all of its skills. Of a queue's skills only the combinations
    that somebody has need a row: each is given what is missing to one after the smaller ones within it, so
    that there are as many rows as kinds of agents, not as sets of skills.

    Parameters
    ----------
    able : frozenset of str
        Skills of which one is enough.
    held : iterable of frozenset of str
        Skills that single agents have.

    Examples
    --------
    >>> either_of(frozenset("ab"), [frozenset("a"), frozenset("b"), frozenset("abc")])
    [(('a',), 1.0), (('b',), 1.0), (('a', 'b'), -1.0)]
    """
    sets = {able & own for own in held} | {frozenset([skill]) for skill in able}
    found: list[tuple[frozenset[str], float]] = []
    for own in sorted(sets - {frozenset()}, key=lambda s: (len(s), sorted(s))):
        counted = sum(c for other, c in found if other <= own)
        if counted != 1.0:
            found.append((own, 1.0 - counted))
    return [(tuple(sorted(own)), c) for own, c in found]


def _repeated(skill_set: tuple[str, ...], index: pd.Index) -> "pd.Series":
    return pd.Series([list(skill_set) for _ in index], index=index, dtype=object)


def _utc(moments: "pd.Series") -> "pd.Series":
    return moments.dt.strftime("%Y-%m-%dT%H:%MZ")
