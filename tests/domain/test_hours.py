"""Opening hours as planners write them."""

import pytest

from wfo.domain.hours import clock_min, parse_hours


def test_lines_become_windows_by_weekday():
    assert parse_hours(["Mon-Wed 08:00-20:00", "Sat 9:00-16:00"]) == {
        0: ((480, 1200),),
        1: ((480, 1200),),
        2: ((480, 1200),),
        5: ((540, 960),),
    }


def test_a_window_past_midnight_belongs_to_the_day_it_starts():
    assert parse_hours(["Fri 22:00-06:00"]) == {4: ((1320, 1800),)}


def test_days_may_wrap_around_the_week():
    assert sorted(parse_hours(["Sat-Mon 10:00-11:00"])) == [0, 5, 6]


def test_always_is_every_day_around_the_clock():
    assert parse_hours(["always"]) == {day: ((0, 1440),) for day in range(7)}


@pytest.mark.parametrize("line", ["Mon 8-20", "Xyz 08:00-20:00", "Mon 25:00-26:00", "Mon 08:70-09:00"])
def test_what_is_no_hours_says_how_to_write_them(line):
    with pytest.raises(ValueError, match="write"):
        parse_hours([line])


def test_clock():
    assert clock_min("07:05") == 425
    assert clock_min("24:00") == 1440
