"""What a week hands over is read by the next: backlog, shifts, the fairness account, coaching."""

import datetime as dt

import pandas as pd
import pytest

from wfo.errors import InputError, StoreError
from wfo.pipeline.handed_over import backlog_with, handed_over, hash_of, sessions_with
from wfo.pipeline.several_weeks import run_weeks
from wfo.scenario.load import load_scenario
from wfo.scheduling.checker import check_schedule
from wfo.tables.carry_over import CarryOver
from wfo.tables.data import Data

MONDAY = dt.date(2025, 7, 7)


def _at(text):
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def _work(hours=1.0):
    return pd.DataFrame(
        {"queue": ["mail"], "release": [_at("2025-07-06 08:00")], "due": [_at("2025-07-08 08:00")],
         "work_s": [hours * 3600]}
    )  # fmt: skip


def _open(hours):
    """As the backlog has it."""
    work = _work(hours)
    return work.assign(case_of="", stands_at=-1, promised=work["due"], came=work["release"])


def _doses():
    return pd.DataFrame(
        {
            "agent_id": ["a1"],
            "behaviour": ["listening"],
            "minutes": [30.0],
            "last_at": [_at("2025-07-03 10:30")],
        }
    )


def test_the_published_week_before_hands_over(tmp_path):
    folder = tmp_path / "published" / "2025-06-30"
    CarryOver(backlog=_work(1)).save(folder / "v1" / "carry_over")
    CarryOver(backlog=_work(2)).save(folder / "v2" / "carry_over")
    CarryOver(backlog=_work(9)).save(tmp_path / "published" / "2025-06-23" / "v1" / "carry_over")
    found = handed_over(tmp_path, MONDAY)
    assert found.backlog["work_s"].tolist() == [7200.0]
    assert handed_over(tmp_path, dt.date(2025, 8, 4)) is None
    (folder / "v2" / "carry_over" / "doses.parquet").unlink()
    with pytest.raises(StoreError):
        handed_over(tmp_path, MONDAY)


def test_the_week_befores_backlog_stands_in_place_of_the_logs():
    own, left = _open(5), CarryOver(backlog=_open(2))
    assert backlog_with(own, None, over=False) is own
    assert backlog_with(own, CarryOver(), over=False) is own
    assert backlog_with(own, left, over=False)["work_s"].tolist() == [7200.0]
    # nothing left is a word too; a log that reaches to the week's start stands above any plan
    assert backlog_with(own, CarryOver(backlog=_open(2).iloc[:0]), over=False).empty
    assert backlog_with(own, left, over=True) is own
    # scheduled seconds, as earlier versions handed them over, are not read
    assert backlog_with(own, CarryOver(backlog=_work(2)), over=False) is own


def test_planned_coaching_counts_as_given_and_never_twice():
    given = sessions_with(None, CarryOver(doses=_doses()))
    assert given[["agent_id", "behaviour", "status"]].to_numpy().tolist() == [["a1", "listening", "done"]]
    assert given["start"].tolist() == [_at("2025-07-03 10:00")]
    assert len(sessions_with(given, CarryOver(doses=_doses()))) == 1
    assert sessions_with(given, None) is given


def test_a_hand_over_changes_the_key_of_what_reads_it():
    one, other = CarryOver(backlog=_work(1)), CarryOver(backlog=_work(2))
    assert hash_of(None, "backlog") == "none"
    assert hash_of(one, "backlog") == hash_of(CarryOver(backlog=_work(1)), "backlog")
    assert hash_of(one, "backlog") != hash_of(other, "backlog")
    assert hash_of(one, "doses") == hash_of(other, "doses")


@pytest.mark.parametrize("weeks", [0, 14])
def test_a_number_of_weeks_that_cannot_be_is_refused(weeks, tmp_path):
    with pytest.raises(InputError, match="write 1 to 13"):
        run_weeks("tiny", weeks, runs=tmp_path)


def test_a_week_begins_with_the_work_that_the_one_before_leaves(tmp_path, monkeypatch):
    """Mails that take eight times as long, and one agent left who writes: more than he can do."""
    from wfo.evaluation import play
    from wfo.sample.sample_centre import sample_centre
    from wfo.staffing import backlog

    begun, asked = [], []

    def played(work, *rest):
        begun.append(work)
        return own_old_work(work, *rest)

    def pieces(inputs, *rest):
        asked.append(inputs.backlog)
        return own_pieces(inputs, *rest)

    own_old_work, own_pieces = play.old_work, backlog.pieces_of
    monkeypatch.setattr(play, "old_work", played)
    monkeypatch.setattr(backlog, "pieces_of", pieces)
    tables = dict(sample_centre("tiny").data)
    log = tables["interactions"]
    mails = (log["queue"] == "email").to_numpy()
    tables["interactions"] = log.assign(handle_s=log["handle_s"].where(~mails, log["handle_s"] * 8))
    skills = tables["agent_skills"]
    others = (skills["skill"] == "written") & (skills["agent_id"] != "A001")
    tables["agent_skills"] = skills[~others].reset_index(drop=True)
    few = load_scenario("tiny", set={"replications": "3", "evaluate.prices": "false"})
    one, two = run_weeks(few, 2, runs=tmp_path, effort="quick", data=Data(tables))
    left = CarryOver.load(one.folder / "carry_over").backlog
    ledger = one.frame("ledgers").set_index("label")["value"]["deferred work left at the end"]
    assert ledger > 20
    assert len(left) == pytest.approx(ledger, abs=1)
    assert set(left["queue"]) == {"email"}
    # an agent's own seconds: what a mail takes by the forecast, not what must be scheduled for it
    told = one.frame("forecast").query("queue == 'email' and volume_mean > 0")
    mean = (told["handle_s_mean"] * told["volume_mean"]).sum() / told["volume_mean"].sum()
    assert left["work_s"].mean() == pytest.approx(mean, rel=0.05)
    for given in (begun[-1], asked[-1]):
        assert given["work_s"].sum() == pytest.approx(left["work_s"].sum())
        assert len(given) == len(left)
        assert (given["came"] < pd.Timestamp(two.week.grid.start)).all()
    again = two.results["evaluate"].state["left"]["email"]
    assert 0 < again["old"] <= len(left)


@pytest.mark.heavy
def test_three_weeks_keep_all_rules_across_their_boundaries(tmp_path):
    done = run_weeks("tiny", 3, runs=tmp_path, until="place", effort="quick")
    assert [one.week.first for one in done] == [MONDAY + dt.timedelta(weeks=n) for n in range(3)]
    before = None
    for one in done:
        scenario, plan = one.scenario, one.frame("schedule")
        breaches = check_schedule(
            plan, centre=scenario.centre, agents=_people(scenario), published=before, grid=one.week.grid
        )
        own = breaches[~breaches["rule"].isin(["week_hours", "days_worked"])]
        assert own.empty, own
        before = plan if before is None else pd.concat([before, plan], ignore_index=True)
    last = CarryOver.load(done[-1].folder / "carry_over")
    assert (last.fairness["account"] != 0).any()
    assert len(last.doses) > 0
    assert last.last_shifts["schedule_date"].nunique() > 14


def _people(scenario):
    from wfo.sample.sample_centre import sample_centre

    return sample_centre(scenario.data.sample).data["agents"]
