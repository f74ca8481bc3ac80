"""What late work costs: its price, the target it misses, and the contacts that chase it."""

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import MetricSpec, Mode
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.settings import StaffSettings
from wfo.staffing.targets import response_spec


def price_of_late(
    centre: Centre, queue: str, laws: DemandPaths, spec: MetricSpec | None, settings: StaffSettings
) -> float:
    """Money lost when a contact or case of a deferred queue is late.

    Parameters
    ----------
    centre : Centre
    queue : str
    laws : DemandPaths
    spec : MetricSpec or None
        The response target; priced, each late contact misses it too.
    settings : StaffSettings
    """
    price = settings.price_late
    if spec is not None and spec.mode is not Mode.REPORT:
        price += settings.price_late if spec.price is None else spec.price
    if spec is not None and spec.mode is Mode.HARD:
        price += settings.price_abandoned
    chased = chase_contacts(centre, queue, laws)
    return price + chased * settings.price_chase if chased else price


def chase_contacts(centre: Centre, queue: str, laws: DemandPaths) -> float:
    """Contacts with people that one late contact or case of a queue brings in the end.

    Chase contacts bring follow-ups as all contacts of their queue do: c · Σ_q [(I − R)⁻¹]_q over staffed
    queues.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> voice = {"channel": "voice", "law": "immediate"}
    >>> chase = {"contacts": 0.5, "queue": "voice"}
    >>> email = {"channel": "email", "law": "deferred", "chase": chase}
    >>> centre = Centre.model_validate({"queues": {"voice": voice, "email": email}})
    >>> laws = SimpleNamespace(queues=("voice", "email"), follow_ups=np.array([[0.2, 0.0], [0.0, 0.0]]))
    >>> chase_contacts(centre, "email", laws)
    0.625
    """
    chase = centre.queues[queue].chase
    if chase is None:
        return 0.0
    follow_ups = np.asarray(laws.follow_ups)
    in_the_end = np.linalg.inv(np.eye(len(laws.queues)) - follow_ups)[laws.queues.index(chase.queue)]
    staffed = [q for q, name in enumerate(laws.queues) if centre.queues[name].staffed]
    return chase.contacts * float(in_the_end[staffed].sum())


def lateness_notes(
    inputs: StaffInputs, laws: DemandPaths, expected: np.ndarray, backlog: pd.DataFrame
) -> tuple[str, ...]:
    """What is late whoever is there: targets shorter than the work itself, work due before the week begins.

    Parameters
    ----------
    inputs : StaffInputs
    laws : DemandPaths
    expected : ndarray, shape (Q, T)
        Contacts in each interval.
    backlog : DataFrame
        ``queue, due, work_s`` of what is open when the week begins.
    """
    notes = []
    for q, name in enumerate(laws.queues):
        queue, spec = inputs.centre.queues[name], response_spec(name, inputs.specs)
        if queue.law is not Law.DEFERRED:
            continue
        handle, weight = laws.handle_mean_s[q], expected[q] * (laws.handle_mean_s[q] > 0)
        if queue.outbound is not None or queue.case_steps or weight.sum() <= 0:
            continue
        mean = float(np.average(handle, weights=weight))
        if spec is not None and spec.within_s is not None and mean > spec.within_s:
            notes.append(
                f"{name}: '{spec.text}' allows {spec.within_s:.0f} s, and its work alone takes {mean:.0f} s "
                "in the mean, which more people do not mend; allow more time"
            )
    if len(backlog):
        start = pd.Timestamp(inputs.grid.start)
        for late, own in backlog[(backlog["due"] <= start).to_numpy()].groupby("queue", sort=True):
            hours = own["work_s"].sum() / 3600.0
            notes.append(
                f"{late}: {len(own)} pieces of open work, {hours:.1f} h, are due before the week begins; "
                "they are late already, and planned for its first open day"
            )
    return tuple(notes)
