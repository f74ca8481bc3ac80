"""Why an agent of a fixed-shift team has a shift, and where cover is short, in sentences."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from wfo.scheduling.build import week_days
from wfo.scheduling.repair_options import shift_on
from wfo.scheduling.revision import Revision
from wfo.scheduling.shift_cover_settings import ShiftCover, wanted
from wfo.scheduling.shift_rows import Record, span_of
from wfo.scheduling.shifts import local_min, type_of
from wfo.scheduling.why import alternatives
from wfo.scheduling.wording import shift_text


def why_team_shift(
    revision: Revision, agent: str, date: dt.date, cover: Mapping[str, ShiftCover]
) -> list[str]:
    """Sentences: what the shift covers, and what other kinds of shift and a free day would break.

    Parameters
    ----------
    revision : Revision
        Of the plan.
    agent, date
        Whose shift on which day.
    cover : mapping of str to ShiftCover
        The scenario's.
    """
    shift = shift_on(revision, agent, date)
    if shift is None:
        return []
    kind = _kind(revision, agent, date, shift)
    zone = revision.agents[agent].zone.key
    out = [f"why {shift_text(shift, zone)}{f', {kind}' if kind else ''}:"]
    row = wanted(cover).get((date.weekday(), kind))
    if row is not None:
        there = _planned(revision)[date, kind]
        without = "one would be missing" if there <= row.agents else "cover would still hold"
        out.append(f"  {kind} wants {row.agents} and has {there} that day; without the shift {without}")
    for other in alternatives(revision, agent, date):
        if "shift_type" not in other.breaks:
            rules = " and ".join(rule.replace("_", " ") for rule in other.breaks)
            said = f"would break {rules}" if rules else "breaks no rule of the agent's"
            out.append(f"  {'a free day' if other.text == 'free' else f'{other.text} instead'} {said}")
    return out


def short_cover(revision: Revision, cover: Mapping[str, ShiftCover]) -> list[str]:
    """Days and kinds of shift that too few or too many work, one a line."""
    there = _planned(revision)
    out = []
    for day in week_days(revision.inputs):
        for (weekday, kind), row in wanted(cover).items():
            found = there[day, kind]
            if weekday == day.weekday() and found != row.agents:
                what = "too few" if found < row.agents else "more than wanted"
                out.append(f"{day:%a %d %b}  {kind}: {found} of {row.agents}, {what}")
    return out or ["every kind of shift has as many agents as wanted on every day"]


def _planned(revision: Revision) -> Counter[tuple[dt.date, str]]:
    """Agents by day and kind of shift."""
    found: Counter[tuple[dt.date, str]] = Counter()
    for agent, records in revision.records.items():
        for date in sorted({r["schedule_date"] for r in records}):
            shift = shift_on(revision, agent, date)
            if shift:
                found[date, _kind(revision, agent, date, shift)] += 1
    return found


def _kind(revision: Revision, agent: str, date: dt.date, shift: Sequence[Record]) -> str:
    """The kind of a shift by its contract; empty: none."""
    own, (begin, end) = revision.agents[agent], span_of(shift)
    number = type_of(own.contract, begin - local_min(date, 0, own.zone.key), end - begin)
    return list(own.contract.shift_types)[number - 1] if number > 0 else ""
