"""Who can be coached by whom, what each agent has had, and who is due."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.tables.wages import hourly_wages

_HELD = ("done",)
_BOOKED = ("accepted", "scheduled")
_COUNTS_AS_HELD = (*_HELD, *_BOOKED)


@dataclass(frozen=True)
class Team:
    """n agents to be coached and k coaches, both in the order of their ids.

    Attributes
    ----------
    agent_ids, coach_ids : list of str
    coach_of : list of list of int
        Positions of each agent's coaches: those of his own team, else his supervisor.
    wage : ndarray of float64, shape (n,)
        Of the agents, money an hour.
    coach_wage : ndarray of float64, shape (k,)
    """

    agent_ids: list[str]
    coach_ids: list[str]
    coach_of: list[list[int]]
    wage: np.ndarray
    coach_wage: np.ndarray


def team_of(agents: pd.DataFrame) -> Team:
    """Agents and their coaches; an agent without a role is an agent, evaluators are left out."""
    rows = agents.drop_duplicates("agent_id").sort_values("agent_id", ignore_index=True)
    role = rows["role"].fillna("agent") if "role" in rows else pd.Series("agent", index=rows.index)
    known = hourly_wages(rows)
    wages = np.zeros(len(rows)) if known is None else known.to_numpy()
    learners, coaches = rows[role == "agent"], rows[role == "coach"]
    coach_ids = coaches["agent_id"].tolist()
    place = {name: number for number, name in enumerate(coach_ids)}
    of_team: dict[str, list[int]] = {}
    if "team" in rows:
        for name, team in zip(coach_ids, coaches["team"], strict=True):
            if isinstance(team, str):
                of_team.setdefault(team, []).append(place[name])
    coach_of = []
    for row in learners.to_dict("records"):
        own = of_team.get(row.get("team", ""), [])
        above = place.get(row.get("supervisor", ""))
        coach_of.append(own or ([] if above is None else [above]))
    return Team(
        agent_ids=learners["agent_id"].tolist(),
        coach_ids=coach_ids,
        coach_of=coach_of,
        wage=wages[learners.index],
        coach_wage=wages[coaches.index],
    )


def doses_of(
    sessions: pd.DataFrame | None, team: Team, behaviours: list[str], start: dt.datetime
) -> np.ndarray:
    """Sessions held before ``start`` by agent and behaviour, int64, shape (n, B)."""
    doses = np.zeros((len(team.agent_ids), len(behaviours)), dtype=np.int64)
    held = _before(sessions, start, _HELD)
    if held is not None:
        agent = pd.Index(team.agent_ids).get_indexer(pd.Index(held["agent_id"]))
        behaviour = pd.Index(behaviours).get_indexer(pd.Index(held["behaviour"]))
        known = (agent >= 0) & (behaviour >= 0)
        np.add.at(doses, (agent[known], behaviour[known]), 1)
    return doses


def weeks_since(sessions: pd.DataFrame | None, team: Team, start: dt.datetime) -> np.ndarray:
    """Weeks from each agent's last session to ``start``, float64, shape (n,); inf where there was none."""
    out = np.full(len(team.agent_ids), np.inf)
    held = _before(sessions, start, _COUNTS_AS_HELD)
    if held is not None and len(held):
        last = held.groupby("agent_id", sort=True)["start"].max()
        agent = pd.Index(team.agent_ids).get_indexer(pd.Index(last.index))
        weeks = (pd.Timestamp(start) - last).dt.total_seconds().to_numpy(dtype=float) / (7 * 86400)
        out[agent[agent >= 0]] = weeks[agent >= 0]
    return out


def booked(sessions: pd.DataFrame | None, team: Team, start: dt.datetime, end: dt.datetime) -> np.ndarray:
    """Whether each agent has a session accepted or scheduled in the week already, bool, shape (n,)."""
    if sessions is None or sessions.empty:
        return np.zeros(len(team.agent_ids), dtype=bool)
    inside = (sessions["start"] >= pd.Timestamp(start)) & (sessions["start"] < pd.Timestamp(end))
    names = sessions.loc[inside & sessions["status"].isin(_BOOKED), "agent_id"]
    return np.asarray(pd.Index(team.agent_ids).isin(names))


def _before(
    sessions: pd.DataFrame | None, start: dt.datetime, status: tuple[str, ...]
) -> pd.DataFrame | None:
    if sessions is None or sessions.empty:
        return None
    return sessions[(sessions["start"] < pd.Timestamp(start)) & sessions["status"].isin(status)]
