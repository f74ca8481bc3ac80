"""The simulated plan: how well it serves customers and the business, and how surely."""

from typing import ClassVar

import pandas as pd

from wfo.tables.result import Result


class EvaluateResult(Result):
    """Tables ``scorecard``, ``intervals``, ``days``, ``replications``, ``ledgers``, ``prices`` and ``worst``.

    With cases ``case_flow`` comes too, with calls ``call_lists``; ``state`` holds the deferred work that is
    ``left``. Every figure is a mean or a share over simulated weeks; ratios are taken of sums.
    """

    MAIN: ClassVar[str] = "scorecard"

    def p_met(self, metric: str, scope: str, grain: str = "week") -> float | None:
        """Probability that a target is met; None where there is no such target."""
        card = self.tables["scorecard"]
        rows = card[(card["metric"] == metric) & (card["scope"] == scope) & (card["grain"] == grain)]
        if rows.empty or pd.isna(rows["p_met"].iloc[0]):
            return None
        return float(rows["p_met"].iloc[0])

    def missed(self) -> pd.DataFrame:
        """Targets that are not met or at risk, worst first."""
        card = self.tables["scorecard"]
        rows = card[card["status"].isin(["missed", "at risk"])]
        return rows.sort_values(["p_met", "metric", "scope", "grain"]).reset_index(drop=True)

    def worst(self) -> tuple[str, ...]:
        """Worst periods in words."""
        return tuple(self.tables["worst"]["text"])
