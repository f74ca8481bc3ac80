"""What `schedule` reads."""

from dataclasses import dataclass

import pandas as pd

from wfo.domain.centre import Centre
from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class ScheduleInputs:
    """Frames after the table contracts.

    Attributes
    ----------
    centre : Centre
    grid : TimeGrid
        The planning week.
    agents, agent_skills, routing : DataFrame
        Who there is, who can do what, which skills serve which queue.
    cover, deferred : DataFrame
        The requirement: values of positions, work with release and due instants.
    cuts : DataFrame, optional
        Σ coefficient · agents on duty whose skills include ``skill_set`` ≥ rhs; a unit of shortfall costs
        ``value``. Where a row names a ``queue`` so many people are to be kept for that queue in the interval.
    availability, wishes, published : DataFrame, optional
        Absences and fixed activities; wishes; the published weeks before, and this week's where it has been
        published already.
    start_from : DataFrame, optional
        A schedule of the same week to begin with.
    requirement : DataFrame, optional
        Positions, for the flat benchmark; without it the hard steps count, and all steps where none is hard.
    fairness : DataFrame, optional
        agent_id, account: unpopular minutes each agent has had beyond a fair share; without it the published
        weeks tell.
    """

    centre: Centre
    grid: TimeGrid
    agents: pd.DataFrame
    agent_skills: pd.DataFrame
    routing: pd.DataFrame
    cover: pd.DataFrame
    deferred: pd.DataFrame
    cuts: pd.DataFrame | None = None
    availability: pd.DataFrame | None = None
    wishes: pd.DataFrame | None = None
    published: pd.DataFrame | None = None
    start_from: pd.DataFrame | None = None
    requirement: pd.DataFrame | None = None
    fairness: pd.DataFrame | None = None
