"""Counts: what a simulation returns, as integers by replication, queue and interval of arrival."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Counts:
    """Integer results of n replications; every contact counts in the interval in which it arrived.

    Attributes
    ----------
    offered, fresh, carried, follow_ups, redials : ndarray of int64, shape (n, Q, T)
        Arrivals inside the horizon, and what they are.
    answered : ndarray of int64, shape (n, Q, T)
        Contacts served, sooner or later; cases when their last step is, calls also where the last attempt
        reached nobody.
    abandoned, abandoned_short : ndarray of int64, shape (n, Q, T)
        Contacts that gave up, and those of them that did so before the queue's limit for short abandons.
    balked : ndarray of int64, shape (n, Q, T)
        Abandoned on arrival: turned away for lack of room in line, or unwilling to wait. Never short.
    called_back : ndarray of int64, shape (n, Q, T)
        Answered by a call back; their wait runs until then.
    in_target : ndarray of int64, shape (n, Q, T)
        Answered within the threshold; deferred: done by due, among those due inside the horizon.
    due : ndarray of int64, shape (n, Q, T)
        Deferred work whose due instant lies inside the horizon; calls dropped are left out.
    left : ndarray of int64, shape (n, Q, T)
        Neither answered nor abandoned at the end.
    backlog : ndarray of int64, shape (n, Q, T)
        Deferred work that waits at the end of each interval, older work included.
    wait_ms : ndarray of int64, shape (n, Q, T)
        Waits of answered contacts, until their (last) piece of work begins.
    handle_ms : ndarray of int64, shape (n, Q, T)
        Agents' work on them.
    busy_ms, duty_ms : ndarray of int64, shape (n, G, T)
        Work and time on duty of each group of agents in each interval as it passes; a contact finished after
        the end of a segment counts in both.
    serves : ndarray of bool, shape (G, Q)
        Which queues a group serves.
    old_due, old_in_target, old_left : ndarray of int64, shape (n, Q)
        Work open before the horizon: due inside it, done by due, not begun at its end.
    step_begun, step_again, step_left, step_wait_ms, step_work_ms : ndarray of int64, shape (n, S)
        By step as in `LaterWork.step_rows`: tries begun, those of them after which the step is done again,
        contacts in its line at the end, their waits in that line, agents' work.
    list_people, list_calls, list_reached, list_dropped, list_exhausted : ndarray of int64, shape (n, L)
        By list as in `LaterWork.list_rows`: people who could be called, calls made, people talked to, people
        dropped and people not reached by any attempt; the others are left.
    chases : ndarray of int64, shape (n, Q)
        Chase contacts that late work of each queue brings inside the horizon; follow-ups where they come.
    """

    offered: np.ndarray
    fresh: np.ndarray
    carried: np.ndarray
    follow_ups: np.ndarray
    redials: np.ndarray
    answered: np.ndarray
    abandoned: np.ndarray
    abandoned_short: np.ndarray
    balked: np.ndarray
    called_back: np.ndarray
    in_target: np.ndarray
    due: np.ndarray
    left: np.ndarray
    backlog: np.ndarray
    wait_ms: np.ndarray
    handle_ms: np.ndarray
    busy_ms: np.ndarray
    duty_ms: np.ndarray
    serves: np.ndarray
    old_due: np.ndarray
    old_in_target: np.ndarray
    old_left: np.ndarray
    step_begun: np.ndarray
    step_again: np.ndarray
    step_left: np.ndarray
    step_wait_ms: np.ndarray
    step_work_ms: np.ndarray
    list_people: np.ndarray
    list_calls: np.ndarray
    list_reached: np.ndarray
    list_dropped: np.ndarray
    list_exhausted: np.ndarray
    chases: np.ndarray

    @property
    def n(self) -> int:
        """Number of replications."""
        return int(self.offered.shape[0])
