"""Whether what is said about deferred work and diallers fits the queues: names exist, laws match."""

from collections.abc import Iterator, Mapping

from wfo.domain.centre import Law, Queue
from wfo.domain.deferred import overlap_min

Path = tuple[str, ...]

_DEFERRED_ONLY = ("case_steps", "promise_h", "chase", "outbound", "blocks", "blend")


def misfits(queues: Mapping[str, Queue]) -> list[tuple[Path, str]]:
    """Everything wrong with queues' deferred work, and with names in diallers.

    Parameters
    ----------
    queues : mapping of str to Queue

    Returns
    -------
    list of (path, message)
        The path begins with the queue's name.

    Examples
    --------
    >>> step = {"handle_s": 300, "queue": "review"}
    >>> told = {"channel": "back_office", "law": "deferred", "case_steps": {"look": step}}
    >>> for path, message in misfits({"cases": Queue.model_validate(told)}):
    ...     print(".".join(path), "-", message)
    cases.case_steps.look.queue - unknown queue 'review'; a step's queue is deferred: cases
    """
    return [((name, *path), text) for name in queues for path, text in _of_queue(name, queues)]


def _of_queue(name: str, queues: Mapping[str, Queue]) -> Iterator[tuple[Path, str]]:
    spec = queues[name]
    for other in spec.dialler.beside if spec.dialler is not None else ():
        if other not in queues:
            yield ("dialler", "beside"), f"unknown queue '{other}'; the centre has {', '.join(queues)}"
    if spec.law is not Law.DEFERRED:
        for field in _DEFERRED_ONLY:
            if getattr(spec, field) not in (None, (), {}):
                yield (field,), f"the queue's law is {spec.law}; only a deferred queue has {field}"
        return
    yield from _steps(name, queues)
    at_once = [q for q, own in queues.items() if own.law in (Law.IMMEDIATE, Law.CONCURRENT)]
    if spec.chase is not None and spec.chase.queue not in queues:
        yield ("chase", "queue"), f"unknown queue '{spec.chase.queue}'; the centre has {', '.join(queues)}"
    for other in spec.blend:
        if other not in at_once:
            allowed = ", ".join(at_once) or "none"
            yield ("blend",), f"'{other}' is no queue served at once; there are: {allowed}"
    for label, block in spec.blocks.items():
        if not overlap_min(block.hours, spec.hours):
            told = ", ".join(spec.hours)
            yield ("blocks", label, "hours"), f"no hour of it lies in the queue's hours, {told}"
    if spec.outbound is not None and spec.case_steps:
        yield ("outbound",), "a queue of cases with steps makes no calls; give the calls a queue of their own"


def _steps(name: str, queues: Mapping[str, Queue]) -> Iterator[tuple[Path, str]]:
    deferred = [q for q, own in queues.items() if own.law is Law.DEFERRED]
    for label, step in queues[name].case_steps.items():
        where = ("case_steps", label, "queue")
        if step.queue and step.queue not in queues:
            yield where, f"unknown queue '{step.queue}'; a step's queue is deferred: {', '.join(deferred)}"
        elif step.queue and step.queue not in deferred:
            law = queues[step.queue].law
            yield where, f"'{step.queue}' is {law}; a step's queue is deferred: {', '.join(deferred)}"
        elif step.queue not in ("", name) and queues[step.queue].case_steps:
            yield where, f"'{step.queue}' has cases of its own; hand over to a queue without case_steps"
