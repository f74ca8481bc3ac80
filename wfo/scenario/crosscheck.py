"""What one setting says about another: names that must exist, targets that must be readable."""

from wfo.metrics.specs import parse_target
from wfo.scenario.model import Scenario

Path = tuple[str, ...]


def crosscheck(scenario: Scenario) -> list[tuple[Path, str]]:
    """Everything that is wrong between settings, as path and message."""
    return [*_targets(scenario), *_queues_named(scenario), *_week(scenario)]


def target_paths(scenario: Scenario) -> list[tuple[Path, str, str, str]]:
    """All targets: path, metric, scope and text."""
    own = [
        (("centre", "queues", queue, "targets", metric), metric, queue, text)
        for queue, spec in scenario.centre.queues.items()
        for metric, text in spec.targets.items()
    ]
    wide = [(("targets", metric), metric, "centre", text) for metric, text in scenario.targets.items()]
    return [*own, *wide]


def _targets(scenario: Scenario) -> list[tuple[Path, str]]:
    found = []
    for path, metric, scope, text in target_paths(scenario):
        try:
            parse_target(text, metric=metric, scope=scope)
        except ValueError as error:
            found.append((path, str(error)))
    return found


def _queues_named(scenario: Scenario) -> list[tuple[Path, str]]:
    named: list[tuple[Path, str]] = []
    for event, spec in scenario.centre.calendar.events.items():
        named += [(("centre", "calendar", "events", event, "queues"), queue) for queue in spec.queues]
    for name, initiative in scenario.initiatives.items():
        for label, lever in initiative.levers.items():
            for field in ("from_queue", "queue"):
                queue = getattr(lever, field)
                if queue is not None:
                    named.append((("initiatives", name, "levers", label, field), queue))
    named += [(("demand", "queues", queue), queue) for queue in scenario.demand.queues]
    known = scenario.centre.queue_ids
    allowed = f"the centre has {', '.join(known)}" if known else "the centre has no queues"
    return [(path, f"unknown queue '{queue}'; {allowed}") for path, queue in named if queue not in known]


def _week(scenario: Scenario) -> list[tuple[Path, str]]:
    calendar = scenario.centre.calendar
    return [
        (("centre", "calendar", "events", name, "end"), f"event '{name}' ends before it starts")
        for name, event in calendar.events.items()
        if event.end is not None and event.end < event.start
    ]
