"""Where service is short: what the next agent-hour buys, and which changes would win most."""

import datetime as dt
from collections.abc import Iterator
from itertools import accumulate

import numpy as np
import pandas as pd

from wfo.scheduling.pay import worth_of
from wfo.scheduling.relax_settings import RelaxSettings
from wfo.scheduling.repair_options import Option, movable, starts_of, week_with
from wfo.scheduling.revision import Revision
from wfo.scheduling.shift_rows import parts_of, place_breaks, shifts_of
from wfo.scheduling.week_value import WeekValue
from wfo.scheduling.wording import local_text, span_text
from wfo.timegrid import from_epoch_min

_HOUR = 60
_BENT_MIN = (-120, -90, -60, -30, 30, 60, 90, 120)
"""Minutes by which a start is tried outside the contract's window."""
_EXACT = 40
"""Changes valued exactly, the best by prices."""


def next_hours(revision: Revision, most: int = 10) -> pd.DataFrame:
    """What one more agent-hour buys, by hour of the week and what the agent can do; the dearest first.

    Parameters
    ----------
    revision : Revision
    most : int
        Rows.

    Returns
    -------
    DataFrame
        ``start, queues, agents`` (who can serve just these today), ``value``: money won by the hour, exactly.
        Hours in which nobody works are left out.
    """
    value = revision.value
    per = max(1, _HOUR // value.slot_min)
    rows = []
    open_hours = np.logical_or.reduceat(value.staffed(), np.arange(0, value.n_slots, per))
    for queues, (number, agents) in sorted(value.classes().items()):
        if not queues:
            continue
        prices = value.class_prices(number)
        sums = np.add.reduceat(prices, np.arange(0, prices.size, per)) * open_hours
        best = np.argsort(-sums, kind="stable")[:most]
        for hour in best[sums[best] > 0].tolist():
            slots = np.arange(hour * per, min((hour + 1) * per, value.n_slots))
            start = value.start_min + int(slots[0]) * value.slot_min
            rows.append((start, "|".join(queues), agents, round(value.gain_of_one_more(number, slots), 2)))
    # of several who would win the same in an hour, those are named who need to be able to do least
    rows.sort(key=lambda r: (-r[3], r[0], r[1].count("|"), r[1]))
    first: dict[int, tuple[int, str, int, float]] = {}
    for row in rows:
        first.setdefault(row[0], row)
    frame = pd.DataFrame([*first.values()][:most], columns=["start", "queues", "agents", "value"])
    frame["start"] = from_epoch_min(frame["start"].to_numpy(np.int64))
    return frame.astype({"queues": "str", "agents": "int64", "value": "float64"})


def what_would_help(revision: Revision, prices: RelaxSettings, most: int = 10) -> pd.DataFrame:
    """Changes beyond the rules and people there are, by what they win less what they cost; the best first.

    Tried are: agents who start outside their contract's window, each other rule kept; and one more agent on a
    day, by contract and by what agents of that contract can do.

    Parameters
    ----------
    revision : Revision
    prices : RelaxSettings
        What bending a rule is held to cost.
    most : int
        Rows.

    Returns
    -------
    DataFrame
        ``text, gain`` (money service wins), ``cost`` (wages or what the bent rule is held to cost), ``net``.
    """
    rows = [*_bent_starts(revision, prices), *_one_more(revision)]
    rows.sort(key=lambda r: (-(r[1] - r[2]), r[0]))
    kept = [(text, round(gain, 2), round(cost, 2), round(gain - cost, 2)) for text, gain, cost in rows]
    frame = pd.DataFrame([r for r in kept if r[3] > 0][:most], columns=["text", "gain", "cost", "net"])
    return frame.astype({"text": "str", "gain": "float64", "cost": "float64", "net": "float64"})


def _bent_starts(revision: Revision, prices: RelaxSettings) -> Iterator[tuple[str, float, float]]:
    """Shifts of the plan moved to starts that nothing but the contract's window forbids."""
    found: list[tuple[float, Option, float]] = []
    by_class: dict[tuple[str, ...], list[float]] = {}
    value = revision.value
    for agent in sorted(revision.agents):
        queues = value.queues_of[agent]
        if not queues:
            continue
        if queues not in by_class:
            by_class[queues] = [0.0, *accumulate(value.prices(agent).tolist())]
        sums = by_class[queues]
        for shift in shifts_of(revision.records[agent]).values():
            date, parts = shift[0]["schedule_date"], parts_of(shift)
            first = parts[0][0]
            allowed = starts_of(revision, agent, date)
            for by in _BENT_MIN if movable(shift) else ():
                away = min(abs(first + by - start) for start in allowed)
                outside = not min(allowed) <= first + by <= max(allowed)
                if not outside or first + by < value.start_min:
                    continue
                moved = tuple((a + by, b + by) for a, b in parts)
                price = prices.price_rule_h * away / 60
                now, then = (sum(_sum(sums, value, part) for part in way) for way in (parts, moved))
                worth = then - now - price
                found.append((worth, Option(agent, date, moved, "moved", worth), price))
    found.sort(key=lambda f: (-f[0], f[1].agent_id, f[1].parts))
    told: set[str] = set()
    for worth, option, price in found[:_EXACT]:
        if worth <= 0 or option.agent_id in told:
            continue
        week = week_with(revision, option)
        if week is None:
            continue
        trial = revision.try_out({option.agent_id: week}, whole=False)
        if all(rule == "start_window" for rule, *_ in trial.breaches):
            told.add(option.agent_id)
            zone = revision.agents[option.agent_id].zone.key
            yield f"let {option.agent_id} start at {local_text(option.parts[0][0], zone)}", -trial.loss, price


def _one_more(revision: Revision) -> Iterator[tuple[str, float, float]]:
    """One more shift of each contract on each day, for the skills that agents of the contract have."""
    value = revision.value
    typical: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    contract_of = dict(
        zip(revision.inputs.agents["agent_id"], revision.inputs.agents["contract"], strict=True)
    )
    for agent in sorted(revision.agents):
        if value.queues_of[agent]:
            typical.setdefault((str(contract_of[agent]), value.queues_of[agent]), []).append(agent)
    numbers = value.classes()
    best: dict[tuple[str, int], tuple[float, int, str, float, float]] = {}
    for (contract, queues), agents in sorted(typical.items()):
        wage = float(np.mean([revision.agents[a].wage_h for a in agents]))
        best_of: dict[int, tuple[float, tuple[int, int], float, float]] = {}
        for day in range(7):
            found = _best_shift(revision, agents[0], day, numbers[queues][0], wage)
            if found is not None:
                best_of[day] = found
        zone = revision.agents[agents[0]].zone.key
        for day, (_, span, gain, cost) in best_of.items():
            key = (contract, day)
            if key not in best or (gain - cost, -len(queues)) > best[key][:2]:
                text = f"one more {contract} for {', '.join(queues)} on {span_text(*span, zone)}"
                best[key] = (gain - cost, -len(queues), text, gain, cost)
    for _, _, text, gain, cost in best.values():
        yield text, gain, cost


def _best_shift(
    revision: Revision, like: str, day: int, number: int, wage: float
) -> tuple[float, tuple[int, int], float, float] | None:
    """The shift of an agent's contract that wins most on a day beyond its wage: net, span, gain, wages."""
    value, who = revision.value, revision.agents[like]
    first = revision.inputs.grid.start.astimezone(who.zone).date() + dt.timedelta(days=day)
    prices = value.class_prices(number).tolist()
    by_minute = {value.start_min + n * value.slot_min: p for n, p in enumerate(prices)}
    sums = [0.0, *accumulate(prices)]
    low, high = round(who.contract.shift_h.min * 60), round(who.contract.shift_h.max * 60)
    spans = [
        (start, start + minutes)
        for start in starts_of(revision, like, first)
        for minutes in range(low, high + 1, who.contract.shift_step_min)
    ]
    if not spans:
        return None
    rules, zone = who.contract, who.zone.key
    span = max(spans, key=lambda s: (_sum(sums, value, s) - wage * worth_of(rules, zone, [s]), -s[0]))
    rests = place_breaks(rules, (span,), value.slot_min, by_minute)
    if rests is None:
        return None
    edges = [span[0], *(m for a, b, _, _ in rests for m in (a, b)), span[1]]
    work = list(zip(edges[::2], edges[1::2], strict=True))
    gain = value.gain_of_one_more(number, value.slots_of(work))
    paid_rests = [(a, b) for a, b, _, paid in rests if paid]
    cost = wage * worth_of(rules, zone, [*work, *paid_rests])
    return gain - cost, span, gain, cost


def _sum(sums: list[float], value: WeekValue, span: tuple[int, int]) -> float:
    """Prices of the slots of a span, from their running sums."""
    low, high = (min(max(0, (m - value.start_min) // value.slot_min), len(sums) - 1) for m in span)
    return sums[high] - sums[low]
