"""Chosen sessions as tables: proposals with reasons, and requests for time."""

import numpy as np
import pandas as pd

from wfo.coaching.allocate import Possible
from wfo.coaching.plan import Plan
from wfo.coaching.settings import CoachSettings
from wfo.domain.centre import Centre
from wfo.tables.empty import empty_table
from wfo.timegrid import TimeGrid

FORMAT = "one_to_one"


def coaching_table(
    plan: Plan,
    possible: Possible,
    chosen: np.ndarray,
    at_random: np.ndarray,
    settings: CoachSettings,
    grid: TimeGrid,
    centre: Centre,
) -> pd.DataFrame:
    """Table ``coaching``: one row a proposed session, with net value and the reason in words."""
    if not len(chosen):
        return empty_table("coaching")
    week = grid.local(centre.zone)[0].strftime("%Y%m%d")
    own, coached = plan.agent_cost(settings), plan.coach_cost(settings)
    rows = []
    for i in chosen.tolist():
        agent, behaviour, coach = int(possible.agent[i]), int(possible.behaviour[i]), int(possible.coach[i])
        worth, cost = plan.worth, own[agent] + coached[coach]
        rows.append(
            {
                "session_id": f"coaching/{week}/{plan.team.agent_ids[agent]}/{plan.behaviours[behaviour]}",
                "agent_id": plan.team.agent_ids[agent],
                "coach_id": plan.team.coach_ids[coach],
                "behaviour": plan.behaviours[behaviour],
                "format": FORMAT,
                "expected_effect": float(worth.effect[agent, behaviour]),
                "value": float(worth.benefit[agent, behaviour] - cost),
                "value_low": float(worth.low[agent, behaviour] - cost),
                "value_high": float(worth.high[agent, behaviour] - cost),
                "status": "proposed",
                "reason": _reason(plan, agent, behaviour, at_random=bool(at_random[agent])),
            }
        )
    frame = pd.concat([empty_table("coaching"), pd.DataFrame(rows)], ignore_index=True)
    return _typed(frame, "coaching").sort_values(["session_id", "agent_id"], ignore_index=True)


def request_table(
    plan: Plan,
    possible: Possible,
    chosen: np.ndarray,
    coaching: pd.DataFrame,
    settings: CoachSettings,
    grid: TimeGrid,
) -> pd.DataFrame:
    """Table ``activity_requests`` of the proposed sessions, any time in the week.

    The value is the session's benefit and the price of reaching an agent who is due, less the coach's
    preparation; the minutes of the session itself are charged by whoever places it.
    """
    if not len(chosen):
        return empty_table("activity_requests")
    prepared = plan.team.coach_wage * settings.preparation_min / 60
    value = {}
    seen: set[int] = set()
    for i in chosen.tolist():
        agent, behaviour, coach = int(possible.agent[i]), int(possible.behaviour[i]), int(possible.coach[i])
        due = settings.price_overdue if plan.due[agent] and agent not in seen else 0.0
        seen.add(agent)
        key = plan.team.agent_ids[agent], plan.behaviours[behaviour]
        value[key] = float(plan.worth.benefit[agent, behaviour] - prepared[coach]) + due
    pairs = zip(coaching["agent_id"], coaching["coach_id"], strict=True)
    keys = zip(coaching["agent_id"], coaching["behaviour"], strict=True)
    frame = pd.DataFrame(
        {
            "request_id": coaching["session_id"],
            "kind": "coaching",
            "participants": pd.Series([[a, c] for a, c in pairs], dtype="object"),
            "minutes": settings.minutes,
            "window_start": pd.Timestamp(grid.start),
            "window_end": pd.Timestamp(grid.end),
            "value": [value[k] for k in keys],
            "group": None,
        }
    )
    return _typed(frame, "activity_requests")


def _typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    blank = empty_table(name)
    return frame[list(blank.columns)].astype(blank.dtypes.to_dict())


def _reason(plan: Plan, agent: int, behaviour: int, *, at_random: bool) -> str:
    best = plan.worth.best_tenth[behaviour]
    words = [
        f"{plan.behaviours[behaviour]} {plan.level[agent, behaviour]:.0f}, the best tenth reach {best:.0f}",
        _counted(plan.scored[agent, behaviour], "evaluation"),
        f"about {plan.volume.contacts[agent]:.0f} contacts a week",
    ]
    if plan.doses[agent, behaviour]:
        words.append(f"{_counted(plan.doses[agent, behaviour], 'session')} on it before")
    if plan.due[agent]:
        weeks = float(plan.since[agent])
        words.append(
            "due: never coached before"
            if np.isinf(weeks)
            else f"due: last session {_counted(round(weeks), 'week')} ago"
        )
    if at_random:
        words.append("drawn at random, to learn what coaching does")
    return "; ".join(words)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
