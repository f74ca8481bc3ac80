"""A customer's story from the index over ten million contacts: seconds to build, size, look-up times.

python benchmarks/retrieval.py [millions of contacts]
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.chains.stories.index import write_index
from wfo.chains.stories.timeline import Stories

LOOK_UPS = 5_000


def log(contacts: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Contacts of a quarter as many customers, in chains of 1.6 on average."""
    rng = np.random.default_rng(1)
    customer = np.sort(rng.integers(0, contacts // 4, contacts))
    starts = rng.random(contacts) < 1 / 1.6
    starts |= np.r_[True, customer[1:] != customer[:-1]]
    chain = np.cumsum(starts) - 1
    at = pd.Series(
        pd.to_datetime(1_735_689_600 + rng.integers(0, 180 * 86_400, contacts), unit="s", utc=True)
    )
    ids = pd.Series(np.arange(contacts)).astype("str").str.zfill(9)
    interactions = pd.DataFrame(
        {
            "interaction_id": "I" + ids,
            "customer_id": "C" + pd.Series(customer).astype("str").str.zfill(8),
            "channel": pd.Series(np.asarray(["voice", "web", "email"], dtype=object)[chain % 3], dtype="str"),
            "direction": pd.Series(["in"], dtype="str").repeat(contacts).reset_index(drop=True),
            "queue": pd.Series(np.asarray(["billing", "web", "mail"], dtype=object)[chain % 3], dtype="str"),
            "outcome": pd.Series(["handled"], dtype="str").repeat(contacts).reset_index(drop=True),
            "started_at": at.astype("datetime64[us, UTC]"),
            "ended_at": (at + pd.Timedelta("5min")).astype("datetime64[us, UTC]"),
            "handle_s": rng.integers(60, 900, contacts).astype(np.float64),
        }
    )
    head = np.flatnonzero(starts)
    names = interactions["interaction_id"].iloc[head].reset_index(drop=True)
    chains = pd.DataFrame(
        {
            "chain_id": names,
            "customer_id": interactions["customer_id"].iloc[head].reset_index(drop=True),
            "status": "resolved",
            "intent": "bill",
            "true_intent": "bill",
        }
    )
    members = pd.DataFrame(
        {
            "interaction_id": interactions["interaction_id"],
            "chain_id": names.to_numpy()[chain],
            "role": np.where(starts, "fresh", "follow_up"),
        }
    )
    return interactions, chains, members


def main() -> None:
    contacts = round(1e6 * (float(sys.argv[1]) if len(sys.argv) > 1 else 10))
    tables = log(contacts)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "stories.sqlite"
        begin = time.perf_counter()
        write_index(path, *tables)
        built = time.perf_counter() - begin
        rng = np.random.default_rng(2)
        asked = [f"C{n:08d}" for n in rng.integers(0, contacts // 4, LOOK_UPS)]
        known = set(tables[1]["customer_id"])
        took = []
        with Stories(path) as stories:
            for customer in asked:
                if customer in known:
                    begin = time.perf_counter()
                    stories.timeline(customer)
                    took.append(1e3 * (time.perf_counter() - begin))
        half, most, worst = np.quantile(took, [0.5, 0.99, 1.0])
        print(
            "| contacts | index, s | GB | look-up, median ms | p99 ms | worst ms |\n|---|---|---|---|---|---|"
        )
        size = path.stat().st_size / 1e9
        print(f"| {contacts:,} | {built:.0f} | {size:.2f} | {half:.2f} | {most:.2f} | {worst:.1f} |")


if __name__ == "__main__":
    main()
