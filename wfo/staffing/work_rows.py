"""Pieces of deferred work: what comes in the week, what is open already, the steps of cases, calls."""

import numpy as np
import pandas as pd

from wfo.errors import InputError, Problem
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import MetricSpec
from wfo.staffing.call_lists import windows_of
from wfo.staffing.case_windows import step_windows
from wfo.staffing.deferred import due_minutes, longer_grid
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.lateness import price_of_late
from wfo.staffing.settings import StaffSettings
from wfo.staffing.targets import response_spec
from wfo.timegrid import epoch_min


def pieces_of(
    inputs: StaffInputs,
    settings: StaffSettings,
    laws: DemandPaths,
    expected: np.ndarray,
    q: int,
    backlog: pd.DataFrame,
    is_open: np.ndarray,
) -> pd.DataFrame:
    """Pieces of one queue's deferred work.

    Parameters
    ----------
    inputs, settings
        As of `staff`.
    laws : DemandPaths
    expected : ndarray, shape (T,)
        Contacts of the queue.
    q : int
        Its index.
    backlog : DataFrame
        Its open work; due before the week, it is due by the end of the queue's first open day.
    is_open : ndarray of bool, shape (T,)

    Returns
    -------
    DataFrame
        ``case, step`` (empty where work has no steps), ``queue`` (whose people do it), ``release, due`` in
        minutes since the epoch, ``promised`` (when the contact or case is due), ``contacts``, ``work_s`` of
        people at the work, ``worth`` in money when done in time.

    Raises
    ------
    InputError
        If calls are listed of a queue whose handle time nobody knows, or on days on which it is closed.
    """
    name, grid = laws.queues[q], inputs.grid
    queue = inputs.centre.queues[name]
    spec = response_spec(name, inputs.specs)
    handle = laws.handle_mean_s[q]
    price = price_of_late(inputs.centre, name, laws, spec, settings)
    mean: float | None
    if queue.case_steps:
        new, mean = _cases(inputs, settings, name, expected, spec), _case_work_s(inputs, name)
    else:
        if queue.outbound is not None:
            handle = np.where(handle > 0, queue.outbound.talked * handle + queue.outbound.vain_s, 0.0)
        at = np.flatnonzero((expected > 0) & (handle > 0))
        due = due_minutes(inputs.centre, name, grid, spec, promise_days=settings.promise_days)[at]
        new = _pieces(name, grid.minutes[at], due, expected[at], expected[at] * handle[at], handle[at])
        new = pd.concat([new, *_listed(inputs, name, laws.handle_mean_s[q])])
        known = handle[handle > 0]
        # where no handle time is known, each open item is one contact
        mean = float(known.mean()) if known.size else None
        if at.size:
            mean = float(np.average(handle[at], weights=expected[at]))
    old = _old(inputs, name, backlog, is_open, mean)
    both = pd.concat([new, old], ignore_index=True) if len(old) else new.reset_index(drop=True)
    work, handle_s = both["work_s"].to_numpy(dtype=float), both.pop("handle_s").to_numpy(dtype=float)
    both["worth"] = work / handle_s * price + work / 3600.0 * settings.price_left_h
    both["due"] = np.maximum(both["due"], both["release"] + 1)
    return both[both["work_s"] > 0]


def _pieces(
    queue: str,
    release: np.ndarray,
    due: np.ndarray,
    contacts: np.ndarray,
    work_s: np.ndarray,
    handle_s: np.ndarray,
) -> pd.DataFrame:
    empty = pd.Series([""] * release.size, dtype="str")
    return pd.DataFrame(
        {
            "case": empty,
            "step": empty,
            "queue": pd.Series([queue] * release.size, dtype="str"),
            "release": release,
            "due": due,
            "promised": due,
            "contacts": contacts,
            "work_s": work_s,
            "handle_s": handle_s,
        }
    )


def _case_work_s(inputs: StaffInputs, name: str) -> float:
    return sum(step.work_s for step in inputs.centre.queues[name].case_steps.values())


def _cases(
    inputs: StaffInputs,
    settings: StaffSettings,
    name: str,
    expected: np.ndarray,
    spec: MetricSpec | None,
) -> pd.DataFrame:
    """Steps of the cases that come in the week."""
    grid, queue = inputs.grid, inputs.centre.queues[name]
    at = np.flatnonzero(expected > 0)
    due = due_minutes(inputs.centre, name, grid, spec, promise_days=settings.promise_days)[at]
    longer = longer_grid(grid)
    opened = np.cumsum(open_intervals(inputs.centre, longer), axis=1)
    steps = list(queue.case_steps.values())
    served_by = [step.queue or name for step in steps]
    clocks = [np.r_[0, opened[inputs.centre.queue_ids.index(own)]] for own in served_by]
    begin, end = step_windows(steps, clocks, at, (due - grid.start_min) // grid.step_min, grid.step_min)
    whole = np.full(at.size, _case_work_s(inputs, name))
    parts = []
    for k, (label, step) in enumerate(queue.case_steps.items()):
        release, until = (grid.start_min + edge[k] * grid.step_min for edge in (begin, end))
        if k == len(steps) - 1:
            # the promise itself, where it lies within the last interval
            until = np.where(end[k] * grid.step_min + grid.start_min <= due, due, until)
        part = _pieces(served_by[k], release, until, expected[at], expected[at] * step.work_s, whole)
        parts.append(part.assign(case=name, step=label, promised=due))
    return pd.concat(parts, ignore_index=True)


def _listed(inputs: StaffInputs, name: str, handle: np.ndarray) -> list[pd.DataFrame]:
    """Calls of the queue's lists."""
    queue, parts = inputs.centre.queues[name], []
    if queue.outbound is None:
        return []
    known = float(handle[handle > 0].mean()) if (handle > 0).any() else queue.handle_s
    for label, calls in queue.outbound.lists.items():
        if known is None:
            text = "no handle time of its calls is known; write queues." + name + ".handle_s"
            raise InputError([Problem(f"queues.{name}.outbound.lists.{label}", text)])
        release, due, contacts = windows_of(inputs.centre, name, label, calls, inputs.grid)
        each = queue.outbound.work_s(known)
        parts.append(_pieces(name, release, due, contacts, contacts * each, np.full(contacts.size, each)))
    return parts


def _old(
    inputs: StaffInputs, name: str, backlog: pd.DataFrame, is_open: np.ndarray, mean: float | None
) -> pd.DataFrame:
    """What is open when the week begins."""
    if not len(backlog):
        return backlog
    grid = inputs.grid
    opened = np.flatnonzero(is_open)
    day = grid.local_day_number(inputs.centre.zone)
    last = opened[day[opened] == day[opened[0]]][-1] if opened.size else 0
    late = grid.start_min + (last + 1) * grid.step_min
    due = epoch_min(backlog["due"])
    work_s = backlog["work_s"].to_numpy(dtype=float)
    handle_s = np.maximum(work_s, 1.0) if mean is None else np.full(len(backlog), mean)
    release = np.maximum(epoch_min(backlog["release"]), grid.start_min)
    due = np.where(due <= grid.start_min, late, due)
    return _pieces(name, release, due, work_s / handle_s, work_s, handle_s)
