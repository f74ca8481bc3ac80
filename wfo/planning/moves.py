"""Moves: changes of one agent's shift, by what simulated worth says they win.

Stretches of work are kept for other queues, breaks lie elsewhere in their windows, a shift begins at another
start of the contract, or is worked on another day. Hours stay as they are. Whether rules hold is for the
checker to say.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.hours import DAY_MIN
from wfo.planning.agent_worth import WorthRevision, kept_for
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.repair_options import Option, break_option, movable, starts_of, week_with
from wfo.scheduling.revision import Revision
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import Record, Span, parts_of, shifts_of

STARTS = 2
"""Other starts of a shift on its day that are looked at closely."""
LEAST = 0.01
"""Money a week below which a move is not worth a change."""
KINDS = ("queue", "breaks", "start", "day")
"""Kinds of move, those that people feel least first."""


@dataclass(frozen=True)
class Move:
    """One agent's shift changed.

    Attributes
    ----------
    agent_id : str
    what : str
        One of `KINDS`.
    dates : tuple of date
        Days that it changes.
    before, rows : tuple of Record
        What those days hold now, and afterwards.
    gain : float
        Money by worth.
    cells : frozenset of (str, int)
        Queues and hours that get somebody or lose him.
    """

    agent_id: str
    what: str
    dates: tuple[dt.date, ...]
    before: tuple[Record, ...]
    rows: tuple[Record, ...]
    gain: float
    cells: frozenset[tuple[str, int]]

    def still_there(self, revision: Revision) -> bool:
        """Whether the days that it changes are as they were when it was thought of."""
        now = [r for r in revision.records[self.agent_id] if r["schedule_date"] in self.dates]
        return sorted(map(id, now)) == sorted(map(id, self.before))

    def week(self, revision: Revision) -> list[Record]:
        """The agent's week with the move made in it."""
        stay = [r for r in revision.records[self.agent_id] if r["schedule_date"] not in self.dates]
        return sorted([*stay, *self.rows], key=lambda r: r["start"])


def moves_of(
    revision: WorthRevision, fixed: frozenset[str], over: Callable[[], bool] = lambda: False
) -> list[Move]:
    """All moves that win something, the best first.

    Parameters
    ----------
    revision : WorthRevision
    fixed : frozenset of str
        Agents whose shifts stay where they are; their breaks and queues may change.
    over : callable, optional
        Asked between agents: whether it is time to end; of the others nothing is proposed.
    """
    grid = revision.inputs.grid
    days = grid.local_dates(revision.inputs.centre.zone)
    found = [
        move
        for agent in sorted(revision.records)
        if not over() and revision.worth.at_once(revision.value.queues_of.get(agent, ()))
        for move in _of_agent(revision, agent, () if agent in fixed else days)
        if move.gain > LEAST
    ]
    return sorted(found, key=lambda m: (-m.gain, m.agent_id, m.dates, m.what))


def independent(moves: Sequence[Move], most: int) -> tuple[list[Move], list[Move]]:
    """The best of moves, in order, that do not touch each other, and the others.

    Of two moves of one agent, or that touch mostly the same hours of queues, the better is taken.
    """
    agents, taken = set[str](), set[tuple[str, int]]()
    chosen, left = list[Move](), list[Move]()
    for move in moves:
        apart = move.agent_id not in agents and 2 * len(move.cells & taken) <= len(move.cells)
        if len(chosen) < most and apart:
            chosen.append(move)
            agents.add(move.agent_id)
            taken |= move.cells
        else:
            left.append(move)
    return chosen, left


def agents_with_fixed_shifts(week: ScheduleInputs, rules: ScheduleSettings) -> frozenset[str]:
    """Agents whose shifts stay where they are: they wished for a day of the week, or have it published.

    Where unpopular hours go on an account, or the scenario says how far the starts of a week may lie apart,
    everybody.
    """
    if rules.price_unfair > 0.0 or rules.start_variance_min < DAY_MIN:
        return frozenset(week.agents["agent_id"].astype(str))
    days, found = week.grid.local_dates(week.centre.zone), set[str]()
    for rows in (week.wishes, week.published):
        if rows is not None and not rows.empty:
            now = pd.to_datetime(rows["schedule_date"]).dt.date.isin(days).to_numpy()
            found |= set(rows.loc[now, "agent_id"].astype(str))
    return frozenset(found)


def _of_agent(revision: WorthRevision, agent: str, days: Sequence[dt.date]) -> Iterator[Move]:
    """Moves of one agent; shifts may go to ``days``, where there are none they stay."""
    shifts = {shift[0]["schedule_date"]: shift for shift in shifts_of(revision.records[agent]).values()}
    taken = {r["schedule_date"] for r in revision.records[agent]}
    for date, shift in shifts.items():
        if len(shift) < sum(r["schedule_date"] == date for r in revision.records[agent]):
            continue  # leave beside the shift
        yield _move(revision, agent, "queue", (date,), shift)
        option = break_option(revision, agent, date, revision.price(agent))
        if option is not None:
            yield from _as_moves(revision, "breaks", date, [option])
        if days and movable(shift):
            yield from _as_moves(revision, "start", date, _starts(revision, agent, shift, date)[:STARTS])
            for other in days:
                if other not in taken:
                    yield from _as_moves(revision, "day", date, _starts(revision, agent, shift, other)[:1])


def _starts(revision: WorthRevision, agent: str, shift: list[Record], date: dt.date) -> list[Option]:
    """Other starts of a shift on a day, those at which its span is worth most first."""
    now, price, slot = parts_of(shift), revision.price(agent), revision.value.slot_min

    def money(parts: tuple[Span, ...]) -> float:
        return sum(price.get(minute, 0.0) for a, b in parts for minute in range(a, b, slot))

    found = []
    for begin in starts_of(revision, agent, date):
        by = begin - now[0][0]
        parts = tuple((a + by, b + by) for a, b in now)
        if by and (worth := money(parts) - money(now)) > 0:
            found.append(Option(agent, date, parts, "moved", worth))
    return sorted(found, key=lambda option: (-option.worth, option.parts))


def _as_moves(revision: WorthRevision, what: str, old: dt.date, options: list[Option]) -> Iterator[Move]:
    """Moves that options of the shift of a day are, where their breaks fit."""
    for option in options:
        week = week_with(revision, option)
        if week is not None:
            rows = [r for r in week if r["schedule_date"] == option.date]
            yield _move(revision, option.agent_id, what, tuple(sorted({old, option.date})), rows)


def _move(
    revision: WorthRevision, agent: str, what: str, dates: tuple[dt.date, ...], rows: list[Record]
) -> Move:
    """Days that hold other rows, each stretch of work kept where that is worth most."""
    worth, queues = revision.worth, revision.value.queues_of[agent]
    before = [r for r in revision.records[agent] if r["schedule_date"] in dates]
    new = [worth.best_kept(row, queues) for row in rows]
    gain = worth.of_rows(new, queues) - worth.of_rows(before, queues)
    cells = frozenset(_cells(new) ^ _cells(before))
    return Move(agent, what, dates, tuple(before), tuple(new), gain, cells)


def _cells(rows: Sequence[Record]) -> set[tuple[str, int]]:
    """Queues and hours in which somebody is kept for them."""
    return {
        (kept_for(r), hour)
        for r in rows
        if r["kind"] == Kind.WORK.value and kept_for(r)
        for hour in range(r["start"] // 60, -(-r["end"] // 60))
    }
