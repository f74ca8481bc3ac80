"""What is counted of chains: which of them are closed, and how many their first contact resolved."""

from dataclasses import dataclass

import pandas as pd

CLOSED = ("resolved", "abandoned")
"""Status of chains whose end is known. Open ones are too young to tell; ignored ones are mentions that nobody
answered in a channel nobody controls, outside until they are matched with contacts that somebody did."""


@dataclass(frozen=True)
class FirstContact:
    """First-contact resolution.

    Attributes
    ----------
    value : float
        Closed chains resolved by their only contact ÷ closed chains, both of known customers.
    chains : int
        Closed chains of known customers.
    identity_coverage : float
        Share of contacts that are in chains of known customers.
    """

    value: float
    chains: int
    identity_coverage: float


def closed(chains: pd.DataFrame) -> "pd.Series[bool]":
    """Which chains are closed, by ``status``."""
    return chains["status"].isin(CLOSED)


def first_contact_resolution(chains: pd.DataFrame) -> FirstContact | None:
    """First-contact resolution; None where no chain of a known customer is closed.

    A contact of an unknown customer cannot show what followed it: with it the figure would be too good.

    Parameters
    ----------
    chains : DataFrame
        Table ``chains``.

    Examples
    --------
    >>> chains = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "b", "c", None],
    ...         "status": ["resolved", "abandoned", "open", "resolved"],
    ...         "contacts": [1, 1, 2, 1],
    ...     }
    ... )
    >>> first_contact_resolution(chains)
    FirstContact(value=0.5, chains=2, identity_coverage=0.8)
    """
    known = chains["customer_id"].notna()
    counted = chains[closed(chains) & known]
    if counted.empty:
        return None
    first = ((counted["contacts"] == 1) & (counted["status"] == "resolved")).sum()
    coverage = chains.loc[known, "contacts"].sum() / chains["contacts"].sum()
    return FirstContact(float(first / len(counted)), len(counted), float(coverage))
