"""Shrinkage planted and found again, and what it does to hours."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stand_in import AGENT_SKILLS, ROUTING, StandIn, small_centre, week_grid

from wfo.domain.contract import Contract
from wfo.metrics.specs import parse_target
from wfo.staffing.settings import STATES, Loss, StaffSettings
from wfo.staffing.shrinkage import (
    ALL,
    lost_share,
    shrinkage_table,
    states_as_paid,
    unscheduled_by_interval,
)
from wfo.staffing.staff import StaffInputs, staff

ZONE = "Europe/Berlin"


def _states(days: int = 28, agents: int = 60, seed: int = 3) -> pd.DataFrame:
    """Shifts 8 to 16: absent on 5 % of days, on Mondays 15 %; else 6 min late, half an hour of meeting."""
    draws = np.random.default_rng(seed)
    rows = []
    for day in range(days):
        date = pd.Timestamp(2025, 6, 2, tz=ZONE) + pd.DateOffset(days=day)
        if date.day_of_week > 4:
            continue
        for agent in range(agents):
            begin, end = date + dt.timedelta(hours=8), date + dt.timedelta(hours=16)
            if draws.random() < (0.15 if date.day_of_week == 0 else 0.05):
                rows.append((f"a{agent}", begin, end, "absent"))
                continue
            cuts = [begin, begin + dt.timedelta(minutes=6), begin + dt.timedelta(hours=4)]
            cuts += [cuts[-1] + dt.timedelta(minutes=30), end]
            for k, state in enumerate(("late", "on_queue", "meeting", "on_queue")):
                rows.append((f"a{agent}", cuts[k], cuts[k + 1], state))
    frame = pd.DataFrame(rows, columns=["agent_id", "start", "end", "state"])
    for column in ("start", "end"):
        frame[column] = frame[column].dt.tz_convert("UTC").dt.as_unit("us")
    return frame


def test_planted_shares_come_back_by_kind_weekday_and_hour() -> None:
    table = shrinkage_table(_states(), ZONE, StaffSettings())
    whole = table[table["weekday"] == ALL].set_index("kind")
    assert set(whole["source"]) == {"estimated"}
    assert whole.loc["absent", "share"] == pytest.approx((4 * 0.05 + 0.15) / 5, abs=0.02)
    # late is taken from the 7.5 hours that the meeting leaves
    assert whole.loc["meeting", "share"] == pytest.approx(0.5 / 8)
    assert whole.loc["late", "share"] == pytest.approx(0.1 / 7.5)
    assert (whole["low"] <= whole["share"] + 1e-12).all()
    assert (whole["high"] >= whole["share"] - 1e-12).all()
    cells = table[(table["kind"] == "absent") & (table["hour"] == "10")].set_index("weekday")["share"]
    assert cells["Mon"] > 1.6 * cells.drop("Mon").mean()
    late = table[(table["kind"] == "late") & (table["weekday"] == "Tue")].set_index("hour")["share"]
    assert late["08"] > 0.05 > 0.01 > late["14"]


def test_each_interval_gets_the_share_of_its_weekday_and_hour() -> None:
    table, grid = shrinkage_table(_states(), ZONE, StaffSettings()), week_grid()
    found = unscheduled_by_interval(table, grid, ZONE)
    at = grid.starts.tz_convert(ZONE).strftime("%a %H")
    assert found[at == "Mon 10"].mean() > found[at == "Wed 10"].mean()
    assert found[at == "Sun 03"] == pytest.approx(lost_share(table, Loss.UNSCHEDULED))


def test_without_states_the_scenario_is_labelled_as_assumed() -> None:
    chosen = StaffSettings(unscheduled_shrinkage=0.1, scheduled_shrinkage={"training": 0.02})
    for states in (None, _states().iloc[:0]):
        table = shrinkage_table(states, ZONE, chosen)
        assert set(table["source"]) == {"assumed"}
        assert lost_share(table, Loss.UNSCHEDULED) == pytest.approx(0.1)
        assert lost_share(table, Loss.SCHEDULED) == pytest.approx(0.02)
    told = StaffSettings(shrinkage="assumed")
    assert set(shrinkage_table(_states(), ZONE, told)["source"]) == {"assumed"}


def test_kinds_that_were_not_seen_stay_assumed() -> None:
    chosen = StaffSettings(scheduled_shrinkage={"time_off": 0.1, "meeting": 0.3})
    table = shrinkage_table(_states(), ZONE, chosen)
    whole = table[table["weekday"] == ALL].set_index("kind")
    assert whole.loc["time_off", ["share", "source"]].tolist() == [0.1, "assumed"]
    assert whole.loc["meeting", "source"] == "estimated"


def test_hours_across_a_clock_change_are_counted_once() -> None:
    begin = pd.Timestamp("2025-10-26 00:00", tz=ZONE).tz_convert("UTC")
    row = {"agent_id": "a", "start": [begin], "end": [begin + dt.timedelta(hours=25)], "state": ["absent"]}
    table = shrinkage_table(pd.DataFrame(row), ZONE, StaffSettings())
    assert table.loc[table["weekday"] == ALL, "agent_hours"].tolist() == [25.0]


def _paid_hours(chosen: StaffSettings) -> float:
    centre, grid = small_centre(), week_grid()
    forecast = StandIn(centre, grid, {"voice": 90.0}, {"voice": 800.0})
    specs = (parse_target("80% in 20s", metric="service_level", scope="voice"),)
    given = StaffInputs(centre, grid, specs, forecast, ROUTING, AGENT_SKILLS)  # type: ignore[arg-type]
    return float(staff(given, chosen, seed=1).hours().loc["all", "paid_hours"])


@settings(max_examples=3, deadline=None)
@given(meeting=st.floats(0, 0.3), sickness=st.floats(0, 0.2), training=st.floats(0, 0.2))
def test_a_kind_moved_to_unscheduled_leaves_paid_hours(
    meeting: float, sickness: float, training: float
) -> None:
    """But for rounding up the people of an interval: 100 of them, so 1 %."""
    rest = {"training": training}
    one = StaffSettings(
        unscheduled_shrinkage={"sickness": sickness}, scheduled_shrinkage={**rest, "meeting": meeting}
    )
    other = StaffSettings(
        unscheduled_shrinkage={"sickness": sickness, "meeting": meeting}, scheduled_shrinkage=rest
    )
    assert _paid_hours(one) == pytest.approx(_paid_hours(other), rel=0.01)


def _whole_week(lunch: str) -> pd.DataFrame:
    """40 shifts of 8.5 hours: half an hour of lunch, 0.4 h of break and 0.2 h of team meeting, else work."""
    hours = {lunch: 0.5, "break": 0.4, "team_meeting": 0.2, "on_queue": 7.4}
    rows = []
    for agent in range(40):
        begin = pd.Timestamp("2025-06-02 08:00", tz=ZONE).tz_convert("UTC")
        for state, long in hours.items():
            rows.append((f"a{agent}", begin, begin + pd.Timedelta(hours=long), state))
            begin = rows[-1][2]
    return pd.DataFrame(rows, columns=["agent_id", "start", "end", "state"])


def test_an_unpaid_lunch_and_a_second_meeting_are_not_in_the_paid_factor() -> None:
    chosen = StaffSettings(scheduled_shrinkage={"meeting": 0.01, "training": 0.02})
    table = shrinkage_table(_whole_week("lunch"), ZONE, chosen)
    whole = table[table["weekday"] == ALL].set_index("kind")
    assert "meeting" not in whole.index, "team meetings were seen"
    assert whole.loc["lunch", "loss"] == "unpaid"
    # eight paid hours: 0.4 of break and 0.2 of meeting, and training besides
    assert 1.0 - lost_share(table, Loss.SCHEDULED) == pytest.approx(7.4 / 8.0 * 0.98)
    assert lost_share(table, Loss.UNPAID) == pytest.approx(0.5 / 8.5)


def _contract(pay: bool) -> Contract:
    times = {"week_h": 40, "shift_h": 8.5, "start": {"earliest": "08:00", "latest": "09:00"}, "days": 5}
    return Contract.model_validate({**times, "breaks": {"lunch": {"minutes": 30, "paid": pay}}})


@pytest.mark.parametrize(
    ("paid", "loss"), [((True,), Loss.SCHEDULED), ((False,), Loss.UNPAID), ((True, False), Loss.UNPAID)]
)
def test_contracts_say_whether_a_break_is_paid(paid: tuple[bool, ...], loss: Loss) -> None:
    contracts = {f"c{k}": _contract(p) for k, p in enumerate(paid)}
    told = states_as_paid(STATES, contracts)
    assert told["lunch"] is loss
    assert list(told) == list(STATES), "kinds keep their order"
    assert states_as_paid({"lunch": Loss.WORK}, contracts) == {"lunch": Loss.WORK}


def test_paid_hours_leave_an_unpaid_lunch_out_as_contracts_say() -> None:
    paid, unpaid = (_paid_hours_with_lunch(pay) for pay in (True, False))
    assert unpaid == pytest.approx(paid * (1 - 0.5 / 8.5))


def _paid_hours_with_lunch(pay: bool) -> float:
    centre = small_centre().model_copy(update={"contracts": {"full": _contract(pay)}})
    forecast = StandIn(centre, week_grid(), {"voice": 90.0}, {"voice": 800.0})
    specs = (parse_target("80% in 20s", metric="service_level", scope="voice"),)
    given = StaffInputs(
        centre, week_grid(), specs, forecast, ROUTING, AGENT_SKILLS,  # type: ignore[arg-type]
        agent_states=_whole_week("lunch"),
    )  # fmt: skip
    return float(staff(given, StaffSettings(), seed=1).hours().loc["all", "paid_hours"])


def test_a_wrong_share_is_told() -> None:
    with pytest.raises(ValidationError, match="sickness: 1.2 found; write a share"):
        StaffSettings(unscheduled_shrinkage={"sickness": 1.2})
