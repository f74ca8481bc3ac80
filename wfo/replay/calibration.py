"""Whether promises hold: gap and bias, coverage of the stated intervals, reliability and skill of P(met)."""

import numpy as np
import pandas as pd

from wfo.metrics.intervals import Z80
from wfo.metrics.specs import SERVICE
from wfo.replay.promises import JUDGED

BASE_RATES = (0.2, 0.8)
"""Targets that are met on fewer or more days tell little of how well a chance is stated."""
BINS = np.linspace(0.0, 1.0, 11)
ALL = "all"
_ROOM = 1e-9


def judged_service(promises: pd.DataFrame, grain: str) -> pd.DataFrame:
    """Rows of service, by week or by day, in which something came and nothing is missing."""
    own = promises["metric"].isin(SERVICE) & (promises["grain"] == grain) & (promises["status"] == JUDGED)
    return promises[own].reset_index(drop=True)


def gap_table(promises: pd.DataFrame) -> pd.DataFrame:
    """How far realised service lies from what was promised, by lead and queue, weeks weighted by contacts.

    Returns
    -------
    DataFrame
        ``lead, queue, weeks, contacts, promised, realised, gap, bias, inside``: ``gap`` the mean absolute
        difference, ``bias`` the mean of realised − promised, ``inside`` the share of weeks within the stated
        interval. Row ``all``: every queue by its contacts; its ``inside`` counts queue-weeks.
    """
    week = judged_service(promises, "week")
    rows = []
    for lead, part in week.groupby("lead", sort=True):
        for queue, own in [*part.groupby("queue", sort=False), (ALL, part)]:
            weight = own["of"].to_numpy(dtype=np.float64)
            promised, realised = (own[c].to_numpy(dtype=np.float64) for c in ("promised", "realised"))
            error = realised - promised
            inside = (realised >= own["low"] - _ROOM) & (realised <= own["high"] + _ROOM)
            means = [float(np.average(v, weights=weight)) for v in (promised, realised, np.abs(error), error)]
            rows.append(
                (int(str(lead)), str(queue), len(own), float(weight.sum()), *means, float(inside.mean()))
            )
    names = ["lead", "queue", "weeks", "contacts", "promised", "realised", "gap", "bias", "inside"]
    return pd.DataFrame(rows, columns=names)


def reliability_table(chances: pd.DataFrame) -> pd.DataFrame:
    """Stated chance against the share of days on which the level was met, in tenths of the chance.

    Parameters
    ----------
    chances : DataFrame
        From `chance_table`, with ``lead``. Every level of every queue's days is a chance of its own.

    Returns
    -------
    DataFrame
        ``lead, low, high, days, stated, met, met_low, met_high``; the interval is Wilson's at 80 %, as if
        chances were independent.
    """
    rows = []
    for lead, part in chances.groupby("lead", sort=True):
        p, met = part["p_met"].to_numpy(dtype=np.float64), part["met"].to_numpy(dtype=np.float64)
        bins = np.clip(np.searchsorted(BINS, p, side="right") - 1, 0, len(BINS) - 2)
        for b in np.unique(bins).tolist():
            here = bins == b
            n, share = int(here.sum()), float(met[here].mean())
            line = (int(str(lead)), BINS[b], BINS[b + 1], n, float(p[here].mean()), share, *_wilson(share, n))
            rows.append(line)
    names = ["lead", "low", "high", "days", "stated", "met", "met_low", "met_high"]
    return pd.DataFrame(rows, columns=names)


def skill_table(chances: pd.DataFrame) -> pd.DataFrame:
    """Brier score of P(met) by day, and how far it lies below that of the base rate.

    Parameters
    ----------
    chances : DataFrame
        From `chance_table`, with ``lead``.

    Returns
    -------
    DataFrame
        ``lead, queue, target, own, days, base_rate, brier, climatology, skill, counted``: ``climatology`` the
        score of always stating the target's own base rate over the same days; ``counted`` whether the base
        rate lies within `BASE_RATES`. Row ``all``: the days of those that count, together.

    Notes
    -----
    Brier 1950, Verification of forecasts expressed in terms of probability. The base rate is known only
    afterwards, so climatology is judged kindly.
    """
    rows: list[tuple[object, ...]] = []
    for lead, part in chances.groupby("lead", sort=True):
        of_lead = []
        for (queue, target), own in part.groupby(["queue", "target"], sort=True):
            p, met = own["p_met"].to_numpy(dtype=np.float64), own["met"].to_numpy(dtype=np.float64)
            rate = float(met.mean())
            counted = BASE_RATES[0] <= rate <= BASE_RATES[1]
            scores = (rate, float(np.mean((p - met) ** 2)), rate * (1 - rate))
            stated = bool(own["own"].all())
            of_lead.append(
                (int(str(lead)), str(queue), float(str(target)), stated, len(own), *scores, counted)
            )
        kept = [line for line in of_lead if line[-1]]
        if kept:
            days = np.array([line[4] for line in kept], dtype=np.float64)
            means = [float(np.average([line[k] for line in kept], weights=days)) for k in (5, 6, 7)]
            whole = (int(str(lead)), ALL, np.nan, False, int(days.sum()), means[0], means[1], means[2], True)
            of_lead.append(whole)
        rows += of_lead
    names = ["lead", "queue", "target", "own", "days", "base_rate", "brier", "climatology", "counted"]
    found = pd.DataFrame(rows, columns=names)
    found["skill"] = 1.0 - found["brier"] / found["climatology"].where(found["climatology"] > 0)
    return found


def _wilson(share: float, n: int, z: float = Z80) -> tuple[float, float]:
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
