"""What staffing answers: positions, hours and head counts."""

from typing import ClassVar

import pandas as pd

from wfo.tables.result import Result


class StaffResult(Result):
    """What staffing answers.

    Tables for people: ``requirement``, ``pooled`` (agents of several queues shared), ``shrinkage`` and
    ``day_chances``; for the scheduler: ``cover`` and ``deferred``; where there are cases ``case_steps``.
    """

    MAIN: ClassVar[str] = "requirement"

    def hours(self) -> pd.DataFrame:
        """Hours and full-time equivalents by queue, and in all.

        Returns
        -------
        DataFrame
            Indexed by queue and ``all``: ``position_hours`` (people at the work), ``scheduled_hours``
            (unscheduled shrinkage added), ``paid_hours`` (to pay: scheduled shrinkage added, kinds composed
            by product, so paid leave is included, which a schedule's paid hours leave out) and ``fte``
            (paid hours ÷ the contracts' mean full-time hours).
        """
        requirement = self.frame()
        per_h = self.state["step_min"] / 60
        sums = (
            requirement.groupby("queue", sort=False)[["positions", "positions_with_shrinkage"]].sum() * per_h
        )
        sums.columns = pd.Index(["position_hours", "scheduled_hours"])
        sums.loc["all"] = sums.sum()
        sums["paid_hours"] = sums["scheduled_hours"] / self.state["scheduled_share"]
        sums["fte"] = sums["paid_hours"] / self.state["full_time_h"]
        return sums
