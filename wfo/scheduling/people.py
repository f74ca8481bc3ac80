"""Agents' frames to arrays: allowed shifts, wishes, absences, and what the published weeks still forbid."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.contract import Contract
from wfo.domain.hours import DAY_MIN, clock_min
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.problem import FORBIDDEN, People, Shifts
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shifts import Kind, day_starts, kind_of, length_of, local_min, pack
from wfo.timegrid import epoch_min

_BUSY = ("meeting", "training")


@dataclass
class Person:
    """What the frames say of one agent; instants in minutes since the epoch.

    Attributes
    ----------
    agent_id, site, zone, contract_id : str
    contract : Contract
    cost_per_h : float
    blocked, allowed, locked : list of (int, int)
        Half-open spans: absences, declared availability, fixed shifts.
    busy : list of (int, int, str, bool)
        Meetings and trainings with name and paid.
    days_off : int
        Days of the week on which time off covers the whole start window.
    worked : list of date
        Days worked in the published weeks.
    free_from : int
        Minute at which the rest after the last published shift is over.
    wishes : list of (date, int, int, float)
        Local start window in minutes, weight (negative: against).
    """

    agent_id: str
    site: str
    zone: str
    contract_id: str
    contract: Contract
    cost_per_h: float
    blocked: list[tuple[int, int]] = field(default_factory=list)
    allowed: list[tuple[int, int]] = field(default_factory=list)
    locked: list[tuple[int, int]] = field(default_factory=list)
    busy: list[tuple[int, int, str, bool]] = field(default_factory=list)
    days_off: int = 0
    worked: list[dt.date] = field(default_factory=list)
    free_from: int = 0
    wishes: list[tuple[dt.date, int, int, float]] = field(default_factory=list)


def read_people(inputs: ScheduleInputs, days: tuple[dt.date, ...]) -> list[Person]:
    """Agents in order of id, with all that concerns them in the week."""
    people: dict[str, Person] = {}
    rows = inputs.agents.sort_values("agent_id").to_dict("records")
    wages = (
        pd.to_numeric(inputs.agents["cost_per_h"])
        if "cost_per_h" in inputs.agents
        else pd.Series(dtype=float)
    )
    usual = float(wages.mean()) if wages.notna().any() else 0.0
    for row in rows:
        site = row.get("site")
        site = "" if site is None or pd.isna(site) else str(site)
        zone = inputs.centre.sites[site].zone if site in inputs.centre.sites else inputs.centre.zone
        wage = row.get("cost_per_h", np.nan)
        people[str(row["agent_id"])] = Person(
            str(row["agent_id"]), site, zone, str(row["contract"]),
            inputs.centre.contracts[str(row["contract"])], usual if pd.isna(wage) else float(wage),
        )  # fmt: skip
    _read_availability(inputs.availability, people)
    _read_published(inputs.published, people, days)
    _read_wishes(inputs.wishes, people)
    _count_days_off(inputs.availability, people, days)
    return list(people.values())


def _read_availability(frame: pd.DataFrame | None, people: dict[str, Person]) -> None:
    if frame is None or frame.empty:
        return
    frame = frame.sort_values(["agent_id", "start", "kind"])
    paid = frame["paid"].fillna(True).astype(bool) if "paid" in frame else pd.Series(True, frame.index)
    spans = zip(epoch_min(frame["start"]).tolist(), epoch_min(frame["end"]).tolist(), strict=True)
    for agent, kind, span, is_paid in zip(frame["agent_id"], frame["kind"], spans, paid, strict=True):
        person = people.get(str(agent))
        if person is None:
            continue
        if kind in ("unavailable", "time_off"):
            person.blocked.append(span)
        elif kind == "available":
            person.allowed.append(span)
        elif kind == "locked_shift":
            person.locked.append(span)
        elif kind in _BUSY:
            person.busy.append((*span, str(kind), bool(is_paid)))


def _count_days_off(frame: pd.DataFrame | None, people: dict[str, Person], days: tuple[dt.date, ...]) -> None:
    """A day off in the sense of hours: time off covers the contract's whole start window on it."""
    if frame is None or frame.empty:
        return
    off = frame[frame["kind"] == "time_off"].sort_values(["agent_id", "start"])
    spans: dict[str, list[tuple[int, int]]] = {}
    for agent, begin, end in zip(
        off["agent_id"], epoch_min(off["start"]), epoch_min(off["end"]), strict=True
    ):
        spans.setdefault(str(agent), []).append((int(begin), int(end)))
    for agent, own in spans.items():
        if agent not in people:
            continue
        person = people[agent]
        first, last = (clock_min(getattr(person.contract.start, side)) for side in ("earliest", "latest"))
        last += DAY_MIN if last < first else 0
        count = 0
        for day in days:
            window = local_min(day, first, person.zone), local_min(day, last, person.zone)
            count += any(a <= window[0] and window[1] < b for a, b in own)
        person.days_off = min(count, round(person.contract.days.max))


def _read_published(frame: pd.DataFrame | None, people: dict[str, Person], days: tuple[dt.date, ...]) -> None:
    if frame is None or frame.empty:
        return
    before = frame[(frame["kind"] != "time_off") & (frame["schedule_date"] < days[0])]
    for agent, dates in before.groupby("agent_id")["schedule_date"]:
        if str(agent) in people:
            people[str(agent)].worked = sorted(set(dates))
    ends = before.groupby("agent_id")["end"].max()
    for agent, end in zip(ends.index, epoch_min(pd.Series(ends)).tolist(), strict=True):
        if str(agent) in people:
            person = people[str(agent)]
            person.free_from = end + round(person.contract.rest_h * 60)


def _read_wishes(frame: pd.DataFrame | None, people: dict[str, Person]) -> None:
    if frame is None or frame.empty:
        return
    for row in frame.to_dict("records"):
        person = people.get(str(row["agent_id"]))
        if person is not None:
            low, high = wish_window(row)
            weight = float(row["weight"]) * (1.0 if row["sense"] == "for" else -1.0)
            person.wishes.append((row["schedule_date"], low, high, weight))


def wish_window(row: dict[Any, Any]) -> tuple[int, int]:
    """Local start window of a wish in minutes; without clock times it is the whole day."""
    low, high = row.get("start_earliest"), row.get("start_latest")
    return (
        0 if not isinstance(low, str) or not low else clock_min(low),
        DAY_MIN if not isinstance(high, str) or not high else clock_min(high),
    )


def weekend_of(day: dt.date) -> dt.date | None:
    """Saturday of the weekend a day belongs to; None on other days."""
    return day - dt.timedelta(days=day.weekday() - 5) if day.weekday() >= 5 else None


def weekend_allowed(person: Person, day: dt.date) -> bool:
    """Whether work on the day keeps ``worked`` of any ``of`` weekends in a row, given the published weeks."""
    rule, saturday = person.contract.weekends, weekend_of(day)
    if rule is None or saturday is None:
        return True
    worked = {weekend_of(d) for d in person.worked} - {None}
    if saturday in worked:
        return True  # the weekend began in the week before and counts already
    before = [saturday - dt.timedelta(days=7 * n) for n in range(1, rule.of)]
    return sum(s in worked for s in before) + 1 <= rule.worked


def run_before(person: Person, first: dt.date) -> int:
    """Days worked in a row up to the day before the week."""
    worked, count = set(person.worked), 0
    while first - dt.timedelta(days=count + 1) in worked:
        count += 1
    return count


def paid_range(person: Person, slot_min: int) -> tuple[float, float]:
    """Paid slots of the week, least and most; days of time off take their share, with a shift step of room.

    Without the room a contract of fixed hours could have no legal week beside a day of leave.
    """
    contract = person.contract
    share = 1.0 - person.days_off / max(1.0, contract.days.max)
    room = contract.shift_step_min / 60 if person.days_off else 0.0
    low, high = contract.week_h.min * share - room, contract.week_h.max * share + (room if share > 0 else 0.0)
    return max(0.0, low) * 60 / slot_min, high * 60 / slot_min


def build_people(
    persons: Sequence[Person],
    class_of: dict[str, int],
    days: tuple[dt.date, ...],
    start_min: int,
    slot_min: int,
    slots: int,
    settings: ScheduleSettings,
) -> tuple[People, Shifts, list[Kind]]:
    """Arrays of agents and of their shift templates."""
    kinds: list[Kind] = []
    known: dict[tuple[str, str], int] = {}
    kind_ids = []
    for person in persons:
        key = (person.contract_id, person.zone)
        if person.locked:
            kinds.append(_locked_kind(person, days, start_min, slot_min))
            kind_ids.append(len(kinds) - 1)
            continue
        if key not in known:
            known[key] = len(kinds)
            kinds.append(kind_of(person.contract, person.zone, days, start_min, slot_min))
        kind_ids.append(known[key])
    shifts = pack(kinds)
    size = len(persons)
    base = np.full((size, *shifts.start.shape[1:], shifts.length.shape[1]), FORBIDDEN)
    must = np.zeros((size, 7), bool)
    off_row = np.full(size, -1, np.int64)
    off_rows: list[np.ndarray] = []
    horizon = slots + 2 * int(shifts.length.max(initial=1))
    for a, person in enumerate(persons):
        kind = kinds[kind_ids[a]]
        _fill_base(base[a], must[a], person, kind, days, start_min, slot_min, settings)
        if person.busy:
            row = np.zeros(horizon, bool)
            for begin, end, _, _ in person.busy:
                row[max(0, (begin - start_min) // slot_min) : max(0, -((start_min - end) // slot_min))] = True
            off_row[a] = len(off_rows)
            off_rows.append(row)
    columns = np.array(
        [
            _limits(p, kinds[k], days, start_min, slot_min, settings)
            for p, k in zip(persons, kind_ids, strict=True)
        ]
    )
    columns = columns.reshape(size, 9).astype(np.int64)
    people = People(
        np.array([class_of[p.agent_id] for p in persons], np.int64), np.array(kind_ids, np.int64), base, must,
        off_row, np.array(off_rows, bool).reshape(len(off_rows), horizon),
        *(columns[:, n].copy() for n in range(9)),
    )  # fmt: skip
    return people, shifts, kinds


def _limits(
    person: Person,
    kind: Kind,
    days: tuple[dt.date, ...],
    start_min: int,
    slot_min: int,
    settings: ScheduleSettings,
) -> tuple[int, ...]:
    """paid_lo, paid_hi, days_lo, days_hi, row_max, row_before, rest, ready, spread of `People`."""
    contract = person.contract
    low, high = paid_range(person, slot_min)
    least = max(0, int(np.ceil(contract.days.min)) - person.days_off)
    most = max(0, int(contract.days.max) - person.days_off)
    rest = int(np.ceil(contract.rest_h * 60 / slot_min))
    ready = max(0, -((start_min - person.free_from) // slot_min)) if person.free_from else 0
    every = max([1] + [len(s) for s in kind.starts])
    spread = every if person.locked else settings.start_variance_min // contract.start.step_min
    return (
        int(np.ceil(low / kind.unit - 1e-9)), int(np.floor(high / kind.unit + 1e-9)), least, min(most, 7),
        contract.max_days_in_row, min(run_before(person, days[0]), 14), rest, ready, min(spread, every),
    )  # fmt: skip


def _locked_kind(person: Person, days: tuple[dt.date, ...], start_min: int, slot_min: int) -> Kind:
    """The contract's templates with the agent's fixed shifts among them."""
    usual = kind_of(person.contract, person.zone, days, start_min, slot_min)
    starts, lengths = [set(s) for s in usual.starts], {n.slots: n for n in usual.lengths}
    for begin, end in person.locked:
        for d, day in enumerate(days):
            if _on_day(begin, day, person.zone):
                starts[d].add((begin - start_min) // slot_min)
                made = length_of(person.contract, end - begin, slot_min)
                if made is not None:
                    lengths.setdefault(made.slots, made)
    return Kind(tuple(tuple(sorted(s)) for s in starts), tuple(lengths[n] for n in sorted(lengths)))


def _on_day(minute: int, day: dt.date, zone: str) -> bool:
    return dt.datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).date() == day


def _fill_base(
    base: np.ndarray, must: np.ndarray, person: Person, kind: Kind, days: tuple[dt.date, ...], start_min: int,
    slot_min: int, settings: ScheduleSettings,
) -> None:  # fmt: skip
    """Value of each shift apart from coverage; what a personal rule forbids stays `FORBIDDEN`."""
    contract = person.contract
    open_hours = contract.week_h.min < contract.week_h.max
    cost = settings.price_paid_hour * person.cost_per_h * slot_min / 60 if open_hours else 0.0
    usual = set(
        range(round(contract.shift_h.min * 60), round(contract.shift_h.max * 60) + 1, contract.shift_step_min)
    )
    for d, day in enumerate(days):
        fixed = [span for span in person.locked if _on_day(span[0], day, person.zone)]
        must[d] = bool(fixed)
        # Without locked shifts the kind's starts are the contract's.
        regular = set(
            day_starts(contract, person.zone, day, start_min, slot_min) if person.locked else kind.starts[d]
        )
        for i, slot in enumerate(kind.starts[d]):
            begin = start_min + slot * slot_min
            wish = _wish_value(person, day, begin) * settings.price_wish
            for k, length in enumerate(kind.lengths):
                end = begin + length.slots * slot_min
                if fixed:
                    legal = fixed == [(begin, end)]
                else:
                    legal = (
                        slot in regular and length.slots * slot_min in usual and weekend_allowed(person, day)
                    )
                    legal = legal and (
                        not person.allowed or any(a <= begin and end <= b for a, b in person.allowed)
                    )
                if legal and not any(a < end and begin < b for a, b in person.blocked):
                    base[d, i, k] = wish - cost * length.paid_slots


def _wish_value(person: Person, day: dt.date, begin: int) -> float:
    """Weight of wishes a start meets (for) or offends (against, negative)."""
    total = 0.0
    for date, low, high, weight in person.wishes:
        if date == day:
            local = dt.datetime.fromtimestamp(begin * 60, ZoneInfo(person.zone))
            minute = local.hour * 60 + local.minute + DAY_MIN * (local.date() - day).days
            total += weight if low <= minute <= high else 0.0
    return total
