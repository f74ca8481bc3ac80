"""Ways of forecasting a queue, and what tells them apart."""

from dataclasses import dataclass
from enum import StrEnum

from wfo.forecasting.level import DRIFT_DAYS


class Method(StrEnum):
    """How a queue is forecast; ``auto`` asks for several, each by how it did on past weeks."""

    AUTO = "auto"
    COMBINED = "combined"
    TWO_LEVEL = "two_level"
    STRUCTURAL = "structural"
    GLM = "glm"
    SAME_WEEKDAY_MEAN = "same_weekday_mean"
    SEASONAL_NAIVE = "seasonal_naive"
    PLAIN_MEAN = "plain_mean"
    ADOPTION = "adoption"
    NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """One way of forecasting a queue.

    Attributes
    ----------
    method : Method
    memory_days, drift_days : float
        Memories of the level and of its drift.
    calendar : bool
        Whether calendar effects are estimated, or holidays alone.
    yearly : bool
        Whether the course of a year is, where two years are on record.
    drivers : bool
        Whether business drivers are regressed on.
    weeks : int
        Of a mean of same weekdays.
    """

    method: Method
    memory_days: float = 120.0
    drift_days: float = DRIFT_DAYS
    calendar: bool = True
    yearly: bool = True
    drivers: bool = True
    weeks: int = 8

    @property
    def label(self) -> str:
        """Short text that tells it from the others."""
        if self.method in (Method.SAME_WEEKDAY_MEAN, Method.SEASONAL_NAIVE):
            return f"{self.method} ({self.weeks} weeks)" if self.weeks > 1 else str(self.method)
        parts = [f"memory {self.memory_days:g} d"]
        parts += [f"drift {self.drift_days:g} d"] * (self.method is Method.TWO_LEVEL)
        bare = "no calendar effects" + " but holidays" * (self.method is not Method.ADOPTION)
        parts += [bare] * (not self.calendar) + ["no yearly course"] * (not self.yearly)
        parts += ["no drivers"] * (not self.drivers)
        return f"{self.method} ({', '.join(parts)})"
