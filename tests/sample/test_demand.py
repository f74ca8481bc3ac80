"""Fresh demand: the stated factors and their correlations."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from wfo.sample import demand, intents
from wfo.sample.centre_file import centre_of
from wfo.sample.expected_week import expected_week
from wfo.sample.laws import PRESETS


@pytest.mark.parametrize("preset", ["standard", "hard"])
def test_half_day_factors_have_the_stated_spread_and_correlations(preset):
    size = PRESETS[preset]
    factor = demand.half_day_factors(size, 40, 6000, np.random.default_rng(5))
    log = np.log(factor)
    day = log.mean(axis=2)
    assert factor.mean() == pytest.approx(1.0, abs=0.005)
    assert day.std() == pytest.approx(size.day_cv, rel=0.05)
    between = [np.corrcoef(log[q, :, 0], log[q, :, 1])[0, 1] for q in range(40)]
    assert np.mean(between) == pytest.approx(size.half_corr, abs=0.03)
    lag = [np.corrcoef(day[q, 1:], day[q, :-1])[0, 1] for q in range(40)]
    assert np.mean(lag) == pytest.approx(size.day_corr, abs=0.03)
    queues = np.corrcoef(day)[np.triu_indices(40, 1)]
    assert queues.mean() == pytest.approx(size.queue_corr, abs=0.05)


def test_calendar_factors_by_hand():
    centre = centre_of("standard")
    days = demand.days_of(centre, dt.date(2025, 4, 28), 14)
    factor = dict(zip(days.dates, demand.calendar_factor(centre, days)[0], strict=True))
    assert factor[dt.date(2025, 4, 29)] == 1.0
    assert factor[dt.date(2025, 4, 30)] == pytest.approx(1.06)  # last business day of April
    assert factor[dt.date(2025, 5, 1)] == pytest.approx(0.60 * 0.93)  # Labour Day in both countries
    assert factor[dt.date(2025, 5, 2)] == pytest.approx(1.08 * 1.12)  # first business day, after a closure
    assert factor[dt.date(2025, 5, 3)] == 1.0
    assert factor[dt.date(2025, 5, 6)] == pytest.approx(1.08)
    assert factor[dt.date(2025, 5, 7)] == 1.0


def test_events_touch_their_queues_and_hours_alone():
    centre = centre_of("standard")
    days = demand.days_of(centre, dt.date(2025, 5, 12), 14)
    factor = demand.event_factor(centre, days, PRESETS["standard"])
    ids = centre.queue_ids
    assert factor[ids.index("voice_billing")].max() == 1.0
    assert np.isclose(factor[ids.index("voice_sales")], 1.20).sum() == 3 * 96
    assert np.isclose(factor[ids.index("voice_technical")], 1.80).sum() == 4 * 4


def test_closed_intervals_have_no_fresh_contacts_and_clock_changes_are_kept():
    centre = centre_of("standard")
    days = demand.days_of(centre, dt.date(2025, 3, 24), 7)
    assert days.grid.n == 7 * 96 - 4
    rates = demand.fresh_rates(centre, PRESETS["standard"], days, np.random.default_rng(1))
    assert (rates[~demand.open_mask(centre, days)] == 0).all()
    billing = centre.queue_ids.index("voice_billing")
    hours = days.hour[(days.day == 0) & (rates[billing] > 0)]
    assert (hours.min(), hours.max()) == (8.0, 19.75)


def test_fresh_contacts_and_follow_ups_add_up_to_the_stated_contacts():
    centre, size = centre_of("standard"), PRESETS["standard"]
    expected = expected_week(centre, size).sum(axis=1)
    assert expected == pytest.approx(intents.contacts_by_queue(centre, size.contacts), rel=0.01)


def test_follow_ups_by_source_are_the_frozen_ones():
    centre = centre_of("standard")
    ids = centre.queue_ids
    for factor, size in ((1.0, PRESETS["standard"]), (0.6, PRESETS["hard"])):
        r = demand.follow_up_shares(centre, size)
        voice = [k for k, q in enumerate(ids) if q.startswith("voice")]
        assert r[ids.index("web"), voice].sum() == pytest.approx(0.22 * factor)
        assert r[ids.index("bot"), ids.index("chat")] == pytest.approx(0.30 * factor)
        assert r[ids.index("email"), ids.index("email")] == pytest.approx(0.15 * factor)
        assert r[ids.index("email"), voice].sum() == pytest.approx(0.10 * factor)


def test_business_days_are_counted_over_weekends_and_holidays():
    dates = [dt.date(2025, 4, 16) + dt.timedelta(days=k) for k in range(7)]  # Wednesday before Easter
    off = frozenset({dt.date(2025, 4, 18), dt.date(2025, 4, 21)})
    table = demand.business_day_table(dates, off, 3)
    assert table[0].tolist() == [0, 1, 6, 7]  # Thursday, then Tuesday, Wednesday
    assert table[3].tolist() == [3, 6, 7, 8]  # from Saturday


def test_arrivals_follow_their_rates():
    rates = np.array([[0.0, 400.0, 100.0], [50.0, 0.0, 0.0]])
    at, queue, interval = demand.arrivals(rates, 900.0, np.random.default_rng(2))
    counts = np.zeros((2, 3))
    np.add.at(counts, (queue, interval), 1)
    assert (counts[rates == 0] == 0).all()
    assert np.abs(counts - rates).max() < 5 * np.sqrt(400)
    assert (np.diff(at) >= 0).all()
    assert (at // 900 == interval).all()


def test_expected_week_follows_a_changed_web():
    centre, size = centre_of("tiny"), PRESETS["tiny"]
    more = expected_week(centre, replace(size, contacts=1200.0)).sum()
    assert more == pytest.approx(2 * expected_week(centre, size).sum(), rel=1e-6)
