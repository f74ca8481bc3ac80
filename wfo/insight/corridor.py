"""The customer corridor: the paths customers take; which contact follows which, how often, how soon."""

import numpy as np
import pandas as pd

from wfo.timegrid import HOUR_MS

START, END = "start", "end"
COLUMNS = (
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
    "identity_coverage",
)


def paths(steps: pd.DataFrame, chains: pd.DataFrame, regular: float) -> pd.DataFrame:
    """Paths of closed chains, the most frequent first.

    Parameters
    ----------
    steps : DataFrame
        Contacts of closed chains, as `wfo.insight.steps.steps_of` gives.
    chains : DataFrame
        The table ``chains``, whose ``path`` it is.
    regular : float
        Paths are regular until they cover this share of chains.

    Returns
    -------
    DataFrame
        path, chains, share, covered (share of chains with this path or a more frequent one), regular,
        resolved (share of them), cost (mean of a chain), cost_per_resolved, hours (median from first to last
        contact), effort_min (mean of the customer's own time), identity_coverage (share of these chains whose
        customer is known).
    """
    last = steps["last"].to_numpy()
    head = np.flatnonzero(np.r_[True, last[:-1]])
    start = steps["start_ms"].to_numpy()
    own = chains.iloc[steps["chain"].to_numpy()[head]]
    facts = pd.DataFrame(
        {
            "path": own["path"].to_numpy(),
            "cost": np.add.reduceat(steps["cost"].to_numpy(), head),
            "effort_min": np.add.reduceat(steps["effort_min"].to_numpy(), head),
            "hours": (start[last] - start[head]) / HOUR_MS,
            "resolved": (own["status"] == "resolved").to_numpy(),
            "known": own["customer_id"].notna().to_numpy(),
        }
    )
    table = (
        facts.groupby("path", sort=True)
        .agg(
            chains=("cost", "size"),
            resolved=("resolved", "mean"),
            cost=("cost", "mean"),
            hours=("hours", "median"),
            effort_min=("effort_min", "mean"),
            identity_coverage=("known", "mean"),
        )
        .reset_index()
        .sort_values(["chains", "path"], ascending=[False, True], ignore_index=True)
    )
    table["share"] = table["chains"] / max(len(facts), 1)
    table["covered"] = table["share"].cumsum()
    table["regular"] = table["chains"].cumsum() - table["chains"] < regular * len(facts)
    table["cost_per_resolved"] = (table["cost"] / table["resolved"]).where(table["resolved"] > 0)
    return table[list(COLUMNS)]


def flow(steps: pd.DataFrame, chains: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The directly-follows graph of closed chains.

    Parameters
    ----------
    steps, chains : DataFrame
        As for `paths`.
    table : DataFrame
        What `paths` gave.

    Returns
    -------
    DataFrame
        from_channel (``start`` before the first), to_channel (``end`` after the last), contacts, regular (of
        those, on regular paths), median_h (from the end of one to the start of the next; none at the ends),
        identity_coverage (share of those contacts whose chain's customer is known).
    """
    channel = steps["channel"].astype(str).to_numpy()
    start, end, last = steps["start_ms"].to_numpy(), steps["end_ms"].to_numpy(), steps["last"].to_numpy()
    first = np.r_[True, last[:-1]]
    usual_chain = chains["path"].isin(table.loc[table["regular"], "path"]).to_numpy()
    usual, known = usual_chain[steps["chain"].to_numpy()], steps["known"].to_numpy()
    moves = np.flatnonzero(~last)
    rows = pd.concat(
        [
            _moves(np.full(first.sum(), START), channel[first], usual[first], known[first]),
            _moves(
                channel[moves],
                channel[moves + 1],
                usual[moves],
                known[moves],
                (start[moves + 1] - end[moves]) / HOUR_MS,
            ),
            _moves(channel[last], np.full(last.sum(), END), usual[last], known[last]),
        ]
    )
    return (
        rows.groupby(["from_channel", "to_channel"], sort=True)
        .agg(
            contacts=("usual", "size"),
            regular=("usual", "sum"),
            median_h=("hours", "median"),
            identity_coverage=("known", "mean"),
        )
        .reset_index()
    )


def _moves(
    before: np.ndarray,
    after: np.ndarray,
    usual: np.ndarray,
    known: np.ndarray,
    hours: np.ndarray | None = None,
) -> pd.DataFrame:
    gaps = np.full(len(before), np.nan) if hours is None else np.maximum(hours, 0.0)
    return pd.DataFrame(
        {"from_channel": before, "to_channel": after, "usual": usual, "known": known, "hours": gaps}
    )
