"""Handle times of the planning week: the hour's, with tenure, second contacts and levers."""

import numpy as np

from wfo.domain.lever import What
from wfo.forecasting.frames import SHOWN_WEEKS, Volumes
from wfo.forecasting.handle import HandleTime, handle_times
from wfo.forecasting.handle_mix import (
    caused_share,
    second_contact_factor,
    second_contact_uplift,
    tenure_factor,
)
from wfo.forecasting.inputs import ForecastInputs
from wfo.forecasting.learning import Learnt
from wfo.forecasting.levers import day_factor
from wfo.forecasting.settings import ForecastSettings


def week_handle(
    inputs: ForecastInputs, settings: ForecastSettings, learnt: Learnt, fresh: np.ndarray, volumes: Volumes
) -> tuple[HandleTime, np.ndarray]:
    """Handle times as learnt, and those of the week's intervals in seconds, shape (Q, T).

    Parameters
    ----------
    inputs : ForecastInputs
    settings : ForecastSettings
    learnt : Learnt
    fresh : ndarray, shape (Q, T)
        Expected contacts that start chains; the rest of the volume are second contacts.
    volumes : Volumes
    """
    centre, grid, dates = inputs.centre, inputs.grid, inputs.dates
    now_min = int(inputs.now.timestamp()) // 60
    handle = handle_times(
        centre, inputs.interactions, inputs.queue_intervals, now_min, memory_days=settings.profile_days
    )
    longer = day_factor(What.HANDLE_TIME, inputs.levers, centre.queue_ids, dates, dates[0])
    seconds = handle.on(grid, centre.zone) * longer[:, grid.local_day_number(centre.zone)]
    seconds *= tenure_factor(centre, inputs.interactions, inputs.agents, dates[0])[:, None]
    uplift, linked = second_contact_uplift(centre, inputs.interactions, inputs.chain_members)
    second = np.divide(volumes.mean - fresh, volumes.mean, out=np.zeros_like(fresh), where=volumes.mean > 0)
    recent = -SHOWN_WEEKS * 7 * 24 * 60 // grid.step_min
    usual = caused_share(learnt.history.offered[:, recent:], learnt.fresh.counts[:, recent:])
    return handle, seconds * second_contact_factor(uplift, linked, second, usual)
