"""Queues without new contacts are said, with what is left for them to do; others are not."""

import numpy as np
import pandas as pd
import pytest

from wfo.domain.centre import Centre, Queue
from wfo.staffing.nothing_asked import nothing_asked

CENTRE = Centre(
    queues={
        "calls": Queue(channel="voice", law="immediate"),
        "mail": Queue(channel="email", law="deferred"),
        "web": Queue(channel="web", law="unstaffed"),
    }
)
NO_WORK = pd.DataFrame({"queue": ["mail"], "work_s": [0.0]})


def asked(calls, mail, work=NO_WORK):
    """What is said of new contacts and all contacts of the two staffed queues; the web has none."""
    fresh, volume = np.array([calls, mail, (0.0, 0.0)]).T[:, :, None]
    return nothing_asked(CENTRE, ("calls", "mail", "web"), fresh, volume, work)


def test_a_queue_with_contacts_says_nothing():
    assert asked((9.0, 10.0), (1.0, 1.0)) == ()


def test_one_queue_without_contacts():
    (told,) = asked((9.0, 10.0), (0.0, 0.0))
    assert told.startswith("queue 'mail' gets no new contacts in this week and has no work left from before")
    assert "demand.scale" in told


@pytest.mark.parametrize(
    ("contacts", "hours", "left"),
    [
        (3.0, 0.0, "and 3 follow-ups of earlier contacts are all there is to do"),
        (0.0, 2.0, "and 2.0 h of work that can wait are all there is to do"),
        (3.0, 2.0, "and 3 follow-ups of earlier contacts and 2.0 h of work that can wait are all"),
    ],
)
def test_what_is_left_to_do_is_counted(contacts, hours, left):
    work = NO_WORK.assign(work_s=hours * 3600)
    (told,) = asked((9.0, 10.0), (0.0, contacts), work)
    assert left in told


def test_call_lists_and_steps_of_other_queues_cases_are_work_though_nobody_new_comes():
    rules = {"channel": "email", "law": "deferred"}
    calls = {"lists": {"renewals": {"contacts": 300, "first": "2025-07-07", "last": "2025-07-11"}}}
    steps = {"read": {"handle_s": 60}, "check": {"handle_s": 60, "queue": "back"}}
    queues = {"mail": rules | {"case_steps": steps}, "back": rules, "out": rules | {"outbound": calls}}
    centre, names = Centre.model_validate({"queues": queues}), ("mail", "back", "out")
    fresh = np.array([[5.0], [0.0], [0.0]])
    work = pd.DataFrame({"queue": names, "work_s": 3600.0})
    assert nothing_asked(centre, names, fresh, fresh, work) == ()
    told = nothing_asked(centre, names, fresh, fresh, work.assign(work_s=0.0))
    assert [text.split(" gets")[0] for text in told] == ["queue 'back'", "queue 'out'"]
    only_lists = nothing_asked(centre, names, 0 * fresh, fresh, work)
    assert [text.split(" gets")[0] for text in only_lists] == ["queue 'mail'"]


def test_a_week_without_any_new_contact_is_said_once():
    (told,) = asked((0.0, 4.0), (0.0, 0.0))
    assert told.startswith(
        "nothing new is asked for in this week: no queue gets new contacts, and 4 follow-ups"
    )
    assert "hours of their contracts" in told
