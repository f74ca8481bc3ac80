"""What the log says about chains."""

from typing import ClassVar

import pandas as pd

from wfo.chains.link_model import LinkModel
from wfo.tables.result import Result


class ChainsResult(Result):
    """Tables ``chains``, ``chain_members``, ``kernel``, ``chain_metrics`` and ``identity_merges``.

    ``state["redial"]`` has redials by queue.
    """

    MAIN: ClassVar[str] = "chains"

    @property
    def identity_coverage(self) -> float:
        """Share of inbound contacts whose customer is known; every chain metric is read with it."""
        return float(self.meta.facts.get("identity_coverage", 0.0))

    def follow_ups(self) -> pd.DataFrame:
        """R: expected follow-ups of one served contact, one row a pair of queues."""
        pairs = self.tables["kernel"].groupby(["from_queue", "to_queue"], sort=True)["r"].sum()
        return pairs.reset_index()

    def first_contact_resolution(self) -> float | None:
        """Over closed chains of known customers, by the links found; None where there is none.

        As in table ``chain_metrics``, scope ``known``. It rests on `identity_coverage`.
        """
        metrics = self.tables["chain_metrics"]
        known = (metrics["scope"] == "known") & metrics["intent"].isna()
        row = metrics[(metrics["metric"] == "first_contact_resolution") & known]
        return float(row["value"].iloc[0]) if len(row) else None

    def link_model(self) -> LinkModel | None:
        """How links were judged; None where there are no chains."""
        state = self.state.get("link_model")
        return None if state is None else LinkModel.from_state(state)
