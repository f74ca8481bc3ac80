"""What can go wrong, as one tree.

::

    WfoError
    ├── InputError          the user's files or frames; carries every problem found
    │   ├── ScenarioError   a scenario file: file, line, column
    │   └── TableError      a table: file, row, column
    ├── MissingExtra        what was asked for needs packages that are not installed
    └── RunError            the run itself
        ├── Interrupted     stopped by the user; the best so far is saved
        └── StoreError      a run folder or cache entry cannot be read or written

Infeasible plans are results with a status and reasons, never exceptions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input: where, what was found, what is allowed, what to do.

    Attributes
    ----------
    where : str
        ``file:line:column`` for scenarios, ``file, row R, column 'c'`` for tables.
    message : str
        What was found, what is allowed and what to do, in one sentence.
    """

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class WfoError(Exception):
    """Anything this package raises on purpose."""


class InputError(WfoError):
    """The user's input is at fault; ``problems`` lists everything found, not the first alone.

    Examples
    --------
    >>> wrong = Problem("agents.csv, row 7, column 'contract'", "found nothing; every agent needs a contract")
    >>> print(InputError([wrong]))
    agents.csv, row 7, column 'contract': found nothing; every agent needs a contract
    """

    def __init__(self, problems: "Iterable[Problem] | str"):
        if isinstance(problems, str):
            problems = [Problem("", problems)]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class ScenarioError(InputError):
    """A scenario file is wrong."""


class TableError(InputError):
    """A table is wrong; ``readable`` holds all tables as far as they could be read, by name."""

    def __init__(self, problems: "Iterable[Problem] | str", readable: "Mapping[str, Any] | None" = None):
        super().__init__(problems)
        self.readable: Mapping[str, Any] = readable or {}


class MissingExtra(WfoError):
    """What was asked for needs more than the plain installation.

    Examples
    --------
    >>> print(MissingExtra("chains.engine: spark", "spark"))
    chains.engine: spark needs packages that are not installed: pip install "wfo[spark]"
    """

    def __init__(self, what: str, extra: str):
        super().__init__(f'{what} needs packages that are not installed: pip install "wfo[{extra}]"')


class RunError(WfoError):
    """The run could not go on."""


class Interrupted(RunError):
    """The user stopped the run; what was best so far has been kept."""


class StoreError(RunError):
    """A run folder or a cache entry cannot be read or written."""
