"""Cases of several steps: windows and their properties, planted flows, what cannot be kept, bad input."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stand_in import AGENT_SKILLS, ROUTING, StandIn, small_centre, week_grid

from wfo.domain.centre import Centre
from wfo.domain.deferred import CaseStep
from wfo.errors import InputError
from wfo.metrics.specs import parse_target
from wfo.staffing.case_windows import open_steps, step_windows
from wfo.staffing.lateness import chase_contacts
from wfo.staffing.settings import StaffSettings
from wfo.staffing.staff import StaffInputs, staff
from wfo.tables.contracts import RUN

PLAIN = StaffSettings(unscheduled_shrinkage=0.0, blend_occupancy=1.0, max_occupancy=1.0)
STEPS = {
    "look": {"handle_s": 300},
    "review": {"handle_s": 900, "queue": "review", "rework": 0.25},
    "letter": {"handle_s": 300, "wait_h": 24},
}


def _centre(**cases: object) -> Centre:
    told = small_centre().model_dump()
    own = {"channel": "back_office", "law": "deferred", "hours": "Mon-Fri 08:00-18:00"}
    told["queues"]["cases"] = {**own, "case_steps": STEPS, **cases}
    told["queues"]["review"] = {**own, "hours": "Mon-Fri 08:00-12:00"}
    return Centre.model_validate(told)


def _inputs(centre: Centre, **per_interval: float) -> StaffInputs:
    grid = week_grid()
    forecast = StandIn(centre, grid, per_interval or {"cases": 2.0}, {"cases": 1800, "voice": 360})
    specs = (parse_target("90% by promise", metric="response_within", scope="cases"),)
    return StaffInputs(centre, grid, specs, forecast, ROUTING, AGENT_SKILLS)


def _table(centre: Centre, **per_interval: float) -> pd.DataFrame:
    return staff(_inputs(centre, **per_interval), PLAIN, seed=1).tables["case_steps"]


def test_a_case_is_done_step_by_step_by_those_who_serve_it() -> None:
    result = staff(_inputs(_centre()), PLAIN, seed=1)
    steps, deferred = result.tables["case_steps"], result.tables["deferred"]
    assert any("133.3 h of its steps are done by review" in note for note in result.meta.notes)
    assert tuple(steps.columns) == RUN["case_steps"].names
    first = steps[steps["release"] == steps["release"].min()]
    assert first["step"].tolist() == ["look"]
    # 1,500 s of review and rework leave 1,800 s in all; half of what 900/0.75 leaves
    work = steps.groupby("step")["work_s"].sum()
    cases = 2.0 * 5 * 40
    assert work.to_dict() == pytest.approx(
        {"look": cases * 300, "review": cases * 1200, "letter": cases * 300}
    )
    assert set(steps.loc[steps["step"] == "review", "served_by"]) == {"review"}
    by_queue = deferred.groupby("queue")["work_s"].sum()
    assert by_queue.to_dict() == pytest.approx({"cases": cases * 600, "review": cases * 1200})
    # a case in time is worth its price once, shared by its steps as their work, and a wage for the work
    whole = (deferred["value_per_min"] * deferred["work_s"] / 60).sum()
    assert whole == pytest.approx(cases * (4.0 + 1800 / 3600 * 25.0))


def test_steps_follow_each_other_and_the_last_ends_with_the_promise() -> None:
    steps = _table(_centre())
    for _, own in steps.assign(n=steps.groupby("step").cumcount()).groupby("n"):
        one = own.set_index("step")
        assert one.loc["look", "due"] <= one.loc["review", "release"] < one.loc["review", "due"]
        assert one.loc["review", "due"] + pd.Timedelta(hours=24) <= one.loc["letter", "release"]
        assert one.loc["letter", "due"] == one.loc["letter", "promised"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_windows_hold_an_open_interval_and_are_late_only_where_every_order_is(data: st.DataObject) -> None:
    """Against the earliest end of all: each step in the first open interval after the one before."""
    n, k = 24, data.draw(st.integers(1, 4))
    steps = [
        CaseStep(handle_s=data.draw(st.integers(1, 9)), wait_h=data.draw(st.integers(0, 3))) for _ in range(k)
    ]
    is_open = np.array([data.draw(st.lists(st.booleans(), min_size=n, max_size=n)) for _ in range(k)])
    opened = [np.r_[0, np.cumsum(row)] for row in is_open]
    release = np.array([data.draw(st.integers(0, 10))])
    due = release + data.draw(st.integers(1, 12))
    begin, end = step_windows(steps, opened, release, due, 60)
    at = int(release[0])
    for step, row in zip(steps, is_open, strict=True):
        ahead = np.flatnonzero(row[min(n, at + int(step.wait_h)) :])
        at = at + int(step.wait_h) + ahead[0] + 1 if ahead.size else n + 1
    assert (begin[1:] >= end[:-1]).all()
    if at <= due[0]:
        assert end[-1, 0] == due[0]
        assert all(row[b:e].any() for row, b, e in zip(is_open, begin[:, 0], end[:, 0], strict=True))
    else:
        assert end[-1, 0] > due[0] or end[-1, 0] == n


def test_rework_is_what_repeated_trials_find() -> None:
    tries = np.random.default_rng(4).geometric(0.75, size=200_000)
    assert CaseStep(handle_s=900, rework=0.25).work_s == pytest.approx(900 * tries.mean(), rel=0.005)


def test_one_step_in_the_own_queue_is_plain_work() -> None:
    alone = _centre(case_steps={"all": {"handle_s": 1800}})
    plain = _centre(case_steps={})
    found, wanted = (staff(_inputs(c), PLAIN, seed=1).tables["deferred"] for c in (alone, plain))
    pd.testing.assert_frame_equal(found, wanted)


def test_a_promise_too_short_is_said_and_no_work_is_lost() -> None:
    result = staff(_inputs(_centre(promise_h=5)), PLAIN, seed=1)
    assert any("cannot end by their promise" in note for note in result.meta.notes)
    assert result.tables["case_steps"]["work_s"].sum() == pytest.approx(2.0 * 5 * 40 * 1800)
    assert not any("cannot end" in n for n in staff(_inputs(_centre(promise_h=60)), PLAIN, seed=1).meta.notes)


def test_work_handed_to_nobody_is_a_reason() -> None:
    reasons = staff(_inputs(_centre()), PLAIN, seed=1).meta.reasons
    assert any("review (133.3 h of work) is routed to no skill" in reason for reason in reasons)


def test_handle_times_that_disagree_are_said() -> None:
    told = staff(_inputs(_centre(case_steps={"all": {"handle_s": 900}})), PLAIN, seed=1).meta.notes
    assert not any("simulation" in note for note in told)
    assert any("take 900 s with rework, the forecast says 1800 s" in note for note in told)


def test_open_cases_are_as_far_as_planned() -> None:
    centre, grid = _centre(), week_grid()
    release = pd.Series(pd.to_datetime(["2025-07-03T08:00Z", "2025-07-07T08:00Z", "2025-06-30T08:00Z"]))
    due = pd.Series(pd.to_datetime(["2025-07-08T16:00Z", "2025-07-10T16:00Z", "2025-07-02T16:00Z"]))
    cases = pd.DataFrame({"release": release, "due": due})
    now = pd.Timestamp("2025-07-07T08:00Z").to_pydatetime()
    left = open_steps(centre, "cases", cases, now, grid.step_min)
    counted = left.groupby("due")["work_s"].sum()
    assert counted[due[2]] == 300  # overdue: the letter
    assert left["work_s"].sum() < 3 * 1800
    assert left.loc[left["release"] >= release[1], "work_s"].sum() >= 1800  # the new one whole


def test_chase_contacts_raise_the_worth_of_being_in_time() -> None:
    quiet, asked = _centre(), _centre(chase={"contacts": 0.5, "queue": "voice"})
    inputs = _inputs(asked)
    laws = inputs.forecast.laws()
    laws.follow_ups[0, 0], laws.follow_ups[0, 3] = 0.2, 0.4
    # 0.5 calls, each 1.25 in the end; the web contacts they bring cost nobody's time
    assert chase_contacts(asked, "cases", laws) == pytest.approx(0.5 * 1.25)
    calm, dear = (staff(_inputs(c), PLAIN, seed=1).tables["deferred"] for c in (quiet, asked))
    money = [(t["value_per_min"] * t["work_s"] / 60).sum() for t in (calm, dear)]
    assert money[1] - money[0] == pytest.approx(2.0 * 5 * 40 * 0.5 * PLAIN.price_chase)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"case_steps": {"a": {"handle_s": 60, "queue": "nobody"}}},
            "case_steps.a.queue: unknown queue 'nobody'",
        ),
        (
            {"case_steps": {"a": {"handle_s": 60, "queue": "voice"}}},
            "'voice' is immediate; a step's queue is",
        ),
        (
            {"chase": {"contacts": 1, "queue": "nobody"}},
            "chase.queue: unknown queue 'nobody'; the centre has",
        ),
        ({"blend": ("email",)}, "'email' is no queue served at once; there are: voice, chat"),
        (
            {"blocks": {"b": {"hours": "Sun 08:00-09:00", "agents": 1}}},
            "no hour of it lies in the queue's hours",
        ),
        ({"outbound": {}}, "give the calls a queue of their own"),
        ({"law": "immediate"}, "only a deferred queue has case_steps"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        staff(dataclasses.replace(_inputs(_centre()), centre=_centre(**changes)), PLAIN, seed=1)


@pytest.mark.parametrize("rework", [1.0, 1.5, -0.1])
def test_rework_of_all_or_more_is_refused(rework: float) -> None:
    with pytest.raises(ValidationError, match=r"rework\n.*(less than 1|greater than or equal to 0)"):
        CaseStep(handle_s=60, rework=rework)
