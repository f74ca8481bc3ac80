"""Answer agents' requests against a plan: accept, refuse or waitlist, with the reason and what it costs."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar

import pandas as pd

from wfo.errors import Problem, TableError
from wfo.scheduling.allowance import Allowance
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.request_kinds import KINDS, NotPossible, Proposal, Request
from wfo.scheduling.request_settings import RequestSettings
from wfo.scheduling.revision import Revision, Trial
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import is_gap
from wfo.scheduling.wording import breach_text, changes_text, span_text
from wfo.tables.result import Meta, Result
from wfo.timegrid import epoch_min, from_epoch_min

ACCEPT, REFUSE, WAITLIST = "accept", "refuse", "waitlist"
_COLUMNS = [
    "request_id", "agent_id", "kind", "start", "end", "with_agent", "answer", "reason", "changes", "cost",
    "wages", "day_left", "team_left",
]  # fmt: skip


@dataclass(frozen=True)
class RequestInputs:
    """Frames after the table contracts.

    Attributes
    ----------
    week : ScheduleInputs
        The week as the scheduler reads it.
    plan : DataFrame
        Table ``schedule`` the requests are about.
    requests : DataFrame
    schedule_settings : ScheduleSettings
        As the plan was made with.
    """

    week: ScheduleInputs
    plan: pd.DataFrame
    requests: pd.DataFrame
    schedule_settings: ScheduleSettings = field(default_factory=ScheduleSettings)


class RequestResult(Result):
    """Tables ``answers``, ``schedule`` as it is after what was accepted, and its ``availability``."""

    MAIN: ClassVar[str] = "answers"

    def accepted(self) -> pd.DataFrame:
        """Answers to requests that were granted."""
        return self.frame()[(self.frame()["answer"] == ACCEPT).to_numpy()].reset_index(drop=True)


def answer_requests(inputs: RequestInputs, settings: RequestSettings, *, seed: int) -> RequestResult:
    """Answer requests in the order they were received; what is accepted binds those after it.

    A request is refused where a rule of a contract, or the plan itself, forbids it; it waits where it may
    become possible: its allowance is used up, or service would lose more than the settings allow. Those that
    wait are looked at again whenever another has been accepted.

    Parameters
    ----------
    inputs : RequestInputs
    settings : RequestSettings
    seed : int
        Nothing here is drawn; it is kept with the result.

    Returns
    -------
    RequestResult
        ``answers``: a row for each request, in their order, with the money it costs service (negative:
        gains), the change of wages, and how many more may be on leave on its fullest day, of all and of the
        team, before the request.

    Raises
    ------
    TableError
        If requests name unknown agents, swap with nobody or oneself, or cannot be read.
    """
    asked = requests_of(inputs.requests, inputs.week)
    revision = Revision(inputs.week, inputs.plan, inputs.schedule_settings)
    desk = _Desk(revision, Allowance(revision, settings), settings)
    answers: dict[str, dict[str, Any]] = {}
    waiting = sorted(asked, key=lambda r: (r.received, r.request_id))
    while waiting:
        accepted = False
        for request in waiting:
            answers[request.request_id] = desk.answer(request)
            accepted = accepted or answers[request.request_id]["answer"] == ACCEPT
        left = [r for r in waiting if answers[r.request_id]["answer"] == WAITLIST]
        if not accepted or not left:
            break
        waiting = left
    frame = _frame([answers[r.request_id] for r in asked])
    counts = {word: int((frame["answer"] == word).sum()) for word in (ACCEPT, REFUSE, WAITLIST)}
    tables = {"answers": frame, "schedule": revision.plan(), "availability": revision.availability}
    return RequestResult(tables, Meta(seed=seed, facts=counts))


def requests_of(frame: pd.DataFrame, week: ScheduleInputs) -> list[Request]:
    """Requests of the table, in its order.

    Raises
    ------
    TableError
        With every row that names somebody unknown, swaps with nobody or oneself, ends before it starts, or
        repeats an id.
    """
    known = week.agents["agent_id"].astype(str).tolist()
    problems, out = [], []
    seen: set[str] = set()
    for number, row in enumerate(frame.to_dict("records"), start=1):
        where = f"requests, row {number}, column "
        other = row.get("with_agent")
        other = "" if other is None or pd.isna(other) else str(other)
        begin, end, received = (
            int(epoch_min(pd.DatetimeIndex([row[c]]))[0]) for c in ("start", "end", "received_at")
        )
        one = Request(
            str(row["request_id"]), str(row["agent_id"]), str(row["kind"]), begin, end, other, received
        )
        if one.request_id in seen:
            problems.append(Problem(f"{where}'request_id'", f"'{one.request_id}' occurs twice; keep one row"))
        seen.add(one.request_id)
        for column, name in (("agent_id", one.agent_id), ("with_agent", other)):
            if name not in known and (name or column == "agent_id"):
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean '{near[0]}'?" if near else "name an agent of the table 'agents'"
                problems.append(Problem(f"{where}'{column}'", f"agent '{name}' is unknown; {hint}"))
        if one.kind not in KINDS:
            message = f"found '{one.kind}'; allowed are {', '.join(KINDS)}"
            problems.append(Problem(f"{where}'kind'", message))
        if one.kind == "swap" and other in ("", one.agent_id):
            message = f"found '{other or 'nothing'}'; a swap needs another agent, name the one to swap with"
            problems.append(Problem(f"{where}'with_agent'", message))
        if begin >= end:
            problems.append(Problem(f"{where}'end'", "it does not end after it starts; correct the times"))
        out.append(one)
    if problems:
        raise TableError(problems)
    return out


class _Desk:
    """Answers one request after the other."""

    def __init__(self, revision: Revision, allowance: Allowance, settings: RequestSettings):
        self.revision, self.allowance, self.settings = revision, allowance, settings

    def answer(self, request: Request) -> dict[str, Any]:
        """Answer a request; what is accepted is made."""
        days = self.allowance.days(request.agent_id, request.begin, request.end)
        whole, team = self.allowance.left(request.agent_id, days)
        row: dict[str, Any] = {
            **dict.fromkeys(_COLUMNS), "request_id": request.request_id, "agent_id": request.agent_id,
            "kind": request.kind, "start": request.begin, "end": request.end,
            "with_agent": request.with_agent or None, "answer": REFUSE, "changes": "", "day_left": whole,
            "team_left": team,
        }  # fmt: skip
        grid = self.revision.inputs.grid
        last = grid.start_min + grid.n * grid.step_min
        if request.begin < grid.start_min or request.end > last:
            week = span_text(grid.start_min, last, self.revision.inputs.centre.zone)
            return {
                **row,
                "reason": f"it does not lie in the planned week ({week}); ask for one week at a time",
            }
        try:
            proposal = KINDS[request.kind](self.revision, request)
        except NotPossible as why:
            return {**row, "reason": str(why)}
        trial = self.revision.try_out(proposal.changes, proposal.absences)
        row |= {
            "cost": round(trial.loss, 2),
            # paid leave costs its wages all the same
            "wages": 0.0 if request.kind == "time_off" else round(trial.wages, 2),
            "changes": changes_text(self.revision, proposal.changes),
        }
        answer, reason = self._judged(request, proposal, trial)
        if answer == ACCEPT:
            self.revision.make(trial)
            self.allowance.take(request.agent_id, proposal.days)
        return {**row, "answer": answer, "reason": reason}

    def _judged(self, request: Request, proposal: Proposal, trial: Trial) -> tuple[str, str]:
        if trial.breaches:
            return REFUSE, "; ".join(breach_text(b) for b in trial.breaches)
        full = self.allowance.why_not(request.agent_id, proposal.days) if proposal.days else ""
        if full:
            return WAITLIST, full
        money = self.revision.inputs.centre.currency
        hours = (request.end - request.begin) / 60
        if request.kind in ("extra_hours", "voluntary_time_off"):
            net = trial.loss + trial.wages
            if net > 1e-6:
                word = "gain" if request.kind == "extra_hours" else "save"
                worth, price = (-trial.loss, trial.wages) if word == "gain" else (-trial.wages, trial.loss)
                worth = max(0.0, worth)
                other = "wages cost" if word == "gain" else "service loses"
                text = f"it would {word} {worth:.2f} {money} and {other} {price:.2f} {money}"
                return WAITLIST, text
        else:
            most = self.settings.loss_swap
            if request.kind == "time_off":
                most = self.settings.loss_off_h * min(hours, self._worked_h(request, trial))
            if trial.loss > most + 1e-6:
                return (
                    WAITLIST,
                    f"service would lose {trial.loss:.2f} {money}; at most {most:.2f} are allowed",
                )
        note = f"; {proposal.note}" if proposal.note else ""
        return ACCEPT, f"rules, allowance and service allow it{note}"

    def _worked_h(self, request: Request, trial: Trial) -> float:
        """Hours of work that leave gives up."""
        before, after = (
            sum(
                r["end"] - r["start"]
                for r in own[request.agent_id]
                if r["kind"] != "time_off" and not is_gap(r)
            )
            for own in (self.revision.records, trial.changes)
        )
        return (before - after) / 60


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for side in ("start", "end"):
        frame[side] = from_epoch_min(frame[side].to_numpy("int64"))
    text = dict.fromkeys(
        ("request_id", "agent_id", "kind", "with_agent", "answer", "reason", "changes"), "str"
    )
    number = dict.fromkeys(("cost", "wages", "day_left", "team_left"), "float64")
    return frame.astype({**text, **number})
