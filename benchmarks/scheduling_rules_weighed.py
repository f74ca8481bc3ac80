"""What a price of the table of rules is weighed for, told from a plan in words."""

import numpy as np
import pandas as pd
from scheduling_rules_case import Week

from wfo.domain.hours import DAY_MIN
from wfo.scheduling.fairness import account_after
from wfo.scheduling.shift_money import minutes_inside


def paid_h(rows: pd.DataFrame, week: Week) -> tuple[float, float]:
    """Paid hours of a plan, and hours' worth of overtime premium and premiums."""
    inputs, _ = week
    minutes = ((rows["end"] - rows["start"]).dt.total_seconds() / 60).to_numpy()
    paid = np.where(rows["paid"].to_numpy(bool), minutes, 0.0)
    of = dict(zip(inputs.agents["agent_id"], inputs.agents["contract"], strict=True))
    start = rows["start"]
    begin = (start.dt.day_of_week * DAY_MIN + start.dt.hour * 60 + start.dt.minute).to_numpy(np.int64)
    extra = 0.0
    for name, rule in inputs.centre.contracts.items():
        here = (rows["agent_id"].map(of) == name).to_numpy()
        extra += sum(
            p.share * minutes_inside(begin[here], paid[here], p.hours).sum() for p in rule.premiums.values()
        )
        if rule.overtime is not None:
            own = pd.Series(paid[here]).groupby(rows.loc[here, "agent_id"].to_numpy()).sum()
            extra += rule.overtime.premium * (own - 60 * rule.week_h.max).clip(lower=0.0).sum()
    return float(paid.sum()) / 60, float(extra) / 60


def paid_on_top(rows: pd.DataFrame, week: Week) -> str:
    """Share of pay on top."""
    hours, extra = paid_h(rows, week)
    return f"{extra / hours:.1%} paid on top"


def wishes_met(rows: pd.DataFrame, week: Week) -> str:
    """Share of wishes met, and of those of the longest and the shortest serving."""
    shifts, (inputs, _) = _shifts(rows), week
    hired = dict(zip(inputs.agents["agent_id"], inputs.agents["hire_date"], strict=True))
    met, old = [], []
    cells = (inputs.wishes[c] for c in ("agent_id", "schedule_date", "sense"))
    for agent, date, sense in zip(*cells, strict=True):
        free = (agent, date) not in shifts.index
        early = not free and shifts.loc[(agent, date), "start"].hour < 12
        met.append(free if sense == "against" else early)
        old.append(hired[agent])
    frame = pd.DataFrame({"met": met, "hired": old})
    first, last = (frame.loc[frame["hired"] == day, "met"].mean() for day in (min(old), max(old)))
    return f"{np.mean(met):.0%} of wishes met ({first:.0%} of the oldest hands', {last:.0%} of the newest)"


def shifts_kept(rows: pd.DataFrame, week: Week) -> str:
    """Share of the published shifts of the week that stand as they were."""
    published = week[0].published
    was = _shifts(published[published["schedule_date"] >= min(rows["schedule_date"])])
    both = _shifts(rows).merge(was, left_index=True, right_index=True, suffixes=("", "_was"))
    kept = ((both["start"] == both["start_was"]) & (both["end"] == both["end_was"])).sum()
    return f"{kept / len(was):.0%} of shifts kept"


def hours_apart(rows: pd.DataFrame, week: Week) -> str:
    """How far agents' accounts of unpopular hours lie apart after the week."""
    inputs, settings = week
    owed = {agent: 0.0 for agent in inputs.agents["agent_id"]}
    for frame in (inputs.published, rows):
        owed = account_after(owed, frame, inputs.agents, inputs.centre, settings)
    return f"{np.std(list(owed.values())) / 60:.1f} h apart"


def _shifts(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(["agent_id", "schedule_date"]).agg(start=("start", "min"), end=("end", "max"))
