"""A centre's data as they stood at a planning moment, published weeks included."""

import datetime as dt
from dataclasses import dataclass, fields

import pandas as pd

from wfo.pipeline.hashing import digest
from wfo.pipeline.source import Source
from wfo.tables.contracts import INPUTS

_PUBLISHED = "published_schedule"


@dataclass(frozen=True)
class ThenSource(Source):
    """A source whose published schedule ends before a day: weeks after it had not been published.

    Attributes
    ----------
    until : date
    """

    until: dt.date = dt.date.max

    def known(self, name: str, now: dt.datetime) -> pd.DataFrame | None:
        """A table as known at ``now``; None where there is none."""
        frame = super().known(name, now)
        if name != _PUBLISHED or frame is None:
            return frame
        earlier = [day < self.until for day in frame["schedule_date"]]
        return frame[earlier].reset_index(drop=True)

    def hash_of(self, name: str, now: dt.datetime) -> str:
        """What identifies a table as known at ``now``."""
        plain = super().hash_of(name, now)
        return digest([plain, self.until.isoformat()]) if name == _PUBLISHED and plain != "none" else plain


def then(source: Source, until: dt.date) -> ThenSource:
    """The source as it was before a local day."""
    return ThenSource(**{f.name: getattr(source, f.name) for f in fields(Source)}, until=until)


def timeless(source: Source) -> tuple[str, ...]:
    """Tables whose rows do not say since when they were known, so that today's are taken.

    The published schedule is not among them: its weeks are cut by their dates.
    """
    names = [name for name in source.frames if name in INPUTS and name != _PUBLISHED]
    return tuple(sorted(name for name in names if not INPUTS[name].known_at))
