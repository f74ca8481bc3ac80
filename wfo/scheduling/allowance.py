"""Who is on leave on which day, and how many more may be."""

import datetime as dt
import math
from collections.abc import Sequence

from wfo.scheduling.request_settings import RequestSettings
from wfo.scheduling.revision import Revision
from wfo.timegrid import epoch_min

LEAVE = ("time_off",)
"""Kinds of ``availability`` that use the allowance; unavailability is no leave."""


class Allowance:
    """Leave granted so far, by local day.

    Parameters
    ----------
    revision : Revision
    settings : RequestSettings
    """

    def __init__(self, revision: Revision, settings: RequestSettings):
        self._revision = revision
        teams = [agent.team for agent in revision.agents.values()]
        self._most = math.floor(settings.off_share * len(teams) + 1e-9)
        self._team_most = {
            team: max(1, math.floor(settings.team_off_share * teams.count(team) + 1e-9))
            for team in set(teams) - {""}
        }
        self._away: dict[dt.date, set[str]] = {}
        rows = revision.availability
        rows = rows[rows["kind"].isin(LEAVE).to_numpy()]
        for agent, begin, end in zip(
            rows["agent_id"], epoch_min(rows["start"]).tolist(), epoch_min(rows["end"]).tolist(), strict=True
        ):
            if str(agent) in revision.agents:
                self.take(str(agent), self.days(str(agent), begin, end))

    def days(self, agent: str, begin: int, end: int) -> tuple[dt.date, ...]:
        """Local days that a span touches."""
        first = self._revision.local(agent, begin).date()
        last = self._revision.local(agent, max(begin, end - 1)).date()
        return tuple(first + dt.timedelta(days=n) for n in range((last - first).days + 1))

    def take(self, agent: str, days: Sequence[dt.date]) -> None:
        """Count an agent as being on leave."""
        for day in days:
            self._away.setdefault(day, set()).add(agent)

    def left(self, agent: str, days: Sequence[dt.date]) -> tuple[int, int | None]:
        """How many more may be on leave on the fullest of some days: of all agents, and of the agent's team.

        The agent does not count himself; the team's is None for agents without a team.
        """
        team = self._revision.agents[agent].team
        others = [self._away.get(day, set()) - {agent} for day in days]
        whole = min((self._most - len(who) for who in others), default=self._most)
        if not team:
            return whole, None
        most = self._team_most[team]
        mates = [sum(self._revision.agents[a].team == team for a in who) for who in others]
        return whole, min((most - n for n in mates), default=most)

    def why_not(self, agent: str, days: Sequence[dt.date]) -> str:
        """Which allowance is used up; empty: none."""
        whole, team = self.left(agent, days)
        if whole <= 0:
            return f"the day's allowance of {self._most} agents on leave is used up"
        if team is not None and team <= 0:
            name = self._revision.agents[agent].team
            return f"the allowance of {self._team_most[name]} agents of {name} on leave is used up"
        return ""
