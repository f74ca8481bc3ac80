"""Fairness over weeks: how many unpopular minutes each agent has had beyond a fair share.

In a week an agent's share is the unpopular minutes of all agents with the same contract, by paid minutes; the
account is what the agent had beyond it, and is remembered from week to week with a factor.
"""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.domain.hours import DAY_MIN
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_money import minutes_inside

_WEEK = dt.timedelta(days=7)


def accounts(inputs: ScheduleInputs, settings: ScheduleSettings, first: dt.date) -> dict[str, float]:
    """Minutes each agent has had beyond a fair share before the week: as handed over, else as published."""
    ids = sorted(inputs.agents["agent_id"].astype(str))
    if inputs.fairness is not None:
        given = inputs.fairness.set_index(inputs.fairness["agent_id"].astype(str))["account"]
        return {agent: float(given.get(agent, 0.0)) for agent in ids}
    account = dict.fromkeys(ids, 0.0)
    rows = inputs.published
    if rows is None or rows.empty:
        return account
    rows = rows[(rows["kind"] != "time_off").to_numpy() & (rows["schedule_date"] < first).to_numpy()]
    if rows.empty:
        return account
    start = first - _WEEK * -(-(first - min(rows["schedule_date"])).days // 7)
    while start < first:
        week = rows[((rows["schedule_date"] >= start) & (rows["schedule_date"] < start + _WEEK)).to_numpy()]
        account = account_after(account, week, inputs.agents, inputs.centre, settings)
        start += _WEEK
    return account


def account_after(
    account: dict[str, float],
    schedule: pd.DataFrame,
    agents: pd.DataFrame,
    centre: Centre,
    settings: ScheduleSettings,
) -> dict[str, float]:
    """Accounts after a week.

    Parameters
    ----------
    account : dict
        Minutes beyond a fair share before it, by agent.
    schedule : DataFrame
        Rows of the week's shifts, after the contract of ``schedule``.
    agents : DataFrame
    centre : Centre
    settings : ScheduleSettings
        Which hours are unpopular, and how long they are remembered.
    """
    table = agents[["agent_id", "contract"]].astype(str).set_index("agent_id").sort_index()
    table["bad"], table["paid"] = 0.0, 0.0
    rows = schedule[
        (schedule["kind"] != "time_off").to_numpy() & schedule["agent_id"].isin(table.index).to_numpy()
    ]
    if len(rows):
        minutes = ((rows["end"] - rows["start"]).dt.total_seconds() / 60).to_numpy()
        own = rows["agent_id"].astype(str).to_numpy()
        sites = agents.set_index(agents["agent_id"].astype(str)).get("site", pd.Series(dtype="str"))
        zones = {a: centre.sites[str(s)].zone for a, s in sites.items() if str(s) in centre.sites}
        at_work = np.where(rows["paid"].to_numpy(bool), minutes, 0.0)
        bad = np.zeros(len(rows))
        zone_of = np.array([zones.get(a, centre.zone) for a in own], dtype=object)
        for zone in sorted(set(zone_of)):
            here = zone_of == zone
            local = rows.loc[here, "start"].dt.tz_convert(zone)
            begin = local.dt.day_of_week * DAY_MIN + local.dt.hour * 60 + local.dt.minute
            bad[here] = minutes_inside(begin.to_numpy(np.int64), at_work[here], settings.unpopular)
        table["bad"] = table["bad"].add(pd.Series(bad, own).groupby(level=0).sum(), fill_value=0.0)
        table["paid"] = table["paid"].add(pd.Series(at_work, own).groupby(level=0).sum(), fill_value=0.0)
    sums = table.groupby("contract")[["bad", "paid"]].transform("sum")
    fair = table["paid"] * sums["bad"] / sums["paid"].where(sums["paid"] > 0, 1.0)
    kept = settings.fairness_memory
    beyond = dict(zip(table.index.tolist(), (table["bad"] - fair).tolist(), strict=True))
    return {agent: kept * account.get(agent, 0.0) + own for agent, own in beyond.items()}


def account_table(account: dict[str, float]) -> pd.DataFrame:
    """Table ``fairness`` of what goes over to the next week: agent_id, account in minutes."""
    ids = sorted(account)
    frame = pd.DataFrame({"agent_id": pd.Series(ids, dtype="str")})
    return frame.assign(account=np.array([account[a] for a in ids], float).round(6))
