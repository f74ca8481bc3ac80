"""Events without a stated factor: what their past days say about their coming ones."""

from dataclasses import replace

import numpy as np

from wfo.domain.centre import Centre
from wfo.forecasting.calendar import touched
from wfo.forecasting.model import Method, Past, QueueModel, day_totals
from wfo.forecasting.settings import ForecastSettings

_LEAST = 50.0  # contacts expected on an event's past days from which their factor is believed


def scale_seen_events(
    centre: Centre, past: Past, models: list[QueueModel], settings: ForecastSettings, notes: list[str]
) -> Past:
    """Give an event without a stated factor the one seen on its days before the planning moment.

    The factor is what came on those days over what would have come on usual ones. An event that has not been
    seen, or hardly, is planned as usual days; a note says which.
    """
    known = past.cube.shape[1]
    scale = past.days.event_scale.copy()
    for name, event in centre.calendar.events.items():
        days = np.flatnonzero(touched(event, past.days.dates))
        if event.scale is not None or not (days >= known).any():
            continue
        seen_anywhere = False
        for q, queue in enumerate(centre.queue_ids):
            if models[q].method is Method.NONE or (event.queues and queue not in event.queues):
                continue
            seen = days[days < known]
            seen = seen[past.is_open[q, seen].any(axis=1)]
            usual = float(day_totals(past, q, models[q], seen).sum())
            if usual >= _LEAST:
                seen_anywhere = True
                scale[q, days[days >= known]] *= float(past.total[q, seen].sum()) / usual
        if not seen_anywhere:
            notes.append(
                f"event '{name}' has no scale and has not been seen: its days are planned as usual ones"
            )
    return replace(past, days=replace(past.days, event_scale=scale))
