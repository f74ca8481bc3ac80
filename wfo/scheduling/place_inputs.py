"""What `place` reads."""

from dataclasses import dataclass

import pandas as pd

from wfo.domain.centre import Centre
from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class PlaceInputs:
    """Frames after the table contracts.

    Attributes
    ----------
    centre : Centre
    grid : TimeGrid
        The planning week.
    agents, agent_skills : DataFrame
        Who there is and who can do what.
    schedule : DataFrame
        The week's shifts; activities go into its work segments.
    activity_requests : DataFrame
        Who is asked for, for how long, when, and what it is worth.
    prices : DataFrame
        What an agent-minute is worth, by skill and interval.
    cover : DataFrame
        What further positions are worth; it says how fast an interval grows dearer when several leave it.
    coaching : DataFrame, optional
        Proposed sessions; ``session_id`` is the request's id.
    """

    centre: Centre
    grid: TimeGrid
    agents: pd.DataFrame
    schedule: pd.DataFrame
    activity_requests: pd.DataFrame
    prices: pd.DataFrame
    cover: pd.DataFrame
    agent_skills: pd.DataFrame
    coaching: pd.DataFrame | None = None
