"""Any schedule frame becomes the same arrays."""

import pandas as pd
from small_centres import START

from wfo.domain.centre import Centre, Queue
from wfo.simulation.staffing import staffing_of
from wfo.timegrid import TimeGrid

CENTRE = Centre(
    queues={
        "voice": Queue(channel="voice", law="immediate"),
        "chat": Queue(channel="chat", law="concurrent", concurrency=2),
        "web": Queue(channel="web", law="unstaffed"),
    }
)
GRID = TimeGrid(START, 15, 96)
AT = pd.Timestamp(START)
AGENTS = pd.DataFrame({"agent_id": ["ann", "bob"]})
SKILLS = pd.DataFrame(
    {
        "agent_id": ["ann", "ann", "bob"],
        "skill": ["v", "c", "c"],
        "speed": [1.0, 0.5, None],
        "priority": [2, 1, 1],
    }
)
ROUTING = pd.DataFrame(
    {
        "queue": ["voice", "chat", "voice"],
        "skill": ["v", "c", "c"],
        "priority": [1, 1, 2],
        "after_s": [None, 0, 60],
    }
)


def schedule(*rows):
    frame = pd.DataFrame(rows, columns=["agent_id", "from_h", "to_h", "kind", "queues"])
    frame["start"] = AT + pd.to_timedelta(frame.pop("from_h"), unit="h")
    frame["end"] = AT + pd.to_timedelta(frame.pop("to_h"), unit="h")
    frame["schedule_date"] = START.date()
    return frame


def staffing(frame, skills=SKILLS):
    return staffing_of(frame, AGENTS, skills, ROUTING, CENTRE, GRID)


def groups(found):
    ptr = found.serves_ptr
    return [found.serves[ptr[g] : ptr[g + 1]].tolist() for g in range(len(ptr) - 1)]


def test_routing_priority_comes_before_delay_and_own_priority():
    found = staffing(schedule(("ann", 8, 16, "work", []), ("bob", 8, 16, "work", [])))
    rows = [("ann", 8, 10, "work", ["chat"]), ("ann", 10, 11, "break", [])]
    rows.append(("ann", 11, 12, "work", ["voice", "chat"]))
    assert sorted(groups(found)) == sorted([[[0, 0, 60_000], [1, 0, 0]], [[1, 0, 0], [0, 1, 0]]])
    voice = found.served_by[found.served_by_ptr[0] : found.served_by_ptr[1]]
    assert [row[2] for row in voice.tolist()] == [0, 60_000]
    assert found.speed[0].tolist() == [1.0, 0.5, 1.0]


def test_a_row_narrows_the_queues_and_breaks_are_off():
    rows = [
        ("ann", 8, 10, "work", ["chat"]),
        ("ann", 10, 11, "break", []),
        ("ann", 11, 12, "work", ["voice", "chat"]),
    ]
    found = staffing(schedule(*rows))
    on = found.events[found.events[:, 1] == 1]
    assert (on[:, 0] // 3_600_000).tolist() == [8, 11]
    assert len(set(on[:, 3].tolist())) == 2


def test_rows_that_continue_each_other_are_one_segment():
    found = staffing(schedule(("bob", 8, 9, "work", []), ("bob", 9, 10, "work", [])))
    assert len(found.events) == 2
    assert found.events[0, 5] == 10 * 3_600_000


def test_rows_before_the_week_are_cut_and_skills_out_of_date_left_out():
    skills = SKILLS.assign(valid_to=pd.Series([AT - pd.Timedelta(days=1)] + [pd.NaT] * 2))
    found = staffing(schedule(("ann", -4, 2, "work", []), ("bob", -9, -1, "work", [])), skills)
    assert found.events[:, 0].tolist() == [0, 2 * 3_600_000]
    assert groups(found) == [[[0, 0, 60_000], [1, 0, 0]]]


def test_nobody_at_all():
    found = staffing(schedule())
    assert found.events.shape == (0, 6)
    assert found.serves_ptr.tolist() == [0]


def test_contacts_go_first_to_those_who_keep_to_their_queue():
    """Among four who know both: kept for voice, kept for none, kept for chat; bob has no voice of his own."""
    frame = schedule(
        ("ann", 8, 10, "work", []), ("ann", 10, 12, "work", []), ("ann", 12, 14, "work", []),
        ("bob", 8, 10, "work", []),
    )  # fmt: skip
    frame["main_queue"] = ["voice", None, "chat", "email"]
    found = staffing(frame)
    by_start = {int(row[0]): int(row[3]) for row in found.events if row[1] == 1 and row[2] == 0}
    kept_voice, free, kept_chat = (by_start[h * 3_600_000] for h in (8, 10, 12))
    voice = found.served_by[found.served_by_ptr[0] : found.served_by_ptr[1]]
    tier = {int(g): int(t) for g, t, _ in voice}
    assert tier[kept_voice] < tier[free] < tier[kept_chat]
    own = {g: [int(q) for q, _, _ in rows] for g, rows in enumerate(groups(found))}
    assert own[kept_voice] == [0, 1]
    assert own[free] == own[kept_chat] == [1, 0]
    # A main queue that nobody could mean (bob serves no email) changes nothing.
    frame.loc[3, "main_queue"] = None
    again = staffing(frame)
    assert (again.served_by == found.served_by).all()
