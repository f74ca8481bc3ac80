"""Later work as the simulation plays it: a centre's steps of cases, calls, diallers and chase contacts."""

import datetime as dt

import numpy as np

from wfo.domain.centre import Centre, Law, Queue
from wfo.domain.deferred import Outbound
from wfo.errors import InputError, Problem
from wfo.forecasting.opening import open_intervals
from wfo.simulation.later_work import CallList, Calls, Chasing, LaterWork, WorkStep
from wfo.simulation.options import Dialler
from wfo.staffing.call_lists import windows_of
from wfo.timegrid import HOUR_MS, MINUTE_MS, TimeGrid


def later_work(
    centre: Centre, grid: TimeGrid, queues: tuple[str, ...], handle_mean_s: np.ndarray | None
) -> LaterWork:
    """What deferred queues have beside single pieces of work.

    Parameters
    ----------
    centre : Centre
    grid : TimeGrid
    queues : tuple of str
        Q queues in the order of the simulation.
    handle_mean_s : ndarray, shape (Q, T), or None
        Mean handle times; people on lists take their queue's mean, else what the centre assumes.

    Raises
    ------
    InputError
        If a queue is closed on all days of a list, or the handle time of its calls is not known.
    """
    deferred = {q: centre.queues[name] for q, name in enumerate(queues)}
    deferred = {q: spec for q, spec in deferred.items() if spec.law is Law.DEFERRED}
    calls = {}
    for q, spec in deferred.items():
        if spec.outbound is not None:
            seen = np.zeros(0) if handle_mean_s is None else handle_mean_s[q][handle_mean_s[q] > 0]
            talk_s = float(seen.mean()) if seen.size else spec.handle_s or 0.0
            if spec.outbound.lists and not talk_s:
                message = "people are to be called, and no handle time is known: state one in seconds"
                raise InputError([Problem(f"centre.queues.{queues[q]}.handle_s", message)])
            calls[q] = _calls(centre, grid, queues[q], spec.outbound, talk_s)
    chases = {q: spec.chase for q, spec in deferred.items()}
    return LaterWork(
        steps={q: _steps(spec, q, queues) for q, spec in deferred.items() if spec.case_steps},
        calls=calls,
        chasing={
            q: Chasing(queues.index(chase.queue), chase.contacts, round(chase.within_h * HOUR_MS))
            for q, chase in chases.items()
            if chase is not None
        },
    )


def _steps(spec: Queue, q: int, queues: tuple[str, ...]) -> tuple[WorkStep, ...]:
    return tuple(
        WorkStep(
            name,
            queues.index(step.queue) if step.queue else q,
            step.handle_s,
            round(step.wait_h * HOUR_MS),
            step.rework,
        )
        for name, step in spec.case_steps.items()
    )


def _calls(centre: Centre, grid: TimeGrid, name: str, told: Outbound, talk_s: float) -> Calls:
    lists = []
    for label, people in told.lists.items():
        release, due, contacts = windows_of(centre, name, label, people, grid)
        whole = np.floor(np.cumsum(contacts) + 0.5).astype(np.int64)
        days = (people.last - people.first).days + 1
        end = TimeGrid.of_days(people.first, days, zone=centre.zone, step_min=grid.step_min).end
        lists.append(
            CallList(
                label,
                (release - grid.start_min) // grid.step_min,
                (due - grid.start_min) * MINUTE_MS,
                np.diff(whole, prepend=0),
                round((end - grid.start) / dt.timedelta(milliseconds=1)),
            )
        )
    return Calls(
        told.contact_rate,
        told.attempts,
        round(told.no_answer_s * 1000),
        round(told.pause_h * HOUR_MS),
        told.pacing,
        talk_s,
        tuple(lists),
    )


def diallers_of(centre: Centre, grid: TimeGrid, queues: tuple[str, ...]) -> tuple[Dialler, ...]:
    """Diallers of the centre's queues, calling while their queue is open."""
    is_open = open_intervals(centre, grid)
    told = {q: centre.queues[name].dialler for q, name in enumerate(queues)}
    return tuple(
        Dialler(
            q,
            np.where(is_open[centre.queue_ids.index(queues[q])], dialler.reached, 0.0),
            dialler.least_free,
            dialler.calls,
            tuple(queues.index(name) for name in dialler.beside),
        )
        for q, dialler in told.items()
        if dialler is not None
    )
