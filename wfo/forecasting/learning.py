"""What history teaches: which contacts started chains, which days are usual, and a model of each queue."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from wfo.domain.centre import Centre
from wfo.forecasting.calendar import Days
from wfo.forecasting.choice import fit
from wfo.forecasting.drivers import with_drivers
from wfo.forecasting.fresh import Fresh, fresh_contacts
from wfo.forecasting.history import History, read_history
from wfo.forecasting.inputs import ForecastInputs
from wfo.forecasting.laws import Laws
from wfo.forecasting.learnt_landing import with_landing
from wfo.forecasting.levers import Causing
from wfo.forecasting.model import QueueModel
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.past import Past, past_of
from wfo.forecasting.past_levers import Before, before_levers
from wfo.forecasting.settings import ForecastSettings
from wfo.forecasting.ways import Method

_TWO_YEARS_DAYS = 790  # of history that are read where they exist, for the course of a year
_LITTLE_DAYS = 28
_FAR_DAYS = 28  # before the week without data, beyond which a planner is told
_SILENT_DAYS = 7  # before the planning moment, from which it is a queue's own data that end
_FEW = 100.0  # contacts below which hardly more than how many come in the mean is known
_MEMORIES = 5  # days older than this many memories weigh under 1 %


@dataclass(frozen=True)
class Learnt:
    """What history taught.

    Attributes
    ----------
    history : History
    fresh : Fresh
    past : Past
    models : list of QueueModel
        By queue, fitted to all of the past.
    before : Before
        The laws without what levers in force had done to them.
    lead_days : int
        Days from the planning moment to the planning week.
    """

    history: History
    fresh: Fresh
    past: Past
    models: list[QueueModel]
    before: Before
    lead_days: int

    def notes(self, centre: Centre, settings: ForecastSettings) -> list[str]:
        """What a planner should know of the history."""
        own = _method_notes(centre, self.history, self.past, self.models, settings)
        told = _end_notes(centre, self.history, self.lead_days)
        return [*told, *self.history.notes, *self.fresh.notes, *self.past.notes, *own]


def learn(
    inputs: ForecastInputs, settings: ForecastSettings, laws: Laws, causing: Causing, notes: list[str]
) -> Learnt:
    """Read the history, take out what was caused and what levers did, and fit every queue.

    Raises
    ------
    TableError
        If counts are negative or missing, or intervals do not fit the grid.
    """
    centre, grid = inputs.centre, inputs.grid
    reach_days = max(int(_MEMORIES * max(settings.memory_days, settings.profile_days)), _TWO_YEARS_DAYS)
    history = read_history(
        centre, grid.step_min, inputs.now, inputs.interactions, inputs.queue_intervals, reach_days=reach_days
    )
    is_open = open_intervals(centre, history.grid)
    laws = with_landing(laws, history, is_open, inputs.interactions, inputs.chain_members, centre.queue_ids)
    before = before_levers(laws, causing, inputs.levers, history, inputs.interactions)
    fresh = fresh_contacts(history, is_open, before.laws, centre.queue_ids, before.follow_ups)
    moved = np.where(before.fresh > 0, before.fresh, 1.0)[:, history.day]
    span = (inputs.dates[-1] - history.first_day).days + 1
    days = Days.of(centre, history.first_day, span)
    days = replace(days, reported=history.reported(span))
    days = with_drivers(days, centre, inputs.drivers, inputs.now, history.days, notes)
    past = past_of(
        centre, history, fresh.counts / moved, fresh.taken / moved, is_open, days, inputs.demand.adoption
    )
    lead = (inputs.dates[0] - history.first_day).days - history.days
    models = [fit(past, q, history.days, settings, lead_days=lead) for q in range(len(centre.queues))]
    return Learnt(history, fresh, past, models, before, lead)


def _end_notes(centre: Centre, history: History, lead_days: int) -> list[str]:
    """Queues whose data end long before the week, and a week that is far from the planning moment."""
    notes = []
    for name, covered in zip(centre.queue_ids, history.covered, strict=True):
        seen = np.flatnonzero(covered)
        silent = history.days - 1 - int(seen[-1]) if len(seen) else 0
        if silent >= _SILENT_DAYS and silent + lead_days > _FAR_DAYS:
            last = history.first_day + dt.timedelta(days=int(seen[-1]))
            notes.append(
                f"{name}: its data end on {last}, {silent + lead_days} days before the week; "
                "what is between is bridged"
            )
    if lead_days > _FAR_DAYS:
        notes.append(
            f"the week begins {lead_days} days after the planning moment; what is between is bridged"
        )
    return notes


def _method_notes(
    centre: Centre, history: History, past: Past, models: list[QueueModel], settings: ForecastSettings
) -> list[str]:
    notes = []
    for q, (name, model) in enumerate(zip(centre.queue_ids, models, strict=True)):
        if model.method is Method.NONE:
            notes.append(f"{name}: {_why_none(history, past, q)}; its fresh demand counts as 0")
        elif model.method is Method.PLAIN_MEAN:
            notes.append(
                f"{name}: under {settings.min_weeks} weeks of history; forecast by the plain mean of its days"
            )
        elif history.covered[q].sum() < _LITTLE_DAYS:
            days = int(history.covered[q].sum())
            notes.append(f"{name}: {days} days of history; what sets weekdays and dates apart is uncertain")
        else:
            seen = past.usable[q]
            came = float(past.offered[q, seen].sum())
            if came < _FEW:
                notes.append(
                    f"{name}: {came:,.0f} contacts in {int(seen.sum())} open days; "
                    "hardly more than how many come in the mean is known"
                )
    return notes


def _why_none(history: History, past: Past, q: int) -> str:
    """Why nothing is learnt about a queue."""
    if not history.covered[q].any():
        return "no history"
    if past.usable[q].any() or not past.offered[q].any():
        return "no contact of its own in its open hours"
    return "none of its days may be learnt from (they are excluded, or days of events)"
