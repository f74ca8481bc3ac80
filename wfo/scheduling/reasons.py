"""Why somebody has no legal week, or demand nobody to serve it, in the planner's words."""

import numpy as np

from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.people import Person
from wfo.scheduling.solve import Solution


def reasons_for(inputs: ScheduleInputs, solution: Solution, persons: list[Person]) -> tuple[str, ...]:
    """Everything that stands in the way, one sentence each."""
    found = []
    if not persons:
        found.append("there are no agents; add rows to 'agents'")
    served = set(inputs.routing.loc[inputs.routing["skill"].isin(set(inputs.agent_skills["skill"])), "queue"])
    asked = sorted(set(inputs.cover["queue"]) | set(inputs.deferred["queue"]))
    for queue in asked:
        if queue not in served:
            found.append(f"queue '{queue}' has demand, but no agent has a skill that 'routing' lets serve it")
    for a in np.flatnonzero(solution.without):
        found.append(f"agent '{persons[a].agent_id}' has no legal week")
    return tuple(found)
