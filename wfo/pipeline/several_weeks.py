"""Several weeks in a row: each is planned from what the one before hands over."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from wfo.effort import Effort
from wfo.errors import InputError
from wfo.pipeline.calls import Progress
from wfo.pipeline.run import Finisher, Run, run
from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.tables.carry_over import CarryOver
from wfo.tables.data import Data

MOST_WEEKS = 13
_WEEK = dt.timedelta(days=7)


def run_weeks(
    scenario: Scenario | Path | str,
    weeks: int,
    *,
    runs: Path | str = Path("runs"),
    until: str | None = None,
    effort: Effort | str | None = None,
    cache: bool = True,
    data: Data | None = None,
    finishers: Iterable[Finisher] = (),
    progress: Progress | None = None,
    schedule: Path | None = None,
) -> list[Run]:
    """Plan weeks in a row, the first as the scenario says.

    Shifts, the fairness account, deferred work that is left and coaching that was planned go from each week
    to the next; the forecast of all of them is made from what is known now. The later weeks land beside the
    first as ``<arm>+<n>w``.

    Parameters
    ----------
    scenario, runs, until, effort, cache, data, finishers, progress, schedule
        As in `run`.
    weeks : int
        At least 1, at most 13.

    Returns
    -------
    list of Run
        In order; it ends early with a week for which there is no feasible plan.

    Raises
    ------
    InputError
        If the number of weeks, the scenario or the data are wrong.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise InputError(f"{weeks} weeks asked for; write 1 to {MOST_WEEKS}")
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    done: list[Run] = []
    before: CarryOver | None = None
    for number in range(weeks):
        this = chosen if not done else later(chosen, done[0].week.first, number)
        made = run(
            this, runs=runs, until=until, effort=effort, cache=cache, data=data, finishers=finishers,
            progress=progress, before=before, schedule=schedule,
        )  # fmt: skip
        done.append(made)
        if made.folder is None or not (made.folder / "carry_over").is_dir():
            break
        before = CarryOver.load(made.folder / "carry_over")
    return done


def later(scenario: Scenario, first: dt.date, number: int) -> Scenario:
    """The scenario of a later week; its arm says so."""
    week = scenario.week.model_copy(update={"start": first + number * _WEEK})
    copy = scenario.model_copy(update={"week": week})
    return copy.placed(origins=scenario.origins, stem=scenario.stem, arm=f"{scenario.arm}+{number}w")
