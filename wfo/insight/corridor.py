"""The customer corridor: the paths customers take; which contact follows which, how often, how soon."""

import numpy as np
import pandas as pd

START, END = "start", "end"
HOUR_MS = 3_600_000


def paths(steps: pd.DataFrame, regular: float, longest: int) -> pd.DataFrame:
    """Paths of closed chains, the most frequent first.

    Parameters
    ----------
    steps : DataFrame
        Contacts of closed chains, as `wfo.insight.steps.steps_of` gives.
    regular : float
        Paths are regular until they cover this share of chains.
    longest : int
        Steps told apart.

    Returns
    -------
    DataFrame
        path, chains, share, covered (share of chains with this path or a more frequent one), regular,
        resolved (share whose last contact was no abandonment), cost (mean of a chain), cost_per_resolved,
        hours (median from first to last contact), effort_min (mean of the customer's own time).
    """
    shown = steps[steps["position"] <= longest]
    words = shown["channel"].astype(str).where(shown["position"] < longest, "…")
    path = words.groupby(shown["chain_id"], sort=True).agg(" > ".join)
    by_chain = steps.groupby("chain_id", sort=True)
    facts = pd.DataFrame(
        {
            "path": path,
            "cost": by_chain["cost"].sum(),
            "effort_min": by_chain["effort_min"].sum(),
            "hours": (by_chain["start_ms"].last() - by_chain["start_ms"].first()) / HOUR_MS,
            "resolved": by_chain["outcome"].last() != "abandoned",
        }
    )
    grouped = facts.groupby("path", sort=True)
    table = grouped.agg(
        chains=("cost", "size"),
        resolved=("resolved", "mean"),
        cost=("cost", "mean"),
        hours=("hours", "median"),
        effort_min=("effort_min", "mean"),
    ).reset_index()
    table = table.sort_values(["chains", "path"], ascending=[False, True], ignore_index=True)
    table["share"] = table["chains"] / max(len(facts), 1)
    table["covered"] = table["share"].cumsum()
    table["regular"] = (table["covered"] - table["share"]) < regular
    table["cost_per_resolved"] = (table["cost"] / table["resolved"]).where(table["resolved"] > 0)
    order = [
        "path",
        "chains",
        "share",
        "covered",
        "regular",
        "resolved",
        "cost",
        "cost_per_resolved",
        "hours",
        "effort_min",
    ]
    return table[order]


def flow(steps: pd.DataFrame, table: pd.DataFrame, longest: int) -> pd.DataFrame:
    """The directly-follows graph of closed chains.

    Parameters
    ----------
    steps : DataFrame
    table : DataFrame
        What `paths` gave.
    longest : int

    Returns
    -------
    DataFrame
        from_channel (``start`` before the first), to_channel (``end`` after the last), contacts, regular (of
        those, on regular paths), median_h (from the end of one to the start of the next; empty at start and
        end).
    """
    channel = steps["channel"].astype(str).to_numpy()
    start, end, last = steps["start_ms"].to_numpy(), steps["end_ms"].to_numpy(), steps["last"].to_numpy()
    first = steps["position"].to_numpy() == 1
    shown = steps[steps["position"] <= longest]
    words = shown["channel"].astype(str).where(shown["position"] < longest, "…")
    path = words.groupby(shown["chain_id"], sort=True).agg(" > ".join)
    usual = path.isin(table.loc[table["regular"], "path"]).reindex(steps["chain_id"]).to_numpy()
    moves = np.flatnonzero(~last)
    rows = pd.concat(
        [
            _moves(np.full(first.sum(), START), channel[first], usual[first]),
            _moves(
                channel[moves], channel[moves + 1], usual[moves], (start[moves + 1] - end[moves]) / HOUR_MS
            ),
            _moves(channel[last], np.full(last.sum(), END), usual[last]),
        ]
    )
    return (
        rows.groupby(["from_channel", "to_channel"], sort=True)
        .agg(contacts=("usual", "size"), regular=("usual", "sum"), median_h=("hours", "median"))
        .reset_index()
    )


def _moves(
    before: np.ndarray, after: np.ndarray, usual: np.ndarray, hours: np.ndarray | None = None
) -> pd.DataFrame:
    gaps = np.full(len(before), np.nan) if hours is None else np.maximum(hours, 0.0)
    return pd.DataFrame({"from_channel": before, "to_channel": after, "usual": usual, "hours": gaps})
