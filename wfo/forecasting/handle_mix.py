"""What moves handle time from its history's mean: who will work, and how many contacts are second ones."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre

TENURE_DAYS = (30, 91, 182, 365)
"""Edges of the tenure classes."""
_RECENT_DAYS = 182
_CLASS_WEIGHT = 500.0  # contacts by which a class, or second contacts, lean on no difference
_MOST_LOG = 0.5


def second_contact_uplift(
    centre: Centre, interactions: pd.DataFrame | None, members: pd.DataFrame | None
) -> tuple[np.ndarray, np.ndarray]:
    """How much longer a follow-up's handle time is than a first contact's, and the share of follow-ups; (Q,).

    The uplift is 0.3 where follow-ups take 30 % longer; few of them lean on no difference. Both are 0 where
    chains are not known.
    """
    uplift, share = np.zeros((2, len(centre.queues)))
    rows = _handled(centre, interactions)
    if rows is None or members is None or members.empty:
        return uplift, share
    again = members.loc[members["role"] == "follow_up", "interaction_id"]
    second = rows["interaction_id"].isin(again).to_numpy()
    queue, log_s = rows["q"].to_numpy(), np.log(rows["handle_s"].to_numpy(dtype=np.float64))
    for q in range(len(uplift)):
        mine, first = second & (queue == q), ~second & (queue == q)
        if mine.any() and first.any():
            trust = mine.sum() / (mine.sum() + _CLASS_WEIGHT)
            gap = trust * float(log_s[mine].mean() - log_s[first].mean())
            uplift[q] = np.expm1(np.clip(gap, -_MOST_LOG, _MOST_LOG))
            share[q] = mine.sum() / (mine.sum() + first.sum())
    return uplift, share


def caused_share(offered: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Share of history's contacts that earlier ones caused, shape (Q,), from counts of shape (Q, T)."""
    came = offered.sum(axis=1)
    started = np.clip(fresh, 0.0, offered).sum(axis=1)
    return np.asarray(np.divide(came - started, came, out=np.zeros_like(came), where=came > 0))


def second_contact_factor(
    uplift: np.ndarray, linked: np.ndarray, second: np.ndarray, usual: np.ndarray
) -> np.ndarray:
    """Handle time over history's mean as more or fewer contacts are second ones, shape (Q, T).

    Links show only some of the contacts that were caused, so it is the change of the caused share that moves
    the linked one: a week like its history has a factor of 1.

    Parameters
    ----------
    uplift, linked : ndarray, shape (Q,)
        From `second_contact_uplift`.
    second : ndarray, shape (Q, T)
        Share of the week's contacts that earlier ones cause.
    usual : ndarray, shape (Q,)
        The same share of history, from `caused_share`.
    """
    known = usual > 0
    moved = np.where(known[:, None], second / np.where(known, usual, 1.0)[:, None], 1.0)
    return np.asarray((1 + (uplift * linked)[:, None] * moved) / (1 + uplift * linked)[:, None])


def tenure_factor(
    centre: Centre,
    interactions: pd.DataFrame | None,
    agents: pd.DataFrame | None,
    week_start: dt.date,
) -> np.ndarray:
    """Handle time of the planning week's people over that of those who worked in recent history, shape (Q,).

    Within queues, log handle times are compared between classes of tenure. Each agent is expected to take the
    share of contacts that he took, those hired since then the mean share as beginners, and everybody is as
    much older as the week is later. 1 where hire dates are not known.
    """
    out = np.ones(len(centre.queues))
    rows = _handled(centre, interactions)
    if rows is None or agents is None or "hire_date" not in agents or "agent_id" not in rows:
        return out
    hired = agents.dropna(subset=["hire_date"]).set_index("agent_id")["hire_date"]
    rows = rows[rows["agent_id"].isin(hired.index).to_numpy()]
    if rows.empty:
        return out
    recent = rows["started_at"] >= rows["started_at"].max() - pd.Timedelta(days=_RECENT_DAYS)
    rows = rows[recent.to_numpy()]
    joined = pd.to_datetime(rows["agent_id"].map(hired)).dt.tz_localize("UTC")
    tenure = np.asarray((rows["started_at"] - joined).dt.days)
    group = np.searchsorted(TENURE_DAYS, tenure, side="right")
    log_s = np.log(rows["handle_s"].to_numpy(dtype=np.float64))
    queue = rows["q"].to_numpy()
    effect = _class_effects(log_s, queue, group)
    number, agent_ids = pd.factorize(rows["agent_id"], sort=True)
    at_week = np.array([(week_start - hired[a]).days for a in agent_ids])
    then = effect[np.searchsorted(TENURE_DAYS, at_week, side="right")]
    new = [a for a in hired.index if a not in set(agent_ids) and hired[a] <= week_start]
    for q in range(len(out)):
        mine = queue == q
        if not mine.any():
            continue
        taken = np.bincount(number[mine], minlength=len(agent_ids)).astype(np.float64)
        past = float(np.exp(effect[group[mine]]).mean())
        share = taken / taken.sum()
        working = int((taken > 0).sum())
        joining = len(new) / working
        week = (float(share @ np.exp(then)) + joining * float(np.exp(effect[0]))) / (1 + joining)
        out[q] = week / past
    return out


def _class_effects(log_s: np.ndarray, queue: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Mean log handle time of each class against the whole, queues' own means taken off."""
    centred = log_s.copy()
    for q in np.unique(queue):
        centred[queue == q] -= log_s[queue == q].mean()
    count = np.bincount(group, minlength=len(TENURE_DAYS) + 1)
    total = np.bincount(group, centred, minlength=len(TENURE_DAYS) + 1)
    return np.clip(total / (count + _CLASS_WEIGHT), -_MOST_LOG, _MOST_LOG)


def _handled(centre: Centre, frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """Contacts with work, with their queue's number in ``q``."""
    if frame is None or "handle_s" not in frame:
        return None
    worked = (frame["handle_s"].fillna(0.0) > 0).to_numpy(dtype=bool)
    columns = [c for c in ("interaction_id", "agent_id", "started_at", "handle_s") if c in frame]
    rows = frame.loc[worked, columns].assign(
        q=pd.Index(centre.queue_ids).get_indexer(pd.Index(frame.loc[worked, "queue"]))
    )
    return rows[(rows["q"] >= 0).to_numpy()].reset_index(drop=True)
