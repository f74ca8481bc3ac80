"""Events without a stated factor: what their past days, or an event like them, say of coming ones."""

from dataclasses import replace

import numpy as np

from wfo.domain.calendar import Event
from wfo.domain.centre import Centre
from wfo.forecasting.calendar import offsets
from wfo.forecasting.model import QueueModel, day_totals
from wfo.forecasting.past import Past
from wfo.forecasting.ways import Method

_LEAST = 50.0  # contacts expected on an event's past days from which their factor is believed
_DAY_WEIGHT = 2.0  # usual days by which a day of an event leans on the event's factor over all its days


def scale_seen_events(centre: Centre, past: Past, models: list[QueueModel], notes: list[str]) -> Past:
    """Give an event without a stated factor the one seen on its days before the planning moment.

    The factor of each day of an event, and of its lead and lag days, is what came on that day of past
    occurrences over what would have come on usual ones, leaning on the mean over the event's days where there
    were few. An event that has not been seen, or hardly, is planned as usual days; a note says which.
    """
    scale = past.days.event_scale.copy()
    for name, event in centre.calendar.events.items():
        if not _to_come(past, event):
            continue
        source = centre.calendar.events[event.like] if event.like else event
        touched = [
            q
            for q, queue in enumerate(centre.queue_ids)
            if models[q].method is not Method.NONE and (not event.queues or queue in event.queues)
        ]
        beside = event.scale is not None
        if beside and not (event.lead_days or event.lag_days):
            continue
        seen = [_apply(past, q, models[q], event, source, scale[q]) for q in touched]
        if not any(seen):
            like = f" (nor has '{event.like}', which it is like)" if event.like else ""
            what = (
                "has not been seen{}: its lead and lag days"
                if beside
                else "has no scale and has not been seen{}: its days"
            )
            notes.append(f"event '{name}' {what.format(like)} are planned as usual ones")
    return replace(past, days=replace(past.days, event_scale=scale))


def _to_come(past: Past, event: Event) -> bool:
    known = past.cube.shape[1]
    return any(
        ((offset >= -event.lead_days) & (offset < event.days + event.lag_days))[known:].any()
        for offset in offsets(event, past.days.dates)
    )


def _apply(past: Past, q: int, model: QueueModel, event: Event, source: Event, scale: np.ndarray) -> bool:
    """Write one queue's factors of coming days into ``scale``; False where the event was hardly seen."""
    known = past.cube.shape[1]
    lead, span = event.lead_days, event.days + event.lag_days
    came, usual = np.zeros((2, lead + span))
    stated = np.zeros(lead + span, dtype=bool)
    stated[lead : lead + event.days] = event.scale is not None
    day = []
    for offset in offsets(source, past.days.dates[:known]):
        here = np.flatnonzero((offset >= -lead) & (offset < span) & past.is_open[q].any(axis=1))
        day.append(np.stack([here, offset[here] + lead]))
    at, place = np.concatenate(day, axis=1) if day else np.zeros((2, 0), dtype=np.int64)
    if len(at):
        np.add.at(came, place, past.total[q, at])
        np.add.at(usual, place, day_totals(past, q, model, at))
    if usual[~stated].sum() < _LEAST:
        return False
    factor = np.ones(lead + span)
    for part in (slice(0, lead), slice(lead, lead + event.days), slice(lead + event.days, None)):
        whole = usual[part].sum()
        if whole > 0:
            mean = max(came[part].sum(), 0.0) / whole
            weight = _DAY_WEIGHT * whole / max(1, np.count_nonzero(usual[part]))
            factor[part] = np.maximum(came[part] + weight * mean, 0.0) / (usual[part] + weight)
    factor[stated] = 1.0
    for offset in offsets(event, past.days.dates):
        coming = np.flatnonzero((offset >= -lead) & (offset < span))
        coming = coming[coming >= known]
        scale[coming] *= factor[offset[coming] + lead]
    return True
