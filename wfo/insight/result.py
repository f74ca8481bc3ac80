"""What insight answers."""

from typing import ClassVar

import pandas as pd

from wfo.tables.result import Result


class InsightResult(Result):
    """Of chains: ``insight`` (intents and channels, what to repair first at the top) and six tables more.

    They are ``chain_insight``, ``resolution``, ``promises``, ``misdirection``, ``paths`` and ``flow``.
    """

    MAIN: ClassVar[str] = "insight"

    def repairs(self, n: int = 10) -> pd.DataFrame:
        """What to repair first: the ``n`` intents and channels whose failures cost most, money a week."""
        return self.tables["insight"].head(n).reset_index(drop=True)

    def failure_share(self) -> float | None:
        """Share of the cost of closed chains that failure causes; None where there is no cost."""
        whole = self.tables["chain_insight"]["cost"].sum()
        return float(self.tables["chain_insight"]["failure_cost"].sum() / whole) if whole > 0 else None
