"""A schedule from a file, judged instead of one that is made."""

import datetime as dt

import pandas as pd
import pytest

from wfo.cli.finish import page
from wfo.errors import InputError
from wfo.pipeline.given_schedule import _said
from wfo.pipeline.publish import publish
from wfo.pipeline.run import run
from wfo.pipeline.schedule_file import read_schedule
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario

QUICK = ["replications=3", "evaluate.prices=false", "week.start=2025-07-07"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


def theirs(folder, *, hours=8, agents=None):
    """Everybody works from nine, Monday to Friday, as another program says it: no queues, no breaks."""
    names = sorted(sample_centre("tiny").data["agents"]["agent_id"]) if agents is None else agents
    rows = [
        (a, f"2025-07-{d:02d} 09:00", f"2025-07-{d:02d} {9 + hours}:00") for a in names for d in range(7, 12)
    ]
    path = folder / "their week.csv"
    pd.DataFrame(rows, columns=["agent_id", "start", "end"]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def judged(runs):
    return run(load_scenario("tiny", set=QUICK), runs=runs, schedule=theirs(runs))


def test_it_is_judged_beside_the_scenarios_own_run(judged, runs):
    assert judged.folder == runs / "tiny" / f"{load_scenario('tiny', set=QUICK).arm}+their_week"
    card = judged.frame("scorecard").set_index(["metric", "scope", "grain"])
    assert 0.0 < card.loc[("service_level", "voice_billing", "week"), "predicted"] <= 1.0
    assert (judged.folder / "breaches.parquet").is_file()
    calls = {call["stage"]: call["why"] for call in judged.manifest["calls"]}
    assert calls["schedule"] == calls["place"] == "given"


def test_work_that_names_no_queue_is_for_all_that_the_agent_can_serve(judged):
    sample = sample_centre("tiny").data
    served = sample["agent_skills"].merge(sample["routing"], on="skill").groupby("agent_id")["queue"].agg(set)
    plan = judged.frame("schedule")
    assert len(plan) == 5 * len(sample["agents"])
    for agent, queues in zip(plan["agent_id"], plan["queues"], strict=True):
        assert set(queues) == served.get(agent, set())


def test_what_the_checker_finds_is_told(judged):
    breaches = judged.frame("breaches")
    assert {"shift_length", "week_hours", "days_worked"} <= set(breaches["rule"])
    assert any("more breaches of rules" in reason for reason in judged.reasons)
    notes = judged.results["schedule"].meta.notes
    assert any("every row is taken for work" in note for note in notes)


def test_a_schedule_that_breaks_rules_is_published_only_when_asked(judged, runs, tmp_path):
    with pytest.raises(InputError, match=r"breaks rules: A\d+: .* \(and \d+ more\).*--with-breaches"):
        publish(judged.folder, tmp_path)
    assert not list(tmp_path.iterdir())
    assert publish(judged.folder, tmp_path, with_breaches=True).name == "v1"


def test_fewer_hours_serve_fewer(judged, runs, tmp_path):
    path = theirs(tmp_path, hours=2)
    short = run(load_scenario("tiny", set=QUICK), runs=runs, schedule=path.rename(tmp_path / "short.csv"))

    def late(done):
        return done.frame("intervals")["abandoned"].sum()

    assert late(short) > late(judged)
    paid = short.frame("ledgers").set_index("label")["value"]["paid hours of shifts"]
    assert paid == pytest.approx(len(sample_centre("tiny").data["agents"]) * 10)


def test_who_is_unknown_is_named_and_not_played(judged, runs, tmp_path):
    path = theirs(tmp_path).rename(tmp_path / "stranger.csv")
    with path.open("a", encoding="utf-8") as file:
        file.write("A099,2025-07-07 09:00,2025-07-07 17:00\n")
    made = run(load_scenario("tiny", set=QUICK), runs=runs, schedule=path, finishers=(page,))
    assert "A099, Mon 07 Jul: agent 'A099' is not in 'agents' (known_agents)" in made.reasons
    assert any("1 rows are not played" in note for note in made.results["schedule"].meta.notes)
    assert made.frame("schedule").equals(judged.frame("schedule"))
    assert (made.folder / "report.html").is_file()


def test_names_in_the_place_of_ids_are_told_as_such(runs, tmp_path):
    path = theirs(tmp_path, agents=["Ada Byron", "Grace Hopper"])
    with pytest.raises(InputError) as error:
        run(load_scenario("tiny", set=QUICK), runs=runs, schedule=path)
    said = str(error.value)
    assert "column 'agent_id': nobody in it is known: Ada Byron, Grace Hopper" in said
    assert (
        f"write the ids of agents.agent_id, such as {min(sample_centre('tiny').data['agents']['agent_id'])}"
        in said
    )
    later = pd.read_csv(path).replace("2025-07-", "2025-08-", regex=True)
    later.to_csv(tmp_path / "later.csv", index=False)
    with pytest.raises(InputError, match="no row lies in the week of Mon 07 Jul 2025"):
        run(load_scenario("tiny", set=QUICK), runs=runs, schedule=tmp_path / "later.csv")


def test_a_breach_is_said_with_whom_and_when_as_far_as_it_has_them():
    breach = {"agent_id": "A1", "schedule_date": dt.date(2025, 7, 7), "message": "too long", "rule": "rest"}
    assert _said(breach) == "A1, Mon 07 Jul: too long (rest)"
    assert _said(breach | {"agent_id": ""}) == "all agents, Mon 07 Jul: too long (rest)"
    assert _said(breach | {"agent_id": "", "schedule_date": None}) == "all agents: too long (rest)"
    assert _said(breach | {"schedule_date": pd.NaT}) == "A1: too long (rest)"


def test_what_cannot_be_judged_is_told(runs, tmp_path):
    chosen = load_scenario("tiny", set=QUICK)
    agent = sorted(sample_centre("tiny").data["agents"]["agent_id"])[0]
    path = theirs(tmp_path, agents=[agent])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{agent},2025-07-07 10:00,2025-07-07 12:00\n")
    with pytest.raises(InputError, match="found '2025-07-07 10:00'; this overlaps the one before it"):
        run(chosen, runs=runs, schedule=path)
    with pytest.raises(InputError, match="judged to the end; leave out 'until'"):
        run(chosen, runs=runs, schedule=path, until="staff")
    (tmp_path / "empty.csv").write_text("agent,from\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns agent_id, start, end are missing"):
        run(chosen, runs=runs, schedule=tmp_path / "empty.csv")
    other = theirs(tmp_path, agents=[agent])
    moved = pd.read_csv(other).replace("2025-07-", "2025-08-", regex=True)
    moved.to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(InputError, match="no row lies in the week of Mon 07 Jul 2025"):
        run(chosen, runs=runs, schedule=tmp_path / "other.csv")
    assert dt.date(2025, 7, 7) == chosen.week.start


def test_a_workbook_s_plan_is_found_by_its_columns(tmp_path):
    sample, centre = sample_centre("tiny"), load_scenario("tiny", set=QUICK).centre
    plan = pd.read_csv(theirs(tmp_path))
    with pd.ExcelWriter(tmp_path / "plan.xlsx") as book:
        pd.DataFrame({"note": ["the week of 7 July"]}).to_excel(book, sheet_name="About", index=False)
        plan.to_excel(book, sheet_name="Week", index=False)
    agents = sample.data["agents"]
    read, _ = read_schedule(tmp_path / "plan.xlsx", timezone=centre.zone, centre=centre, agents=agents)
    assert len(read) == len(plan)
