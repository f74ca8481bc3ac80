"""What a schedule is paid: hours, premiums at some hours of the week, and overtime, at each agent's wage.

Premiums are paid for paid time as it lies in the schedule, leave not; overtime for what somebody works beyond
the week's hours of the contract, of which days of leave take their share. The search for a schedule, which
places breaks last, takes the unpaid ones out of premium hours in the mean.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.centre import Centre
from wfo.domain.contract import Contract
from wfo.domain.hours import DAY_MIN
from wfo.scheduling.leave import counted_days, leave_days, time_off, usual_hours
from wfo.scheduling.shift_money import minutes_inside
from wfo.tables.wages import hourly_wages
from wfo.timegrid import epoch_min


def premium_hours(contract: Contract, zone: str, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Hours' worth of wages that premiums add to spans of paid work.

    Parameters
    ----------
    contract : Contract
    zone : str
        In which the premiums' hours are meant.
    begin, end : int64, shape (N,)
        Minutes since the epoch.

    Returns
    -------
    float64, shape (N,)
    """
    added = np.zeros(len(begin))
    if contract.premiums and len(begin):
        local = pd.to_datetime(begin * 60, unit="s", utc=True).tz_convert(ZoneInfo(zone))
        clock = np.asarray(local.day_of_week * DAY_MIN + local.hour * 60 + local.minute, dtype=np.int64)
        for rule in contract.premiums.values():
            added += rule.share * minutes_inside(clock, end - begin, rule.hours) / 60
    return added


def worth_of(contract: Contract, zone: str, spans: Sequence[tuple[int, int]]) -> float:
    """Hours' worth of wages of spans of paid work in minutes since the epoch, premiums included."""
    begin, end = np.array(spans, np.int64).reshape(-1, 2).T
    return float((end - begin).sum()) / 60 + float(premium_hours(contract, zone, begin, end).sum())


def overtime_hours(contract: Contract, worked_h: float, leave: int) -> float:
    """Hours' worth of wages that overtime adds to a week of so many hours worked and days of leave."""
    if contract.overtime is None:
        return 0.0
    most = usual_hours(contract, counted_days(contract, leave))[1]
    return contract.overtime.premium * max(0.0, worked_h - most)


def extra_hours(contract: Contract, zone: str, begin: np.ndarray, end: np.ndarray, leave: int) -> float:
    """Hours' worth of wages beyond the hours themselves, of one agent's paid work in a week."""
    premiums = float(np.sort(premium_hours(contract, zone, begin, end)).sum())
    return premiums + overtime_hours(contract, int((end - begin).sum()) / 60, leave)


def wages(
    schedule: pd.DataFrame,
    agents: pd.DataFrame,
    centre: Centre,
    *,
    days: Sequence[dt.date] = (),
    availability: pd.DataFrame | None = None,
) -> float | None:
    """Wages of a week's schedule; None where nobody's wage is known.

    Parameters
    ----------
    schedule : DataFrame
        ``agent_id, start, end, kind, paid``.
    agents : DataFrame
        ``agent_id, contract, site, cost_per_h``; who has no wage costs the mean of the others, and who has no
        contract of the centre's is paid for hours alone.
    centre : Centre
        Contracts, and the zones of sites.
    days : sequence of date
        The week's dates; with ``availability`` they say who is on leave.
    availability : DataFrame, optional
        Without it nobody is.
    """
    per_h = hourly_wages(agents)
    if per_h is None:
        return None
    rows = schedule[schedule["paid"].fillna(True).to_numpy(dtype=bool)]
    names = rows["agent_id"].astype(str).to_numpy()
    hours = (rows["end"] - rows["start"]).dt.total_seconds().groupby(names, sort=True).sum() / 3600
    work = rows[(rows["kind"] != Kind.TIME_OFF.value).to_numpy()]
    extra = _extra(work, agents, centre, days, time_off(availability))
    worth = hours.to_numpy() + np.array([extra.get(name, 0.0) for name in hours.index])
    rates = per_h.set_axis(per_h.index.astype(str)).reindex(hours.index).fillna(per_h.mean()).to_numpy()
    return float(np.sort(worth * rates).sum())


def _extra(
    work: pd.DataFrame,
    agents: pd.DataFrame,
    centre: Centre,
    days: Sequence[dt.date],
    off: Mapping[str, list[tuple[int, int]]],
) -> dict[str, float]:
    """Premiums and overtime in hours' worth, of those whose contract has any."""
    spans = pd.DataFrame({"begin": epoch_min(work["start"]), "end": epoch_min(work["end"])})
    names = work["agent_id"].astype(str).to_numpy()
    own = {str(agent): rows for agent, rows in spans.groupby(names, sort=True)}
    found = {}
    for row in agents.drop_duplicates("agent_id").to_dict("records"):
        agent, contract = str(row["agent_id"]), centre.contracts.get(str(row.get("contract")))
        if contract is None or agent not in own or not (contract.premiums or contract.overtime):
            continue
        zone = centre.zone_of(row.get("site"))
        leave = leave_days(off.get(agent, ()), contract, zone, days)
        begin, end = (own[agent][side].to_numpy() for side in ("begin", "end"))
        found[agent] = extra_hours(contract, zone, begin, end, len(leave))
    return found
