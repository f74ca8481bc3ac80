"""Targets as planners write them."""

import pytest

from wfo.metrics.specs import Grain, Mode, WaitClock, parse_target


def spec(text):
    return parse_target(text, metric="service_level", scope="voice")


@pytest.mark.parametrize(
    ("text", "level", "within_s"),
    [("80% in 20s", 0.8, 20), ("80/20", 0.8, 20), ("80 % in 60 min", 0.8, 3600), ("90% in 2 h", 0.9, 7200)],
)
def test_shares_within_a_time(text, level, within_s):
    assert (spec(text).level, spec(text).within_s, spec(text).sense) == (level, within_s, ">=")


def test_clocks():
    assert spec("90% in 24 working h").clock is WaitClock.WORKING
    assert spec("90% by promise").clock is WaitClock.PROMISE
    assert spec("90% by promise").within_s is None


def test_limits():
    assert (spec("<= 5%").sense, spec("<= 5%").level) == ("<=", 0.05)
    assert spec("<= 30s").level == 30
    assert spec(">= 2 min").level == 120


def test_grain_and_mode():
    assert spec("80% in 20s").grain is Grain.WEEK
    assert spec("80% in 20s").mode is Mode.PRICED
    assert spec("80% in 20s per interval hard").mode is Mode.HARD
    assert spec("80% in 20s per day report").grain is Grain.DAY
    priced = spec("<= 5% per day priced 2.5/contact")
    assert (priced.mode, priced.price) == (Mode.PRICED, 2.5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("80", "did you mean '80%'"),
        ("180% in 20s", "at most 100 %"),
        ("soon", "write '80% in 20s'"),
        ("80% in 20s daily", "write"),
        ("8.0.1% in 20s", "is not a target"),
        ("80% in 20s priced 2/minute", "priced 2/contact"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(text, says):
    with pytest.raises(ValueError, match=says):
        spec(text)
