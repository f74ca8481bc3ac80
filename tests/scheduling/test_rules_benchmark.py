"""The families of the benchmark of what rules cost: each says what it means to, without a plan being made."""

import datetime as dt
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from wfo.scheduling.settings import ScheduleSettings

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
AGENTS = 24


@pytest.fixture(scope="module")
def bench():
    """Modules of the benchmark by name; no search is made for the week published before."""
    sys.path.insert(0, str(BENCHMARKS))
    found = {name: importlib.import_module(name) for name in (
        "scheduling", "scheduling_rules_case", "scheduling_rules_families", "scheduling_rules_weighed"
    )}  # fmt: skip
    sys.path.remove(str(BENCHMARKS))
    case = found["scheduling_rules_case"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case, "schedule", lambda inputs, *_, **__: SimpleNamespace(frame=lambda: _next(inputs)))
        yield SimpleNamespace(**found)


def _next(inputs):
    """The published week once more, as a plan of the week itself."""
    week, rows = dt.timedelta(days=7), inputs.published
    moved = rows.assign(schedule_date=[d + week for d in rows["schedule_date"]])
    return moved.assign(start=rows["start"] + week, end=rows["end"] + week)


@pytest.fixture(scope="module")
def all_of_them(bench):
    return bench.scheduling_rules_families.families(AGENTS)


@pytest.fixture(scope="module")
def bare(bench):
    return bench.scheduling_rules_case.bare(AGENTS)


def test_names_are_unlike_and_prices_say_what_they_weigh(all_of_them):
    assert len({family.name for family in all_of_them}) == len(all_of_them) == 30
    for family in all_of_them:
        assert family.kind in ("rule", "freedom", "price")
        assert (family.kind == "price") == (family.weighed is not None), family.name
        assert family.joins == bool({"minimum_staff", "team_mix"} & set(family.settings)), family.name
    assert [f.name for f in all_of_them if not f.with_all] == ["weekends: 1 of 2", "same start on all days"]


def test_every_family_changes_the_week_in_what_it_names_and_in_nothing_else(bench, all_of_them, bare):
    before, was = bare
    for family in all_of_them:
        inputs, settings = bench.scheduling_rules_families.laid_over(bare, [family])
        changed = {name for name, value in settings.model_dump().items() if value != was.model_dump()[name]}
        assert changed == set(family.settings), family.name
        rules = {n: c.model_dump() for n, c in inputs.centre.contracts.items()}
        old = {n: c.model_dump() for n, c in before.centre.contracts.items()}
        fields = {k for n in rules for k in rules[n] if rules[n][k] != old[n][k]}
        own = {k for k in family.contracts if k not in old}
        own |= {k for n in old for k in family.contracts.get(n, {})}
        assert fields == own, family.name
        frames = {n for n in ("availability", "wishes", "published", "cover", "agent_skills")
                  if getattr(inputs, n) is not getattr(before, n)}  # fmt: skip
        assert bool(frames) == (family.frames is not None), family.name
        assert fields or changed or frames


def test_all_at_once_has_every_rule_of_every_family(bench, all_of_them, bare):
    lay = bench.scheduling_rules_families.laid_over
    inputs, settings = lay(bare, [family for family in all_of_them if family.with_all])
    priced = {k: v for family in all_of_them for k, v in family.settings.items()}
    expected = ScheduleSettings.model_validate(bare[1].model_dump() | priced)
    assert settings == expected
    for name, rule in inputs.centre.contracts.items():
        given, old = rule.model_dump(), bare[0].centre.contracts[name].model_dump()
        wanted = {k for f in all_of_them if f.with_all for k in (*f.contracts, *f.contracts.get(name, {}))}
        assert {k for k in given if given[k] != old[k]} == wanted - set(inputs.centre.contracts), name
        assert rule.weekends.whole
        assert rule.start.variance_min == 120
    kinds = set(inputs.availability["kind"])
    assert kinds == {"unavailable", "time_off", "locked_shift", "meeting"}
    assert inputs.wishes is not None
    assert inputs.agent_skills["skill"].nunique() == 3


def test_few_agents_have_a_minimum_of_one(bench):
    names = [family.name for family in bench.scheduling_rules_families.families(5)]
    assert "minimum staff: 1 from 06:00 to 23:30" in names


def test_what_prices_weigh_is_counted_from_the_plan(bench, bare):
    weighed, case = bench.scheduling_rules_weighed, bench.scheduling_rules_case
    plan = _next(bare[0])
    published = case.published_before(bare[0])
    assert weighed.shifts_kept(plan, (published, bare[1])) == "100% of shifts kept"
    later = plan.assign(start=plan["start"] + pd.Timedelta("30min"))
    assert weighed.shifts_kept(later, (published, bare[1])) == "0% of shifts kept"
    assert weighed.paid_on_top(plan, bare) == "0.0% paid on top"
    wishful = case.wishful(bare[0])
    wishes = wishful.wishes
    free = plan[~plan["agent_id"].isin(wishes["agent_id"])]
    against = (wishes["sense"] == "against").mean()
    assert weighed.wishes_met(free, (wishful, bare[1])).startswith(f"{against:.0%} of wishes met")
    assert weighed.hours_apart(plan, bare).endswith(" h apart")
    twice = [float(weighed.hours_apart(rows, bare).split()[0]) for rows in (plan.iloc[:0], plan)]
    assert twice[1] > twice[0]


@pytest.mark.parametrize(
    ("words", "said"), [(["--rules"], "expected at least one"), (["--together"], "add --rules")]
)
def test_a_command_that_would_do_nothing_is_refused(bench, words, said, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["scheduling.py", *words])
    with pytest.raises(SystemExit):
        bench.scheduling.main()
    assert said in capsys.readouterr().err
