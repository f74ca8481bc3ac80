"""What a week hands over is read by the next: backlog, shifts, the fairness account, coaching."""

import datetime as dt

import pandas as pd
import pytest

from wfo.errors import InputError, StoreError
from wfo.pipeline.handed_over import backlog_with, handed_over, hash_of, sessions_with
from wfo.pipeline.several_weeks import run_weeks
from wfo.scheduling.checker import check_schedule
from wfo.tables.carry_over import CarryOver

MONDAY = dt.date(2025, 7, 7)


def _at(text):
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def _work(hours=1.0):
    return pd.DataFrame(
        {"queue": ["mail"], "release": [_at("2025-07-06 08:00")], "due": [_at("2025-07-08 08:00")],
         "work_s": [hours * 3600]}
    )  # fmt: skip


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
    own = _work(5)
    assert backlog_with(own, None) is own
    assert backlog_with(own, CarryOver()) is own
    assert backlog_with(own, CarryOver(backlog=_work(2)))["work_s"].tolist() == [7200.0]


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
