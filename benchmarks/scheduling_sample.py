"""What the scheduler gets in the sample centre's base week."""

import tempfile

from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.scheduling.inputs import ScheduleInputs


def sample_inputs() -> ScheduleInputs:
    """Frames and grid, as far as the staffing stage has them."""
    sample = sample_centre("standard")
    with tempfile.TemporaryDirectory() as runs:
        staffed = run("sample", runs=runs, until="staff")
        tables = {name: staffed.frame(name) for name in ("cover", "deferred", "requirement")}
        grid = staffed.week.grid
    data = sample.data
    return ScheduleInputs(
        centre=sample.centre,
        grid=grid,
        agents=data["agents"],
        agent_skills=data["agent_skills"],
        routing=data["routing"],
        availability=data["availability"],
        wishes=data["wishes"],
        published=data["published_schedule"],
        **tables,
    )
