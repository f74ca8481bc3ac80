"""Chains of the sample centre against its planted truth: seconds, links, R as estimated and as it happened.

    python benchmarks/chains.py [standard|hard]

A link is a contact with its exact parent. Recall is over planted follow-ups and redials of which both
contacts show a customer.
"""

import sys
import time

import pandas as pd

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.sample.sample_centre import sample_centre


def main() -> None:
    sample = sample_centre(sys.argv[1] if len(sys.argv) > 1 else "standard")
    log = sample.data["interactions"]
    begin = time.perf_counter()
    chains = build_chains(ChainInputs(sample.centre, log, sample.now), ChainSettings())
    seconds = time.perf_counter() - begin
    print(f"{len(log):,} interactions in {seconds:.1f} s")

    planted = sample.truth.interactions.set_index("interaction_id")["parent_interaction"].reindex(
        log["interaction_id"]
    )
    found = (
        chains.tables["chain_members"]
        .set_index("interaction_id")["parent_interaction"]
        .reindex(log["interaction_id"])
    )
    known = pd.Series(
        (log["customer_id"].notna() | log["customer_key"].notna()).to_numpy(), index=log["interaction_id"]
    )
    parent_known = planted.map(known).fillna(False).astype(bool)
    possible = planted.notna() & known & parent_known
    right = found.notna() & (found == planted)
    precision = right.sum() / found.notna().sum()
    recall = (right & possible).sum() / possible.sum()
    f1 = 2 * precision * recall / (precision + recall)
    print(f"links: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}\n")

    estimated = chains.tables["kernel"].groupby(["from_queue", "to_queue"])["r"].sum()
    table = sample.truth.realized.rename_axis("from_queue").reset_index()
    pairs = table.melt("from_queue", var_name="to_queue", value_name="r")
    happened = pairs.set_index(["from_queue", "to_queue"])["r"]
    print("| from | to | R estimated | R as it happened |\n|---|---|---|---|")
    for pair, r in happened[happened >= 0.03].sort_values(ascending=False).items():
        print(f"| {pair[0]} | {pair[1]} | {estimated.get(pair, 0.0):.3f} | {r:.3f} |")
    unplanted = estimated[~estimated.index.isin(happened[happened > 0].index)]
    print(f"\nlargest R of a pair that was not planted: {unplanted.max() if len(unplanted) else 0.0:.3f}")


if __name__ == "__main__":
    main()
