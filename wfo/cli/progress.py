"""Progress of a run on stderr: one line a stage, with a spinner where there is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from wfo.pipeline.verbs import silent
from wfo.scenario.model import Scenario


@contextmanager
def shown_progress(scenario: Scenario, *, quiet: bool) -> Iterator[Callable[[str, str], None]]:
    """Give a progress callable that shows stages as they come."""
    if quiet:
        yield silent
        return
    console = Console(stderr=True, highlight=False)
    console.print(f"{scenario.name} · {scenario.arm}", style="bold", markup=False)
    with console.status("starting") as status:

        def show(stage: str, message: str) -> None:
            ended = message.startswith(("done", "reused", "read"))
            status.update(f"{stage}: {message}")
            if ended or not console.is_terminal:
                console.print(f"  {stage:<18} {message}", markup=False, soft_wrap=True)

        yield show
