import datetime as dt

import pytest

from tests.forecasting import small
from wfo.domain.centre import Centre
from wfo.domain.closures import public_holidays
from wfo.errors import InputError
from wfo.forecasting.calendar import EFFECTS, Days
from wfo.forecasting.opening import open_intervals
from wfo.timegrid import TimeGrid


def centre(hours, **queue):
    spec = {"channel": "voice", "law": "immediate", "hours": hours, **queue}
    return Centre.model_validate(
        {"zone": "Europe/Berlin", "queues": {"voice": spec}, "calendar": {"holidays": ["DE"]}}
    )


def open_hours(spec, first, days, step_min=15):
    grid = TimeGrid.of_days(first, days, zone=spec.zone, step_min=step_min)
    return grid.local(spec.zone)[open_intervals(spec, grid)[0]]


def test_hours_are_wall_clock_on_both_sides_of_a_clock_change():
    hours = open_hours(centre("Sat-Mon 08:00-10:00"), dt.date(2025, 3, 29), 3)
    assert [f"{t:%d %H:%M}" for t in hours[::4]] == [f"{d} 0{h}:00" for d in (29, 30, 31) for h in (8, 9)]


def test_a_window_past_midnight_belongs_to_its_first_day():
    hours = open_hours(centre("Fri 22:00-06:00"), dt.date(2025, 7, 11), 2, step_min=60)
    assert [t.hour for t in hours] == [22, 23, 0, 1, 2, 3, 4, 5]
    closed = open_hours(centre("Thu 22:00-06:00", closed_on=["DE"]), dt.date(2025, 5, 1), 2, step_min=60)
    assert len(closed) == 0


def test_the_first_morning_of_a_grid_knows_the_night_before():
    hours = open_hours(centre("Sun 22:00-06:00"), dt.date(2025, 7, 7), 1, step_min=60)
    assert [t.hour for t in hours] == [0, 1, 2, 3, 4, 5]


def test_a_part_of_an_interval_opens_it():
    hours = open_hours(centre("Mon 08:50-09:05"), dt.date(2025, 7, 7), 1, step_min=30)
    assert [f"{t:%H:%M}" for t in hours] == ["08:30", "09:00"]


def test_closed_days_close_staffed_queues_alone():
    content = small.centre().model_dump()
    content["calendar"]["closed_days"] = [dt.date(2025, 7, 8)]
    spec = Centre.model_validate(content)
    is_open = open_intervals(spec, small.week())
    tuesday = slice(96, 192)
    assert not is_open[:2, tuesday].any()
    assert is_open[2, tuesday].all()


def test_unknown_country():
    with pytest.raises(InputError, match=r"queues\.voice\.closed_on: 'XX' is not a country"):
        public_holidays(["XX"], [2025], where="queues.voice.closed_on")


def effect(days, name, q=0):
    return [
        d.isoformat() for d, e in zip(days.dates, days.effects[q, :, EFFECTS.index(name)], strict=True) if e
    ]


def test_calendar_effects():
    days = Days.of(small.centre(), dt.date(2025, 4, 28), 35)
    # 1 May is a holiday; 29 May is Ascension Day
    assert effect(days, "month_end") == ["2025-04-30", "2025-05-30"]
    assert effect(days, "month_start") == ["2025-05-02", "2025-05-05", "2025-05-06"]
    assert effect(days, "after_closure") == ["2025-05-02", "2025-05-30"]
    assert effect(days, "holiday") == []
    assert effect(days, "holiday", q=2) == ["2025-05-01", "2025-05-29"]
    assert effect(days, "after_closure", q=2) == ["2025-05-02", "2025-05-30"]


def test_business_days_are_those_of_the_calendar_s_countries():
    def month_of(holidays):
        days = Days.of(small.centre(calendar={"holidays": holidays}), dt.date(2025, 7, 27), 8)
        return effect(days, "month_end"), effect(days, "month_start")

    # 1 August 2025 is a Friday, the weekend of Israel is Friday and Saturday
    assert month_of([]) == (["2025-07-31"], ["2025-08-01"])
    assert month_of(["IL"]) == (["2025-07-31"], ["2025-08-03"])
    assert month_of(["IL", "FR"]) == (["2025-07-31"], ["2025-08-01", "2025-08-03"])


def test_a_weekend_is_no_closure_but_a_holiday_before_it_is():
    days = Days.of(small.centre(), dt.date(2025, 4, 14), 14)
    email = small.centre().queue_ids.index("email")
    assert effect(days, "after_closure", email) == ["2025-04-22"]


def test_events_scale_their_queues_and_unscaled_ones_are_marked():
    events = {
        "promotion": {"start": "2025-07-07", "queues": ["voice"], "scale": 1.15},
        "outage": {"start": "2025-07-08", "end": "2025-07-09"},
    }
    days = Days.of(small.centre(calendar={"events": events}), small.WEEK, 7)
    assert days.event_scale[0, 0] == 1.15
    assert (days.event_scale[1:, 0] == 1).all()
    assert days.unscaled[:, 1:3].all()
    assert not days.unscaled[:, [0, 3, 4, 5, 6]].any()
    assert (days.event_scale[:, 1:] == 1).all()
