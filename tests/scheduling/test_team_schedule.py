"""A fixed-shift team planned from a scenario's words: cover kept, all rules kept, against brute force."""

import dataclasses
import datetime as dt
import itertools
import signal

import pandas as pd
import pytest
from pydantic import ValidationError

from wfo.domain.centre import Centre
from wfo.effort import Effort
from wfo.errors import InputError
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.team_weeks import TeamWeeks
from wfo.tables.empty import empty_table
from wfo.tables.result import Status
from wfo.timegrid import TimeGrid

MONDAY = dt.date(2025, 3, 24)  # its Sunday has 23 hours in Berlin
DESK = {
    "week_h": {"min": 16, "max": 40},
    "shift_h": 8,
    "days": {"min": 2, "max": 5},
    "start": {"earliest": "06:00", "latest": "22:00", "step_min": 60},
    "max_days_in_row": 5,
    "shift_types": {
        "early": {"earliest": "06:00"},
        "late": {"earliest": "14:00"},
        "night": {"earliest": "22:00"},
    },
    "not_after": {"night": ["early", "late"]},
    "breaks": {"meal": {"minutes": 30, "paid": True, "after_h": 3}},
}


def team(size, contract=None, **frames):
    spec = {"zone": "Europe/Berlin", "contracts": {"desk": DESK | (contract or {})}}
    agents = pd.DataFrame({"agent_id": [f"a{n:02d}" for n in range(size)], "contract": "desk"})
    return ScheduleInputs(
        centre=Centre.model_validate(spec),
        grid=TimeGrid.of_days(MONDAY, 7, zone="Europe/Berlin", step_min=30),
        agents=agents,
        agent_skills=empty_table("agent_skills"),
        routing=empty_table("routing"),
        cover=empty_table("cover"),
        deferred=empty_table("deferred"),
        **frames,
    )


def plan(inputs, cover, **more):
    settings = ScheduleSettings.model_validate({"cover": cover})
    result = schedule(inputs, settings, seed=1, effort=Effort.QUICK, **more)
    found = check_schedule(
        result.frame(), centre=inputs.centre, agents=inputs.agents, availability=inputs.availability,
        published=inputs.published, grid=inputs.grid, settings=settings,
    )  # fmt: skip
    return result, found


def away(*rows):
    frame = pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"])
    for side in ("start", "end"):
        frame[side] = pd.to_datetime(frame[side]).dt.tz_localize("Europe/Berlin").dt.tz_convert("UTC")
    return frame.assign(paid=True)


def test_two_early_two_late_one_night():
    """In a week with a clock change, with leave, a fixed shift and a wish; weekends whole."""
    absent = away(
        ("a00", "2025-03-27 00:00", "2025-03-28 00:00", "time_off"),
        ("a01", "2025-03-24 06:00", "2025-03-24 14:00", "locked_shift"),
    )
    wish = pd.DataFrame(
        {"agent_id": ["a02"], "schedule_date": [dt.date(2025, 3, 25)], "shift": ["night"], "sense": ["for"],
         "weight": [3.0]}
    )  # fmt: skip
    rules = {"weekends": {"worked": 1, "of": 2, "whole": True}, "min_days_off_in_row": 2}
    given = team(12, rules, availability=absent, wishes=wish)
    result, breaches = plan(given, {"early": 2, "late": 2, "night": 1})
    assert breaches.empty
    assert result.meta.facts["shifts_short"] == 0
    assert result.meta.objective <= result.meta.bound
    assert result.tables["wishes_met"]["met"].all()
    cover = result.tables["shift_cover"]
    assert (cover["planned"] >= cover["wanted"]).all()
    rota = result.tables["rota"].set_index(["agent_id", "schedule_date"])["shift"]
    assert rota["a01", MONDAY] == "early"
    assert ("a00", dt.date(2025, 3, 27)) not in rota.index
    # a night before a day of leave would end on that day
    assert rota.get(("a00", dt.date(2025, 3, 26))) != "night"
    assert plan(given, {"early": 2, "late": 2, "night": 1})[0].frame().equals(result.frame())


def test_as_good_as_every_choice_tried():
    """Two agents, two kinds of shift, costs of too few and too many: the best of all weeks."""
    contract = {
        "shift_types": {"early": {"earliest": "06:00"}, "night": {"earliest": "22:00"}},
        "not_after": {"night": ["early"]},
        "days": {"min": 2, "max": 4},
        "week_h": {"min": 16, "max": 32},
        "max_days_in_row": 3,
    }
    cover = {"early": {"agents": 1, "price": 90, "price_over": 20}, "night": {"agents": 1, "days": "Wed-Sat"}}
    result, breaches = plan(team(2, contract), cover)
    weeks = [w for w in itertools.product(("", "early", "night"), repeat=7) if _legal(w)]
    cost = min(_cost(pair) for pair in itertools.combinations_with_replacement(weeks, 2))
    # whether a week leaves a legal next one does not matter: any row of days off ends it
    assert result.meta.facts["weeks_anew"] == 0
    assert -result.meta.objective == cost
    assert result.meta.status is Status.OPTIMAL
    assert set(breaches["rule"]) <= {"shift_cover"}


def _legal(week):
    rows = "".join("x" if s else " " for s in week).split()
    barred = any(a == "night" and b == "early" for a, b in itertools.pairwise(week))
    return 2 <= sum(map(bool, week)) <= 4 and max(map(len, rows)) <= 3 and not barred


def _cost(pair):
    total = 0
    for day in range(7):
        early, night = ([w[day] for w in pair].count(s) for s in ("early", "night"))
        total += 90 * max(0, 1 - early) + 20 * max(0, early - 1)
        wanted = 2 <= day <= 5
        total += 500 * max(0, wanted - night) + 50 * max(0, night - wanted)
    return total


def test_the_weeks_before_bind():
    """Five days in a row before: free on Monday; a night on Sunday bars what starts too soon."""
    days = [MONDAY - dt.timedelta(days=n) for n in range(5, 0, -1)]
    rows = [(d, "22:00", 8) for d in days]
    begin = pd.to_datetime([f"{d} {t}" for d, t, _ in rows]).tz_localize("Europe/Berlin").tz_convert("UTC")
    before = pd.DataFrame(
        {"agent_id": "a00", "start": begin, "end": begin + pd.Timedelta(hours=8), "schedule_date": days,
         "shift_id": [f"a00/{d}" for d in days], "activity": "work", "kind": "work", "paid": True}
    )  # fmt: skip
    result, breaches = plan(team(3, published=before), {"early": 1})
    assert breaches.empty
    rota = result.tables["rota"]
    assert MONDAY not in set(rota.loc[rota["agent_id"] == "a00", "schedule_date"])


def test_too_few_people_are_told_with_days_and_kinds():
    result, breaches = plan(team(2), {"early": 2, "late": 2})
    assert any("cover asks for 28 shifts" in r and "can work 10" in r for r in result.meta.reasons)
    assert any(r.endswith("of 2 agents") for r in result.meta.reasons)
    assert set(breaches["rule"]) == {"shift_cover"}


def test_nobody_and_contracts_that_allow_no_week():
    result, _ = plan(team(0), {"early": 1})
    assert result.meta.status is Status.INFEASIBLE
    assert "no agents" in result.meta.reasons[0]
    result, _ = plan(team(2, {"week_h": 39}), {"early": 1})
    assert result.meta.status is Status.INFEASIBLE
    assert "contract 'desk' allows no legal week" in result.meta.reasons[0]


def test_an_agent_without_a_legal_week_is_named_and_the_others_are_planned():
    absent = away(("a01", "2025-03-24 00:00", "2025-03-31 00:00", "unavailable"))
    result, _ = plan(team(4, availability=absent), {"early": 1})
    assert any(r.startswith("a01: no week keeps unavailability") for r in result.meta.reasons)
    assert not any("nothing is asked" in r for r in result.meta.reasons)
    assert result.tables["shift_cover"]["planned"].sum() >= 7


def test_a_plan_is_optimal_only_where_everybody_has_a_week():
    for frames, status in (
        ({}, Status.OPTIMAL),
        (
            {"availability": away(("a01", "2025-03-24 00:00", "2025-03-31 00:00", "unavailable"))},
            Status.FEASIBLE,
        ),
    ):
        result, _ = plan(team(5, **frames), {"early": 1})
        assert result.meta.gap == 0.0
        assert result.meta.status is status


def test_no_single_days_at_work_where_the_contract_asks_for_two():
    cover = {"early": {"agents": 2, "days": ["Mon", "Wed", "Fri", "Sun"]}}
    loose, _ = plan(team(6), cover)
    assert _single(loose)
    paired, breaches = plan(team(6, {"min_days_in_row": 2}), cover)
    assert not _single(paired)
    assert breaches.empty
    assert paired.meta.facts["shifts_short"] == 0


def test_no_single_days_off_where_the_contract_asks_for_two():
    cover = {"early": {"agents": 2, "days": ["Mon", "Tue", "Thu", "Fri", "Sun"]}}
    loose, _ = plan(team(6), cover)
    assert _single_off(loose)
    paired, breaches = plan(team(6, {"min_days_off_in_row": 2}), cover)
    assert not _single_off(paired)
    assert breaches.empty
    assert paired.meta.facts["shifts_short"] == 0


def _single_off(result):
    """Days that somebody has off between two at work."""
    worked = set(zip(result.frame()["agent_id"], result.frame()["schedule_date"], strict=True))
    day = dt.timedelta(days=1)
    free = {(a, MONDAY + n * day) for a, _ in worked for n in range(7)} - worked
    return [(a, d) for a, d in sorted(free) if {(a, d - day), (a, d + day)} <= worked]


def test_a_second_week_goes_on_from_the_first():
    """Runs of days, days off in pairs and nights before earlies hold across the boundary."""
    cover = {"early": 2, "late": 1, "night": 1}
    rules = {"min_days_in_row": 2, "min_days_off_in_row": 2, "max_days_in_row": 4}
    first, breaches = plan(team(9, rules), cover)
    assert breaches.empty
    monday = MONDAY + dt.timedelta(days=7)
    given = dataclasses.replace(
        team(9, rules, published=first.frame()),
        grid=TimeGrid.of_days(monday, 7, zone="Europe/Berlin", step_min=30),
    )
    later, breaches = plan(given, cover)
    assert breaches.empty
    assert later.meta.facts["shifts_short"] == 0
    rota = pd.concat([first.tables["rota"], later.tables["rota"]]).set_index(["agent_id", "schedule_date"])[
        "shift"
    ]
    days = [MONDAY + dt.timedelta(days=n) for n in range(14)]
    for agent in given.agents["agent_id"]:
        fortnight = [rota.get((agent, d), "") for d in days]
        runs = [(work, len(list(own))) for work, own in itertools.groupby(map(bool, fortnight))]
        assert max(n for work, n in runs if work) <= 4
        assert min((n for _, n in runs[1:-1]), default=2) >= 2
        barred = {("night", "early"), ("night", "late")}
        assert not barred & set(itertools.pairwise(fortnight))


TURNS = {"rotation": ["early", "late"]}
MIXED = {"early": {"agents": 4, "days": "Mon-Wed"}, "late": {"agents": 4, "days": "Thu-Fri"}}


def test_ctrl_c_while_weeks_are_given_anew_keeps_the_plan(monkeypatch):
    """The team's solver lets a week mix the kinds of a rotation; weeks that do are given anew."""
    tried, answered = [], TeamWeeks._try

    def press(self, group, **how):
        tried.append(len(group))
        signal.raise_signal(signal.SIGINT)
        return answered(self, group, **how)

    monkeypatch.setattr(TeamWeeks, "_try", press)
    result, breaches = plan(team(4, TURNS), MIXED)
    assert result.meta.facts["weeks_anew"] > 0
    assert len(tried) == 1
    assert len(result.frame())
    assert set(breaches["rule"]) == {"shift_cover"}
    assert sum("Ctrl-C" in reason for reason in result.meta.reasons) == 1


def test_a_time_limit_that_is_over_leaves_weeks_as_they_were_given_anew(monkeypatch):
    tried = []
    monkeypatch.setattr(TeamWeeks, "_try", lambda self, group, **how: tried.append(len(group)))
    result, breaches = plan(team(4, TURNS), MIXED, seconds=1e-6)
    assert not tried
    assert result.meta.facts["weeks_anew"] > 0
    assert set(breaches["rule"]) == {"shift_cover"}


def _single(result):
    """Days that somebody works alone, the week's last day not counted: its run may go on."""
    worked = set(zip(result.frame()["agent_id"], result.frame()["schedule_date"], strict=True))
    day, last = dt.timedelta(days=1), MONDAY + dt.timedelta(days=6)
    return [(a, d) for a, d in sorted(worked) if d != last and not {(a, d - day), (a, d + day)} & worked]


def test_kinds_of_shift_without_times_of_their_own_are_refused():
    wide = {"shift_types": {"early": {"earliest": "06:00", "latest": "08:00"}}, "not_after": {}}
    with pytest.raises(InputError, match="3 starts and lengths found.*set 'earliest' alone"):
        plan(team(2, wide), {"early": 1})


def test_a_fixed_shift_of_no_kind_is_refused():
    odd = away(("a00", "2025-03-24 09:00", "2025-03-24 17:00", "locked_shift"))
    with pytest.raises(InputError, match="a00.*lock one of early, late, night"):
        plan(team(2, availability=odd), {"early": 1})


def test_how_cover_is_written():
    settings = ScheduleSettings.model_validate(
        {"cover": {"early": 2, "short": {"shift": "early", "agents": 1, "days": ["Sat-Sun"]}}}
    )
    assert settings.cover["early"].agents == 2
    assert settings.cover["short"].days == ("Sat", "Sun")
    with pytest.raises(ValidationError, match="'Sunday' is not days"):
        ScheduleSettings.model_validate({"cover": {"early": {"agents": 1, "days": "Sunday"}}})
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        ScheduleSettings.model_validate({"cover": {"early": -1}})
