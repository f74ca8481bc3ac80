"""Later work of a centre as the simulation plays it, and what is told of it."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from wfo.domain.centre import Centre
from wfo.domain.deferred_checks import misfits
from wfo.errors import InputError
from wfo.evaluation.flow import call_lists, case_flow, flow_notes
from wfo.evaluation.later import diallers_of, later_work
from wfo.evaluation.play import Played, options_of
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.timegrid import TimeGrid

MONDAY = dt.date(2025, 7, 7)
HOURS = "Mon-Fri 08:00-18:00"
CENTRE = Centre.model_validate(
    {
        "zone": "Europe/Berlin",
        "queues": {
            "voice": {"channel": "voice", "law": "immediate", "hours": HOURS, "patience_s": 60},
            "surveys": {
                "channel": "voice",
                "law": "immediate",
                "hours": "Mon-Fri 10:00-12:00",
                "patience_s": 20,
                "dialler": {"reached": 0.5, "calls": 1, "least_free": 2, "beside": ["voice"]},
            },
            "cases": {
                "channel": "back_office",
                "law": "deferred",
                "hours": HOURS,
                "promise_h": 5,
                "chase": {"contacts": 0.5, "queue": "voice", "within_h": 8},
                "case_steps": {
                    "look": {"handle_s": 300},
                    "review": {"handle_s": 600, "queue": "review", "wait_h": 1, "rework": 0.25},
                },
            },
            "review": {"channel": "back_office", "law": "deferred", "hours": HOURS},
            "calls": {
                "channel": "voice",
                "law": "deferred",
                "hours": "Mon-Fri 16:00-18:00",
                "handle_s": 120,
                "outbound": {
                    "contact_rate": 0.5,
                    "attempts": 2,
                    "lists": {
                        "renewals": {"contacts": 101, "first": MONDAY, "last": "2025-07-09"},
                        "older": {"contacts": 70, "first": "2025-07-03", "last": "2025-07-08"},
                        "next": {"contacts": 70, "first": "2025-07-14", "last": "2025-07-15"},
                    },
                },
            },
        },
    }
)
GRID = TimeGrid.of_days(MONDAY, 7, zone="Europe/Berlin", step_min=15)
NAMES = CENTRE.queue_ids


def _paths(n=4, **by_queue):
    is_open = open_intervals(CENTRE, GRID)
    rates = np.array([by_queue.get(name, 0.0) for name in NAMES])[None, :, None] * is_open
    q = len(NAMES)
    start = np.where(is_open, np.arange(GRID.n), -1)
    for t in range(GRID.n - 2, -1, -1):
        start[:, t] = np.where(is_open[:, t], t, start[:, t + 1])
    return DemandPaths(
        grid=GRID,
        queues=NAMES,
        fresh=np.random.default_rng(1).poisson(np.repeat(rates, n, axis=0)).astype(np.int32),
        carried=np.zeros((n, q, GRID.n), dtype=np.int32),
        follow_ups=np.zeros((q, q)),
        lag_edges_min=np.array([0, 60]),
        delay_cdf=np.ones((q, q, 1)),
        redial_p=np.zeros(q),
        redial_mean_s=np.full(q, 300.0),
        landing_start=start.astype(np.int32),
        landing_len=np.ones((q, GRID.n), dtype=np.int32),
        handle_mean_s=np.where(np.array([[1], [1], [1], [1], [0]]), 200.0, 0.0) * np.ones((q, GRID.n)),
        handle_cv=np.full(q, 0.5),
        patience_s=np.array([60.0, 20.0, np.inf, np.inf, np.inf]),
        planned_abandonment=np.zeros(q),
    )


def _staffing(reviewers=3):
    """Each day from 8 to 18 agents of voice, cases and calls, and reviewers; their work lists no survey."""
    rows = [(f"v{k}", ("voice", "surveys", "calls")) for k in range(6)]
    rows += [(f"c{k}", ("cases",)) for k in range(3)] + [(f"r{k}", ("review",)) for k in range(reviewers)]
    skills = pd.DataFrame([(a, s) for a, own in rows for s in own], columns=["agent_id", "skill"])
    starts = [GRID.starts[GRID.n // 7 * day + 32] for day in range(5)]
    schedule = pd.DataFrame(
        [(a, start, [s for s in own if s != "surveys"]) for a, own in rows for start in starts],
        columns=["agent_id", "start", "queues"],
    )
    schedule["end"] = schedule["start"] + pd.Timedelta(hours=10)
    schedule["schedule_date"], schedule["kind"] = schedule["start"].dt.date, "work"
    routing = pd.DataFrame({"queue": NAMES, "skill": NAMES})
    return staffing_of(schedule, skills[["agent_id"]].drop_duplicates(), skills, routing, CENTRE, GRID)


def _played(reviewers=3, backlog=None, **by_queue):
    paths, staffing = _paths(**by_queue), _staffing(reviewers)
    own = EvaluateSettings(absence="none")
    options = options_of(CENTRE, GRID, (), staffing, backlog, own, handle_mean_s=paths.handle_mean_s)
    return Played(simulate(paths, staffing, seed=1, options=options), staffing, paths, later=options.later)


def test_a_list_is_played_and_told():
    """Whole people by day of each list that touches the week; talk as the centre assumes, in open hours."""
    played = _played()
    table = call_lists(played).set_index("list")
    assert list(table.index) == ["renewals", "older"]
    # of four days' calls two, Monday and Tuesday, are in the week
    assert table["people"].to_dict() == {"renewals": 101, "older": 35}
    assert (table[["reached", "dropped", "exhausted", "left"]].sum(axis=1) == table["people"]).all()
    assert (table["left"] == 0).all()
    reached = table["reached"].sum() / table["people"].sum()
    assert reached == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / (4 * 136)))
    calls = NAMES.index("calls")
    assert played.later.calls[calls].talk_s == 120.0
    hours = GRID.local("Europe/Berlin").hour[np.flatnonzero(played.counts.offered[:, calls].sum(axis=0))]
    assert set(hours) == {16}
    (note,) = [n for n in flow_notes(played) if "list renewals" in n]
    assert note.startswith("Calls of calls, list renewals, in a simulated week: of 101 people ")


def test_cases_are_told_step_by_step_where_they_wait():
    """Too few reviewers: cases pile up there, are late, and bring chase contacts."""
    played = _played(reviewers=1, cases=1.0)
    flow = case_flow(played).set_index("step")
    assert flow["served_by"].to_dict() == {"look": "cases", "review": "review"}
    offered = played.counts.offered[:, NAMES.index("cases")].sum(axis=1).mean()
    assert flow.loc["look", "begun"] == pytest.approx(offered)
    assert flow.loc["review", "again"] / flow.loc["review", "begun"] == pytest.approx(0.25, abs=0.05)
    assert flow.loc["review", "waiting"] > 10
    assert flow.loc["review", "wait_h"] > 5 > flow.loc["look", "wait_h"]
    notes = " ".join(flow_notes(played))
    assert "review (by review)" in notes
    assert "wait at the end" in notes
    voice = NAMES.index("voice")
    chased = played.counts.chases[:, NAMES.index("cases")]
    assert chased.sum() == played.counts.follow_ups[:, voice].sum() > 0
    assert f"brings {chased.mean():.1f} chase contacts to voice" in notes
    many = case_flow(_played(reviewers=12, cases=1.0)).set_index("step")
    # what comes to review after closing time waits for the morning all the same
    assert many.loc["review", "wait_h"] < flow.loc["review", "wait_h"] / 2


def test_a_dialler_of_the_scenario_calls_in_its_hours_alone():
    """Nobody plans for it, so no plan lists its queue; agents take its calls all the same."""
    assert len(diallers_of(CENTRE, GRID, NAMES)) == 1
    offered = _played(voice=8.0).counts.offered[:, NAMES.index("surveys")].sum(axis=0)
    hours = GRID.local("Europe/Berlin").hour[np.flatnonzero(offered)]
    assert offered.sum() > 100
    assert set(hours) <= {10, 11}


def test_a_late_open_case_is_chased_once_and_pieces_of_unknown_cases_by_nobody():
    due = pd.Timestamp("2025-07-08 12:00", tz="Europe/Berlin").tz_convert("UTC")
    rows = pd.DataFrame(
        {"queue": ["review"] * 40, "release": due + pd.Timedelta(days=20), "due": due, "work_s": 1e6}
    )
    cases = rows.assign(case_of="cases", stands_at=[1] * 20 + [-1] * 20, promised=due)
    silent, told = (_played(backlog=b).counts.chases.sum() for b in (rows, cases))
    assert silent == 0
    assert told / (4 * 20) == pytest.approx(0.5, abs=0.2)


def test_open_cases_go_on_from_the_step_they_are_at():
    """Planted: 30 before the look, 20 before the review; nothing new comes."""
    start = pd.Timestamp(GRID.start)
    due = start + pd.Timedelta(days=6)
    found = {}
    for step, number in ((0, 30), (1, 20)):
        rows = {"queue": ["review"] * number, "release": start, "due": due, "work_s": 1.0}
        cases = pd.DataFrame(rows).assign(case_of="cases", stands_at=step, promised=due)
        played = _played(voice=0.0, backlog=cases)
        counts = played.counts
        found[step] = [counts.step_begun[:, k] - counts.step_again[:, k] for k in range(2)]
        own = NAMES.index("cases")
        assert (counts.old_due[:, own] == number).all()
        assert (counts.old_in_target[:, own] == number).all()
        assert (counts.old_left == 0).all()
        assert (counts.handle_ms[:, own] == 0).all()
    assert [(done == n).all() for done, n in zip(found[0], (30, 30), strict=True)] == [True, True]
    assert [(done == n).all() for done, n in zip(found[1], (0, 20), strict=True)] == [True, True]


def test_nothing_of_the_kind_is_nothing():
    plain = Centre.model_validate({"queues": {"voice": {"channel": "voice", "law": "immediate"}}})
    found = later_work(plain, GRID, ("voice",), None)
    assert (found.step_rows(), found.list_rows(), dict(found.chasing)) == ([], [], {})
    assert diallers_of(plain, GRID, ("voice",)) == ()


@pytest.mark.parametrize(
    ("queue", "message"),
    [
        (
            {"law": "deferred", "dialler": {"reached": 0.5}},
            "a dialler fills the line of immediate and concurrent",
        ),
        ({"law": "immediate", "dialler": {"reached": 0}}, "greater than 0"),
        ({"law": "deferred", "outbound": {"pacing": 0}}, "greater than or equal to 1"),
        ({"law": "deferred", "outbound": {"pause_h": -1}}, "greater than or equal to 0"),
        ({"law": "deferred", "outbound": {"no_answer_s": 1e9}}, "less than or equal to 86400"),
        ({"law": "deferred", "case_steps": {"a": {"handle_s": 1e12}}}, "less than or equal to 604800"),
        (
            {
                "law": "deferred",
                "outbound": {"lists": {"a": {"contacts": 1e12, "first": MONDAY, "last": MONDAY}}},
            },
            "less than or equal to 1000000",
        ),
        ({"law": "deferred", "chase": {"contacts": 101, "queue": "voice"}}, "less than or equal to 100"),
    ],
)
def test_what_cannot_be_is_refused(queue, message):
    with pytest.raises(ValidationError, match=message):
        Centre.model_validate({"queues": {"a": {"channel": "voice", **queue}}})


def test_a_list_whose_calls_have_no_handle_time_is_refused_by_its_queue():
    calls = CENTRE.queues["calls"].model_copy(update={"handle_s": None})
    centre = CENTRE.model_copy(update={"queues": {**CENTRE.queues, "calls": calls}})
    with pytest.raises(InputError, match=r"centre\.queues\.calls\.handle_s.*no handle time is known"):
        later_work(centre, GRID, NAMES, None)


def test_a_dialler_beside_an_unknown_queue_is_named():
    told = {"channel": "voice", "law": "immediate", "dialler": {"reached": 0.5, "beside": ["nobody"]}}
    centre = Centre.model_validate({"queues": {"a": told}})
    assert misfits(centre.queues) == [
        (("a", "dialler", "beside"), "unknown queue 'nobody'; the centre has a")
    ]
