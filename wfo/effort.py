"""How hard the solvers try: deterministic limits, never the clock unless the user asks."""

from dataclasses import dataclass
from enum import StrEnum


class Effort(StrEnum):
    """The planner's three words for solver effort."""

    QUICK = "quick"
    NORMAL = "normal"
    LONG = "long"

    @property
    def limits(self) -> "Limits":
        """The limits this word stands for."""
        return _LIMITS[self]


@dataclass(frozen=True)
class Limits:
    """Work limits of one solve.

    Attributes
    ----------
    passes : int
        Best-response passes over all agents, at most.
    neighbourhoods : int
        CP-SAT neighbourhoods tried after the passes.
    solver_s : float
        CP-SAT deterministic seconds for each model or neighbourhood.
    """

    passes: int
    neighbourhoods: int
    solver_s: float


_LIMITS = {
    Effort.QUICK: Limits(passes=3, neighbourhoods=0, solver_s=1.0),
    Effort.NORMAL: Limits(passes=12, neighbourhoods=14, solver_s=1.0),
    Effort.LONG: Limits(passes=40, neighbourhoods=200, solver_s=4.0),
}
