"""Queues served at once, from load to cover: positions, each day's chance, what each further one is worth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.forecasting.paths import DemandPaths
from wfo.staffing.corrected import load_factors
from wfo.staffing.day_chance import confident_factors, day_chances
from wfo.staffing.immediate import ImmediateWork, immediate_work
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.mixture import day_points
from wfo.staffing.positions import cover_table, needed_positions
from wfo.staffing.settings import StaffSettings


@dataclass(frozen=True)
class StaffedAtOnce:
    """What queues served at once need.

    Attributes
    ----------
    work : ImmediateWork
        Their intervals, at the load that comes.
    needed : ndarray, shape (I,)
        Positions.
    chances : DataFrame
        Each day's chance to meet its target.
    cover : DataFrame
        What each further scheduled position is worth.
    """

    work: ImmediateWork
    needed: np.ndarray
    chances: pd.DataFrame
    cover: pd.DataFrame


def staffed_at_once(
    inputs: StaffInputs,
    settings: StaffSettings,
    laws: DemandPaths,
    expected: np.ndarray,
    is_open: np.ndarray,
    present: np.ndarray,
    *,
    seed: int,
) -> StaffedAtOnce:
    """Load, corrected by simulation; positions on the mixture of day factors, as sure as wanted; cover.

    Parameters
    ----------
    inputs, settings
        As of `staff`.
    laws : DemandPaths
    expected : ndarray, shape (Q, T)
        Contacts in each interval.
    is_open : ndarray of bool, shape (Q, T)
    present : ndarray, shape (Q, T)
        1 − unscheduled shrinkage.
    seed : int
    """
    arrivals, zone = np.where(is_open, expected, 0.0), inputs.centre.zone
    work = immediate_work(inputs, settings, laws, expected, is_open, present)
    if settings.load == "modified_offered_load":
        at = (work.rows[0], work.queue, work.interval)
        work = work.loaded(load_factors(laws, arrivals, *at, weeks=settings.correction_weeks, seed=seed))
    day_cv = inputs.forecast.day_cv()
    mixture = day_points(day_cv, settings.mixture_points)
    day = (laws, arrivals, day_cv, work.rows[0], work.queue, work.interval)
    asked, wanted = work, settings.day_confidence
    needed = needed_positions(work, *mixture, laws.queues)
    if wanted is not None:
        asked = work.asking_as_of(
            confident_factors(*day, work.ratios, zone, mixture, wanted=wanted, seed=seed)
        )
        needed = needed_positions(asked, *mixture, laws.queues)
    chances = day_chances(*day, needed, zone, work.ratios, seed=seed)
    cover = cover_table(inputs, asked, needed, *mixture, laws.queues)
    return StaffedAtOnce(work, needed, chances.assign(wanted=wanted).astype({"wanted": "float64"}), cover)
