"""One queue whose arrivals and positions change over the day, simulated week by week, compiled.

First come, first served; who ends a contact where fewer are wanted by then takes no other, so that no contact
is begun while as many as there are positions go on. Other than in the simulation of a plan, overtime helps
nobody here.
"""

import heapq

import numpy as np

from wfo.staffing.compiled import formula


@formula
def simulated_service(  # type: ignore[no-untyped-def]
    draws, arrivals, positions, handle_s, handle_cv, patience_s, within_s, short_s, step_s, factors
):
    """Contacts offered without short abandons, and answered in time, of each week and interval of arrival.

    Parameters
    ----------
    draws : numpy.random.Generator
    arrivals : ndarray, shape (T,)
        Expected contacts; Poisson counts are drawn.
    positions : ndarray of int64, shape (T,)
        Where nobody is wanted, the last ones stay until nobody waits.
    handle_s : ndarray, shape (T,)
        Mean handle time of those who arrive, seconds; lognormal.
    handle_cv, patience_s, within_s, short_s, step_s : float
    factors : ndarray, shape (weeks, T)
        By what the expected contacts of each simulated week are multiplied.

    Returns
    -------
    base, in_time : ndarray of int64, shape (weeks, T)
    """
    weeks, intervals = factors.shape
    base = np.zeros((weeks, intervals), np.int64)
    in_time = np.zeros((weeks, intervals), np.int64)
    wanted = staying(positions)
    for week in range(weeks):
        came, mark, patience, work = drawn_contacts(
            draws, arrivals * factors[week], step_s, patience_s, handle_cv
        )
        ends = [0.0]
        ends.pop()
        head = 0
        for t in range(intervals):
            n, now, until = wanted[t], t * step_s, (t + 1) * step_s
            while n > 0 and head < came.size and came[head] < until:
                now = max(now, came[head])
                while len(ends) > 0 and ends[0] <= now:
                    heapq.heappop(ends)
                if len(ends) >= n:
                    if ends[0] >= until:
                        break
                    # only the end by which fewer than n are left frees a position
                    now = heapq.heappop(ends)
                    if len(ends) >= n:
                        continue
                wait, k = now - came[head], mark[head]
                if answered(base[week], in_time[week], k, wait, patience[head], within_s, short_s):
                    heapq.heappush(ends, now + handle_s[k] * work[head])
                head += 1
        count_left(base[week], mark[head:], patience[head:], short_s)
    return base, in_time


@formula
def staying(positions):  # type: ignore[no-untyped-def]
    """Positions, and where there are none the last there were."""
    out = positions.copy()
    for t in range(1, out.size):
        if out[t] == 0:
            out[t] = out[t - 1]
    return out


@formula
def answered(base, in_time, k, wait, patience, within_s, short_s):  # type: ignore[no-untyped-def]
    """Count a contact of an interval that has waited till its turn; whether it is still there."""
    if wait > patience:
        base[k] += patience >= short_s
        return False
    base[k] += 1
    in_time[k] += wait <= within_s
    return True


@formula
def count_left(base, mark, patience, short_s):  # type: ignore[no-untyped-def]
    """Count those whose turn never comes."""
    for left in range(mark.size):
        base[mark[left]] += patience[left] >= short_s


@formula
def drawn_contacts(draws, expected, step_s, patience_s, handle_cv):  # type: ignore[no-untyped-def]
    """Instants of arrival in order, their intervals, patience in seconds, and work in mean handle times."""
    came, mark = _drawn_arrivals(draws, expected, step_s)
    patience = draws.standard_exponential(came.size) * patience_s
    sigma = np.sqrt(np.log1p(handle_cv * handle_cv))
    return came, mark, patience, np.exp(sigma * draws.standard_normal(came.size) - sigma * sigma / 2.0)


@formula
def _drawn_arrivals(draws, expected, step_s):  # type: ignore[no-untyped-def]
    """Instants of arrival in order, seconds, and their intervals."""
    counts = np.zeros(expected.size, np.int64)
    for t in range(expected.size):
        if expected[t] > 0.0:
            counts[t] = draws.poisson(expected[t])
    came, mark = np.empty(counts.sum()), np.empty(counts.sum(), np.int64)
    filled = 0
    for t in range(expected.size):
        if counts[t] > 0:
            came[filled : filled + counts[t]] = np.sort(draws.random(counts[t])) * step_s + t * step_s
            mark[filled : filled + counts[t]] = t
            filled += counts[t]
    return came, mark
