"""What one setting says about another: names that must exist, targets that somebody can decide."""

from wfo.domain.centre import NO_QUEUE
from wfo.domain.deferred_checks import misfits
from wfo.errors import InputError
from wfo.scenario.contracts import contradictions
from wfo.scenario.model import Scenario
from wfo.scenario.schema import full_path

Path = tuple[str, ...]


def crosscheck(scenario: Scenario) -> list[tuple[Path, str]]:
    """Everything that is wrong between settings, as path and message."""
    return [
        *_targets(scenario),
        *_any_queue(scenario),
        *_queues_named(scenario),
        *_events(scenario),
        *_contracts(scenario),
        *_shift_cover(scenario),
        *((("centre", "queues", *path), text) for path, text in misfits(scenario.centre.queues)),
    ]


def _targets(scenario: Scenario) -> list[tuple[Path, str]]:
    try:
        scenario.specs()
    except InputError as error:
        return [(full_path(problem.where), problem.message) for problem in error.problems]
    return []


def _any_queue(scenario: Scenario) -> list[tuple[Path, str]]:
    """Who names data wants a plan; a file to build others on need not have queues yet."""
    if scenario.centre.queues or scenario.schedule.cover or not scenario.data.given:
        return []
    return [(("data",), NO_QUEUE)]


def _queues_named(scenario: Scenario) -> list[tuple[Path, str]]:
    named: list[tuple[Path, str]] = []
    for event, spec in scenario.centre.calendar.events.items():
        named += [(("centre", "calendar", "events", event, "queues"), queue) for queue in spec.queues]
    for name, initiative in scenario.initiatives.items():
        for label, lever in initiative.levers.items():
            for field in ("from_queue", "queue", "to_queue"):
                queue = getattr(lever, field)
                if queue is not None:
                    named.append((("initiatives", name, "levers", label, field), queue))
    named += [(("demand", *path), queue) for path, queue in scenario.demand.queues_named()]
    known = scenario.centre.queue_ids
    allowed = f"the centre has {', '.join(known)}" if known else "the centre has no queues"
    return [(path, f"unknown queue '{queue}'; {allowed}") for path, queue in named if queue not in known]


def _events(scenario: Scenario) -> list[tuple[Path, str]]:
    calendar = scenario.centre.calendar
    return [
        (("centre", "calendar", "events", name, "end"), f"event '{name}' ends before it starts")
        for name, event in calendar.events.items()
        if event.end is not None and event.end < event.start
    ]


def _contracts(scenario: Scenario) -> list[tuple[Path, str]]:
    return [
        (("centre", "contracts", name, field), f"contract '{name}' has no legal week: {message}")
        for name, contract in scenario.centre.contracts.items()
        for field, message in contradictions(contract)
    ]


def _shift_cover(scenario: Scenario) -> list[tuple[Path, str]]:
    """Kinds of shift exist, and each is asked for once a day."""
    known = dict.fromkeys(t for contract in scenario.centre.contracts.values() for t in contract.shift_types)
    found: list[tuple[Path, str]] = []
    said: dict[tuple[str, str], str] = {}
    for name, row in scenario.schedule.cover.items():
        path, shift = ("schedule", "cover", name), row.shift or name
        if shift not in known:
            names = ", ".join(known) or "none; name them under centre.contracts.NAME.shift_types"
            found.append((path, f"unknown kind of shift '{shift}'; the contracts have {names}"))
        twice = [day for day in row.days if (day, shift) in said]
        if twice:
            other = said[twice[0], shift]
            message = f"'{shift}' on {twice[0]} is asked for by '{other}' too; name each day in one of them"
            found.append((path, message))
        said |= {(day, shift): name for day in row.days}
    return found
