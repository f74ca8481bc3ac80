"""Patience with censoring, the week's contacts as a trace, absence, fractional positions."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.draws import word_of
from wfo.replay.absence import absence_of
from wfo.replay.fractional import fractional_schedule
from wfo.replay.patience import patience_of
from wfo.replay.reality import reality_of
from wfo.simulation.staffing import staffing_of
from wfo.staffing.lost_by_day import lost_by_day
from wfo.staffing.settings import STATES
from wfo.timegrid import TimeGrid, local_midnight

ZONE = "Europe/Berlin"
MONDAY = dt.date(2025, 6, 30)


def test_planted_patience_is_found_though_most_waits_are_cut_short():
    rng = np.random.default_rng(1)
    patience, offered = rng.exponential(150.0, 40_000), rng.exponential(30.0, 40_000)
    found = patience_of(np.minimum(patience, offered), patience < offered)
    assert found.mean_s == pytest.approx(150.0, rel=0.03)
    assert found.after(60.0) == pytest.approx(np.exp(-60 / 150), abs=0.01)
    assert found.exponential_after(60.0) == pytest.approx(np.exp(-60 / 150), abs=0.01)
    # the mean wait of those who gave up, which many take for patience, is far too short
    assert patience[patience < offered].mean() < 40


def test_kaplan_meier_as_published():
    """Remission of leukaemia patients on 6-MP, Freireich et al. 1963, as in Kalbfleisch & Prentice."""
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    event = [True] * 9 + [False] * 12
    found = patience_of(np.array(weeks, float), np.array(event))
    published = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    np.testing.assert_allclose(found.still_waiting[1], published, atol=5e-4)
    assert found.after(5.9) == 1.0
    assert found.mean_s == pytest.approx(359 / 9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e4), st.booleans()), max_size=40))
def test_survival_never_rises_and_starts_at_one(rows):
    found = patience_of(np.array([w for w, _ in rows], float), np.array([a for _, a in rows], bool))
    share = np.concatenate([[1.0], found.still_waiting[1]])
    assert (np.diff(share) <= 1e-12).all()
    assert (share >= -1e-12).all()
    assert (found.mean_s == np.inf) == (found.abandoned == 0)


def test_unknown_waits_say_nothing_and_negative_ones_are_refused():
    assert patience_of(np.array([np.nan, 10.0]), np.array([True, True])).waited == 1
    with pytest.raises(ValueError, match="mend wait_s"):
        patience_of(np.array([-1.0]), np.array([True]))


@pytest.fixture(scope="module")
def past():
    """The tiny sample's last week, with the laws of a forecast made before it."""
    import wfo
    from wfo.forecasting.settings import ForecastSettings

    sample = wfo.sample_centre("tiny")
    now = local_midnight(MONDAY, ZONE)
    grid = TimeGrid.of_days(MONDAY, 7, zone=ZONE, step_min=15)
    log = sample.data["interactions"]
    known = sample.data.before(now)["interactions"]
    made = wfo.forecast(
        wfo.ForecastInputs(sample.centre, grid, now, interactions=known),
        ForecastSettings(method="two_level"),
        seed=1,
    )
    return sample, grid, log, made


def test_every_contact_of_the_week_is_played_or_told(past):
    sample, grid, log, made = past
    night = (
        log[log["queue"] == "chat"]
        .iloc[:2]
        .assign(
            interaction_id=["N1", "N2"],
            started_at=pd.Timestamp("2025-07-02 03:00", tz=ZONE).tz_convert("UTC"),
        )
    )
    whole = pd.concat([log, night], ignore_index=True)
    gone = (whole["queue"] == "voice_billing") & (
        whole["started_at"].dt.tz_convert(ZONE).dt.date == dt.date(2025, 7, 1)
    )
    whole = whole[~gone]
    found = reality_of(whole, sample.centre, grid, made.laws(), made.expected() * 10, {})
    inside = whole["started_at"].between(pd.Timestamp(grid.start), pd.Timestamp(grid.end), inclusive="left")
    came = whole[inside & (whole["queue"] != "web")]
    left = found.notes[found.notes["what"].str.contains("closed")]
    assert left[["queue", "day", "contacts"]].values.tolist() == [["chat", dt.date(2025, 7, 2), 2]]
    assert found.trace.n == len(came) - 2
    missing = found.notes[found.notes["what"].str.contains("no data")]
    assert ("voice_billing", dt.date(2025, 7, 1)) in set(zip(missing["queue"], missing["day"], strict=True))
    assert found.lost[0].tolist() == [False, True, False, False, False, False, False]


def test_who_gave_up_has_his_patience_and_who_was_answered_a_longer_one(past):
    sample, grid, log, made = past
    speed = {(str(agent), "voice_billing"): 1.25 for agent in sample.data["agents"]["agent_id"]}
    found = reality_of(log, sample.centre, grid, made.laws(), made.expected(), speed)
    inside = log["started_at"].between(pd.Timestamp(grid.start), pd.Timestamp(grid.end), inclusive="left")
    own = log[inside & (log["queue"] == "voice_billing")]
    here = found.trace.queue == 0
    given_up = own["outcome"] == "abandoned"
    np.testing.assert_allclose(
        np.sort(found.trace.patience_s[here][~np.isnan(found.trace.patience_s[here])]),
        np.sort(own.loc[given_up, "wait_s"]),
    )
    assert found.trace.waited_s[here].sum() == pytest.approx(own.loc[~given_up, "wait_s"].sum())
    assert np.nansum(found.trace.handle_s[here]) == pytest.approx(1.25 * own["handle_s"].sum())
    assert found.laws.patience_s[0] == pytest.approx(found.patience["voice_billing"].mean_s)


def test_absence_is_that_of_the_day(past):
    sample, grid, _, _ = past
    states = sample.data["agent_states"]
    lost = lost_by_day(states, grid, ZONE, STATES)
    assert set(lost) <= {MONDAY + dt.timedelta(days=d) for d in range(7)}
    assert 0 < np.mean(list(lost.values())) < 0.4
    sick = states.assign(state=states["state"].where(states["start"] < pd.Timestamp(grid.start), "absent"))
    assert set(lost_by_day(sick, grid, ZONE, STATES).values()) == {1.0}
    assert lost_by_day(None, grid, ZONE, STATES) == {}
    plan = sample.data["published_schedule"]
    frames = (sample.data[n] for n in ("agents", "agent_skills", "routing"))
    staffing = staffing_of(plan, *frames, sample.centre, grid)
    found = absence_of(staffing, plan, 0.08, {MONDAY: 0.5}, seed=1)
    monday = plan[(plan["schedule_date"] == MONDAY) & (plan["kind"] == "work")]["agent_id"].unique()
    own = np.isin(staffing.shift_word, [word_of(f"{agent}/{MONDAY}") for agent in monday])
    assert set(found[~own].tolist()) == {0.08}
    begin, starts, _, _, shift, end = staffing.events.T
    work = np.bincount(shift, np.where(starts == 1, end - begin, 0))[own]
    assert (found[own] * work).sum() == pytest.approx(0.5 * work.sum())
    assert ((found[own] > 0) & (found[own] < 1)).sum() <= 1
    others = absence_of(staffing, plan, 0.08, {MONDAY: 0.5}, seed=2)
    assert (others[own] != found[own]).any()
    for share in (0.0, 1.0):
        assert set(absence_of(staffing, plan, 0.08, {MONDAY: share}, seed=1)[own].tolist()) == {share}


def test_fractional_positions_add_up_to_the_minute(past):
    sample, grid, _, _ = past
    need = pd.DataFrame({"queue": "chat", "interval_start": grid.starts[[40, 41]], "positions": [2.4, 1.0]})
    plan, skills = fractional_schedule(need, sample.data["routing"], 0.8, grid, ZONE)
    minutes = (plan["end"] - plan["start"]).dt.total_seconds().groupby(plan["start"]).sum() / 60
    np.testing.assert_allclose(minutes, [15 * 3.0, 15 * 1.25])
    assert set(skills["skill"]) == {"chat"}
    nothing, _ = fractional_schedule(need.iloc[:0], sample.data["routing"], 0.8, grid, ZONE)
    assert nothing.empty
