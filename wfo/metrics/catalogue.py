"""The metric catalogue: what each metric means, in which unit, and which decision can move it."""

from dataclasses import dataclass
from enum import StrEnum

from wfo.domain.centre import Law
from wfo.metrics.specs import Mode


class Unit(StrEnum):
    """What a metric is counted in."""

    SHARE = "share"
    SECONDS = "s"
    MONEY = "money"
    COUNT = "count"
    POINTS = "points"


class Ledger(StrEnum):
    """Whose side of the plan a metric stands on."""

    CUSTOMER = "customer"
    BUSINESS = "business"


class Decision(StrEnum):
    """What the engine can decide to move a metric."""

    STAFFING = "staffing"
    SCHEDULING = "scheduling"
    COACHING = "coaching"
    INITIATIVE = "initiative"


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes
    ----------
    id : str
        The word in scenario files and tables.
    name : str
        What people read.
    formula : str
        In words, so that it can be printed.
    denominator : str
        Of ratio metrics, aggregated from sums; else empty.
    unit : Unit
    sense : str
        ``>=`` where more is better, ``<=`` where less is; the only sense a target may have.
    ledger : Ledger
    decision : Decision or None
        What can move it; None: it is earned, not decided.
    strictest : Mode
        How hard a target for it may be: hard, priced or report.
    laws : tuple of Law
        Queues it is defined for; empty: it is measured for the centre alone.
    within : bool
        Whether targets have the form ``80% in 20s``.
    """

    id: str
    name: str
    formula: str
    denominator: str
    unit: Unit
    sense: str
    ledger: Ledger
    decision: Decision | None
    strictest: Mode
    laws: tuple[Law, ...] = ()
    within: bool = False


_WAITING = (Law.IMMEDIATE, Law.CONCURRENT)
_STAFFED = (*_WAITING, Law.DEFERRED)
_ALL = (*_STAFFED, Law.UNSTAFFED)
_CUSTOMER, _BUSINESS = Ledger.CUSTOMER, Ledger.BUSINESS

_METRICS = (
    Metric(
        "service_level",
        "service level",
        "answered within the threshold ÷ offered without short abandons",
        "offered without short abandons",
        Unit.SHARE,
        ">=",
        _CUSTOMER,
        Decision.STAFFING,
        Mode.HARD,
        _WAITING,
        within=True,
    ),
    Metric(
        "response_within",
        "answered in time",
        "done by the due instant ÷ work due",
        "work due",
        Unit.SHARE,
        ">=",
        _CUSTOMER,
        Decision.STAFFING,
        Mode.HARD,
        (Law.DEFERRED,),
        within=True,
    ),
    Metric(
        "abandonment",
        "abandonment",
        "abandoned, short abandons left out ÷ offered without short abandons",
        "offered without short abandons",
        Unit.SHARE,
        "<=",
        _CUSTOMER,
        Decision.STAFFING,
        Mode.HARD,
        _WAITING,
    ),
    Metric(
        "asa",
        "mean wait of answered (ASA)",
        "waiting time of answered contacts ÷ answered",
        "answered",
        Unit.SECONDS,
        "<=",
        _CUSTOMER,
        Decision.STAFFING,
        Mode.HARD,
        _WAITING,
    ),
    Metric(
        "occupancy",
        "occupancy",
        "handling ÷ (handling + available)",
        "handling and available time",
        Unit.SHARE,
        "<=",
        _BUSINESS,
        Decision.STAFFING,
        Mode.HARD,
        _STAFFED,
    ),
    Metric(
        "cost",
        "cost of paid hours and initiatives",
        "paid hours × wages, with premiums and overtime, + what initiatives cost in the week",
        "",
        Unit.MONEY,
        "<=",
        _BUSINESS,
        Decision.SCHEDULING,
        Mode.PRICED,
    ),
    Metric(
        "fcr",
        "first-contact resolution",
        "closed chains resolved by their only contact ÷ closed chains",
        "closed chains of known identity",
        Unit.SHARE,
        ">=",
        _CUSTOMER,
        Decision.COACHING,
        Mode.PRICED,
        _ALL,
    ),
    Metric(
        "failure_demand",
        "failure demand",
        "follow-ups and redials ÷ contacts",
        "contacts",
        Unit.SHARE,
        "<=",
        _CUSTOMER,
        Decision.COACHING,
        Mode.PRICED,
        _ALL,
    ),
    Metric(
        "coaching_coverage",
        "coaching coverage",
        "agents coached in the week ÷ agents due for coaching",
        "agents due for coaching",
        Unit.SHARE,
        ">=",
        _BUSINESS,
        Decision.COACHING,
        Mode.PRICED,
    ),
    Metric(
        "containment",
        "containment",
        "resolved without a person and no contact of the chain within its window ÷ self-service contacts",
        "self-service contacts",
        Unit.SHARE,
        ">=",
        _CUSTOMER,
        Decision.INITIATIVE,
        Mode.REPORT,
        (Law.UNSTAFFED,),
    ),
    Metric(
        "aht",
        "mean handle time (AHT)",
        "talk, hold and wrap time ÷ handled",
        "handled",
        Unit.SECONDS,
        "<=",
        _BUSINESS,
        Decision.COACHING,
        Mode.REPORT,
        _STAFFED,
    ),
    Metric(
        "volume",
        "contacts",
        "contacts offered, a contact once however often it is transferred",
        "",
        Unit.COUNT,
        "<=",
        _BUSINESS,
        Decision.INITIATIVE,
        Mode.REPORT,
        _ALL,
    ),
    Metric(
        "adherence",
        "adherence",
        "minutes in the scheduled state ÷ scheduled minutes",
        "scheduled minutes",
        Unit.SHARE,
        ">=",
        _BUSINESS,
        None,
        Mode.REPORT,
    ),
    Metric(
        "wishes_met",
        "wishes met",
        "weight of wishes met ÷ weight of wishes",
        "weight of wishes",
        Unit.SHARE,
        ">=",
        _BUSINESS,
        Decision.SCHEDULING,
        Mode.REPORT,
    ),
    Metric(
        "satisfaction",
        "satisfaction (CSAT)",
        "mean of answered surveys, with an interval",
        "answered surveys",
        Unit.POINTS,
        ">=",
        _CUSTOMER,
        None,
        Mode.REPORT,
        _ALL,
    ),
    Metric(
        "recommendation",
        "recommendation (NPS)",
        "share of promoters less share of detractors, with an interval",
        "answered surveys",
        Unit.POINTS,
        ">=",
        _CUSTOMER,
        None,
        Mode.REPORT,
        _ALL,
    ),
)

CATALOGUE: dict[str, Metric] = {m.id: m for m in _METRICS}
"""Every metric by id."""

ALIASES: dict[str, str] = {
    "abandoned": "abandonment",
    "abandon_rate": "abandonment",
    "average_speed_of_answer": "asa",
    "sl": "service_level",
    "sla": "service_level",
    "response_time": "response_within",
    "utilization": "occupancy",
    "utilisation": "occupancy",
    "first_contact_resolution": "fcr",
    "repeat_contacts": "failure_demand",
    "handle_time": "aht",
    "csat": "satisfaction",
    "nps": "recommendation",
}
"""Other houses' words, for suggestions."""
