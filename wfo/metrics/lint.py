"""What is wrong with a set of targets: unknown, undefined there, not to be decided, or against each other."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem
from wfo.metrics.catalogue import ALIASES, CATALOGUE, Decision, Metric, Unit
from wfo.metrics.specs import CENTRE, SERVICE, Grain, MetricSpec, Mode, WaitClock, parse_target

_PRICED = (*SERVICE, "abandonment")
"""Metrics of a queue whose misses are contacts, so that a target may name the price of one."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a target.

    Attributes
    ----------
    spec : MetricSpec
    message : str
        What was found, what is allowed, what to do.
    """

    spec: MetricSpec
    message: str

    @property
    def path(self) -> str:
        """Where the target stands in a scenario."""
        return path_of(self.spec.metric, self.spec.scope)


def path_of(metric: str, scope: str) -> str:
    """Dotted path of a target.

    Examples
    --------
    >>> path_of("service_level", "voice"), path_of("cost", "centre")
    ('queues.voice.targets.service_level', 'targets.cost')
    """
    return f"targets.{metric}" if scope == CENTRE else f"queues.{scope}.targets.{metric}"


def specs_of(centre: Centre, targets: Mapping[str, str]) -> tuple[MetricSpec, ...]:
    """All targets of a centre as specs: each queue's in the centre's order, then the centre-wide ones.

    Parameters
    ----------
    centre : Centre
    targets : mapping of str to str
        Centre-wide targets by metric; several of one metric are joined by ``and``.

    Raises
    ------
    InputError
        With every target that cannot be read or that `lint` refuses; ``where`` is its dotted path.
    """
    texts = [(m, q, text) for q, queue in centre.queues.items() for m, text in queue.targets.items()]
    texts += [(m, CENTRE, text) for m, text in targets.items()]
    specs, problems = [], []
    for metric, scope, text in texts:
        for part in re.split(r"\s+and\s+", str(text)):
            try:
                specs.append(parse_target(part, metric=metric, scope=scope))
            except ValueError as error:
                problems.append(Problem(path_of(metric, scope), str(error)))
    problems += [
        Problem(finding.path, finding.message) for finding in [*lint(specs, centre), *_two_times(specs)]
    ]
    if problems:
        raise InputError(problems)
    return tuple(specs)


def lint(specs: Sequence[MetricSpec], centre: Centre) -> list[Finding]:
    """Everything wrong with targets, in their order; conflicts last."""
    found = [Finding(spec, message) for spec in specs for message in _alone(spec, centre)]
    return [*found, *_conflicts(specs)]


def _alone(spec: MetricSpec, centre: Centre) -> Iterable[str]:
    """What is wrong with one target whatever the others say."""
    if spec.scope != CENTRE and spec.scope not in centre.queues:
        yield _unknown_queue(spec.scope, centre)
        return
    metric = CATALOGUE.get(spec.metric)
    if metric is None:
        yield _unknown_metric(spec.metric)
        return
    misplaced = _misplaced(spec, metric, centre)
    yield from misplaced
    if not misplaced:
        yield from _form(spec, metric)
        yield from _mode(spec, metric)


def _unknown_queue(name: str, centre: Centre) -> str:
    close = get_close_matches(name, centre.queue_ids, n=1)
    hint = (
        f"did you mean '{close[0]}'"
        if close
        else f"the centre has {', '.join(centre.queue_ids) or 'no queues'}"
    )
    return f"unknown queue '{name}'; {hint}"


def _unknown_metric(name: str) -> str:
    close = get_close_matches(name, [*CATALOGUE, *ALIASES], n=1)
    if close:
        return f"unknown metric '{name}'; did you mean '{ALIASES.get(close[0], close[0])}'?"
    return f"unknown metric '{name}'; there are {', '.join(CATALOGUE)}"


def _misplaced(spec: MetricSpec, metric: Metric, centre: Centre) -> list[str]:
    if spec.scope == CENTRE:
        return []
    law = centre.queues[spec.scope].law
    if not metric.laws:
        return [f"{metric.name} is measured for the whole centre; move it to targets.{metric.id}"]
    if law in metric.laws:
        return []
    other = "response_within" if metric.id == "service_level" else "service_level"
    hint = f"; use {other}" if metric.within and CATALOGUE[other].laws.count(law) else ""
    allowed = ", ".join(law.value for law in metric.laws)
    return [f"{metric.name} is defined for {allowed} queues and '{spec.scope}' is {law.value}{hint}"]


def _form(spec: MetricSpec, metric: Metric) -> Iterable[str]:
    """Unit, sense and shape of the target."""
    has_time = spec.within_s is not None or spec.clock is WaitClock.PROMISE
    if metric.within and not has_time:
        yield f"{metric.name} '{spec.text}' names no time; write, for example, '80% in 20s'"
        return
    if has_time and not metric.within:
        yield f"{metric.name} '{spec.text}' names a time; write '{_example(metric)}'"
        return
    if metric.id == "service_level" and spec.clock is not WaitClock.REAL:
        yield f"service level counts real time, '{spec.text}' does not; write, for example, '80% in 20s'"
    if spec.sense != metric.sense:
        better = "more" if metric.sense == ">=" else "less"
        yield (
            f"{metric.name} '{spec.text}' has the wrong direction: {better} is better; "
            f"write '{_example(metric)}'"
        )
    elif metric.unit is Unit.SHARE and spec.level > 1:
        yield f"{metric.name} '{spec.text}' is above 100 %; did you mean '{spec.sense} {spec.level:g}%'?"
    elif metric.unit is not Unit.SHARE and "%" in spec.text:
        yield f"{metric.name} is in {metric.unit.value}, not per cent; write '{_example(metric)}'"
    elif spec.mode is Mode.HARD and _out_of_reach(spec, metric):
        yield (
            f"a hard '{spec.text}' cannot be met while contacts come at random; leave some room, or price it"
        )


def _example(metric: Metric) -> str:
    value = {Unit.SHARE: "5%" if metric.sense == "<=" else "80%", Unit.SECONDS: "30s"}.get(
        metric.unit, "1000"
    )
    return f"{metric.sense} {value}"


def _out_of_reach(spec: MetricSpec, metric: Metric) -> bool:
    if metric.sense == ">=":
        return spec.level >= 1
    return spec.level <= 0


def _mode(spec: MetricSpec, metric: Metric) -> Iterable[str]:
    """Whether a decision of the engine can hold the target as hard as it is meant."""
    if spec.mode is Mode.REPORT:
        return
    if metric.strictest is Mode.REPORT:
        why = "it is earned, not decided" if metric.decision is None else "it is no target by itself"
        yield f"{metric.name} can only be reported, since {why}; end the target with 'report'"
    elif spec.mode is Mode.HARD and metric.strictest is not Mode.HARD:
        yield (
            f"{metric.name} cannot be hard: {_why_soft(metric)}; write 'priced' or 'report' instead of 'hard'"
        )
    elif spec.mode is Mode.HARD and spec.scope == CENTRE:
        yield f"a hard {metric.name} is held queue by queue; set it under each queue's targets"
    elif spec.price is not None and (metric.id not in _PRICED or spec.scope == CENTRE):
        priced = ", ".join(_PRICED)
        yield f"'{spec.text}' names a price, which only a queue's {priced} have; leave 'priced …' out"


def _why_soft(metric: Metric) -> str:
    if metric.decision is Decision.COACHING:
        return "it prices coaching and never binds the schedule"
    return "it is weighed against service in the objective"


def _conflicts(specs: Sequence[MetricSpec]) -> list[Finding]:
    """Targets of one metric and scope that cannot both be meant."""
    found = []
    first: dict[tuple[str, str, float | None, Grain], MetricSpec] = {}
    for spec in specs:
        key = (spec.metric, spec.scope, spec.within_s, spec.grain)
        other = first.setdefault(key, spec)
        if other is not spec and (other.level, other.sense, other.mode) != (
            spec.level,
            spec.sense,
            spec.mode,
        ):
            found.append(
                Finding(
                    spec, f"'{spec.text}' and '{other.text}' are two targets for the same thing; keep one"
                )
            )
    return [*found, *_crossing(specs)]


def _two_times(specs: Sequence[MetricSpec]) -> list[Finding]:
    """Service targets of one queue with different times: a plan's simulation judges one."""
    first: dict[tuple[str, str], MetricSpec] = {}
    found = []
    for spec in specs:
        other = first.setdefault((spec.metric, spec.scope), spec)
        if other.within_s != spec.within_s or other.clock is not spec.clock:
            text = (
                f"'{other.text}' and '{spec.text}' count different times, and a simulated plan is judged by "
                "one time a queue; write both for the same time, or keep one"
            )
            found.append(Finding(spec, text))
    return found


def _crossing(specs: Sequence[MetricSpec]) -> list[Finding]:
    """Service levels that another one of the same queue already implies."""
    found = []
    shares = [s for s in specs if s.metric == "service_level" and s.within_s is not None]
    for a in shares:
        for b in shares:
            if a.scope == b.scope and (a.within_s or 0) < (b.within_s or 0) and a.level > b.level:
                found.append(Finding(b, f"'{b.text}' says nothing beside the stricter '{a.text}'; drop it"))
    return found
