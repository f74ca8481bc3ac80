"""What the queues served at once would need if the people who know several of them shared all their work."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from wfo.staffing.immediate import ImmediateWork
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.mixture import COLUMNS, day_points, fewest_positions
from wfo.staffing.settings import StaffSettings

_AT = {name: n for n, name in enumerate(COLUMNS)}
_MEANS = ("within_s", "short_s", "level", "max_abandonment")


def pooled_table(inputs: StaffInputs, settings: StaffSettings, work: ImmediateWork) -> pd.DataFrame:
    """Table ``pooled``: positions by interval and group of queues that share agents.

    One queue is made of a group's contacts: rates add; handle time and targets are means over contacts, and
    so is the rate at which those who wait give up; Erlang A then says what is needed. ``requirement``, with
    every queue staffed alone, is an upper figure and this a lower one; agents who know some of the queues
    come out between the two.

    Parameters
    ----------
    inputs, settings
        As of `staff`.
    work : ImmediateWork

    Returns
    -------
    DataFrame
        ``queues`` (list), ``interval_start``, ``positions``, ``positions_with_shrinkage``; by group and time.
    """
    groups = _groups(inputs)
    names = inputs.centre.queue_ids
    group = np.array([groups[names[q]] for q in work.queue], np.int64)
    key = pd.MultiIndex.from_arrays([group, work.interval], names=["group", "interval"])
    each = [
        pd.DataFrame(_sums(work, rows), index=key).groupby(level=[0, 1], sort=True).sum()
        for rows in work.rows
    ]
    sums = each[0]
    of_group = sums.index.get_level_values("group").to_numpy(np.int64)
    factors, weights = day_points(_day_cv(inputs, groups), settings.mixture_points)
    one_at_a_time = np.ones((factors.shape[0], 1))
    found = [
        fewest_positions(_rows(own, settings), of_group, factors, weights, one_at_a_time) for own in each
    ]
    needed = np.max(found, axis=0)
    present = sums["present"].to_numpy() / sums["load"].to_numpy()
    members = {
        g: sorted((q for q, own in groups.items() if own == g), key=names.index) for g in set(of_group)
    }
    return pd.DataFrame(
        {
            "queues": pd.Series([members[g] for g in of_group], dtype=object),
            "interval_start": inputs.grid.starts[sums.index.get_level_values("interval").to_numpy(np.int64)],
            "positions": needed.astype(float),
            "positions_with_shrinkage": np.ceil(needed / present - 1e-9),
        }
    )


def _rows(sums: pd.DataFrame, settings: StaffSettings) -> np.ndarray:
    """Rows for the kernels, one for each interval of a group, columns as in `mixture.COLUMNS`."""
    rows = np.zeros((len(sums), len(COLUMNS)))
    rate = sums["rate"].to_numpy()
    rows[:, _AT["rate"]] = rate
    rows[:, _AT["handle_s"]] = sums["load"].to_numpy() / rate
    for name in _MEANS:
        rows[:, _AT[name]] = sums[name].to_numpy() / rate
    with np.errstate(divide="ignore"):
        rows[:, _AT["patience_s"]] = rate / sums["given_up"].to_numpy()
    rows[:, _AT["max_occupancy"]] = settings.max_occupancy
    rows[:, _AT["max_asa_s"]] = rows[:, _AT["room"]] = np.inf
    rows[:, _AT["slots"]] = 1.0
    rows[:, _AT["contacts"]] = sums["contacts"].to_numpy()
    return rows


def _sums(work: ImmediateWork, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What adds up over the queues of a group: contacts, load, and means weighted by contacts."""
    rate = rows[:, _AT["rate"]]
    out = {"rate": rate, "load": work.load, "present": work.present * work.load}
    out["contacts"] = rows[:, _AT["contacts"]]
    out["given_up"] = rate / rows[:, _AT["patience_s"]]
    for name in _MEANS:
        out[name] = rows[:, _AT[name]] * rate
    return out


def _groups(inputs: StaffInputs) -> dict[str, int]:
    """Number of the group of each queue: queues that some agent serves together are in one."""
    names = inputs.centre.queue_ids
    served = inputs.agent_skills[["agent_id", "skill"]].merge(inputs.routing[["queue", "skill"]], on="skill")
    served = served[served["queue"].isin(names)]
    agents, people = pd.factorize(served["agent_id"], sort=True)
    queues = served["queue"].map({q: n for n, q in enumerate(names)}).to_numpy(np.int64)
    size = len(names) + len(people)
    links = coo_array((np.ones(len(served)), (queues, len(names) + agents)), shape=(size, size))
    return {q: int(n) for q, n in zip(names, connected_components(links, directed=False)[1], strict=False)}


def _day_cv(inputs: StaffInputs, groups: dict[str, int]) -> np.ndarray:
    """Spread of each group's day factor: its queues' mean, by expected contacts, shape (groups,)."""
    volume = inputs.forecast.expected().sum(axis=1) + 1e-12
    own = np.array([groups[q] for q in inputs.centre.queue_ids], np.int64)
    weighted = np.bincount(own, weights=volume * inputs.forecast.day_cv())
    return np.asarray(weighted / np.maximum(np.bincount(own, weights=volume), 1e-12))
