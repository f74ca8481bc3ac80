"""The people: teams, contracts, skills, true levels and what coaching did to them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.sample.laws import (
    AGENT_HANDLE_SD,
    BEHAVIOUR_MEAN,
    BEHAVIOURS,
    COACHED_A_WEEK,
    COACHING_HALF_LIFE_WEEKS,
    COACHING_REPEAT,
    CONTRACT_SHARE,
    HANDLE_PER_POINT,
    LOG_END,
    NEW_HIRE_FACTOR,
    NEW_HIRE_WEEKS,
    NEW_HIRES,
    QUEUE_SKILL,
    RESOLUTION_PER_POINT,
    SKILL_SHARE,
    TEAMS,
    Preset,
)

_FIRST = (
    "Ada",
    "Ben",
    "Cem",
    "Dana",
    "Emil",
    "Fina",
    "Gil",
    "Hana",
    "Ivo",
    "Jana",
    "Kai",
    "Lea",
    "Max",
    "Nora",
    "Otto",
    "Pia",
    "Quin",
    "Rui",
    "Sara",
    "Tom",
)
_LAST = (
    "Alves",
    "Bauer",
    "Costa",
    "Dias",
    "Engel",
    "Faria",
    "Gomes",
    "Huber",
    "Isler",
    "Jung",
    "Klein",
    "Lopes",
    "Maier",
    "Neves",
    "Ott",
    "Pires",
)


@dataclass(frozen=True)
class People:
    """Agents and what is true of them.

    Attributes
    ----------
    agents : DataFrame
        Table ``agents``.
    has_skill : ndarray of bool, shape (A, S)
        Skills in the centre's order.
    team : ndarray of int64, shape (A,)
    leader : ndarray of int64, shape (A,)
        Position of each agent's coach; a leader's is his own.
    level : ndarray of float64, shape (A, B, weeks)
        True level by behaviour in each week of the log and the planning week, coaching included.
    handle : ndarray of float64, shape (A, weeks)
        Factor on handle time.
    resolution : ndarray of float64, shape (A, weeks)
        Added chance that a contact needs no other one.
    sessions : DataFrame
        ``agent, coach, behaviour`` (positions), ``week, nth, effect`` of each past coaching session.
    """

    agents: pd.DataFrame
    has_skill: np.ndarray
    team: np.ndarray
    leader: np.ndarray
    level: np.ndarray
    handle: np.ndarray
    resolution: np.ndarray
    sessions: pd.DataFrame

    @property
    def ids(self) -> np.ndarray:
        """Agent ids in order."""
        return self.agents["agent_id"].to_numpy(dtype=object)


def hire_people(centre: Centre, preset: Preset, rng: np.random.Generator) -> People:
    """Draw the staff of a preset."""
    n, weeks = preset.agents, preset.weeks + 1
    team = np.arange(n) * TEAMS[preset.name] // n
    leader = np.array([int(np.flatnonzero(team == t)[0]) for t in team])
    new = (rng.random(n) < NEW_HIRES) & (leader != np.arange(n))
    tenure = np.where(new, rng.uniform(2, preset.weeks, n), rng.uniform(preset.weeks + 26, 500, n))
    sessions = _coach(preset, leader, rng)
    level, gain = _levels(preset, n, sessions, rng)
    points = (level - np.asarray(BEHAVIOUR_MEAN)[:, None]).mean(axis=1) - gain.mean(axis=1) + gain.sum(axis=1)
    points -= points[
        :, : preset.weeks
    ].mean()  # so that R and handle times are the stated ones on the log's average
    served = tenure[:, None] - preset.weeks + np.arange(weeks)
    fresh = 1 + (NEW_HIRE_FACTOR - 1) * np.clip(1 - np.maximum(served, 0) / NEW_HIRE_WEEKS, 0, 1)
    own = np.exp(AGENT_HANDLE_SD * rng.standard_normal(n) - AGENT_HANDLE_SD**2 / 2)
    handle = own[:, None] * fresh * (1 - HANDLE_PER_POINT * points)
    agents = _frame(centre, team, leader, tenure, rng)
    skills = _skills(tuple(centre.skills), n, rng)
    return People(agents, skills, team, leader, level, handle, RESOLUTION_PER_POINT * points, sessions)


def _frame(
    centre: Centre,
    team: np.ndarray,
    leader: np.ndarray,
    tenure: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    n = len(team)
    ids = np.array([f"A{k + 1:03d}" for k in range(n)], dtype=object)
    sites = list(centre.sites)
    first_site = -(-2 * n // 3) if len(sites) > 1 else n
    contract = np.repeat(list(CONTRACT_SHARE), _quotas(CONTRACT_SHARE.values(), n))
    rng.shuffle(contract)
    leads = leader == np.arange(n)
    # A leader works full time; whoever held that contract takes the leader's.
    for k in np.flatnonzero(leads & (contract != "full_time")):
        other = int(rng.choice(np.flatnonzero(~leads & (contract == "full_time"))))
        contract[k], contract[other] = contract[other], contract[k]
    hired = [LOG_END - dt.timedelta(days=round(7 * float(w))) for w in tenure]
    wage = np.where(leads, 28.0, np.round(rng.uniform(22.0, 27.0, n), 2))
    return pd.DataFrame(
        {
            "agent_id": ids,
            "name": [f"{_FIRST[k % 20]} {_LAST[(k * 7 + k // 20) % 16]}" for k in range(n)],
            "team": [f"team_{t + 1}" for t in team],
            "supervisor": ids[leader],
            "site": [sites[0] if k < first_site else sites[-1] for k in range(n)],
            "contract": contract.astype(object),
            "hire_date": pd.Series(hired, dtype=object),
            "cost_per_h": wage,
            "role": np.where(leads, "coach", "agent").astype(object),
        }
    ).astype({c: "str" for c in ("agent_id", "name", "team", "supervisor", "site", "contract", "role")})


def _quotas(shares: Iterable[float], n: int) -> list[int]:
    """Whole numbers that add up to n, by largest remainders."""
    exact = np.array(list(shares)) * n
    out = np.floor(exact + 1e-9).astype(int)
    for k in np.argsort(-(exact - out), kind="stable")[: n - out.sum()]:
        out[k] += 1
    return [int(v) for v in out]


def _skills(names: tuple[str, ...], n: int, rng: np.random.Generator) -> np.ndarray:
    """Two or three skills for each agent so that the shares of skills come out, bool, shape (n, S)."""
    left = np.array([round(SKILL_SHARE[s] * n) for s in names])
    wanted = np.full(n, left.sum() // n)
    wanted[: left.sum() - wanted.sum()] += 1
    rng.shuffle(wanted)
    out = np.zeros((n, len(names)), dtype=bool)
    for k in range(n):
        # A skill that every agent left must have is dealt first, or its share could not be reached.
        must = left >= n - k
        order = np.argsort(-(must * 10.0 + left / max(left.max(), 1) * rng.random(len(names)) * (left > 0)))
        chosen = order[: max(wanted[k], int(must.sum()))]
        chosen = chosen[left[chosen] > 0]
        out[k, chosen] = True
        left[chosen] -= 1
    return out


def _coach(preset: Preset, leader: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Past sessions at random, so that nobody was coached for a low score."""
    n = len(leader)
    coached = (rng.random((n, preset.weeks)) < COACHED_A_WEEK) & (leader != np.arange(n))[:, None]
    agent, week = np.nonzero(coached)
    behaviour = rng.integers(0, len(BEHAVIOURS), len(agent))
    out = pd.DataFrame({"agent": agent, "coach": leader[agent], "behaviour": behaviour, "week": week})
    out["nth"] = out.groupby(["agent", "behaviour"]).cumcount() + 1
    mean, sd = preset.coaching
    out["effect"] = rng.normal(mean, sd, len(out)) * COACHING_REPEAT ** (out["nth"].to_numpy() - 1.0)
    return out


def _levels(
    preset: Preset, n: int, sessions: pd.DataFrame, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """True levels and the part of them that coaching gave, each of shape (n, B, weeks)."""
    weeks, kinds = preset.weeks + 1, len(BEHAVIOURS)
    sd = preset.score_sd[0]
    own = sd * (np.sqrt(0.5) * rng.standard_normal((n, 1)) + np.sqrt(0.5) * rng.standard_normal((n, kinds)))
    gain = np.zeros((n, kinds, weeks))
    columns = (sessions[c].to_numpy() for c in ("agent", "behaviour", "week", "effect"))
    for agent, kind, week, effect in zip(*columns, strict=True):
        since = np.arange(1, weeks - week)
        gain[agent, kind, week + 1 :] += effect * 0.5 ** (since / COACHING_HALF_LIFE_WEEKS)
    base = np.asarray(BEHAVIOUR_MEAN)[None, :] + own
    return base[:, :, None] + gain, gain


def agent_skills_frame(centre: Centre, people: People) -> pd.DataFrame:
    """Table ``agent_skills``: the first skill in the centre's order is the main one."""
    agent, skill = np.nonzero(people.has_skill)
    frame = pd.DataFrame(
        {
            "agent_id": people.ids[agent],
            "skill": np.array(list(centre.skills), dtype=object)[skill],
            "speed": 1.0,
            "priority": (np.cumsum(people.has_skill, axis=1)[agent, skill]).astype("int64"),
        }
    ).astype({"agent_id": "str", "skill": "str"})
    return frame.sort_values(["agent_id", "skill"], ignore_index=True)


def routing_frame(centre: Centre) -> pd.DataFrame:
    """Table ``routing``: one skill serves a queue."""
    rows = [(q, QUEUE_SKILL[q], 1, 0.0) for q in centre.staffed_ids]
    frame = pd.DataFrame(rows, columns=["queue", "skill", "priority", "after_s"])
    return frame.astype({"queue": "str", "skill": "str"}).sort_values(["queue", "skill"], ignore_index=True)
