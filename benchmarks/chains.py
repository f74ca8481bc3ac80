"""Chains of the sample centre against its planted truth: seconds, links, R as estimated and as it happened.

    python benchmarks/chains.py [standard|hard]

Two readings of a link, both over contacts that show an identity:

exact   the contact's planted parent itself;
chain   any earlier contact of its planted chain, which is what a chain is made of.

Recall has two denominators: "joined" are contacts whose parent (chain) stands with the same customer as far
as the log's keys can tell, "shown" are all whose parent (chain) shows any identity, of which a part can be
joined by nobody (a cookie that never met a login). The plain gap rule (the customer's contact before within
seven days) is measured in the same run.
"""

import sys
import time

import numpy as np
import pandas as pd

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.identity import identify
from wfo.chains.settings import ChainSettings
from wfo.chains.staging import stage
from wfo.sample.sample_centre import sample_centre
from wfo.tables.duck import DuckSql

WINDOW = pd.Timedelta("7D")


def who_is_who(log: pd.DataFrame, sample, settings: ChainSettings) -> pd.Series:
    """Customer as the log can tell, by interaction id; NaN where unknown."""
    with DuckSql() as sql:
        staged = stage(sql, log, sample.centre, sample.now, settings)
        identify(sql, None, None, staged.now_ms, settings)
        rows = sql.frame(
            """SELECT r.interaction_id, d.customer FROM raw r LEFT JOIN named d ON d.usable AND d.name =
            coalesce('i' || r.customer_id, 'k' || r.key_type || ':' || r.customer_key)
            ORDER BY interaction_id"""
        )
    return rows.set_index("interaction_id")["customer"]


def gap_rule(log: pd.DataFrame, customer: pd.Series) -> pd.Series:
    """The customer's contact before, if its end is within the window."""
    frame = log[["interaction_id", "started_at", "ended_at"]].copy()
    frame["customer"] = customer.reindex(frame["interaction_id"]).to_numpy()
    frame["ended_at"] = frame["ended_at"].fillna(frame["started_at"])
    frame = frame.dropna(subset=["customer"]).sort_values(["customer", "started_at", "interaction_id"])
    near = (frame["customer"].diff() == 0) & (frame["started_at"] - frame["ended_at"].shift() <= WINDOW)
    before = frame["interaction_id"].shift().where(near)
    return pd.Series(before.to_numpy(), index=frame["interaction_id"])


def f1(right: pd.Series, found: pd.Series, possible: pd.Series) -> str:
    p, r = right.sum() / found.sum(), (right & possible).sum() / possible.sum()
    return f"{p:.3f} | {r:.3f} | {2 * p * r / (p + r):.3f}"


def links_table(found: dict[str, pd.Series], truth: pd.DataFrame, customer: pd.Series) -> None:
    ids = truth.index
    parent, chain = truth["parent_interaction"], truth["chain_id"]
    mine = customer.reindex(ids)
    shown = mine.notna()
    theirs = parent.map(customer)
    joined = {"exact": parent.notna() & shown & (theirs == mine), "chain": pd.Series(False, index=ids)}
    possible = {"exact": parent.notna() & shown & theirs.notna(), "chain": pd.Series(False, index=ids)}
    known = pd.DataFrame({"chain": chain[shown], "customer": mine[shown]})
    joined["chain"].loc[known.index] = known.duplicated(["chain", "customer"])
    possible["chain"].loc[known.index] = known.duplicated("chain")
    print("| links by | reading | recall over | precision | recall | F1 |\n|---|---|---|---|---|---|")
    for name, guess in found.items():
        guess = guess.reindex(ids)
        linked = guess.notna() & shown
        right = {"exact": linked & (guess == parent), "chain": linked & (guess.map(chain) == chain)}
        for reading in ("exact", "chain"):
            for over, base in (("joined", joined), ("shown", possible)):
                numbers = f1(right[reading], linked, base[reading])
                print(f"| {name} | {reading} | {over} | {numbers} |")


def contained_table(sample, log: pd.DataFrame, members: pd.Series, estimated: pd.Series) -> None:
    """Self-service contacts that nothing follows: planted, by the chains found, and by R as plans do."""
    parents = sample.truth.interactions["parent_interaction"]
    old = log[(log["direction"] == "in") & (log["started_at"] < sample.now - WINDOW)]
    print("\n| self-service | contained, planted | by links, known customers | by R |\n|---|---|---|---|")
    for queue, spec in sample.centre.queues.items():
        own = old[old["queue"] == queue]
        alone = own["outcome"] == "contained"
        if spec.staffed or not len(own):
            continue
        quiet = np.prod(1 - estimated[estimated.index.get_level_values(0) == queue])
        known = own["customer_id"].notna()
        planted, linked = (alone & ~own["interaction_id"].isin(set(p.dropna())) for p in (parents, members))
        print(f"| {queue} | {planted.mean():.3f} | {linked[known].mean():.3f} | {alone.mean() * quiet:.3f} |")


def main() -> None:
    sample = sample_centre(sys.argv[1] if len(sys.argv) > 1 else "standard")
    log, settings = sample.data["interactions"], ChainSettings()
    begin = time.perf_counter()
    chains = build_chains(ChainInputs(sample.centre, log, sample.now), settings)
    print(f"{len(log):,} interactions in {time.perf_counter() - begin:.1f} s\n")

    truth = sample.truth.interactions.set_index("interaction_id").reindex(log["interaction_id"])
    truth = truth.sort_index()
    customer = who_is_who(log, sample, settings)
    members = chains.tables["chain_members"].set_index("interaction_id")["parent_interaction"]
    links_table({"wfo": members, "gap rule": gap_rule(log, customer)}, truth, customer)

    estimated = chains.follow_ups().set_index(["from_queue", "to_queue"])["r"]
    planted = sample.truth.realized.rename_axis("from_queue").reset_index()
    happened = planted.melt("from_queue", var_name="to_queue").set_index(["from_queue", "to_queue"])["value"]
    print("\n| from | to | R estimated | R as it happened | off |\n|---|---|---|---|---|")
    for pair, r in happened[happened >= 0.03].sort_values(ascending=False).items():
        found = estimated.get(pair, 0.0)
        print(f"| {pair[0]} | {pair[1]} | {found:.3f} | {r:.3f} | {found / r - 1:+.0%} |")
    unplanted = estimated[~estimated.index.isin(happened[happened > 0].index)]
    print(f"\nlargest R of a pair that was not planted: {max([0.0, *unplanted]):.3f}")
    contained_table(sample, log, members, estimated)


if __name__ == "__main__":
    main()
