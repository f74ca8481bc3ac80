"""Local search: planted faults are mended, small cases solved as by trying everything, rules kept."""

import datetime as dt
import os
import signal
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from search_small import CARD, CENTRE, CONTRACT, GRID, MONDAY, PRICES, clock, given, shift

from wfo.domain.centre import Queue
from wfo.domain.contract import Premium
from wfo.effort import Effort
from wfo.evaluation.prepared import PreparedWeeks, prepared_weeks
from wfo.planning.agent_worth import AgentWorth
from wfo.planning.local_search import FRESH, PLAYS, WEEKS, SearchInputs, _Search, local_search
from wfo.planning.moves import Move, agents_with_fixed_shifts, independent
from wfo.planning.search_result import SearchResult
from wfo.planning.standing import Standing, standing
from wfo.planning.worth import served_later
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.settings import ScheduleSettings

PEAK = {"calls": {8: 20, 9: 40, 10: 40, 11: 40, 12: 60, 13: 40, 14: 40, 15: 20}}


def found(what: SearchInputs, **more: object) -> SearchResult:
    return local_search(what, seed=1, effort=Effort.QUICK, thorough=True, **more)


def stands(what: SearchInputs, plan: pd.DataFrame, seed: int, n: int = WEEKS) -> Standing:
    weeks = prepared_weeks(what.weeks, what.settings, seed=seed, weeks=n)
    return standing(CARD, weeks.tables(weeks.play(plan)), PRICES)


def breaches(what: SearchInputs, plan: pd.DataFrame) -> pd.DataFrame:
    week = what.week
    return check_schedule(
        plan, centre=CENTRE, agents=week.agents, availability=week.availability, grid=GRID,
        agent_skills=week.agent_skills, routing=week.routing, settings=what.rules,
    )  # fmt: skip


def crowd(n: int = 6) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Everybody works from eight to four and has lunch at the peak."""
    names = [f"a{k}" for k in range(n)]
    plan = pd.concat([shift(name, 8, 12) for name in names], ignore_index=True)
    return plan, dict.fromkeys(names, ("calls",))


def test_lunch_of_everybody_at_the_peak_is_mended() -> None:
    plan, skills = crowd()
    what = given(plan, PEAK, skills)
    result = found(what)
    before, after = (stands(what, p, 900, 200) for p in (plan, result.tables["schedule"]))
    assert before.short == 1
    assert after.gap < 0.5 * before.gap
    assert breaches(what, result.tables["schedule"]).empty
    moves = result.tables["moves"]
    assert set(moves["what"]) <= {"breaks", "start", "day"}
    assert moves["points"].gt(0).all()
    hours = (
        result.tables["schedule"]
        .groupby("agent_id")
        .apply(lambda own: (own["end"] - own["start"]).sum(), include_groups=False)
    )
    assert (hours == pd.Timedelta(hours=8)).all()


def test_who_is_kept_for_the_wrong_queue_is_kept_for_the_other() -> None:
    """Four who know both are kept for the queue that has people of its own and time to spare."""
    both = ("calls", "sales")
    know = {f"a{k}": both if k < 4 else ("calls",) if k < 6 else ("sales",) for k in range(8)}
    rows = [
        shift(name, 8, 10 + k % 4, own, "sales" if own == both else own[0])
        for k, (name, own) in enumerate(know.items())
    ]
    rate = {"calls": dict.fromkeys(range(8, 16), 64), "sales": dict.fromkeys(range(8, 16), 14)}
    what = given(pd.concat(rows, ignore_index=True), rate, know)
    result = found(what)
    plan = result.tables["schedule"]
    flexible = plan[(plan["kind"] == "work").to_numpy() & plan["agent_id"].lt("a4").to_numpy()]
    assert (flexible["main_queue"] == "calls").mean() > 0.5
    before, after = (stands(what, p, 900, 200) for p in (what.weeks.schedule, result.tables["schedule"]))
    assert after.gap < before.gap


def test_a_small_case_comes_near_to_the_best_of_all_plans() -> None:
    """Three agents, five starts each, lunch in the middle: 125 plans tried on the weeks of the first pass."""
    starts = range(8, 13)
    names = ["a0", "a1", "a2"]
    rate = {"calls": {h: 22.0 for h in range(11, 20)}}
    plan = pd.concat([shift(n, 8, 11.5) for n in names], ignore_index=True)
    what = given(plan, rate, dict.fromkeys(names, ("calls",)))
    gaps = []
    for chosen in product(starts, repeat=3):
        if list(chosen) == sorted(chosen):
            rows = [shift(n, b, b + 3.5) for n, b in zip(names, chosen, strict=True)]
            gaps.append(stands(what, pd.concat(rows, ignore_index=True), 1 + FRESH + 1).gap)
    before = stands(what, plan, 1 + FRESH + 1).gap
    after = stands(what, found(what).tables["schedule"], 1 + FRESH + 1).gap
    assert before > min(gaps)
    assert before - after >= 0.8 * (before - min(gaps))


@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_plan_it_ends_no_farther_and_breaks_no_rule(seed: int) -> None:
    draws = np.random.default_rng(seed)
    names = [f"a{k}" for k in range(5)]
    know = {n: [("calls",), ("sales",), ("calls", "sales")][int(draws.integers(3))] for n in names}
    begins = draws.integers(8, 13, len(names))
    rows = [
        shift(n, b, b + 3 + int(draws.integers(2)), know[n], str(draws.choice(know[n])))
        for n, b in zip(names, begins.tolist(), strict=True)
    ]
    rate = {q: {int(h): float(draws.integers(5, 40)) for h in range(9, 18)} for q in ("calls", "sales")}
    what = given(pd.concat(rows, ignore_index=True), rate, know)
    result = found(what)
    assert len(breaches(what, result.tables["schedule"])) <= len(breaches(what, what.weeks.schedule))
    last = 1 + FRESH + int(result.tables["moves"]["pass"].max()) if len(result.tables["moves"]) else 1
    if last > 1:
        before, after = (stands(what, p, 900, 100) for p in (what.weeks.schedule, result.tables["schedule"]))
        assert after.gap < before.gap
    again = found(what)
    pd.testing.assert_frame_equal(result.tables["schedule"], again.tables["schedule"])
    pd.testing.assert_frame_equal(result.tables["moves"], again.tables["moves"])


def test_nobody_who_can_change_leaves_the_plan_as_it_is() -> None:
    plan, skills = crowd()
    what = given(plan.assign(locked=True), PEAK, skills)
    result = found(what)
    assert result.tables["moves"].empty
    pd.testing.assert_frame_equal(result.tables["schedule"], what.weeks.schedule)


def test_ctrl_c_keeps_what_was_found() -> None:
    plan, skills = crowd()
    what = given(plan, PEAK, skills)
    said: list[str] = []

    def tell(words: str) -> None:
        said.append(words)
        if "kept" in words:
            os.kill(os.getpid(), signal.SIGINT)

    result = found(what, tell=tell)
    assert len(said) == 2
    assert result.tables["moves"]["together"].unique().tolist() == [1]
    assert result.meta.reasons[0].startswith("the search was stopped by Ctrl-C")


def test_ctrl_c_before_the_first_change_ends_the_search_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, skills = crowd()
    what = given(plan, PEAK, skills)
    whole, played = PreparedWeeks.play, []

    def play(self: PreparedWeeks, *given: object, **more: object) -> object:
        played.append(1)
        if len(played) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(self, *given, **more)

    monkeypatch.setattr(PreparedWeeks, "play", play)
    result = found(what)
    assert len(played) == 3
    assert result.tables["moves"].empty
    assert result.meta.reasons[0].startswith("the search was stopped by Ctrl-C")


@pytest.mark.parametrize("most", [1, 2, 3, 7, 12])
def test_no_more_weeks_are_played_than_the_effort_has(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two skills one worth takes seven plays, of as few as five weeks each."""
    plan, skills = crowd()
    what = given(plan, PEAK | {"sales": {9: 10}}, skills)
    whole, played = PreparedWeeks.play, []

    def play(self: PreparedWeeks, *given: object, weeks: int = 0, **more: object) -> object:
        played.append(weeks or WEEKS)
        return whole(self, *given, weeks=weeks, **more)

    monkeypatch.setattr(PreparedWeeks, "play", play)
    monkeypatch.setitem(PLAYS, Effort.QUICK, most)
    result = found(what)
    assert sum(played) <= result.meta.facts["plays"] * WEEKS <= most * WEEKS
    assert all(weeks in {WEEKS} or 5 <= weeks <= 20 for weeks in played)
    assert (len(played) > 3) == (most >= 3)


def test_the_best_single_change_is_tried_and_the_rest_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six lunches only that of the third helps to be moved, and only alone."""
    plan, skills = crowd()
    what = given(plan, PEAK, skills)
    tried: list[list[str]] = []
    plan_with = _Search._plan_with

    def noted(self: _Search, moves: list[Move]) -> pd.DataFrame:
        tried.append([move.agent_id for move in moves])
        return plan_with(self, moves)

    def better(self: Standing, before: Standing, factor: float, wages: float) -> bool:
        return tried[-1] == ["a2"]

    monkeypatch.setattr(_Search, "_plan_with", noted)
    monkeypatch.setattr(Standing, "better", better)
    monkeypatch.setattr("wfo.planning.local_search.KINDS", ("breaks",))
    moves = found(what).tables["moves"]
    assert tried[:5] == [[f"a{k}" for k in range(6)], ["a0"], ["a1"], ["a2"], tried[4]]
    assert moves["agent_id"].tolist()[:1] == ["a2"]
    assert set(tried[4]) <= {"a3", "a4", "a5"}


def test_shifts_move_into_dear_hours_only_where_that_is_worth_it() -> None:
    plan, skills = crowd()
    rate = {"calls": {h: 12.0 for h in range(14, 20)}}
    begins = []
    for premium in (0.0, 40.0):
        dear = CONTRACT.model_copy(
            update={"premiums": {"evening": Premium(hours=("Mon 16:00-24:00",), share=premium)}}
        )
        what = given(plan, rate, skills)
        centre = CENTRE.model_copy(update={"contracts": {"usual": dear}})
        after = found(replace(what, week=replace(what.week, centre=centre))).tables["schedule"]
        begins.append((after["end"] > clock(16)).sum())
    assert begins[0] > begins[1] == 0


def test_a_time_limit_ends_the_search() -> None:
    plan, skills = crowd()
    what = given(plan, PEAK, skills)
    said: list[str] = []
    result = found(replace(what, rules=ScheduleSettings(time_limit_s=1e-9)), tell=said.append)
    assert len(said) == 1
    assert result.tables["moves"].empty
    assert result.meta.facts["plays"] == 1


def test_shifts_of_those_who_wished_or_are_published_stay() -> None:
    plan, skills = crowd(3)
    wish = pd.DataFrame({"agent_id": ["a0"], "schedule_date": [MONDAY]})
    what = given(plan, PEAK, skills, wishes=wish, published=plan[plan["agent_id"] == "a2"])
    assert agents_with_fixed_shifts(what.week, what.rules) == {"a0", "a2"}
    for rules in (ScheduleSettings(price_unfair=1.0), ScheduleSettings(start_variance_min=120)):
        assert agents_with_fixed_shifts(what.week, rules) == {"a0", "a1", "a2"}


@pytest.mark.parametrize(("days", "fixed"), [(-1, set()), (0, {"a0", "a2"}), (6, {"a0", "a2"}), (7, set())])
def test_wishes_and_published_rows_of_other_weeks_leave_shifts_free(days: int, fixed: set[str]) -> None:
    plan, skills = crowd(3)
    day = MONDAY + dt.timedelta(days=days)
    there = plan[plan["agent_id"] == "a2"]
    there = there.assign(
        schedule_date=day, **{c: there[c] + pd.Timedelta(days=days) for c in ("start", "end")}
    )
    wish = pd.DataFrame({"agent_id": ["a0"], "schedule_date": [day]})
    what = given(plan, PEAK, skills, wishes=wish, published=there)
    assert agents_with_fixed_shifts(what.week, what.rules) == fixed
    dated = wish.assign(schedule_date=pd.to_datetime(wish["schedule_date"]))
    what = given(plan, PEAK, skills, wishes=dated)
    assert agents_with_fixed_shifts(what.week, what.rules) == fixed - {"a2"}


def test_a_minimum_of_staff_is_kept_by_single_changes_too() -> None:
    """Six are to be there from eight to nine: nobody may begin later, lunches may move."""
    plan, skills = crowd()
    least = {"agents": 6, "hours": ["Mon 08:00-09:00"]}
    rules = ScheduleSettings(minimum_staff={"morning": least})
    what = replace(given(plan, PEAK, skills), rules=rules)
    result = found(what)
    assert breaches(what, what.weeks.schedule).empty
    assert breaches(what, result.tables["schedule"]).empty
    assert set(result.tables["moves"]["what"]) == {"breaks"}


def test_who_is_kept_for_work_that_may_wait_stays_so() -> None:
    """Stretches kept for calls, or for nobody, go where they are worth most; those kept for mail stay."""
    rows = shift("a0", 8, 12, ("calls", "sales", "mail")).to_dict("records")
    money = {"calls": np.full(GRID.n, 1.0), "sales": np.full(GRID.n, 5.0)}
    worth, know = AgentWorth(money, GRID, 30, frozenset({"mail"})), ("calls", "sales", "mail")
    span = {"start": GRID.start_min + 480, "end": GRID.start_min + 720}
    kept = {
        main: worth.best_kept({**rows[0], **span, "main_queue": main}, know)["main_queue"]
        for main in ("calls", "sales", "mail", None)
    }
    assert kept == {"calls": "sales", "sales": "sales", "mail": "mail", None: "sales"}
    by_queue = [worth.of_span(span["start"], span["end"], know, main) for main in ("mail", "", "sales")]
    assert by_queue == pytest.approx([8 * 0.3 * 5.0, 8 * (0.7 * 3.0 + 0.3 * 5.0), 8 * 5.0])


def test_work_that_may_wait_is_known_by_the_law_of_its_queue() -> None:
    mail = Queue(channel="email", law="deferred")
    centre = CENTRE.model_copy(update={"queues": {"calls": CENTRE.queues["calls"], "sales": mail}})
    plan, skills = crowd(2)
    what = given(plan, PEAK, skills)
    judged = replace(what.weeks, centre=centre, specs=what.weeks.specs[:1])
    weeks = prepared_weeks(judged, what.settings, seed=1, weeks=2)
    assert served_later(weeks, weeks.staffing(plan)) == {"sales"}


def test_moves_made_together_do_not_touch_each_other() -> None:
    class Fake:
        def __init__(self, agent: str, *cells: tuple[str, int]):
            self.agent_id, self.cells = agent, frozenset(cells)

    first, same, crossing, apart = (
        Fake("a", ("q", 1), ("q", 2)), Fake("a", ("q", 9)), Fake("b", ("q", 1), ("q", 2)), Fake("c", ("q", 7))
    )  # fmt: skip
    chosen, left = independent([first, same, crossing, apart], 8)
    assert (chosen, left) == ([first, apart], [same, crossing])
    assert independent([first, apart], 1) == ([first], [apart])
