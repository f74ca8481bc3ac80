"""Chats of a queue whose arrivals and agents change over the day, simulated week by week, compiled.

As `changing_load.simulated_service`, for agents who work the faster on each contact the fewer they hold. As
in the formula (`chat_law`) a contact goes to the agent who holds the fewest, and numbers held differ by one
at most: all open contacts then go on at the pace of the mean agent, so that one clock of work done tells
every end.
"""

import heapq

import numpy as np

from wfo.staffing.changing_load import answered, count_left, drawn_contacts, staying
from wfo.staffing.compiled import formula


@formula
def _pace(held: int, agents: int, ratios) -> float:  # type: ignore[no-untyped-def]
    """Mean pace of the contacts that so many agents hold, 1 where all their slots are taken."""
    if held >= agents * ratios.size:
        return 1.0
    most, with_most = held // agents, held % agents
    pace = with_most * (most + 1) / ratios[most] if with_most else 0.0
    pace += (agents - with_most) * most / ratios[most - 1] if most else 0.0
    return pace / held


@formula
def simulated_chats(  # type: ignore[no-untyped-def]
    draws, arrivals, agents, full_s, handle_cv, patience_s, within_s, short_s, step_s, factors, ratios
):
    """Contacts offered without short abandons, and answered in time, of each week and interval of arrival.

    Parameters
    ----------
    draws, arrivals, handle_cv, patience_s, within_s, short_s, step_s, factors
        As of `changing_load.simulated_service`.
    agents : ndarray of int64, shape (T,)
        People; where none are wanted, the last ones stay until nobody waits.
    full_s : ndarray, shape (T,)
        Mean seconds that a contact is open while its agent holds K.
    ratios : ndarray, shape (K,)
        Open time while its agent holds 1 … K, ÷ ``full_s``.

    Returns
    -------
    base, in_time : ndarray of int64, shape (weeks, T)
    """
    weeks, intervals = factors.shape
    base = np.zeros((weeks, intervals), np.int64)
    in_time = np.zeros((weeks, intervals), np.int64)
    there = staying(agents)
    for week in range(weeks):
        came, mark, patience, work = drawn_contacts(
            draws, arrivals * factors[week], step_s, patience_s, handle_cv
        )
        ends = [0.0]
        ends.pop()
        head, done = 0, 0.0
        for t in range(intervals):
            now, until, room = t * step_s, (t + 1) * step_s, there[t] * ratios.size
            while now < until:
                if head < came.size and came[head] <= now and len(ends) < room:
                    wait, k = now - came[head], mark[head]
                    if answered(base[week], in_time[week], k, wait, patience[head], within_s, short_s):
                        heapq.heappush(ends, done + full_s[k] * work[head])
                    head += 1
                    continue
                following = until
                if head < came.size and came[head] > now:
                    following = min(until, came[head])
                if len(ends) > 0:
                    pace = _pace(len(ends), there[t], ratios)
                    end = now + (ends[0] - done) / pace
                    if end <= following:
                        now, done = end, heapq.heappop(ends)
                        continue
                    done += (following - now) * pace
                now = following
        count_left(base[week], mark[head:], patience[head:], short_s)
    return base, in_time
