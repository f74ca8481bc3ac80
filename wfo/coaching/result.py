"""Who should be coached on what by whom, and what it is worth."""

from typing import ClassVar

import pandas as pd

from wfo.tables.result import Result


class CoachResult(Result):
    """Tables ``levels``, ``activity_requests`` and ``coaching``."""

    MAIN: ClassVar[str] = "coaching"

    def coverage(self) -> float | None:
        """Share of the agents due for coaching who have a session proposed; None where nobody is due."""
        due = int(self.meta.facts.get("due", 0))
        return int(self.meta.facts.get("due_reached", 0)) / due if due else None

    def by_coach(self) -> pd.DataFrame:
        """Sessions and expected money by coach; for programs and notebooks."""
        groups = self.tables["coaching"].groupby("coach_id", sort=True)
        return groups.agg(sessions=("session_id", "size"), value=("value", "sum")).reset_index()
