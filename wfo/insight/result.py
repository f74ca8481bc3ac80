"""What insight answers."""

from typing import ClassVar

from wfo.tables.result import Result


class InsightResult(Result):
    """Of chains: ``insight`` (intents and channels, what to repair first at the top) and six tables more.

    They are ``chain_insight``, ``resolution``, ``promises``, ``misdirection``, ``paths`` and ``flow``; each
    row says on what ``identity_coverage`` it rests.
    """

    MAIN: ClassVar[str] = "insight"
