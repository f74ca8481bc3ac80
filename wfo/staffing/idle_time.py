"""Idle time of people on queues served at once, in which they do deferred work (blend)."""

from fractions import Fraction

import numpy as np

from wfo.domain.centre import Law
from wfo.staffing.immediate import ImmediateWork
from wfo.staffing.inputs import StaffInputs


def idle_positions(
    work: ImmediateWork, needed: np.ndarray, occupancy: float, shape: tuple[int, int]
) -> np.ndarray:
    """Idle time up to a maximum occupancy, Σ max(0, ρ_max · n − load), by queue and interval, in positions.

    Parameters
    ----------
    work : ImmediateWork
    needed : ndarray, shape (I,)
        Positions.
    occupancy : float
        Most of their time that people are busy.
    shape : (Q, T)

    Returns
    -------
    ndarray, shape (Q, T)
    """
    out = np.zeros(shape)
    out[work.queue, work.interval] = np.maximum(0.0, occupancy * needed - work.load)
    return out


def shared_share(inputs: StaffInputs, queue: str, others: tuple[str, ...]) -> float:
    """Share of the people on a queue served at once who are skilled for any of the others; 0 without people.

    Who knows several queues served at once sits at one of them at a time, and counts in each by an equal
    part.
    """
    own, able = _skilled(inputs, (queue,)), _skilled(inputs, others)
    queues = inputs.centre.queues
    at_once = [
        name for name in inputs.centre.queue_ids if queues[name].law in (Law.IMMEDIATE, Law.CONCURRENT)
    ]
    knows = [_skilled(inputs, (name,)) for name in at_once]
    part = {agent: Fraction(1, sum(agent in known for known in knows)) for agent in own}
    return float(sum(part[a] for a in own & able) / sum(part.values())) if own else 0.0


def _skilled(inputs: StaffInputs, queues: tuple[str, ...]) -> set[str]:
    routing, held = inputs.routing, inputs.agent_skills
    skills = set(routing.loc[routing["queue"].isin(queues), "skill"].astype(str))
    return set(held.loc[held["skill"].astype(str).isin(skills), "agent_id"].astype(str))
