"""Which sessions may be given in the week, and which of them chance gives."""

from dataclasses import replace

import numpy as np

from wfo.coaching.allocate import Possible
from wfo.coaching.plan import Plan
from wfo.coaching.settings import CoachSettings
from wfo.draws import uniforms, word_of
from wfo.timegrid import TimeGrid

_HOLDOUT_WORD = int(word_of("coaching holdout"))


def possible_sessions(plan: Plan, taken: np.ndarray, settings: CoachSettings) -> Possible:
    """Sessions that may be given: enough evaluations, a coach of the agent's own, none booked in the week.

    Parameters
    ----------
    plan : Plan
        n agents, B behaviours, k coaches.
    taken : ndarray of bool, shape (n,)
        Has a session in the week already.
    settings : CoachSettings

    Returns
    -------
    Possible
        Values in money of a session, the agent's and the coach's time paid.
    """
    rows = [
        (agent, behaviour, coach_)
        for agent, behaviour in np.argwhere(plan.scored >= settings.min_evaluations).tolist()
        for coach_ in plan.team.coach_of[agent]
        if not taken[agent]
    ]
    agent, behaviour, coach_ = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    cost = plan.agent_cost(settings)[agent] + plan.coach_cost(settings)[coach_]
    return Possible(
        agent=agent,
        behaviour=behaviour,
        coach=coach_,
        value=plan.worth.benefit[agent, behaviour] - cost,
        due_price=np.where(plan.due, settings.price_overdue, 0.0),
        coach_min=np.full(len(plan.team.coach_ids), round(settings.coach_hours * 60)),
        session_min=settings.minutes + settings.preparation_min,
        most=settings.sessions_per_week,
    )


def hold_out(
    possible: Possible, plan: Plan, settings: CoachSettings, seed: int, grid: TimeGrid
) -> tuple[Possible, np.ndarray]:
    """Give a share of each coach's sessions to agents drawn at random, on a behaviour drawn at random.

    A drawn agent keeps one possible session, at a price that is always worth paying; the others stay as
    they are.

    Returns
    -------
    Possible
    ndarray of bool, shape (n,)
        Who was drawn.
    """
    n = len(plan.team.agent_ids)
    at_random = np.zeros(n, dtype=bool)
    if settings.holdout <= 0 or not len(possible.agent) or settings.sessions_per_week < 1:
        return possible, at_random
    words = np.array([word_of(a) for a in plan.team.agent_ids], dtype=np.uint64)
    place = uniforms(seed, _HOLDOUT_WORD, grid.start_min, words)
    which = uniforms(seed, _HOLDOUT_WORD, grid.start_min, words, 1)
    rounding = uniforms(seed, _HOLDOUT_WORD, grid.start_min, np.arange(len(plan.team.coach_ids)), 2)
    keep = np.ones(len(possible.agent), dtype=bool)
    for coach_ in range(len(plan.team.coach_ids)):
        sessions = possible.coach_min[coach_] // possible.session_min
        count = int(np.floor(settings.holdout * sessions + rounding[coach_]))
        mine = np.unique(possible.agent[possible.coach == coach_])
        mine = mine[~at_random[mine]]
        for agent in mine[np.argsort(place[mine], kind="stable")][:count]:
            options = np.flatnonzero((possible.agent == agent) & (possible.coach == coach_))
            keep[possible.agent == agent] = False
            keep[options[int(which[agent] * len(options))]] = True
            at_random[agent] = True
    always = float(np.abs(possible.value).sum() + possible.due_price.sum() + 1.0)
    kept = replace(
        possible,
        agent=possible.agent[keep],
        behaviour=possible.behaviour[keep],
        coach=possible.coach[keep],
        value=possible.value[keep],
        due_price=np.where(at_random, always, possible.due_price),
    )
    return kept, at_random
