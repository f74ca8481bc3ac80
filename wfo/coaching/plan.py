"""What is known about agents and behaviours when sessions are chosen."""

from dataclasses import dataclass

import numpy as np

from wfo.coaching.settings import CoachSettings
from wfo.coaching.team import Team
from wfo.coaching.worth import Volume, Worth


@dataclass(frozen=True)
class Plan:
    """n agents by B behaviours.

    Attributes
    ----------
    team : Team
    behaviours : list of str
    level : ndarray of float64, shape (n, B)
        Shrunken levels.
    scored, doses : ndarray of int64, shape (n, B)
        Evaluations, and sessions held.
    since : ndarray of float64, shape (n,)
        Weeks since the last session.
    due : ndarray of bool, shape (n,)
        Due by the rule.
    worth : Worth
    volume : Volume
    minute_price : ndarray of float64, shape (n,)
        Money of a minute of each agent in which a session could be.
    """

    team: Team
    behaviours: list[str]
    level: np.ndarray
    scored: np.ndarray
    doses: np.ndarray
    since: np.ndarray
    due: np.ndarray
    worth: Worth
    volume: Volume
    minute_price: np.ndarray

    def coach_cost(self, settings: CoachSettings) -> np.ndarray:
        """Money of a coach's time for a session with its preparation, shape (k,)."""
        return self.team.coach_wage * (settings.minutes + settings.preparation_min) / 60

    def agent_cost(self, settings: CoachSettings) -> np.ndarray:
        """Money of each agent's minutes off the contacts, shape (n,)."""
        return settings.minutes * self.minute_price
