"""How far a search is, in words for the person who waits for it."""

from collections.abc import Callable

from wfo.scheduling.watch import Progress


def search_told(tell: Callable[[str, str], None], stage: str, money: str) -> Callable[[Progress], None]:
    """A callable for a search that tells its progress as a stage's.

    Parameters
    ----------
    tell : callable
        Gets the stage's name and what is happening.
    money : str
        Unit of the objective.
    """

    def told(progress: Progress) -> None:
        tell(stage, words_of(progress, money))

    return told


def words_of(progress: Progress, money: str) -> str:
    """Seconds, objective, and where a bound is known how far away it is.

    Examples
    --------
    >>> words_of(Progress(2.51, "best responses", 9_900.0, 10_000.0, 400.0), "EUR")
    'best responses after 2.5 s: objective 9,900 EUR, bound 10,000, gap 1.00 %, excess 0.25 EUR an interval'
    >>> words_of(Progress(0.4, "first schedule", 9_000.0, None, 400.0), "EUR")
    'first schedule after 0.4 s: objective 9,000 EUR, no bound yet'
    """
    head = f"{progress.phase} after {progress.seconds:.1f} s: objective {progress.objective:,.0f} {money}"
    if progress.bound is None or progress.gap is None or progress.excess is None:
        return f"{head}, no bound yet"
    excess = f"{progress.excess:.2f} {money} an interval"
    return f"{head}, bound {progress.bound:,.0f}, gap {progress.gap:.2%}, excess {excess}".replace(
        "%,", " %,"
    )
