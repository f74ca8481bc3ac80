"""Questions about a run, answered in a planner's words."""

import datetime as dt

from wfo.domain.centre import Centre
from wfo.pipeline.questions import worked_at
from wfo.timegrid import TimeGrid

CENTRE = Centre.model_validate(
    {
        "zone": "Europe/Berlin",
        "queues": {
            "voice": {"channel": "voice", "law": "immediate", "hours": ["Mon-Fri 08:00-18:00"]},
            "chat": {"channel": "chat", "law": "concurrent", "concurrency": 2, "hours": ["always"]},
            "cases": {"channel": "back_office", "law": "deferred", "hours": ["Mon-Fri 08:00-18:00"]},
        },
    }
)


def test_closed_queues_are_not_worked_for_and_work_that_waits_says_so():
    grid = TimeGrid.of_days(dt.date(2025, 7, 7), 7, zone="Europe/Berlin", step_min=15)
    monday, sunday = grid.start_min + 9 * 60, grid.start_min + 6 * 24 * 60 + 7 * 60
    assert worked_at(CENTRE, grid, monday, ["voice", "cases"]) == ["voice", "cases"]
    assert worked_at(CENTRE, grid, sunday, ["voice"]) == []
    found = worked_at(CENTRE, grid, sunday, ["cases", "chat", "voice"])
    assert found == ["chat", "cases (closed; its work can wait for this hour)"]
    assert worked_at(CENTRE, grid, grid.start_min + 17 * 60 + 45, ["voice"]) == ["voice"]
