"""Earliest due first against a flow, calls, blocks, idle time: what each takes, and that no work is lost."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import linprog
from stand_in import AGENT_SKILLS, ROUTING, StandIn, small_centre, week_grid

from wfo.domain.centre import Centre
from wfo.domain.deferred import CallListSpec, Outbound
from wfo.errors import InputError
from wfo.metrics.specs import parse_target
from wfo.staffing.earliest_due import taken_up
from wfo.staffing.idle_time import shared_share
from wfo.staffing.result import StaffResult
from wfo.staffing.settings import StaffSettings
from wfo.staffing.staff import StaffInputs, staff

PLAIN = StaffSettings(unscheduled_shrinkage=0.0, blend_occupancy=0.9, max_occupancy=1.0)
BOTH = pd.DataFrame(
    {"agent_id": ["a", "a", "b", "c"], "skill": ["talk", "write", "talk", "write"], "priority": [1, 1, 1, 1]}
)
EMAILS = 8.0 * 200


def _centre(calls: dict[str, object] | None = None, **email: object) -> Centre:
    told = small_centre().model_dump()
    told["queues"]["email"] |= email
    if calls is not None:
        told["queues"]["calls"] = {
            "channel": "voice",
            "law": "deferred",
            "hours": "Mon-Fri 17:00-20:00",
            "outbound": calls,
        }
    return Centre.model_validate(told)


def _staff(centre: Centre, plan: StaffSettings = PLAIN, **changes: object) -> StaffResult:
    grid = week_grid()
    handle = {"voice": 360.0, "email": 420.0, "calls": 200.0}
    forecast = StandIn(centre, grid, {"voice": 10.0, "email": 8.0}, handle)
    target = parse_target("90% in 20s", metric="service_level", scope="voice")
    inputs = StaffInputs(centre, grid, (target,), forecast, ROUTING, BOTH)
    return staff(dataclasses.replace(inputs, **changes), plan, seed=1)


def _work_s(result: StaffResult, queue: str, useful: float = 0.9) -> float:
    table = result.tables["deferred"]
    return float(table.loc[table["queue"] == queue, "work_s"].sum()) * useful


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_order_takes_up_more(data: st.DataObject) -> None:
    n, rows = 6, data.draw(st.integers(1, 6))
    release = np.array([data.draw(st.integers(0, n - 1)) for _ in range(rows)])
    due = release + [data.draw(st.integers(1, 4)) for _ in range(rows)]
    work = np.array([data.draw(st.integers(1, 9)) for _ in range(rows)], dtype=float)
    capacity = np.array([data.draw(st.integers(0, 6)) for _ in range(n)], dtype=float)
    row, at, some = taken_up(work, release, due, capacity)
    assert ((at >= release[row]) & (at < due[row]) & (some > 0)).all()
    assert (np.bincount(row, some, rows) <= work + 1e-9).all()
    assert (np.bincount(at, some, n) <= capacity + 1e-9).all()
    allowed = (np.arange(n) >= release[:, None]) & (np.arange(n) < due[:, None])
    limits = np.r_[np.kron(np.eye(rows), np.ones(n)), np.kron(np.ones(rows), np.eye(n))]
    bounds = [(0, None if ok else 0) for ok in allowed.ravel()]
    most = linprog(-np.ones(rows * n), A_ub=limits, b_ub=np.r_[work, capacity], bounds=bounds)
    assert some.sum() == pytest.approx(-most.fun, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_limits_of_groups_hold(data: st.DataObject) -> None:
    n, rows = 5, 6
    release = np.array([data.draw(st.integers(0, n - 1)) for _ in range(rows)])
    work = np.array([data.draw(st.integers(1, 9)) for _ in range(rows)], dtype=float)
    group = np.arange(rows) % 2
    limit = np.array([[data.draw(st.integers(0, 4)) for _ in range(n)] for _ in range(2)], dtype=float)
    row, at, some = taken_up(work, release, release + 3, np.full(n, 5.0), group, limit)
    for g in range(2):
        mine = group[row] == g
        assert (np.bincount(at[mine], some[mine], n) <= limit[g] + 1e-9).all()
    assert (np.bincount(at, some, n) <= 5.0 + 1e-9).all()


def test_attempts_cost_what_trials_find() -> None:
    calls = Outbound(contact_rate=0.3, attempts=3, no_answer_s=25)
    rng = np.random.default_rng(2)
    first = rng.geometric(0.3, size=200_000)
    spent = np.where(first <= 3, 200 + 25 * (first - 1), 25 * 3)
    assert calls.work_s(200) == pytest.approx(spent.mean(), rel=0.005)


@pytest.mark.parametrize("pacing", [2, 3])
def test_numbers_called_at_once_cost_what_trials_find(pacing: int) -> None:
    """A list so long that there is always another number: rounds of calls until all are through."""
    calls = Outbound(contact_rate=0.3, attempts=3, no_answer_s=25, pacing=pacing)
    rng, waiting, spent, talked, people = np.random.default_rng(2), [0] * 30_000, 0.0, 0, 30_000
    while waiting:
        called, waiting = waiting[:pacing], waiting[pacing:]
        answers = rng.uniform(size=len(called)) < 0.3
        spent += 200 if answers.any() else 25
        talked += answers.any()
        waiting += [tries + 1 for tries, yes in zip(called, answers, strict=True) if not yes and tries < 2]
    assert calls.work_s(200) == pytest.approx(spent / people, rel=0.01)
    assert calls.talked == pytest.approx(talked / people, rel=0.01)


def test_a_list_is_called_in_each_days_window() -> None:
    days = {"contacts": 500, "first": "2025-07-03", "last": "2025-07-09"}
    calls = {"contact_rate": 0.5, "attempts": 2, "no_answer_s": 20, "lists": {"renewals": days}}
    result = _staff(_centre(calls))
    own = result.tables["deferred"].query("queue == 'calls'")
    local = own["release"].dt.tz_convert("Europe/Berlin")
    # five days of calls, Thursday and Friday before the week among them
    assert local.dt.strftime("%a %H:%M").tolist() == ["Mon 17:00", "Tue 17:00", "Wed 17:00"]
    assert (own["due"] - own["release"] == pd.Timedelta(hours=3)).all()
    assert _work_s(result, "calls") == pytest.approx(300 * (0.75 * 200 + 0.75 * 20))
    assert "calls: 13.8 h of calls are planned for" in result.meta.notes
    shown = result.frame().query("queue == 'calls'")["interval_start"].dt.tz_convert("Europe/Berlin")
    assert shown.dt.hour.between(17, 19).all()


def test_a_list_of_other_weeks_asks_for_nothing() -> None:
    days = {"contacts": 500, "first": "2025-08-04", "last": "2025-08-08"}
    assert _work_s(_staff(_centre({"lists": {"later": days}})), "calls") == 0


def test_a_list_on_closed_days_is_refused() -> None:
    days = {"contacts": 500, "first": "2025-07-12", "last": "2025-07-13"}
    with pytest.raises(InputError, match=r"lists\.weekend: the queue is never open from 2025-07-12"):
        _staff(_centre({"lists": {"weekend": days}}))


def test_a_list_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="last day 2025-07-01 lies before the first, 2025-07-02"):
        CallListSpec(contacts=1, first=dt.date(2025, 7, 2), last=dt.date(2025, 7, 1))


def test_calls_without_a_handle_time_are_refused() -> None:
    days = {"contacts": 500, "first": "2025-07-07", "last": "2025-07-08"}
    centre = _centre({"lists": {"x": days}})
    grid = week_grid()
    unknown = StandIn(centre, grid, {"voice": 10.0}, {"voice": 360.0})
    with pytest.raises(InputError, match="no handle time of its calls is known; write queues.calls.handle_s"):
        _staff(centre, forecast=unknown)


def test_callbacks_are_due_as_promised() -> None:
    table = _staff(_centre(promise_h=2)).tables["deferred"].query("queue == 'email'")
    opened = table[table["release"].dt.tz_convert("Europe/Berlin").dt.hour < 16]
    assert (opened["due"] - opened["release"] == pd.Timedelta(hours=2)).all()


def test_kept_agents_are_a_minimum_and_their_work_is_not_asked_for_again() -> None:
    blocks = {
        "morning": {"hours": "Tue 09:00-11:00", "agents": 2},
        "long": {"hours": "Tue 10:00-20:00", "agents": 1},
    }
    result, plain = _staff(_centre(blocks=blocks)), _staff(_centre())
    cover = result.tables["cover"].query("queue == 'email'")
    agents = cover.groupby("interval_start")["step"].agg(["max", "count"])
    assert agents["max"].tolist() == agents["count"].tolist() == [2] * 4 + [3] * 4 + [1] * 28
    assert cover["hard"].all()
    assert (cover["value"] >= 60 * 15 / 60 - 1e-9).all()
    others = result.tables["cover"].query("queue != 'email'").reset_index(drop=True)
    pd.testing.assert_frame_equal(others, plain.tables["cover"])
    hours = result.meta.facts["block_hours"]["email"]
    assert 0 < hours <= 12 * 0.9
    assert f"email: {hours:.1f} h of its work are done in its blocks, in which agents are kept for it" in (
        result.meta.notes
    )
    assert _work_s(result, "email") + hours * 3600 == pytest.approx(EMAILS * 420, abs=4)
    shown = result.frame().query("queue == 'email'").set_index("interval_start")["positions_with_shrinkage"]
    assert (shown.loc[agents.index] >= agents["max"]).all()


def test_idle_time_takes_what_it_can_and_the_rest_is_required() -> None:
    result, plain = _staff(_centre(blend=("voice",))), _staff(_centre())
    hours = result.meta.facts["idle_time_hours"]["email"]
    assert _work_s(plain, "email") == pytest.approx(EMAILS * 420)
    assert _work_s(result, "email") + hours * 3600 == pytest.approx(EMAILS * 420, abs=4)
    # one of two agents on the calls writes, too, and chats, so that a third of those on calls are her; idle
    # up to 90 % of the positions, while email is open
    voice = plain.frame().query("queue == 'voice'")
    open_too = voice["interval_start"].dt.tz_convert("Europe/Berlin").dt.hour < 18
    idle = np.maximum(0, 0.9 * voice["positions"] - voice["offered_load"])[open_too].sum() / 4
    assert hours == pytest.approx(idle / 3, abs=0.3)
    assert hours > 5
    assert any(
        f"{hours:.1f} h of its work are done in idle time of voice" in note for note in result.meta.notes
    )
    gone = [r.frame().query("queue == 'email'")["positions"].sum() for r in (plain, result)]
    assert gone[0] > gone[1]


def test_agents_without_the_skill_have_no_idle_time_for_it() -> None:
    result = _staff(_centre(blend=("voice",)), agent_skills=AGENT_SKILLS)
    assert _work_s(result, "email") == pytest.approx(EMAILS * 420)
    assert any("no agent of voice is skilled for email" in note for note in result.meta.notes)


def test_less_work_than_idle_time_leaves_no_requirement() -> None:
    centre = _centre(blend=("voice",))
    little = StandIn(centre, week_grid(), {"voice": 10.0, "email": 0.05}, {"voice": 360.0, "email": 420.0})
    result = _staff(centre, forecast=little)
    assert result.tables["deferred"].empty
    assert "email" not in set(result.frame()["queue"])


def test_who_knows_two_queues_sits_at_one_of_them() -> None:
    """Of two on voice one knows chat and email, too: a third of the time on voice is hers, as on chat."""
    skills = [("a", "voice"), ("a", "chat"), ("a", "email"), ("b", "voice"), ("c", "chat")]
    held = pd.DataFrame(skills, columns=["agent_id", "skill"])
    routing = pd.DataFrame({"queue": ["voice", "chat", "email"], "skill": ["voice", "chat", "email"]})
    centre, grid = small_centre(), week_grid()
    told = StaffInputs(centre, grid, (), StandIn(centre, grid, {}, {}), routing, held)
    shares = [shared_share(told, queue, ("email",)) for queue in ("voice", "chat")]
    assert shares == pytest.approx([1 / 3, 1 / 3])
    # a person each: what they do in idle time is one person's, however many queues she knows
    assert 1.5 * shares[0] + 1.5 * shares[1] == pytest.approx(1.0)
    assert shared_share(told, "voice", ("chat", "email")) == pytest.approx(1 / 3)


def test_what_is_late_whoever_is_there_is_said() -> None:
    """A target shorter than the work, and work due before the week; one that can be kept says nothing."""
    monday = pd.Timestamp("2025-07-07T00:00Z")
    due = [monday - pd.Timedelta(days=3), monday + pd.Timedelta(days=1)]
    backlog = pd.DataFrame({"queue": "email", "release": due[0], "due": due, "work_s": 1800.0})
    for within, short in (("1 min", True), ("60 min", False)):
        spec = parse_target(f"90% in {within}", metric="response_within", scope="email")
        notes = _staff(_centre(), specs=(spec,), backlog=backlog).meta.notes
        said = "email: '90% in 1 min' allows 60 s, and its work alone takes 420 s in the mean, which more"
        assert any(note.startswith(said) for note in notes) == short
        assert any(note.startswith("email: 1 pieces of open work, 0.5 h, are due before") for note in notes)
    assert not any("email" in note for note in _staff(_centre()).meta.notes)
