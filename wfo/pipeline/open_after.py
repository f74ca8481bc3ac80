"""Deferred work that a planned week leaves open for the week after it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.metrics.specs import MetricSpec
from wfo.pipeline.backlog import in_order, still_open, whole_contacts
from wfo.staffing.call_lists import windows_of
from wfo.staffing.case_windows import open_steps
from wfo.staffing.deferred import due_minutes
from wfo.staffing.targets import response_spec
from wfo.timegrid import TimeGrid, epoch_min

if TYPE_CHECKING:
    from wfo.forecasting.result import ForecastResult


def open_after(
    backlog: pd.DataFrame,
    forecast: "ForecastResult",
    centre: Centre,
    specs: tuple[MetricSpec, ...],
    *,
    promise_days: float,
    left: Mapping[str, Mapping[str, Any]] | None = None,
    lists: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Work that is open when the week ends: whole contacts, in agents' own seconds.

    Where the plan was simulated, as many as it leaves in the mean: of what came, interval by interval; of
    what was open before, those due last, as what is due first is done first. Cases stand where they stand by
    plan. Where it was not, work is taken to be done evenly in the open hours between its coming and its due
    instant, as staffing spreads it.

    Who is left of a list goes on under its name, due when the list ends, as work of its mean; a list that has
    ended leaves nobody, be they of this week or handed over to it. Within a week such people are work in one
    piece, without attempts, and are still worked after their list ends in its middle.

    Parameters
    ----------
    backlog : DataFrame
        What was open when the week began, as of `wfo.pipeline.backlog.backlog_at`.
    forecast : ForecastResult
        Of the week.
    centre : Centre
    specs : tuple of MetricSpec
    promise_days : float
        Working days of a promise that the centre does not state in hours.
    left : mapping, optional
        By queue what the simulated week leaves: `wfo.evaluation.left_open.left_open`.
    lists : DataFrame, optional
        Table ``call_lists`` of the simulated week: who is left of each list.

    Returns
    -------
    DataFrame
        As of `backlog_at`.
    """
    laws, expected = forecast.laws(), forecast.expected()
    grid, parts = laws.grid, []
    backlog = in_order([backlog])
    owner = backlog["queue"].where(backlog["case_of"] == "", backlog["case_of"])
    for q, name in enumerate(laws.queues):
        spec = centre.queues[name]
        if spec.law is not Law.DEFERRED:
            continue
        due = due_minutes(centre, name, grid, response_spec(name, specs), promise_days=promise_days)
        old = backlog[(owner == name).to_numpy()]
        if left is not None:
            mean, called = _apart(
                centre, name, np.array(left[name]["came"]), lists, grid, laws.handle_mean_s[q]
            )
            parts += called
            old = _due_last(old, left[name]["old"])
            old = old[(old["list"] == "") | (epoch_min(old["promised"]) > _end(grid))]
        else:
            # of a case each step is open or done by plan, so the whole case counts
            share = (due > _end(grid)) if spec.case_steps else still_open(centre, name, grid, due)
            mean = expected[q] * share
            old = _due_later(centre, name, old, grid)
        parts += [whole_contacts(centre, name, grid, due, mean, laws.handle_mean_s[q])]
        parts += _going_on(centre, old, grid)
    return in_order(parts)


def _end(grid: TimeGrid) -> int:
    return grid.start_min + grid.n * grid.step_min


def _due_last(old: pd.DataFrame, number: float) -> pd.DataFrame:
    """So many contacts and cases, rounded, of those that are due last."""
    each = _each_once(old)
    return each.iloc[max(0, len(each) - int(number + 0.5)) :]


def _due_later(centre: Centre, name: str, old: pd.DataFrame, grid: TimeGrid) -> pd.DataFrame:
    """Cases due after the week; of other work the share of its time that lies after it, in whole contacts."""
    each = _each_once(old)
    promised = epoch_min(each["promised"])
    if centre.queues[name].case_steps:
        return each[promised > _end(grid)]
    came = np.clip(grid.locate(each["release"]), 0, grid.n - 1)
    whole = np.floor(np.cumsum(still_open(centre, name, grid, promised, came)) + 0.5)
    return each[np.diff(whole, prepend=0.0) > 0]


def _each_once(old: pd.DataFrame) -> pd.DataFrame:
    """One row a contact or case, by when it is promised."""
    here = (old["case_of"] == "") | (old["stands_at"] >= 0)
    return old[here.to_numpy()].sort_values(["promised", "came"], kind="stable")


def _going_on(centre: Centre, old: pd.DataFrame, grid: TimeGrid) -> list[pd.DataFrame]:
    """Rows of what is left of old work: cases by their steps that are not done by plan at the week's end."""
    is_case = (old["case_of"] != "").to_numpy()
    parts = [old[~is_case]]
    for queue, rows in old[is_case].groupby("case_of", sort=True):
        cases = pd.DataFrame({"release": rows["came"], "due": rows["promised"]})
        parts.append(open_steps(centre, str(queue), cases, grid.end, grid.step_min))
    return parts


def _apart(
    centre: Centre,
    name: str,
    mean: np.ndarray,
    lists: pd.DataFrame | None,
    grid: TimeGrid,
    handle_s: np.ndarray,
) -> tuple[np.ndarray, list[pd.DataFrame]]:
    """What came and is left but for people of lists, and the people of lists that go on after the week."""
    spec = centre.queues[name]
    if spec.outbound is None or lists is None:
        return mean, []
    own, going_on = mean.copy(), []
    each = handle_s[handle_s > 0].mean() if (handle_s > 0).any() else spec.handle_s or 0.0
    for label, people in spec.outbound.lists.items():
        told = lists[((lists["queue"] == name) & (lists["list"] == label)).to_numpy()]
        if told.empty:
            continue
        release, _, _ = windows_of(centre, name, label, people, grid)
        at = (release - grid.start_min) // grid.step_min
        there, with_them = own[at].sum(), own.copy()
        if there > 0:
            own[at] *= max(0.0, 1.0 - float(told["left"].sum()) / there)
        end = _end(TimeGrid.of_days(people.last, 1, zone=centre.zone, step_min=grid.step_min))
        if end > _end(grid):
            due, handle = np.full(grid.n, end), np.full(grid.n, each)
            going_on.append(
                whole_contacts(centre, name, grid, due, with_them - own, handle).assign(list=label)
            )
    return own, going_on
