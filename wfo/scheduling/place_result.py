"""What `place` answers."""

from typing import ClassVar

import pandas as pd

from wfo.tables.result import Result


class PlaceResult(Result):
    """Tables ``schedule`` with activities in it, ``placements`` and ``coaching``."""

    MAIN: ClassVar[str] = "schedule"

    def not_placed(self) -> pd.DataFrame:
        """Activities that found no time, with the reason; for programs and notebooks."""
        placements = self.tables["placements"]
        return placements.loc[placements["start"].isna(), ["request_id", "kind", "reason"]].reset_index(
            drop=True
        )
