"""Idle time of people on queues served at once, in which they do deferred work (blend)."""

import numpy as np

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
    """Share of the agents skilled for a queue who are skilled for any of the others; 0 where it has none."""
    own = _skilled(inputs, (queue,))
    return len(own & _skilled(inputs, others)) / len(own) if own else 0.0


def _skilled(inputs: StaffInputs, queues: tuple[str, ...]) -> set[str]:
    routing, held = inputs.routing, inputs.agent_skills
    skills = set(routing.loc[routing["queue"].isin(queues), "skill"].astype(str))
    return set(held.loc[held["skill"].astype(str).isin(skills), "agent_id"].astype(str))
