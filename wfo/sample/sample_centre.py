"""The sample centre: a synthetic centre with its data and its planted truth, generated in seconds.

It imports no stage of the engine: past waits come from its own queue, past weeks from its own pattern.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.sample import (
    demand,
    history,
    homes,
    laws,
    log,
    past,
    people,
    quality,
    requests,
    rota,
    shifts_frame,
    truth,
    work_plan,
)
from wfo.sample.centre_file import centre_of
from wfo.sample.truth import Truth
from wfo.tables.data import Data
from wfo.timegrid import local_midnight

PresetName = Literal["standard", "tiny", "hard"]


@dataclass(frozen=True)
class SampleCentre:
    """A centre, what is known of it at the planning moment, and what is true of it.

    Attributes
    ----------
    preset : str
    seed : int
    centre : Centre
    data : Data
        Tables as a planner would hand them in; nothing in them is later than ``now``.
    truth : Truth
        For tests alone.
    now : datetime
        The planning moment, UTC.
    """

    preset: str
    seed: int
    centre: Centre
    data: Data
    truth: Truth
    now: dt.datetime


def sample_centre(preset: PresetName = "standard", *, seed: int = 1) -> SampleCentre:
    """Generate the sample centre.

    Parameters
    ----------
    preset : str
        ``standard``, ``tiny`` (for tests) or ``hard`` (other laws, to judge by).
    seed : int
        Another seed is another centre of the same kind.

    Returns
    -------
    SampleCentre

    Examples
    --------
    >>> sample = sample_centre("tiny")
    >>> sample.centre.queue_ids
    ('voice_billing', 'chat', 'email', 'web')
    """
    size, centre = laws.PRESETS[preset], centre_of(preset)
    streams = np.random.SeedSequence([seed, list(laws.PRESETS).index(preset)]).spawn(6)
    rng = [np.random.Generator(np.random.PCG64(s)) for s in streams]
    log_days = 7 * size.weeks
    days = demand.days_of(centre, size.log_start, log_days + 7)
    now = local_midnight(laws.LOG_END, centre.zone)
    now_s = (now - days.grid.start).total_seconds()
    staff = people.hire_people(centre, size, rng[0])
    shifts = rota.build_rota(centre, size, staff, days, rng[1])
    servers = work_plan.assign_servers(centre, size, staff, days, shifts)
    rates = demand.fresh_rates(centre, size, days, rng[2])
    played = past.play(centre, size, staff, days, servers, rates, rng[2])
    everything = log.log_frame(centre, played, staff, days)
    evaluations = quality.evaluations_frame(size, staff, days, played, now_s, rng[3])
    profile = history.week_profile(centre, days, played.arrival, played.queue, log_days)
    tables = {
        "interactions": log.as_known(everything, pd.Timestamp(now)),
        "queue_intervals": history.queue_intervals_frame(centre, size, profile, homes.work_s(centre), rng[4]),
        "agents": staff.agents,
        "agent_skills": people.agent_skills_frame(centre, staff),
        "routing": people.routing_frame(centre),
        "availability": requests.availability_frame(centre, staff, rng[5]),
        "wishes": requests.wishes_frame(staff, rng[5]),
        "agent_states": shifts_frame.agent_states_frame(staff, days, shifts, log_days),
        "published_schedule": shifts_frame.published_frame(centre, staff, days, shifts, log_days),
        "evaluations": evaluations,
        "coaching_sessions": quality.coaching_frame(staff, days, rng[3]),
        "surveys": quality.surveys_frame(days, played, now_s, rng[3]),
        "business_events": _events_frame(centre),
    }
    planted = Truth(
        interactions=truth.interactions_truth(played),
        follow_ups=truth.planted_follow_ups(centre, size),
        realized=truth.realized_follow_ups(centre, played, now_s - 14 * 86400.0),
        redial_p=laws.REDIAL_P,
        delay_days=size.delay_days,
        levels=truth.levels_truth(staff),
        handle=truth.handle_truth(staff),
        coaching=truth.coaching_truth(staff),
        future=everything[everything["started_at"] >= pd.Timestamp(now)].reset_index(drop=True),
    )
    return SampleCentre(preset, seed, centre, Data(tables), planted, now)


def _events_frame(centre: Centre) -> pd.DataFrame:
    """Table ``business_events``: the dated events of the centre's calendar, as far as anyone knows them."""
    rows = []
    for name, event in sorted(centre.calendar.events.items()):
        start = local_midnight(event.start, centre.zone)
        end = local_midnight((event.end or event.start) + dt.timedelta(days=1), centre.zone)
        if name == "network_outage":
            start, end = (start + dt.timedelta(hours=h) for h in laws.OUTAGE_HOURS)
        kind = "outage" if name == "network_outage" else "campaign"
        rows.append((name, kind, start, end, "|".join(event.queues)))
    frame = pd.DataFrame(rows, columns=["event_id", "type", "start", "end", "scope"])
    times = {"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"}
    return frame.astype({"event_id": "str", "type": "str", "scope": "str", **times})
