"""Propose the week's coaching: levels, what a session is worth, who gets one, requests for time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.coaching.allocate import Allocation, Possible, allocate
from wfo.coaching.levels import level_table
from wfo.coaching.own_hours import cheapest_minutes
from wfo.coaching.plan import Plan
from wfo.coaching.possible import hold_out, possible_sessions
from wfo.coaching.result import CoachResult
from wfo.coaching.settings import CoachSettings
from wfo.coaching.tables import coaching_table, request_table
from wfo.coaching.team import Team, booked, doses_of, team_of, weeks_since
from wfo.coaching.worth import volume_of, worth_of
from wfo.domain.centre import Centre
from wfo.effort import Effort
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta, Status
from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class CoachInputs:
    """What coaching is planned from.

    Attributes
    ----------
    centre : Centre
    grid : TimeGrid
        The planning week.
    agents : DataFrame
        Table ``agents``; those with role coach coach their own team.
    evaluations : DataFrame or None
        Table ``evaluations``; None or empty: coaching is not available.
    coaching_sessions : DataFrame or None
        Table ``coaching_sessions``, for doses and who is due.
    interactions : DataFrame or None
        Table ``interactions``, for what each agent handles.
    prices : DataFrame or None
        Table ``prices``; without it an agent-minute costs the mean wage.
    schedule, agent_skills : DataFrame or None
        With both an agent's minutes cost what they are worth in the time of his own shifts that suits best;
        else the mean of all prices.
    """

    centre: Centre
    grid: TimeGrid
    agents: pd.DataFrame
    evaluations: pd.DataFrame | None
    coaching_sessions: pd.DataFrame | None = None
    interactions: pd.DataFrame | None = None
    prices: pd.DataFrame | None = None
    schedule: pd.DataFrame | None = None
    agent_skills: pd.DataFrame | None = None


def coach(
    inputs: CoachInputs, settings: CoachSettings, *, seed: int = 0, effort: Effort = Effort.NORMAL
) -> CoachResult:
    """Levels of all agents and the coaching sessions proposed for the week.

    A session's value is expected gain × headroom × volume × money until the gain has faded, less the
    agent's minutes at the price of the cheapest time in his shifts, less the coach's minutes, preparation
    included, at his wage. Agents due by the rule "at least every so many weeks" are reached at a price, so
    that want of coaches' time shows as a reason and never as failure. Sessions have no time yet: they become
    activity requests.

    Parameters
    ----------
    inputs : CoachInputs
    settings : CoachSettings
    seed : int
        Draws the sessions held at random (``holdout``).
    effort : Effort

    Returns
    -------
    CoachResult
        ``levels``; ``activity_requests`` whose value is what the session brings when it takes place, the
        minutes in it not yet charged; ``coaching`` with net values and reasons. "Not available" without
        evaluations or coaches. ``state["due"]`` names the agents who are due.

    Notes
    -----
    Levels are best linear unbiased predictions (Henderson 1975) under restricted maximum likelihood
    (Patterson & Thompson 1971).

    Examples
    --------
    >>> import wfo
    >>> from wfo.coaching.settings import CoachSettings
    >>> sample = wfo.sample_centre("tiny")
    >>> grid = wfo.TimeGrid(sample.now, step_min=15, n=7 * 96)
    >>> inputs = wfo.CoachInputs(
    ...     sample.centre, grid, sample.data["agents"], sample.data["evaluations"],
    ...     sample.data["coaching_sessions"],
    ... )
    >>> plan = wfo.coach(inputs, CoachSettings(coach_hours=1.5))
    >>> plan.by_coach()["sessions"].tolist()
    [2, 2]
    """
    if inputs.evaluations is None or inputs.evaluations.empty:
        return _without({}, "There are no evaluations; levels and coaching are not available.", seed)
    team = team_of(inputs.agents)
    known = _scored(inputs.evaluations, team, inputs.grid)
    if known.empty:
        return _without({}, "No evaluation before the planning week scores a known agent.", seed)
    levels, spread = level_table(known, team.agent_ids)
    if not team.coach_ids:
        return _without({"levels": levels}, "No agent has the role coach; nobody can be proposed.", seed)

    taken = booked(inputs.coaching_sessions, team, inputs.grid.start, inputs.grid.end)
    plan = _plan(inputs, team, levels, sorted(spread), taken, settings)
    possible = possible_sessions(plan, taken, settings)
    possible, at_random = hold_out(possible, plan, settings, seed, inputs.grid)
    allocation = allocate(possible, effort.limits, seed=seed)
    chosen = np.flatnonzero(allocation.chosen)
    coaching = coaching_table(plan, possible, chosen, at_random, settings, inputs.grid, inputs.centre)
    requests = request_table(plan, possible, chosen, coaching, settings, inputs.grid)
    return CoachResult(
        tables={"levels": levels, "activity_requests": requests, "coaching": coaching},
        meta=_meta(plan, possible, chosen, allocation, at_random, settings, seed),
        state={"spread": spread, "due": [team.agent_ids[i] for i in np.flatnonzero(plan.due)]},
    )


def _scored(evaluations: pd.DataFrame, team: Team, grid: TimeGrid) -> pd.DataFrame:
    """Evaluations before the week that score an agent of the team."""
    known = evaluations[(evaluations["evaluated_at"] < pd.Timestamp(grid.start)).to_numpy()]
    scores = known["score"].notna() & (known["max_score"] > 0) & known["agent_id"].isin(team.agent_ids)
    return known[scores.to_numpy(dtype=bool)]


def _plan(
    inputs: CoachInputs,
    team: Team,
    levels: pd.DataFrame,
    behaviours: list[str],
    taken: np.ndarray,
    settings: CoachSettings,
) -> Plan:
    """What is known of each agent and behaviour, and what a session there is worth."""
    start = inputs.grid.start
    shape = (len(team.agent_ids), len(behaviours))
    level, scored = (levels[c].to_numpy().reshape(shape) for c in ("level", "evaluations"))
    volume = volume_of(inputs.interactions, team.agent_ids, start, settings)
    price = _minute_price(inputs, team)
    doses = doses_of(inputs.coaching_sessions, team, behaviours, start)
    since = weeks_since(inputs.coaching_sessions, team, start)
    return Plan(
        team=team,
        behaviours=behaviours,
        level=level,
        scored=scored,
        doses=doses,
        since=since,
        due=(since > settings.every_weeks - 1) & ~taken,
        worth=worth_of(level, doses, volume, price, settings),
        volume=volume,
        minute_price=_own_prices(inputs, team, price, settings),
    )


def _minute_price(inputs: CoachInputs, team: Team) -> float:
    """Mean price of an agent-minute in the week, else the mean wage."""
    prices = inputs.prices
    if prices is not None and not prices.empty:
        return float(prices["value_per_agent_min"].mean())
    return float(team.wage.mean()) / 60 if len(team.wage) else 0.0


def _own_prices(inputs: CoachInputs, team: Team, price: float, settings: CoachSettings) -> np.ndarray:
    """Price of a minute of each agent where a session suits best, shape (n,); the mean if unknown."""
    everybody = np.full(len(team.agent_ids), price)
    prices = inputs.prices
    if prices is None or prices.empty or inputs.schedule is None or inputs.agent_skills is None:
        return everybody
    own = cheapest_minutes(
        inputs.schedule, prices, inputs.agent_skills, tuple(team.agent_ids), inputs.grid, settings.minutes
    )
    return np.where(np.isnan(own), everybody, own)


def _meta(
    plan: Plan,
    possible: Possible,
    chosen: np.ndarray,
    allocation: Allocation,
    at_random: np.ndarray,
    settings: CoachSettings,
    seed: int,
) -> Meta:
    given = np.zeros(len(plan.due), dtype=bool)
    given[possible.agent[chosen]] = True
    thin = (plan.scored < settings.min_evaluations).all(axis=1)
    alone = np.array([not coaches for coaches in plan.team.coach_of], dtype=bool)
    missed = plan.due & ~given & ~thin & ~alone
    reasons = []
    if missed.any():
        reasons.append(f"{missed.sum()} agents are due and get no session: their coaches' hours are used up.")
    if alone.any():
        reasons.append(f"{alone.sum()} agents have no coach in their team and none as supervisor.")
    notes = []
    if (thin & ~alone).any():
        notes.append(
            f"{(thin & ~alone).sum()} agents have too few evaluations of every behaviour: evaluate them."
        )
    if plan.volume.assumed:
        notes.append("The log names no agents; contacts and handle time of an agent are assumed.")
    drawn = at_random & given
    # what reaching a drawn agent is priced above what it is worth, so that chance and not worth gives it
    extra = float(possible.due_price[drawn].sum() - settings.price_overdue * (plan.due & drawn).sum())
    objective, bound = allocation.objective - extra, allocation.bound - extra
    return Meta(
        status=Status.OPTIMAL if allocation.optimal else Status.LIMIT,
        reasons=tuple(reasons),
        objective=objective,
        bound=bound,
        gap=(bound - objective) / max(abs(objective), 1.0),
        seed=seed,
        notes=tuple(notes),
        facts={
            "due": int(plan.due.sum()),
            "due_reached": int((plan.due & given).sum()),
            "sessions": len(chosen),
            "at_random": int(drawn.sum()),
        },
    )


def _without(tables: dict[str, pd.DataFrame], reason: str, seed: int) -> CoachResult:
    names = ("levels", "activity_requests", "coaching")
    return CoachResult(
        tables={name: tables[name] if name in tables else empty_table(name) for name in names},
        meta=Meta(status=Status.NOT_AVAILABLE, reasons=(reason,), seed=seed),
        state={"spread": {}, "due": []},
    )
