"""Find a time for activities that fit nowhere between breaks: the breaks of the touched shifts make room.

What has been placed stays. An activity lies inside the shift of every participant, away from its ends and
from other activities; each participant's breaks are placed anew in their windows, where they cost least.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.centre import Centre
from wfo.domain.contract import Contract
from wfo.scheduling.place_requests import Wanted
from wfo.scheduling.place_slots import Slots
from wfo.scheduling.shift_rows import (
    Record,
    build_shift,
    frame_of,
    parts_of,
    place_breaks,
    records_of,
    shifts_of,
    span_of,
)


@dataclass(frozen=True)
class Made:
    """An activity that was given a time: its first minute since the epoch, and what it costs."""

    request_id: str
    begin: int
    cost: float


class Rooms:
    """The shifts of a plan, in which breaks may make room.

    Parameters
    ----------
    schedule : DataFrame
        With what has been placed.
    agents : DataFrame
    centre : Centre
    slots : Slots
        Prices of agents' slots.
    edge_min : int
        Least minutes between an activity and the shift's ends.
    """

    def __init__(
        self, schedule: pd.DataFrame, agents: pd.DataFrame, centre: Centre, slots: Slots, edge_min: int
    ):
        self._slots, self._edge_min = slots, edge_min
        self._contract: dict[str, Contract] = {}
        if "contract" in agents:
            known = zip(agents["agent_id"], agents["contract"], strict=True)
            self._contract = {
                str(a): centre.contracts[str(c)] for a, c in known if str(c) in centre.contracts
            }
        self._shifts = {
            str(agent): shifts_of(records_of(rows))
            for agent, rows in schedule.groupby("agent_id", sort=True)
            if str(agent) in self._contract
        }
        self._touched: set[str] = set()

    def place(self, wanted: Wanted) -> Made | None:
        """Place an activity that all must come to at the cheapest start that pays; None: none does."""
        people = [p for p in wanted.participants if p in self._shifts]
        if len(people) < len(wanted.participants) or not wanted.all_come:
            return None
        best: tuple[float, int, dict[str, list[Record]]] | None = None
        for begin in self._starts(people[0], wanted):
            found = self._at(people, begin, wanted)
            if found is not None and found[0] < min(wanted.value, best[0] if best else math.inf) - 1e-9:
                best = (found[0], begin, found[1])
        if best is None:
            return None
        cost, begin, new = best
        for agent, shift in new.items():
            self._shifts[agent][str(shift[0]["shift_id"])] = shift
            self._touched.add(str(shift[0]["shift_id"]))
        return Made(wanted.request_id, begin, cost)

    def schedule(self, before: pd.DataFrame) -> pd.DataFrame:
        """The plan with the shifts that have changed."""
        if not self._touched:
            return before
        kept = before[~before["shift_id"].isin(self._touched).to_numpy()]
        new = [
            r for own in self._shifts.values() for name, s in own.items() if name in self._touched for r in s
        ]
        both = pd.concat([kept, frame_of(new)[kept.columns]], ignore_index=True)
        return both.sort_values(["agent_id", "start"], ignore_index=True)

    def _starts(self, agent: str, wanted: Wanted) -> list[int]:
        step = self._slots.step_min
        starts: set[int] = set()
        for shift in self._shifts[agent].values():
            first, last = span_of(shift)
            low = max(first + self._edge_min, wanted.begin_min)
            low += (self._slots.start_min - low) % step
            starts.update(range(low, min(last - self._edge_min, wanted.end_min) - wanted.minutes + 1, step))
        return sorted(starts)

    def _at(
        self, people: Sequence[str], begin: int, wanted: Wanted
    ) -> tuple[float, dict[str, list[Record]]] | None:
        """What a start costs, and the shifts with it; None where somebody cannot come."""
        total, shifts = 0.0, {}
        for agent in people:
            found = self._with(agent, begin, wanted)
            if found is None:
                return None
            total += found[0]
            shifts[agent] = found[1]
        return total, shifts

    def _with(self, agent: str, begin: int, wanted: Wanted) -> tuple[float, list[Record]] | None:
        """One agent's shift with the activity at a start and the breaks around it, and its cost in money."""
        end, contract = begin + wanted.minutes, self._contract[agent]
        shift = next(
            (s for s in self._shifts[agent].values() if span_of(s)[0] <= begin < span_of(s)[1]), None
        )
        if shift is None or any(r["locked"] for r in shift):
            return None
        first, last = span_of(shift)
        kept = [r for r in shift if r["kind"] in (Kind.OFF_PHONE.value, Kind.TIME_OFF.value)]
        if begin < first + self._edge_min or last - self._edge_min < end:
            return None
        parts = parts_of(shift)
        if any(r["start"] < end and begin < r["end"] for r in kept):
            return None
        if not any(a <= begin and end <= b for a, b in parts):
            return None
        taken = [(begin, end), *((r["start"], r["end"]) for r in kept)]
        slot = math.gcd(self._slots.step_min, *(b.minutes for b in contract.breaks.values()))
        price = self._price(agent, first, last, slot)
        rests = place_breaks(contract, parts, slot, price, taken)
        if rests is None:
            return None
        work = next(r for r in shift if r["kind"] == Kind.WORK.value)
        activity = {
            **work, "start": begin, "end": end, "activity": wanted.kind, "kind": Kind.OFF_PHONE.value,
            "queues": [], "activity_request_id": wanted.request_id, "main_queue": None,
        }  # fmt: skip
        new = build_shift(
            agent, shift[0]["schedule_date"], (first, last), rests, site=work["site"], queues=work["queues"],
            kept=[*kept, activity],
        )  # fmt: skip
        before = [(r["start"], r["end"]) for r in shift if r["kind"] == Kind.BREAK.value]
        after = [(a, b) for a, b, _, _ in rests]
        away = _money([(begin, end), *after], price, slot) - _money(before, price, slot)
        return max(0.0, away), new

    def _price(self, agent: str, first: int, last: int, slot: int) -> dict[int, float]:
        """Money of the agent's time by pieces of a slot."""
        slots, row = self._slots, self._slots.price[self._slots.number[agent]]
        minutes = range(first, last, slot)
        at = np.clip((np.array(minutes) - slots.start_min) // slots.step_min, 0, row.size - 1)
        return dict(zip(minutes, (row[at] * slot / slots.step_min).tolist(), strict=True))


def _money(spans: Sequence[tuple[int, int]], price: Mapping[int, float], slot: int) -> float:
    return sum(price.get(m, 0.0) for a, b in spans for m in range(a, b, slot))
