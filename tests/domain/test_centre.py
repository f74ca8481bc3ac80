"""What a centre may look like."""

import pytest
from pydantic import ValidationError

from wfo.domain.centre import Centre, Queue
from wfo.domain.contract import Range


def test_queues_keep_the_scenarios_order():
    centre = Centre.model_validate(
        {
            "queues": {
                "z": {"channel": "voice", "law": "immediate"},
                "a": {"channel": "web", "law": "unstaffed"},
            }
        }
    )
    assert centre.queue_ids == ("z", "a")
    assert centre.staffed_ids == ("z",)


def test_one_number_is_a_range():
    assert Range.model_validate(8) == Range(min=8, max=8)


def test_a_range_that_runs_backwards_is_refused():
    with pytest.raises(ValidationError, match="min 9 is above max 8"):
        Range(min=9, max=8)


def test_unknown_keys_and_zones_are_refused():
    with pytest.raises(ValidationError, match="time zone"):
        Centre(zone="Europe/Atlantis")
    with pytest.raises(ValidationError, match="Extra inputs"):
        Queue.model_validate({"channel": "voice", "law": "immediate", "colour": "red"})


def test_one_line_of_hours_needs_no_list():
    queue = Queue.model_validate({"channel": "voice", "law": "immediate", "hours": "Mon 08:00-09:00"})
    assert queue.hours == ("Mon 08:00-09:00",)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"law": "deferred", "balking": 0.1}, "balking leaves the line of immediate and concurrent queues"),
        (
            {"law": "unstaffed", "callback_after_s": 60, "callback_share": 0.5},
            "callback_after_s shortens the",
        ),
        ({"law": "immediate", "callback_after_s": 60}, "go together; write both or neither"),
        ({"law": "immediate", "callback_share": 0.5}, "go together; write both or neither"),
        ({"law": "immediate", "balking": 1.5}, "less than or equal to 1"),
    ],
)
def test_habits_in_line_need_a_line(given, told):
    with pytest.raises(ValidationError, match=told):
        Queue.model_validate({"channel": "voice", **given})
