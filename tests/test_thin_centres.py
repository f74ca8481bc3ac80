"""Every verb answers on centres where something is missing: no log, nobody, no routing, never open."""

import datetime as dt

import pandas as pd
import pytest

import wfo
from wfo.chains.settings import ChainSettings
from wfo.coaching.settings import CoachSettings
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.settings import ForecastSettings
from wfo.metrics.specs import parse_target
from wfo.staffing.settings import StaffSettings
from wfo.tables.contracts import RUN
from wfo.tables.empty import empty_table

ZONE = "Europe/Berlin"
SPRING, AUTUMN = dt.date(2025, 3, 24), dt.date(2025, 10, 20)
"""Mondays of weeks that end with a change of clocks."""
SPECS = (
    parse_target("80% in 20s", metric="service_level", scope="voice"),
    parse_target("90% in 4 working h", metric="response_within", scope="email"),
)


def centre(hours="Mon-Fri 08:00-18:00", **calendar):
    return wfo.Centre.model_validate(
        {
            "zone": ZONE,
            "queues": {
                "voice": {"channel": "voice", "law": "immediate", "hours": hours, "patience_s": 120},
                "email": {"channel": "email", "law": "deferred", "hours": hours},
                "web": {"channel": "web", "law": "unstaffed"},
            },
            "calendar": calendar,
        }
    )


def reports(first, weeks=4):
    """Five contacts in each open quarter-hour of calls and e-mails."""
    grid = wfo.TimeGrid.of_days(first - dt.timedelta(weeks=weeks), 7 * weeks, zone=ZONE, step_min=15)
    local = grid.local(ZONE)
    starts = grid.starts[(local.hour >= 8) & (local.hour < 18) & (local.day_of_week < 5)]
    counts = {"interval_start": starts, "interval_min": 15, "offered": 5.0, "answered": 5.0}
    return pd.concat(
        [pd.DataFrame({"queue": q, **counts, "handle_s_total": 1200.0}) for q in ("voice", "email")],
        ignore_index=True,
    )


def plan(here, first=SPRING, *, counts=None, log=None, agents=2, routed=True):
    """Results of the verbs that need no solver, by verb."""
    grid = wfo.TimeGrid.of_days(first, 7, zone=ZONE, step_min=15)
    ids = pd.Series([f"a{k}" for k in range(agents)], dtype="str")
    people = pd.DataFrame({"agent_id": ids, "contract": "full", "cost_per_h": 25.0})
    skills = pd.DataFrame({"agent_id": ids, "skill": pd.Series("all", index=ids.index, dtype="str")})
    routing = (
        pd.DataFrame({"queue": ["voice", "email"], "skill": "all"}) if routed else empty_table("routing")
    )
    chains = wfo.build_chains(wfo.ChainInputs(here, log, grid.start), ChainSettings())
    inputs = wfo.ForecastInputs(here, grid, grid.start, interactions=log, queue_intervals=counts)
    forecast = wfo.forecast(inputs, ForecastSettings(), seed=1)
    staff = wfo.staff(wfo.StaffInputs(here, grid, SPECS, forecast, routing, skills), StaffSettings(), seed=1)
    coach = wfo.coach(wfo.CoachInputs(here, grid, people, empty_table("evaluations")), CoachSettings())
    evaluate = wfo.evaluate(
        wfo.EvaluateInputs(
            here,
            grid,
            SPECS,
            forecast,
            shifts(ids, first),
            people,
            skills,
            routing,
            staff.frame(),
            chains=chains.tables["chains"],
            chain_metrics=chains.tables["chain_metrics"],
            coaching=coach.tables["coaching"],
        ),
        EvaluateSettings(),
        seed=1,
        replications=2,
    )
    return {"chains": chains, "forecast": forecast, "staff": staff, "coach": coach, "evaluate": evaluate}


def shifts(ids, first):
    """From 8 to 16 on weekdays."""
    days = [first + dt.timedelta(days=k) for k in range(5)]
    rows = [(agent, day) for agent in ids for day in days]
    if not rows:
        return empty_table("schedule")
    frame = pd.DataFrame(rows, columns=["agent_id", "schedule_date"])
    start = pd.to_datetime(frame["schedule_date"]) + pd.Timedelta(hours=8)
    frame["start"] = start.dt.tz_localize(ZONE).dt.tz_convert("UTC")
    frame["end"] = frame["start"] + pd.Timedelta(hours=8)
    return frame.assign(kind="work", paid=True)


CASES = {
    "spring": lambda: plan(centre(), counts=reports(SPRING)),
    "autumn": lambda: plan(centre(), AUTUMN, counts=reports(AUTUMN)),
    "no data": lambda: plan(centre()),
    "empty log": lambda: plan(centre(), log=empty_table("interactions")),
    "nobody": lambda: plan(centre(), counts=reports(SPRING), agents=0),
    "one agent": lambda: plan(centre(), counts=reports(SPRING), agents=1),
    "no routing": lambda: plan(centre(), counts=reports(SPRING), routed=False),
    "never open": lambda: plan(centre(hours=[]), counts=reports(SPRING)),
    "closed all week": lambda: plan(
        centre(closed_days=[SPRING + dt.timedelta(days=k) for k in range(7)]), counts=reports(SPRING)
    ),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return request.param, CASES[request.param]()


def test_tables_keep_their_contracts_and_their_keys(case):
    for verb, result in case[1].items():
        for name, frame in result.tables.items():
            if name in RUN:
                expected = {c.name for c in RUN[name].columns if not c.optional}
                assert expected <= set(frame.columns), (verb, name)
                keys = frame[list(RUN[name].key)].astype("object").map(repr)
                assert not keys.duplicated().any(), (verb, name)


def test_nobody_answers_where_nobody_can(case):
    name, results = case
    card = results["evaluate"].frame().set_index(["metric", "scope"])
    offered = results["evaluate"].tables["replications"]["offered"].sum()
    level = card.loc[("service_level", "voice"), "predicted"]
    reasons = results["staff"].meta.reasons
    if name in ("no data", "empty log", "never open", "closed all week"):
        assert offered == 0
        assert [r.startswith("nothing new is asked for in this week") for r in reasons] == [True]
        assert results["staff"].frame().empty
        assert card.loc[("service_level", "voice"), "status"] == "not available"
    else:
        assert offered > 0
        assert (level == 0) == bool(reasons) == (name in ("nobody", "no routing"))


@pytest.mark.parametrize(("name", "quarters"), [("spring", 7 * 96 - 4), ("autumn", 7 * 96 + 4)])
def test_a_week_of_a_clock_change_has_its_own_length_and_the_same_opening_hours(name, quarters):
    results = CASES[name]()
    assert len(results["forecast"].frame()) == 3 * quarters
    local = results["staff"].frame()["interval_start"].dt.tz_convert(ZONE)
    assert (local.dt.hour.min(), local.dt.hour.max()) == (8, 17)
