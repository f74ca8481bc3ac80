"""Abandonment, as it is counted everywhere: in formulas, in the simulation and in targets."""

from typing import TypeVar

Number = TypeVar("Number")


def counted_abandonment(offered: Number, abandoned: Number, short: Number) -> tuple[Number, Number]:
    """Contacts that gave up and those they are counted of: short abandons are left out of both.

    Plain arithmetic, so that it works on counts, arrays and shares, and can be compiled.

    Parameters
    ----------
    offered, abandoned : number or array
        Contacts that came; those that gave up or were turned away.
    short : number or array
        Those of the abandoned that gave up within the queue's short-abandon threshold.

    Returns
    -------
    top, bottom : number or array

    Examples
    --------
    >>> counted_abandonment(100, 8, 3)
    (5, 97)
    """
    return abandoned - short, offered - short  # type: ignore[operator]
