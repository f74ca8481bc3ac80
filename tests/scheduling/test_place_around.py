"""Breaks make room for activities that fit nowhere between them."""

import pandas as pd
import pytest
from revision_small import plan, week
from scheduling_small import at

from wfo.effort import Effort
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.place import PlaceInputs, place
from wfo.scheduling.settings import PlaceSettings

SIX = ("07:00", "13:00", (("10:00", "10:15", True),))


def _placed(minutes, value=500.0, people=("a0",), shift=SIX, locked=False, rows=None, end="13:00"):
    """One session that must lie in the hours of Monday's shifts: six, with a break in the middle."""
    the_week = week()
    rows = plan([(a, 0, shift) for a in ("a0", "a1")]).assign(locked=locked) if rows is None else rows
    request = pd.DataFrame(
        {
            "request_id": ["s"], "kind": ["training"], "participants": [list(people)],
            "minutes": [minutes],
            "window_start": [at(0, "07:00")], "window_end": [at(0, end)], "value": [value],
            "group": [None],
        }
    )  # fmt: skip
    prices = pd.DataFrame(
        {"skill": "talk", "interval_start": the_week.grid.starts, "value_per_agent_min": 0.5}
    )
    given = PlaceInputs(
        centre=the_week.centre, grid=the_week.grid, agents=the_week.agents.assign(team=None), schedule=rows,
        activity_requests=request, prices=prices, cover=the_week.cover.iloc[:0],
        agent_skills=the_week.agent_skills,
    )  # fmt: skip
    settings = PlaceSettings(edge_min=0)
    return the_week, rows, place(given, settings, seed=1, effort=Effort.QUICK)


def test_what_fits_between_breaks_moves_none():
    _, rows, result = _placed(150)
    assert result.tables["placements"]["reason"].tolist() == [""]
    rests = [f[(f["kind"] == "break").to_numpy()]["start"].tolist() for f in (rows, result.frame())]
    assert sorted(rests[0]) == sorted(rests[1])


@pytest.mark.parametrize("people", [("a0",), ("a0", "a1")])
def test_a_long_session_pushes_the_break_aside_and_the_rules_hold(people):
    # three and a half hours fit on neither side of the break at 10:00
    the_week, _, result = _placed(210, people=people)
    row = result.tables["placements"].iloc[0]
    assert row["status"] == "placed"
    assert row["reason"] == "breaks made room"
    # the session is paid for at half a euro a minute; the break only moves
    assert row["cost"] == pytest.approx(210 * 0.5 * len(people))
    new = result.frame()
    for agent in people:
        own = new[(new["agent_id"] == agent).to_numpy()]
        assert own["activity"].tolist().count("training") == 1
        assert (own["start"].iloc[1:].to_numpy() == own["end"].iloc[:-1].to_numpy()).all()
    breaches = check_schedule(
        new, centre=the_week.centre, agents=the_week.agents, grid=the_week.grid,
        agent_skills=the_week.agent_skills, routing=the_week.routing,
    )  # fmt: skip
    assert not set(breaches["rule"]) - {"week_hours", "days_worked"}


def test_it_takes_place_only_where_it_pays_and_never_in_a_locked_shift():
    _, _, result = _placed(210, value=100.0)
    assert result.tables["placements"]["status"].tolist() == ["not placed"]
    _, rows, result = _placed(210, locked=True)
    assert result.tables["placements"]["status"].tolist() == ["not placed"]
    assert len(result.frame()) == len(rows)


@pytest.mark.parametrize(("minutes", "status"), [(165, "placed"), (240, "not placed")])
def test_a_session_pushes_a_break_of_a_part_aside_and_never_lies_in_the_free_time_of_a_split_shift(
    minutes, status
):
    rests = (("09:00", "09:15", True), ("11:00", "14:00", False), ("16:00", "16:15", True))
    rows = plan([("a0", 0, ("07:00", "18:00", rests))])
    rows.loc[(rows["start"] == at(0, "11:00")).to_numpy(), "activity"] = "split"
    _, rows, result = _placed(minutes, rows=rows, end="18:00")
    assert result.tables["placements"]["status"].tolist() == [status]
    free = [f[(f["activity"] == "split").to_numpy()][["start", "end"]] for f in (rows, result.frame())]
    pd.testing.assert_frame_equal(*(f.reset_index(drop=True) for f in free))
    assert (result.frame()["kind"] == "break").sum() == 3
