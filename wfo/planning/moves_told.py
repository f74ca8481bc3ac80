"""Changes of a local search as a table: whose shift, from what to what, and what it brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from wfo.domain.activities import Kind
from wfo.planning.agent_worth import kept_for
from wfo.planning.moves import Move
from wfo.scheduling.shift_rows import Record, is_gap, shifts_of
from wfo.scheduling.wording import parts_text, shift_text

_COLUMNS = ["pass", "together", "agent_id", "schedule_date", "what", "before", "after", "points"]


@dataclass(frozen=True)
class Made:
    """Changes that were made together.

    Attributes
    ----------
    number : int
        Pass of the search.
    moves : tuple of Move
    won : float
        By how much less targets are missed, added up over them, in the weeks of the pass.
    """

    number: int
    moves: tuple[Move, ...]
    won: float


def moves_table(made: Sequence[Made], zones: Mapping[str, str]) -> pd.DataFrame:
    """Table ``moves``: each change in the order in which they were made.

    Parameters
    ----------
    made : sequence of Made
    zones : mapping of str to str
        Time zone of each agent.

    Returns
    -------
    DataFrame
        ``pass, together, agent_id, schedule_date, what, before, after, points``: changes of one ``together``
        were judged together; ``points`` are those that all of them won, over all targets that were missed.
    """
    rows = []
    for number, batch in enumerate(made, start=1):
        for move in batch.moves:
            zone, new = zones[move.agent_id], list(move.rows)
            date = next(r["schedule_date"] for r in move.before)
            texts = (_text(move.what, own, zone) for own in (list(move.before), new))
            rows.append(
                (batch.number, number, move.agent_id, date, move.what, *texts, round(100 * batch.won, 3))
            )
    frame = pd.DataFrame(rows, columns=_COLUMNS).astype({"schedule_date": "object"})
    kinds = dict.fromkeys(("agent_id", "what", "before", "after"), "str")
    return frame.astype({**kinds, "pass": "int64", "together": "int64", "points": "float64"})


def _text(what: str, rows: list[Record], zone: str) -> str:
    """The side of a day that a change is about."""
    if what == "queue":
        work = [r for r in rows if r["kind"] == Kind.WORK.value]
        return ", ".join(f"{parts_text([(r['start'], r['end'])], zone)} {kept_for(r) or 'all'}" for r in work)
    if what == "breaks":
        rests = [r for r in rows if r["kind"] == Kind.BREAK.value and not is_gap(r)]
        return ", ".join(f"{parts_text([(r['start'], r['end'])], zone)} {r['activity']}" for r in rests)
    shifts = shifts_of(rows).values()
    return ", ".join(f"{s[0]['schedule_date']:%a %d %b} {shift_text(s, zone)}" for s in shifts)
