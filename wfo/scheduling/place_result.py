"""What `place` answers."""

from typing import ClassVar

import pandas as pd

from wfo.tables.result import Result

PLACEMENTS = ("request_id", "kind", "start", "end", "participants", "cost", "value", "status", "reason")
"""Columns of table ``placements``."""


class PlaceResult(Result):
    """Tables ``schedule`` with activities in it, ``placements`` and ``coaching``."""

    MAIN: ClassVar[str] = "schedule"

    def not_placed(self) -> pd.DataFrame:
        """Activities that found no time, with the reason; for programs and notebooks."""
        placements = self.tables["placements"]
        return placements.loc[placements["start"].isna(), ["request_id", "kind", "reason"]].reset_index(
            drop=True
        )
