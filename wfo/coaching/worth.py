"""What a session is worth: expected gain, what a point of score moves, how long it lasts, what it costs."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.coaching.settings import CoachSettings
from wfo.metrics.intervals import Z80

_VOLUME_WEEKS = 8
_MOST_HEADROOM = 2.0


@dataclass(frozen=True)
class Volume:
    """Work of n agents in a week.

    Attributes
    ----------
    contacts, handle_min : ndarray of float64, shape (n,)
        Contacts handled, and minutes of handling.
    assumed : bool
        The log names no agents, so that the settings' figures stand in.
    """

    contacts: np.ndarray
    handle_min: np.ndarray
    assumed: bool


@dataclass(frozen=True)
class Worth:
    """Gain and money of a session by agent and behaviour, arrays of shape (n, B).

    Attributes
    ----------
    effect : ndarray
        Expected gain in points.
    benefit, low, high : ndarray
        Money the gain brings until it has faded, with the 10 % and 90 % points of the gain.
    best_tenth : ndarray, shape (B,)
        That level, in points.
    """

    effect: np.ndarray
    benefit: np.ndarray
    low: np.ndarray
    high: np.ndarray
    best_tenth: np.ndarray


def volume_of(
    interactions: pd.DataFrame | None, agent_ids: list[str], start: dt.datetime, settings: CoachSettings
) -> Volume:
    """Contacts and handle time of each agent in a mean week of the eight before ``start``.

    An agent without contacts there (new, or back from leave) counts as the mean of the others.
    """
    n = len(agent_ids)
    assumed = Volume(
        np.full(n, settings.contacts_per_week),
        np.full(n, settings.contacts_per_week * settings.contact_handle_s / 60),
        assumed=True,
    )
    if interactions is None or interactions.empty or "agent_id" not in interactions:
        return assumed
    last = interactions["started_at"].max()
    end = min(pd.Timestamp(start), last)
    first = max(end - pd.Timedelta(weeks=_VOLUME_WEEKS), interactions["started_at"].min())
    weeks = max((end - first) / pd.Timedelta(weeks=1), 1e-9)
    recent = ((interactions["started_at"] >= first) & (interactions["started_at"] <= end)).to_numpy()
    rows = interactions.loc[recent, [c for c in ("agent_id", "handle_s") if c in interactions]]
    position = pd.Index(agent_ids).get_indexer(pd.Index(rows["agent_id"]))
    mine = position >= 0
    contacts = np.bincount(position[mine], minlength=n).astype(float)
    if weeks < 1 / 7 or not contacts.any():
        return assumed
    handle_s = (
        np.full(len(rows), np.nan) if "handle_s" not in rows else rows["handle_s"].to_numpy(dtype=float)
    )
    timed = mine & np.isfinite(handle_s)
    ms = np.bincount(position[timed], weights=np.rint(handle_s[timed] * 1000), minlength=n)
    mean_s = ms.sum() / 1000 / timed.sum() if timed.any() else settings.contact_handle_s
    handle_min = np.where(ms > 0, ms / 60_000, contacts * mean_s / 60)
    present = contacts > 0
    contacts[~present], handle_min[~present] = contacts[present].mean(), handle_min[present].mean()
    return Volume(contacts / weeks, handle_min / weeks, assumed=False)


def worth_of(
    level: np.ndarray, doses: np.ndarray, volume: Volume, minute_price: float, settings: CoachSettings
) -> Worth:
    """Worth of the next session of every agent on every behaviour.

    The gain of the n-th session is ``effect_points · headroom · repeat_factor^(n−1)``, headroom the distance
    to what the best tenth of agents reach in units of the mean distance; it fades with its half-life. A point
    moves resolution (contacts that need not come) and handle time (minutes at the price
    of an agent-minute).

    Parameters
    ----------
    level : ndarray, shape (n, B)
        Shrunken levels in points.
    doses : ndarray of int, shape (n, B)
        Sessions already held.
    volume : Volume
    minute_price : float
        Money of an agent-minute.
    settings : CoachSettings
    """
    best_tenth = np.quantile(level, 0.9, axis=0)
    distance = np.maximum(best_tenth - level, 0.0)
    mean = distance.mean(axis=0)
    headroom = np.where(mean > 1e-9, np.minimum(distance / np.maximum(mean, 1e-9), _MOST_HEADROOM), 1.0)
    share = headroom * settings.repeat_factor**doses
    contacts = volume.contacts * settings.resolution_pp_per_point / 100 * settings.contact_cost
    minutes = volume.handle_min * -settings.handle_time_pct_per_point / 100 * minute_price
    decay = 0.5 ** (1 / settings.half_life_weeks)
    # the gain counts from the week after the session
    per_point = (contacts + minutes)[:, None] * decay / (1 - decay)
    spread = Z80 * settings.effect_sd
    ends = [(settings.effect_points + sign * spread) * share * per_point for sign in (-1, 1)]
    return Worth(
        effect=settings.effect_points * share,
        benefit=settings.effect_points * share * per_point,
        low=np.minimum(*ends),
        high=np.maximum(*ends),
        best_tenth=best_tenth,
    )
