"""What a local search answers: a placed plan with single changes, and which they were."""

from wfo.scheduling.place_result import PlaceResult


class SearchResult(PlaceResult):
    """Tables ``schedule``, ``placements`` and ``coaching`` as of `PlaceResult`, and ``moves``."""
