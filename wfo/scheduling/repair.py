"""Repair a plan after absences, with few changes, each worth more than it asks of people."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar

import pandas as pd

from wfo.errors import Problem, TableError
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.repair_options import Option, break_option, shift_on, shift_options, week_with
from wfo.scheduling.repair_settings import RepairSettings
from wfo.scheduling.request_kinds import leave_of
from wfo.scheduling.revision import Revision, Trial
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import is_gap
from wfo.scheduling.wording import breach_text, shift_text
from wfo.tables.result import Meta, Result, Status
from wfo.timegrid import epoch_min

_COLUMNS = ["agent_id", "schedule_date", "what", "before", "after", "gain", "wages", "price"]
_TRIED = 24
"""Most options valued exactly in one step."""
_ABSENT = ("time_off", "unavailable")


@dataclass(frozen=True)
class RepairInputs:
    """Frames after the table contracts.

    Attributes
    ----------
    week : ScheduleInputs
        The week as the scheduler reads it, without the new absences.
    plan : DataFrame
        Table ``schedule``, as people hold it.
    absences : DataFrame
        Rows of ``availability`` of kind time_off or unavailable that have become known since.
    schedule_settings : ScheduleSettings
    """

    week: ScheduleInputs
    plan: pd.DataFrame
    absences: pd.DataFrame
    schedule_settings: ScheduleSettings = field(default_factory=ScheduleSettings)


class RepairResult(Result):
    """Tables ``changes``, ``schedule`` and ``availability`` after the repair, ``breaches`` that are left."""

    MAIN: ClassVar[str] = "changes"


def repair(inputs: RepairInputs, settings: RepairSettings, *, seed: int) -> RepairResult:
    """Take absences out of a plan and win back what service loses by them, with few changes.

    Shifts on the days of the absences may be moved, made longer or shorter, people called in and breaks
    moved; step by step that change is made that wins most beyond its wages and what a change costs, as long
    as there is one that breaks no rule. Shifts with activities or locks stay but for their breaks.

    Parameters
    ----------
    inputs : RepairInputs
    settings : RepairSettings
    seed : int
        Nothing here is drawn; it is kept with the result.

    Returns
    -------
    RepairResult
        ``changes``: first the absences (``gain`` is what they lose, negative), then the changes in the order
        they were made. ``meta.facts`` has ``lost``, ``won_back``, ``changed_shifts``, ``moved_breaks``.

    Raises
    ------
    TableError
        If absences name unknown agents or other kinds, or end before they start.
    """
    problems = _problems(inputs)
    if problems:
        raise TableError(problems)
    revision = Revision(inputs.week, inputs.plan, inputs.schedule_settings)
    rows, days = _take_out(revision, inputs.absences)
    lost = -sum(row["gain"] for row in rows)
    absent = set(inputs.absences["agent_id"].astype(str))
    mender = _Mender(revision, settings, days, absent)
    made = list(mender.steps())
    shifts = sum(row["what"] != "breaks moved" for row in made)
    left = sorted(revision.whole_breaches())
    facts = {
        "lost": round(lost, 2),
        "won_back": round(sum(row["gain"] for row in made), 2),
        "changed_shifts": shifts,
        "moved_breaks": len(made) - shifts,
    }
    tables = {
        "changes": _frame([*rows, *made]),
        "schedule": revision.plan(),
        "availability": revision.availability,
        "breaches": pd.DataFrame(left, columns=["rule", "agent_id", "schedule_date", "message"]),
    }
    reasons = tuple(breach_text(b) for b in left)
    status = Status.FEASIBLE if not left else Status.INFEASIBLE
    return RepairResult(tables, Meta(status, reasons, seed=seed, facts=facts))


def _problems(inputs: RepairInputs) -> list[Problem]:
    known = inputs.week.agents["agent_id"].astype(str).tolist()
    found = []
    for number, row in enumerate(inputs.absences.to_dict("records"), start=1):
        where, agent = f"availability, row {number}, column ", str(row["agent_id"])
        if agent not in known:
            near = get_close_matches(agent, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "name an agent of the table 'agents'"
            found.append(Problem(f"{where}'agent_id'", f"agent '{agent}' is unknown; {hint}"))
        if row["kind"] not in _ABSENT:
            allowed = " or ".join(_ABSENT)
            found.append(Problem(f"{where}'kind'", f"found '{row['kind']}'; an absence is {allowed}"))
        if not row["start"] < row["end"]:
            found.append(Problem(f"{where}'end'", "it does not end after it starts; correct the times"))
    return found


def _take_out(revision: Revision, absences: pd.DataFrame) -> tuple[list[dict[str, Any]], set[Any]]:
    """Take absences out of the plan, whatever the rules say; what each loses, and the days they touch."""
    rows, days = [], set()
    order = absences.sort_values(["start", "agent_id"])
    spans = zip(epoch_min(order["start"]).tolist(), epoch_min(order["end"]).tolist(), strict=True)
    for agent, kind, (begin, end) in zip(order["agent_id"], order["kind"], spans, strict=True):
        own = str(agent)
        week, extra, touched = leave_of(revision, own, begin, end, name=str(kind), paid=kind == "time_off")
        before = {day: shift_on(revision, own, day) for day in touched}
        loss = revision.value_loss({own: week})
        revision.make(Trial({own: week}, extra, (), loss, 0.0))
        days |= set(touched)
        zone = revision.agents[own].zone.key
        for n, day in enumerate(touched):
            now, was = shift_on(revision, own, day), before[day]
            rows.append(
                dict(zip(_COLUMNS, (
                    own, day, str(kind), shift_text(was or [], zone) if was else "free",
                    shift_text(now, zone) if now else "absent", -loss if n == 0 else 0.0, 0.0, 0.0,
                ), strict=True))
            )  # fmt: skip
        if not touched:
            day = revision.local(own, begin).date()
            rows.append(
                dict(zip(_COLUMNS, (own, day, str(kind), "free", "absent", 0.0, 0.0, 0.0), strict=True))
            )
    return rows, days


class _Mender:
    """Makes the best change again and again."""

    def __init__(self, revision: Revision, settings: RepairSettings, days: set[Any], absent: set[str]):
        self.revision, self.settings, self.days = revision, settings, sorted(days)
        self.agents = [a for a in sorted(revision.agents) if a not in absent and revision.value.queues_of[a]]
        self.touched: set[tuple[str, Any]] = set()
        self.barred: set[Option] = set()

    def steps(self) -> Iterator[dict[str, Any]]:
        """Changes as they are made: shifts as long as one wins, then breaks, one shift after the other."""
        for _ in range(self.settings.most_shifts):
            made = self._step(self._options())
            if made is None:
                break
            yield made
        for agent in self.agents:
            for day in self.days:
                option = break_option(self.revision, agent, day, self.revision.price(agent))
                worth = option is not None and option.worth > self._price(option)
                made = self._step([option]) if option is not None and worth else None
                if made is not None:
                    yield made

    def _step(self, options: list[Option]) -> dict[str, Any] | None:
        """Make the best of some changes where one wins."""
        best: tuple[float, Option, Trial] | None = None
        for option in options:
            price = self._price(option)
            if best is not None and option.worth - price <= best[0]:
                break  # prices flatter: what several slots win together is less
            week = week_with(self.revision, option)
            if week is None:
                continue
            loss = self.revision.value_loss({option.agent_id: week})
            if -loss - price <= (best[0] if best else 1e-6):
                continue
            trial = self.revision.try_out({option.agent_id: week})
            if trial.breaches:
                self.barred.add(Option(option.agent_id, option.date, option.parts, option.what, 0.0))
                continue
            net = -trial.loss - trial.wages - price
            if net > (best[0] if best else 1e-6):
                best = (net, option, trial)
        return None if best is None else self._made(best[1], best[2])

    def _options(self) -> list[Option]:
        """Other shifts worth trying, by prices, best first."""
        found: list[Option] = []
        prices: dict[tuple[str, ...], dict[int, float]] = {}
        for agent in self.agents:
            queues = self.revision.value.queues_of[agent]
            if queues not in prices:
                prices[queues] = self.revision.price(agent)
            for day in self.days:
                found += shift_options(self.revision, agent, day, prices[queues])
        bare = {(o.agent_id, o.date, o.parts, o.what) for o in self.barred}
        found = [o for o in found if (o.agent_id, o.date, o.parts, o.what) not in bare]
        found.sort(key=lambda o: (-(o.worth - self._price(o)), o.agent_id, o.date, o.parts))
        return [o for o in found if o.worth > self._price(o)][:_TRIED]

    def _price(self, option: Option) -> float:
        """What the change asks of people; a shift once changed may be changed again."""
        if (option.agent_id, option.date) in self.touched:
            return 0.0
        only_breaks = option.what == "breaks moved"
        return self.settings.price_breaks if only_breaks else self.settings.price_shift

    def _made(self, option: Option, trial: Trial) -> dict[str, Any]:
        zone, price = self.revision.agents[option.agent_id].zone.key, self._price(option)
        before = shift_on(self.revision, option.agent_id, option.date)
        self.revision.make(trial)
        after = shift_on(self.revision, option.agent_id, option.date)
        if option.what != "breaks moved":
            self.touched.add((option.agent_id, option.date))
        texts = [_with_breaks(s, zone) if s else "free" for s in (before, after)]
        cells = (option.agent_id, option.date, option.what, *texts, -trial.loss, trial.wages, price)
        return dict(zip(_COLUMNS, cells, strict=True))


def _with_breaks(shift: list[dict[str, Any]], zone: str) -> str:
    rests = [shift_text([r], zone)[:5] for r in shift if r["kind"] == "break" and not is_gap(r)]
    return shift_text(shift, zone) + (f", breaks {', '.join(rests)}" if rests else "")


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame["schedule_date"] = frame["schedule_date"].astype(object)
    text = dict.fromkeys(("agent_id", "what", "before", "after"), "str")
    return frame.astype({**text, **dict.fromkeys(("gain", "wages", "price"), "float64")}).round(2)
