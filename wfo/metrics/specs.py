"""Metric specs: what the business intends, written by planners as ``80% in 20s``."""

import re
from dataclasses import dataclass
from enum import StrEnum

CENTRE = "centre"
"""Scope of what holds for the whole centre."""
SERVICE = ("service_level", "response_within")
"""Metrics of service: answered in time, and deferred work done in time."""
DEFAULT_WITHIN_S = 20.0
"""Threshold of a service level where no target sets one, seconds."""


class Mode(StrEnum):
    """How a target is managed to."""

    HARD = "hard"
    PRICED = "priced"
    REPORT = "report"


class Grain(StrEnum):
    """The unit over which a target must hold."""

    INTERVAL = "interval"
    DAY = "day"
    WEEK = "week"


class WaitClock(StrEnum):
    """Which time a response target counts."""

    REAL = "real"
    WORKING = "working"
    PROMISE = "promise"


@dataclass(frozen=True)
class MetricSpec:
    """One target.

    Attributes
    ----------
    metric : str
        Id in the catalogue.
    scope : str
        A queue id, or ``centre``.
    sense : str
        ``>=`` or ``<=``.
    level : float
        Share in 0…1, seconds, or money, by the metric's unit.
    within_s : float or None
        Threshold of a response, seconds.
    clock : WaitClock
        Real time, working time or by promise.
    grain : Grain
    mode : Mode
    price : float or None
        Money for each contact by which it is missed; None: the scenario's default price.
    text : str
        As the planner wrote it.
    """

    metric: str
    scope: str
    sense: str
    level: float
    within_s: float | None = None
    clock: WaitClock = WaitClock.REAL
    grain: Grain = Grain.WEEK
    mode: Mode = Mode.PRICED
    price: float | None = None
    text: str = ""


_UNIT_S = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_N = r"\d+(?:\.\d+)?|\.\d+"
_TAIL = (
    r"(?P<grain>\s+per\s+(?:interval|day|week))?"
    rf"(?P<mode>\s+(?:hard|report|priced(?:\s+(?P<price>{_N})\s*/\s*contact)?))?\s*$"
)
_WITHIN = re.compile(
    rf"^\s*(?P<share>{_N})\s*%\s+in\s+(?P<n>{_N})\s*(?P<working>working\s+)?(?P<unit>s|sec|min|h|d)\b" + _TAIL
)
_PROMISE = re.compile(rf"^\s*(?P<share>{_N})\s*%\s+by\s+promise" + _TAIL)
_SLASH = re.compile(rf"^\s*(?P<share>{_N})\s*/\s*(?P<n>{_N})" + _TAIL)
_LIMIT = re.compile(rf"^\s*(?P<sense><=|>=)\s*(?P<n>{_N})\s*(?P<unit>%|s|sec|min|h|d)?(?=\s|$)" + _TAIL)
_HOW = (
    "write '80% in 20s', '90% in 24 working h', '90% by promise', '<= 5%' or '<= 30s', and after it "
    "'per day', 'hard', 'report' or 'priced 2/contact'"
)


def parse_target(text: str, *, metric: str, scope: str) -> MetricSpec:
    """Read a target as planners write it.

    Parameters
    ----------
    text : str
        ``80% in 20s``, ``80/20``, ``90% in 24 working h``, ``90% by promise``, ``<= 5%``, ``<= 30s``, each
        optionally followed by ``per interval|day|week`` and ``hard``, ``priced 2/contact`` or ``report``.
    metric, scope : str
        What it is a target for.

    Raises
    ------
    ValueError
        If it cannot be read, or a share is above 100 %; the message says how to write it.

    Examples
    --------
    >>> parse_target("80% in 20s per day", metric="service_level", scope="voice").level
    0.8
    """
    text = str(text)
    name = metric.replace("_", " ")
    if re.fullmatch(rf"\s*(?:{_N})\s*", text):
        raise ValueError(f"{name} '{text.strip()}' has no unit; did you mean '{text.strip()}%'?")
    within = _WITHIN.match(text) or _SLASH.match(text)
    promise = _PROMISE.match(text)
    limit = _LIMIT.match(text)
    match = within or promise or limit
    if not match:
        raise ValueError(f"{name} '{text}' is not a target; {_HOW}")
    groups = match.groupdict()
    mode = Mode((groups["mode"] or "priced").split()[0])
    price = None if groups["price"] is None else float(groups["price"])
    grain = Grain((groups["grain"] or "per week").split()[-1])
    within_s, clock, sense = None, WaitClock.REAL, ">="
    if limit:
        sense = groups["sense"]
        level = _amount(float(groups["n"]), groups["unit"], name)
    else:
        level = _amount(float(groups["share"]), "%", name)
        clock = (
            WaitClock.PROMISE if promise else WaitClock.WORKING if groups.get("working") else WaitClock.REAL
        )
        within_s = None if promise else float(groups["n"]) * _UNIT_S[groups.get("unit") or "s"]
    return MetricSpec(metric, scope, sense, level, within_s, clock, grain, mode, price, text.strip())


def _amount(number: float, unit: str | None, name: str) -> float:
    if unit == "%":
        if number > 100:
            raise ValueError(f"{name} must be at most 100 %, got {number:g}%")
        return number / 100
    return number * _UNIT_S.get(unit or "", 1.0)
