"""What goes from one planning week to the next."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self

import pandas as pd

from wfo.errors import StoreError
from wfo.tables.parquet import read_frame, write_frame
from wfo.tables.result import SCHEMA_VERSION

FILE = "carry_over.json"


@dataclass(frozen=True)
class CarryOver:
    """Frames at the end of a week; an empty frame says that nothing goes over.

    Attributes
    ----------
    backlog : DataFrame
        Deferred work left, one row a contact or step of a case: queue, release, due, work_s (an agent's own
        seconds), case_of, stands_at, promised, came, list.
    last_shifts : DataFrame
        Segments that rest, consecutive days and period hours look back on: rows of ``published_schedule``.
    fairness : DataFrame
        agent_id, account: unpopular minutes each agent has had beyond a fair share.
    levels : DataFrame
        Agents' levels: rows of ``levels``.
    doses : DataFrame
        Coaching received: agent_id, behaviour, minutes, last_at.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> week = CarryOver(fairness=pd.DataFrame({"agent_id": ["a1"], "account": [30]}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     week.save(Path(folder))
    ...     CarryOver.load(Path(folder)).fairness["account"].tolist()
    [30]
    """

    backlog: pd.DataFrame = field(default_factory=pd.DataFrame)
    last_shifts: pd.DataFrame = field(default_factory=pd.DataFrame)
    fairness: pd.DataFrame = field(default_factory=pd.DataFrame)
    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    doses: pd.DataFrame = field(default_factory=pd.DataFrame)

    def save(self, folder: Path) -> None:
        """Write one Parquet file a table."""
        folder.mkdir(parents=True, exist_ok=True)
        names = [f.name for f in fields(self)]
        for name in names:
            write_frame(getattr(self, name), folder / f"{name}.parquet")
        content = {"schema_version": SCHEMA_VERSION, "tables": names}
        (folder / FILE).write_text(json.dumps(content, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        StoreError
            If something is missing or of another schema version.
        """
        try:
            content = json.loads((folder / FILE).read_text(encoding="utf-8"))
            if content["schema_version"] != SCHEMA_VERSION:
                raise StoreError(
                    f"{folder} has schema version {content['schema_version']}, expected {SCHEMA_VERSION}"
                )
            return cls(**{f.name: read_frame(folder / f"{f.name}.parquet") for f in fields(cls)})
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(f"{folder} cannot be read: {error}") from error
