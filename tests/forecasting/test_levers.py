"""Levers: each moves every queue it should, with the contacts' delay, and only for contacts after it."""

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from tests.forecasting import small
from tests.forecasting.test_forecast import REDIAL, contacts, inputs, weekly
from wfo.domain.lever import Lever
from wfo.errors import InputError
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.intents import by_intent
from wfo.forecasting.settings import ForecastSettings
from wfo.scenario.load import load_scenario
from wfo.tables.result import Status

WEEK = small.WEEK
SETTINGS = ForecastSettings(paths=20, method="same_weekday_mean")


@cache
def result():
    return forecast(inputs(), SETTINGS, seed=1)


def with_levers(*levers, **changes):
    return forecast(inputs(levers=levers, **changes), SETTINGS, seed=1)


def change(*levers, column="volume_mean"):
    return weekly(with_levers(*levers).frame(), column) / weekly(result().frame(), column)


def test_containment_takes_points_off_what_self_service_sends_to_people():
    contained = with_levers(Lever(what="containment", from_queue="web", points=5))
    halved = with_levers(Lever(what="follow_ups", from_queue="web", queue="voice", factor=0.75))
    np.testing.assert_allclose(contained.laws().follow_ups, halved.laws().follow_ups)  # R is .2 before
    assert contained.laws().follow_ups[2, 0] == pytest.approx(0.15)
    everywhere = with_levers(Lever(what="containment", points=5))
    np.testing.assert_allclose(everywhere.laws().follow_ups, contained.laws().follow_ups)


def test_resolution_takes_points_off_all_that_follows_a_queue_s_contacts():
    laws = with_levers(Lever(what="resolution", from_queue="email", points=10)).laws()
    before = result().laws().follow_ups
    # of .1 to voice and .15 to email
    assert laws.follow_ups[1].sum() == pytest.approx(0.15)
    np.testing.assert_allclose(laws.follow_ups[1] / before[1].sum(), before[1] / before[1].sum() * 0.6)
    np.testing.assert_allclose(laws.follow_ups[[0, 2]], before[[0, 2]])
    all_solved = with_levers(Lever(what="resolution", from_queue="email", points=60)).laws()
    assert all_solved.follow_ups[1].sum() == 0.0


def test_follow_ups_come_later_than_what_caused_them():
    """A lever from Thursday on changes nothing before Thursday, and less on it than on Friday."""
    start = WEEK + dt.timedelta(days=3)
    frame = with_levers(Lever(what="fresh", queue="web", factor=2.0, start=start)).frame()
    day = frame.assign(day=pd.DatetimeIndex(frame["interval_start"]).tz_convert(small.ZONE).date)
    usual = result().frame().assign(day=day["day"])
    ratio = (
        day.groupby(["queue", "day"])["volume_mean"].sum()
        / usual.groupby(["queue", "day"])["volume_mean"].sum()
    )
    voice = ratio["voice"].to_numpy()
    np.testing.assert_allclose(voice[:3], 1.0)
    assert 1.0 < voice[3] < voice[4]
    np.testing.assert_allclose(ratio["web"].to_numpy(), [1, 1, 1, 2, 2, 2, 2])
    np.testing.assert_allclose(ratio["email"].dropna(), 1.0)  # nothing leads from web to email


def test_a_lever_within_the_week_causes_what_its_days_cause():
    """From Thursday on: between none and the whole week's effect, by what still falls due in the week."""
    start = WEEK + dt.timedelta(days=3)
    part = change(Lever(what="follow_ups", from_queue="web", factor=0.5, start=start))["voice"]
    whole = change(Lever(what="follow_ups", from_queue="web", factor=0.5))["voice"]
    share = (1 - part) / (1 - whole)
    # four of seven days of web contacts, but more of theirs fall due after Sunday
    assert 0.3 < share < 4 / 7


def test_deflection_moves_contacts_and_what_they_cause():
    lever = Lever(what="deflection", queue="voice", to_queue="web", share=0.25)
    fresh = weekly(with_levers(lever).frame(), "fresh_mean") - weekly(result().frame(), "fresh_mean")
    usual = weekly(result().frame(), "fresh_mean")
    assert fresh["voice"] == pytest.approx(-0.25 * usual["voice"])
    assert fresh["web"] == pytest.approx(0.25 * usual["voice"])
    assert fresh["email"] == pytest.approx(0.0, abs=1e-9)
    # who goes to the web comes back in part: voice falls by less
    assert (
        change(lever)["voice"] > 1 - 0.25 * usual["voice"] / weekly(result().frame(), "volume_mean")["voice"]
    )


def test_deflection_to_a_closed_queue_waits_for_its_opening():
    lever = Lever(what="deflection", queue="web", to_queue="email", share=0.5, hours="19:00-22:00")
    moved = (
        with_levers(lever).frame().set_index(["queue", "interval_start"])["fresh_mean"]
        - result().frame().set_index(["queue", "interval_start"])["fresh_mean"]
    )
    email = moved["email"]
    hour = pd.DatetimeIndex(email.index).tz_convert(small.ZONE).hour
    assert email[(hour >= 8) & (hour < 12)].sum() == pytest.approx(email.sum())
    web = moved["web"]
    local = pd.DatetimeIndex(web.index).tz_convert(small.ZONE)
    assert (web[(local.hour < 19) | (local.hour >= 22)] == 0).all()
    # those of Friday to Sunday evening find email closed until after the week
    until_friday = web[local.day_of_week < 4].sum()
    assert email.sum() == pytest.approx(-until_friday)


def test_an_outage_sends_some_elsewhere_and_the_rest_come_after_it():
    day = WEEK + dt.timedelta(days=1)
    lever = Lever(
        what="outage", queue="web", to_queue="voice", share=0.3, hours="10:00-14:00", start=day, end=day
    )
    frame = with_levers(lever).frame()
    moved = frame["fresh_mean"] - result().frame()["fresh_mean"]
    local = pd.DatetimeIndex(frame["interval_start"]).tz_convert(small.ZONE)
    down = (local.date == day) & (local.hour >= 10) & (local.hour < 14)
    web, voice = (frame["queue"] == q for q in ("web", "voice"))
    assert (frame["fresh_mean"][web & down] == 0).all()
    gone = -moved[web & down].sum()
    assert moved[voice & down].sum() == pytest.approx(0.3 * gone)
    after = (local.date == day) & (local.hour >= 14)
    assert moved[web & after].sum() == pytest.approx(0.7 * gone)
    assert moved[~after & ~down].abs().max() == pytest.approx(0.0, abs=1e-12)


def test_abandonment_redials_and_patience():
    lost = with_levers(Lever(what="abandonment", queue="voice", factor=2.0))
    assert lost.laws().planned_abandonment.tolist() == [0.1, 0.0, 0.0]
    # each call: .05 more abandoned; each of those .5 redials and causes no follow-up of .1
    growth = weekly(lost.frame(), "volume_mean")["voice"] / weekly(result().frame(), "volume_mean")["voice"]
    assert 1.01 < growth < 1.03
    calm = with_levers(Lever(what="redials", queue="voice", factor=0.2)).laws()
    assert calm.redial_p.tolist() == pytest.approx([0.1, 0.0, 0.0])
    assert change(Lever(what="redials", queue="voice", factor=0.2))["voice"] < 1.0
    patient = with_levers(Lever(what="patience", queue="voice", factor=1.5)).laws()
    assert patient.patience_s.tolist() == [180.0, np.inf, np.inf]


def test_coaching_is_resolution_and_handle_time_as_the_scenario_says():
    lever = {"what": "coaching", "queue": "chat", "points": 2.0}
    scenario = load_scenario("tiny", set={"initiatives": {"c": {"levers": {"a": lever}}}})
    solved, faster = scenario.levers()
    assert (solved.what, solved.from_queue, solved.points) == ("resolution", "chat", pytest.approx(0.8))
    assert (faster.what, faster.queue, faster.factor) == ("handle_time", "chat", pytest.approx(0.994))


def test_chains_that_never_end_are_refused():
    refused = with_levers(Lever(what="follow_ups", factor=12.0))
    assert refused.meta.status is Status.INFEASIBLE
    assert "chains would never end" in refused.meta.reasons[0]


def test_without_ids_a_lever_on_follow_ups_is_refused_and_others_are_not():
    given = ForecastInputs(
        small.centre(), small.week(), small.week().start, queue_intervals=small.reports(60, {"voice": 9.0})
    )
    for lever in (
        Lever(what="follow_ups", factor=0.5),
        Lever(what="resolution", points=3),
        Lever(what="containment", points=3),
    ):
        refused = forecast(ForecastInputs(**{**vars(given), "levers": (lever,)}), SETTINGS, seed=1)
        assert refused.meta.status is Status.INFEASIBLE
        assert "customer ids" in refused.meta.reasons[0]
        assert all(frame.empty for frame in refused.tables.values())
    fresh = forecast(
        ForecastInputs(**{**vars(given), "levers": (Lever(what="fresh", factor=2.0),)}), SETTINGS, seed=1
    )
    assert fresh.meta.status is Status.DONE
    assert any("chains are not available" in note for note in fresh.meta.notes)


def test_the_long_run_is_the_inverse_of_one_less_r():
    """A steady centre, open always, after many weeks: N = (I − Rᵀ)⁻¹ fresh, the lever's R in it."""
    from wfo.forecasting.landing import landing
    from wfo.forecasting.propagation import expected_volume

    laws = with_levers(Lever(what="follow_ups", from_queue="web", factor=0.5)).laws()
    weeks, step = 6, 15
    n = weeks * 7 * 24 * 60 // step
    fresh = np.array([10.0, 4.0, 20.0])
    is_open = np.ones((3, n), dtype=bool)
    links = with_levers(Lever(what="follow_ups", from_queue="web", factor=0.5)).links()
    volume = expected_volume(np.repeat(fresh[:, None], n, axis=1), links, *landing(is_open, step))
    lost, again = laws.planned_abandonment, laws.redial_p
    r = laws.follow_ups * (1 - lost)[:, None] + np.diag(again * lost)
    np.testing.assert_allclose(volume[:, -1], np.linalg.solve(np.eye(3) - r.T, fresh), rtol=1e-4)


def test_a_repair_that_has_begun_is_told_from_the_kernel_and_the_history():
    """Half of the log's parents came after a repair: R before it and fresh demand are found again."""
    begun = WEEK - dt.timedelta(days=42)
    rates = small.RATES
    mixed = {pair: r * (0.5 if pair[0] == "web" else 1.0) for pair, r in rates.items()}
    old = small.played({"voice": 12.0, "email": 6.0, "web": 16.0}, 84, lost=0.05, end=begun)
    try:
        small.RATES = mixed
        new = small.played({"voice": 12.0, "email": 6.0, "web": 16.0}, 42, lost=0.05, seed=2)
    finally:
        small.RATES = rates
    log = pd.concat([old, new.assign(interaction_id="n" + new["interaction_id"])], ignore_index=True)
    share = 84 / 126
    measured = {
        pair: r * (share + (1 - share) * (0.5 if pair[0] == "web" else 1.0)) for pair, r in rates.items()
    }
    given = {"interactions": log, "kernel": small.kernel(measured), "redial": REDIAL}
    lever = Lever(what="follow_ups", from_queue="web", factor=0.5, start=begun)
    told = with_levers(lever, **given)
    assert told.laws().follow_ups[2, 0] == pytest.approx(0.1, rel=0.02)
    untold = with_levers(**given)
    assert untold.laws().follow_ups[2, 0] == pytest.approx(0.2 * (share + 0.5 * (1 - share)))


def test_r_by_intent_and_a_lever_on_one_intent():
    log = contacts()
    rng = np.random.default_rng(3)
    web = (log["queue"] == "web").to_numpy()
    bill = rng.random(len(log)) < 0.4
    log = log.assign(intent=np.where(bill, "bill", "other"))
    # among web contacts that were followed by a call, bills are planted as 70 %
    parents = np.flatnonzero(web & bill)[:700].tolist() + np.flatnonzero(web & ~bill)[:300].tolist()
    children = np.flatnonzero((log["queue"] == "voice").to_numpy())[: len(parents)]
    members = pd.DataFrame(
        {
            "interaction_id": log["interaction_id"].to_numpy()[children],
            "parent_interaction": log["interaction_id"].to_numpy()[parents],
            "role": "follow_up",
        }
    )
    found = by_intent(("voice", "email", "web"), log, members)
    assert found.share_of_parents("bill")[2] == pytest.approx(0.4, abs=0.02)
    assert found.share_of_follow_ups("bill")[2, 0] == pytest.approx(0.7, abs=0.02)
    table = found.table(("voice", "email", "web"), result().laws().follow_ups).set_index(
        ["from_queue", "to_queue", "intent"]
    )["r"]
    assert table["web", "voice", "bill"] == pytest.approx(0.2 * 0.7 / 0.4, rel=0.06)
    lever = Lever(what="follow_ups", from_queue="web", intent="bill", factor=0.0)
    laws = with_levers(lever, interactions=log, chain_members=members).laws()
    assert laws.follow_ups[2, 0] == pytest.approx(0.2 * 0.3, rel=0.05)
    unknown = Lever(what="follow_ups", from_queue="web", intent="fax", factor=0.0)
    same = with_levers(unknown, interactions=log, chain_members=members)
    assert same.laws().follow_ups[2, 0] == pytest.approx(0.2)
    assert any("'fax'" in note for note in same.meta.notes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"what": "follow_ups"}, "needs factor"),
        ({"what": "resolution", "factor": 0.5}, "needs points"),
        ({"what": "deflection", "queue": "a", "share": 0.5}, "needs to_queue"),
        ({"what": "outage", "queue": "a", "share": 0.5}, "needs to_queue"),
        ({"what": "fresh", "factor": 1.0, "share": 0.5}, "knows no share"),
        ({"what": "handle_time", "factor": 1.0, "from_queue": "a"}, "knows no from_queue"),
        (
            {"what": "deflection", "queue": "a", "to_queue": "b", "share": 0.5, "hours": "14-10"},
            "time of day",
        ),
        ({"what": "fresh", "factor": 1.0, "start": "2025-07-09", "end": "2025-07-08"}, "before it starts"),
        ({"what": "weather", "factor": 1.0}, "follow_ups"),
    ],
)
def test_a_lever_that_cannot_be_says_why(content, message):
    with pytest.raises(ValidationError, match=message):
        Lever.model_validate(content)


def test_queues_of_levers_must_exist():
    lever = Lever(what="deflection", queue="web", to_queue="fax", share=0.1)
    with pytest.raises(InputError, match="'fax' is not a queue"):
        with_levers(lever)
