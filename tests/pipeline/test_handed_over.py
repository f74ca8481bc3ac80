"""What a week hands over is read by the next: backlog, shifts, the fairness account, coaching."""

import datetime as dt

import pandas as pd
import pytest

from wfo.errors import InputError, StoreError
from wfo.pipeline.handed_over import (
    backlog_with,
    handed_over,
    hash_of,
    logged_queues,
    sessions_with,
)
from wfo.pipeline.run import run
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
    own, left, nobody = _open(5), CarryOver(backlog=_open(2)), frozenset()
    assert backlog_with(own, None, logged=nobody) is own
    assert backlog_with(own, CarryOver(), logged=nobody) is own
    assert backlog_with(own, left, logged=nobody)["work_s"].tolist() == [7200.0]
    # nothing left is a word too; a log that reaches to the week's start stands above any plan
    nothing = CarryOver(backlog=_open(2).iloc[:0])
    assert backlog_with(own, nothing, logged=nobody).empty
    assert backlog_with(own, left, logged={"mail"})["work_s"].tolist() == [5 * 3600.0]
    assert backlog_with(own.iloc[:0], left, logged={"mail"}).empty
    # scheduled seconds, as earlier versions handed them over, are not read
    assert backlog_with(own, CarryOver(backlog=_work(2)), logged=nobody) is own


def test_a_queue_that_the_log_does_not_hold_keeps_what_was_handed_over():
    mails = pd.concat([_open(1)] * 40, ignore_index=True)
    letters = _open(3).assign(queue="post")
    steps = _open(2).assign(queue="post", case_of="claims", stands_at=0)
    handed = CarryOver(backlog=pd.concat([mails, letters, steps], ignore_index=True))
    calls_alone = backlog_with(_open(9).iloc[:0], handed, logged={"voice"})
    assert calls_alone["queue"].tolist() == ["mail"] * 40 + ["post"] * 2
    # nobody's log tells who of a list is still to be called
    called = CarryOver(backlog=pd.concat([mails.assign(list=""), _open(1).assign(list="spring")]))
    assert backlog_with(_open(9).iloc[:0], called, logged={"mail"})["list"].tolist() == ["spring"]
    # the log holds post, so of the plan's post only the case goes on: it is of another queue
    both = backlog_with(letters.assign(work_s=7.0), handed, logged={"post"}).query("queue == 'post'")
    assert sorted(zip(both["case_of"], both["work_s"], strict=True)) == [("", 7.0), ("claims", 7200.0)]


def test_the_log_holds_queues_to_which_contacts_came_up_to_the_week():
    now = dt.datetime(2025, 7, 7, tzinfo=dt.UTC)
    rows = [("voice", "2025-07-06 20:00", "in"), ("mail", "2025-06-29 20:00", "in")]
    rows += [("sales", "2025-07-04 10:00", "out"), ("chat", "2025-06-30 00:00", "in")]
    log = pd.DataFrame(rows, columns=["queue", "started_at", "direction"])
    log["started_at"] = pd.to_datetime(log["started_at"], utc=True)
    assert logged_queues(log, now, now) == {"voice", "chat"}
    assert logged_queues(log, now - dt.timedelta(days=1), now) == set()
    assert logged_queues(None, now, now) == logged_queues(log.iloc[:0], now, now) == set()


def test_mails_in_counts_alone_begin_the_week_with_what_was_handed_over(tmp_path, monkeypatch):
    from wfo.sample.sample_centre import sample_centre
    from wfo.staffing import backlog
    from wfo.tables.history import interval_counts

    asked, own = [], backlog.pieces_of
    monkeypatch.setattr(backlog, "pieces_of", lambda given, *rest: asked.append(given) or own(given, *rest))
    tables = dict(sample_centre("tiny").data)
    log = tables["interactions"]
    mails = (log["queue"] == "email").to_numpy()
    tables["queue_intervals"] = interval_counts(log[mails], step_min=15, start_min=0)
    tables["interactions"] = log[~mails].reset_index(drop=True)
    one = _open(0.1).assign(queue="email")
    before = CarryOver(backlog=pd.concat([one] * 40, ignore_index=True))
    done = run("tiny", runs=tmp_path, until="staff", data=Data(tables), before=before)
    assert done.week.now == done.week.grid.start
    assert asked[0].backlog["queue"].tolist() == ["email"] * 40


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
