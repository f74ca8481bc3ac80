"""The planning week's expected demand: fresh and carried contacts, laws in force, the planner's hand."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.lever import What
from wfo.forecasting.horizon import approach_of, carried_volume
from wfo.forecasting.inputs import ForecastInputs
from wfo.forecasting.laws import Laws
from wfo.forecasting.learning import Learnt
from wfo.forecasting.levers import Causing, day_factor, mean_factor, moved_laws, planner_factor
from wfo.forecasting.model import expected_fresh
from wfo.forecasting.moves import moved_contacts
from wfo.forecasting.outliers import Bursts
from wfo.forecasting.overrides import with_overrides
from wfo.forecasting.past import Past
from wfo.forecasting.propagation import expected_volume
from wfo.forecasting.settings import ForecastSettings


@dataclass(frozen=True)
class WeekDemand:
    """Expected demand of the planning week; arrays of shape (Q, T).

    Attributes
    ----------
    fresh : ndarray
        Contacts that start chains, after the planner's overrides.
    carried : ndarray
        Follow-ups of contacts before the week.
    is_open : ndarray of bool
    laws : Laws
        As the week's levers move them.
    model_volume : ndarray
        All contacts before the planner's overrides.
    overrides : DataFrame
        Table ``overrides``.
    """

    fresh: np.ndarray
    carried: np.ndarray
    is_open: np.ndarray
    laws: Laws
    model_volume: np.ndarray
    overrides: pd.DataFrame


def week_demand(
    inputs: ForecastInputs,
    settings: ForecastSettings,
    learnt: Learnt,
    past: Past,
    causing: Causing,
    burst: Bursts,
    notes: list[str],
) -> WeekDemand:
    """Expect the week's demand.

    Parameters
    ----------
    inputs : ForecastInputs
    settings : ForecastSettings
    learnt : Learnt
    past : Past
        That of ``learnt``, with the factors of events that were seen.
    causing : Causing
        Levers on follow-ups, after those in force were taken out of the laws.
    burst : Bursts
    notes : list of str
        Notes are added here.
    """
    centre, grid, dates, laws = inputs.centre, inputs.grid, inputs.dates, learnt.before.laws
    queues, day = centre.queue_ids, grid.local_day_number(centre.zone)
    approach = approach_of(centre, learnt.history, grid, laws.reach_min)
    is_open = approach.is_open[:, approach.start :]
    notes += [
        f"{queues[q]}: closed on every day of the week; no demand is forecast"
        for q in range(len(queues))
        if not is_open[q].any()
    ]
    mean = expected_fresh(past, learnt.models, grid, centre.zone, is_open) * burst.lift[:, None]
    mean *= day_factor(What.FRESH, inputs.levers, queues, dates, dates[0])[:, day]
    mean *= planner_factor(inputs.demand, queues)[:, None]
    mean = moved_contacts(mean, inputs.levers, centre, grid, is_open, notes)
    carried = carried_volume(
        centre,
        learnt.history,
        learnt.fresh,
        past,
        learnt.models,
        approach,
        laws,
        causing,
        inputs.levers,
    )
    land = laws.landing(is_open, grid.step_min)
    as_before = expected_volume(mean + carried, laws.links(grid.step_min), *land)
    week_laws = laws.scaled(mean_factor(causing.factor(dates), as_before, day, laws, grid.step_min))
    week_laws = moved_laws(week_laws, inputs.levers, queues, dates)
    links = week_laws.links(grid.step_min)

    def volume(fresh: np.ndarray) -> np.ndarray:
        return expected_volume(fresh + carried, links, *land)

    hand = with_overrides(inputs.demand.overrides, queues, dates, day, mean, is_open, volume)
    notes += hand.notes
    return WeekDemand(hand.fresh, carried, is_open, week_laws, volume(mean), hand.table)
