"""The dynamic program against all weeks of one agent."""

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_small import MONDAY, at, centre, contract, eight_before, inputs, shift_rows

from wfo.domain.contract import ShiftType, Split, StartWindow, Weekends
from wfo.scheduling.build import build_problem
from wfo.scheduling.day_rules import safe_patterns
from wfo.scheduling.legal_week import legal_week
from wfo.scheduling.past import contract_days, day_rules, past_of
from wfo.scheduling.problem import FORBIDDEN
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week import plan_week


def problem_of(rules, **changes):
    given_inputs = inputs(1, centre(usual=contract(**rules)), **changes)
    problem, persons, kinds = build_problem(given_inputs, ScheduleSettings())
    return problem, persons[0], kinds[0]


def shifts_of_day(problem, price, d):
    """Every shift of a day the base allows with what it is worth; breaks are placed window by window."""
    people, shifts, found = problem.people, problem.shifts, []
    for i, k in itertools.product(range(shifts.start_n[0, d]), range(shifts.length.shape[1])):
        if people.base[0, d, i, k] > FORBIDDEN / 2:
            start, size = shifts.start[0, d, i], shifts.length[0, k]
            worth = people.base[0, d, i, k] + price[start : start + size].sum()
            for b in range(shifts.break_n[0, k]):
                n = shifts.break_len[0, k, b]
                places = range(start + shifts.break_lo[0, k, b], start + shifts.break_hi[0, k, b] + 1)
                worth -= min(price[s : s + n].sum() for s in places)
            found.append((d, int(start), int(start + size), int(shifts.paid[0, k]), worth))
    return found


def runs(line, value):
    """First place and length of each run of a value."""
    at = 0
    for key, group in itertools.groupby(line):
        size = len(list(group))
        if bool(key) == value:
            yield at, size
        at += size


def type_by_hand(rule, problem, shift):
    clock = (
        shift[1] * problem.slot_min + problem.start_min + 120
    ) % 1440  # the summer's two hours before UTC
    for name, kind in rule.shift_types.items():
        first = 60 * int(kind.earliest[:2]) + int(kind.earliest[3:])
        last = first if kind.latest is None else 60 * int(kind.latest[:2]) + int(kind.latest[3:])
        if first <= clock <= last:
            return name
    return None


def legal_by_hand(rule, problem, person, week, hours):
    """Whether shifts by day (None: free) keep the contract after the published days."""
    worked = [s for s in week if s is not None]
    before = [any(s.date == MONDAY - dt.timedelta(days=n) for s in person.before) for n in range(28, 0, -1)]
    known = any(before)
    line = [*(before if known else []), *(s is not None for s in week)]
    new = len(line) - 7
    ok = rule.days.min <= len(worked) <= rule.days.max
    ok &= hours[0] <= sum(s[3] for s in worked) <= hours[1]
    ends = [(s.end - problem.start_min) / problem.slot_min for s in person.before[-1:]] + [
        s[2] for s in worked
    ]
    begins = [s[1] for s in worked]
    gaps = (
        zip(begins, ends[len(ends) - len(begins) - 1 :], strict=False)
        if person.before
        else zip(begins[1:], ends, strict=False)
    )
    ok &= all(begin - end >= rule.rest_h * 60 / problem.slot_min for begin, end in gaps)
    for value, low, high in (
        (True, rule.min_days_in_row, rule.max_days_in_row),
        (False, rule.min_days_off_in_row, rule.max_days_off_in_row or 99),
    ):
        for first, size in runs(line, value):
            if first == 0 and known and not value:
                continue  # how long the days off before the first published shift were, nobody knows
            end = first + size
            ok &= not (size > high and end > new) and not (size < low and new <= end < len(line))
    if rule.weekends is not None:
        weeks = [any(line[n - 2 : n]) for n in range(len(line), 1, -7)]
        ok &= not weeks[0] or sum(weeks[: rule.weekends.of]) <= rule.weekends.worked
        ok &= not rule.weekends.whole or line[-1] == line[-2]
    types = [None if s is None else type_by_hand(rule, problem, s) for s in week]
    ok &= all(b not in rule.not_after.get(a, ()) for a, b in itertools.pairwise(types))
    if rule.rotation:
        ok &= len({t for t in types if t}) <= 1
    if rule.start.variance_min is not None and worked:
        day = 1440 // problem.slot_min
        ok &= np.ptp([b % day for b in begins]) * problem.slot_min <= rule.start.variance_min
    return ok


def best_by_hand(problem, person, kind, price, hours):
    """Try every choice of shifts on every day; weeks that leave legal ones after them come first."""
    rule = person.contract
    options = [[None, *shifts_of_day(problem, price, d)] for d in range(7)]
    lengths = [n.paid_slots * kind.slot_min / 60 for n in kind.lengths]
    usual = day_rules(person, kind, contract_days(rule, lengths))
    safe = safe_patterns(usual, past_of(person, usual, MONDAY))
    best = {False: -np.inf, True: -np.inf}
    for week in itertools.product(*options):
        if legal_by_hand(rule, problem, person, week, hours):
            number = int("".join(str(int(s is not None)) for s in week), 2)
            best[bool(safe[number])] = max(best[bool(safe[number])], sum(s[4] for s in week if s is not None))
    return best[True] if best[True] > -np.inf else best[False]


LEAN = {
    "week_h": {"min": 8, "max": 24},
    "shift_h": 8,
    "start": StartWindow(earliest="07:00", latest="11:00", step_min=240),
}
ONE_START = StartWindow(earliest="07:00", latest="07:00", step_min=240)
TYPES = {"early": ShiftType(earliest="07:00"), "late": ShiftType(earliest="11:00")}
CASES = {
    "plain": LEAN,
    "two lengths": LEAN | {"shift_h": {"min": 4, "max": 8}, "shift_step_min": 240, "start": ONE_START},
    "long rest": LEAN | {"rest_h": 20},
    "rest beyond a day": LEAN | {"rest_h": 40},
    "few in a row": LEAN | {"max_days_in_row": 2, "days": {"min": 2, "max": 4}},
    "pairs of days": LEAN | {"min_days_in_row": 2, "min_days_off_in_row": 2, "week_h": {"min": 8, "max": 40}},
    "not long off": LEAN | {"max_days_off_in_row": 2},
    "nights": LEAN | {"start": StartWindow(earliest="22:00", latest="02:00", step_min=240)},
    "free weekends": LEAN | {"weekends": Weekends(worked=0, of=2)},
    "whole weekends": LEAN | {"weekends": Weekends(worked=1, of=2, whole=True)},
    "five in a row": LEAN | {"max_days_in_row": 5, "days": 5, "week_h": 37.5, "start": ONE_START},
    "no early after late": LEAN | {"shift_types": TYPES, "not_after": {"late": ("early",)}},
    "in turn": LEAN | {"shift_types": TYPES, "rotation": ("early", "late")},
    "same start": LEAN
    | {"start": StartWindow(earliest="07:00", latest="11:00", step_min=240, variance_min=0)},
    "split": LEAN
    | {
        "start": ONE_START,
        "split": Split(gap_h={"min": 4, "max": 6}, part_h=4),
        "shift_step_min": 120,
        "rest_h": 13,
    },
}


@pytest.mark.parametrize("rules", CASES.values(), ids=CASES)
@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), worked=st.integers(0, 6))
def test_best_of_all_weeks(rules, seed, worked):
    problem, person, kind = problem_of(rules, published=eight_before(worked))
    price = np.random.default_rng(seed).normal(1.0, 4.0, 1200).round(3)
    weeks = problem.no_weeks()
    found = plan_week(
        0, price, problem.people, problem.shifts, weeks.start[0], weeks.length[0], weeks.breaks[0]
    )
    unit = kind.unit * kind.slot_min / 60
    hours = person.contract.week_h.min / unit, person.contract.week_h.max / unit
    wanted = best_by_hand(problem, person, kind, price, hours)
    if wanted == -np.inf:
        assert found <= FORBIDDEN / 2
    else:
        assert found == pytest.approx(wanted, abs=1e-6)
        assert (weeks.start[0] >= 0).sum() >= 1
        assert legal_week(0, weeks.start[0], weeks.length[0], problem.people, problem.shifts)


def test_legal_week_is_what_a_hand_would_say():
    rules = CASES["no early after late"] | {"max_days_in_row": 3, "days": {"min": 2, "max": 4}}
    problem, person, kind = problem_of(rules, published=shift_rows("a0", -1, "11:00", "19:00"))
    draw, price, unit = np.random.default_rng(5), np.zeros(1200), kind.unit * kind.slot_min / 60
    options = [[None, *shifts_of_day(problem, price, d)] for d in range(7)]
    safe = day_rules(person, kind, contract_days(person.contract, [7.5]))
    ahead = safe_patterns(safe, past_of(person, safe, MONDAY))
    found = []
    for _ in range(600):
        week = [own[draw.integers(len(own))] for own in options]
        start = np.array([-1 if s is None else s[1] for s in week], np.int64)
        first = week[0] is None or type_by_hand(person.contract, problem, week[0]) == "late"
        wanted = first and legal_by_hand(person.contract, problem, person, week, (8 / unit, 24 / unit))
        wanted &= bool(ahead[int("".join(str(int(s is not None)) for s in week), 2)])
        found.append(legal_week(0, start, np.zeros(7, np.int64), problem.people, problem.shifts))
        assert found[-1] == wanted
    assert any(found)
    assert not all(found)


def test_starts_of_a_week_keep_their_variance():
    narrow = inputs(1)
    problem = build_problem(narrow, ScheduleSettings(start_variance_min=120))[0]
    price = np.random.default_rng(3).normal(1.0, 4.0, 1200)
    weeks = problem.no_weeks()
    plan_week(0, price, problem.people, problem.shifts, weeks.start[0], weeks.length[0], weeks.breaks[0])
    starts = weeks.start[0][weeks.start[0] >= 0] * problem.slot_min % 1440
    assert starts.size
    assert np.ptp(starts) <= 120


def test_off_phone_time_holds_no_break_and_no_value():
    meeting = pd.DataFrame(
        [("a0", at(1, "09:00"), at(1, "12:00"), "meeting", True)],
        columns=["agent_id", "start", "end", "kind", "paid"],
    )
    problem = build_problem(inputs(1, availability=meeting), ScheduleSettings())[0]
    off = np.flatnonzero(problem.people.off[0])
    assert off.size == 180 // problem.slot_min
    price = np.ones(1200)
    price[off] = -100.0  # a break there would look cheap, and the shift dear, if the meeting were work
    price[96:192] += 1.0
    weeks = problem.no_weeks()
    plan_week(0, price, problem.people, problem.shifts, weeks.start[0], weeks.length[0], weeks.breaks[0])
    assert weeks.start[0, 1] >= 0
    assert not set(weeks.breaks[0, 1]) & set(off)
