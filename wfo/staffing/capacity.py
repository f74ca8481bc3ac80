"""Capacity plan: month by month the people a centre has and needs, with attrition, classes and their ramp."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.errors import InputError, Problem

_NEAR = 1e-9


@dataclass(frozen=True)
class Hiring:
    """How people come and go.

    Attributes
    ----------
    attrition : float
        Share of people who leave in a month, 0 … below 1.
    class_size : int
        Most people in a hiring class; 0: nobody is hired.
    lead_months : int
        Months between the decision and the first day.
    training_months : int
        First months in which a hire does no work.
    ramp : tuple of float
        Output of a hire in the months after training ÷ that of an experienced agent; later 1.
    training_attrition : float
        Share of a class that leaves in each month until its ramp is over; the usual attrition afterwards.
    """

    attrition: float = 0.0
    class_size: int = 0
    lead_months: int = 1
    training_months: int = 1
    ramp: tuple[float, ...] = ()
    training_attrition: float = 0.0

    def problems(self) -> list[Problem]:
        """What is wrong with it, with what is allowed."""
        found = []
        for name in ("attrition", "training_attrition"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                found.append(
                    Problem(f"hiring.{name}", f"{value:g} found; write a share of at least 0, below 1")
                )
        for name in ("class_size", "lead_months", "training_months"):
            if getattr(self, name) < 0:
                found.append(Problem(f"hiring.{name}", f"{getattr(self, name)} found; write 0 or more"))
        if any(not 0 <= r <= 1 for r in self.ramp):
            found.append(Problem("hiring.ramp", f"{self.ramp} found; write shares of 0 to 1"))
        return found


def capacity_plan(
    required_fte: "pd.Series[float]", people: float, hiring: Hiring, *, fte_per_person: float = 1.0
) -> pd.DataFrame:
    """Plan hiring classes so that each month's working full-time equivalents meet what it requires.

    A class is decided as late as it helps: its people count in full when their ramp is over, so the shortfall
    of the first month that a class starting in a month could fill decides its size. What a class cannot fill
    any more (the first months, before anybody could be trained) stays as a gap.

    Parameters
    ----------
    required_fte : Series
        Paid full-time equivalents by month, in order, shrinkage included.
    people : float
        Experienced people at the first month's start.
    hiring : Hiring
    fte_per_person : float
        Paid hours of a person ÷ full-time hours.

    Returns
    -------
    DataFrame
        ``month, required_fte, people`` (at the month's end), ``leavers, hired`` (first day in the month),
        ``decided`` (classes to be decided in the month, people), ``training`` (people who do no work yet),
        ``working_fte, gap_fte`` (working − required).

    Raises
    ------
    InputError
        If a figure is out of range.
    """
    need = required_fte.to_numpy(dtype=float)
    problems = hiring.problems()
    if not np.isfinite(need).all() or (need < 0).any():
        problems.append(Problem("required_fte", "write full-time equivalents of at least 0 for every month"))
    if not 0 <= people < math.inf:
        problems.append(Problem("people", f"{people:g} people found; write a number of at least 0"))
    if not 0 < fte_per_person < math.inf:
        problems.append(Problem("fte_per_person", f"{fte_per_person:g} found; write a number above 0"))
    if problems:
        raise InputError(problems)
    hired = np.zeros(need.size)
    # the month from which a class is as good as others, counted from its first day
    whole = hiring.training_months + len(hiring.ramp)
    for start in range(hiring.lead_months, need.size):
        target = min(start + whole, need.size - 1)
        worked = _worked(hired, people, hiring)[0] * fte_per_person
        short = need[target] - worked[target]
        one = np.zeros(need.size)
        one[start] = 1.0
        each = (_worked(one, 0.0, hiring)[0] * fte_per_person)[target]
        if short > _NEAR and each > _NEAR and hiring.class_size:
            hired[start] = min(hiring.class_size, math.ceil(short / each - _NEAR))
    worked, present, training, leavers = _worked(hired, people, hiring)
    decided = np.zeros(need.size)
    decided[: max(0, need.size - hiring.lead_months)] = hired[hiring.lead_months :]
    return pd.DataFrame(
        {
            "month": required_fte.index,
            "required_fte": need,
            "people": present,
            "leavers": leavers,
            "hired": hired,
            "decided": decided,
            "training": training,
            "working_fte": worked * fte_per_person,
            "gap_fte": worked * fte_per_person - need,
        }
    )


def _worked(
    hired: np.ndarray, people: float, hiring: Hiring
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Experienced-agent equivalents, people at the end, people in training and leavers of each month.

    Who leaves in a month is there half of it.
    """
    months = hired.size
    output, present, training, leavers = (np.zeros(months) for _ in range(4))
    whole = hiring.training_months + len(hiring.ramp)
    for start in range(-1, months):
        left = people if start < 0 else hired[start]
        for month in range(max(start, 0), months):
            age = whole if start < 0 else month - start
            leave = left * (hiring.attrition if age >= whole else hiring.training_attrition)
            there = left - leave / 2
            if age < hiring.training_months:
                training[month] += there
            else:
                ramped = age - hiring.training_months
                output[month] += there * (hiring.ramp[ramped] if ramped < len(hiring.ramp) else 1.0)
            left -= leave
            leavers[month] += leave
            present[month] += left
    return output, present, training, leavers
