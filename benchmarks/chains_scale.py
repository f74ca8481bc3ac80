"""Chains at scale: seconds and memory beside a vectorised pandas program that does the same by a gap rule.

    python benchmarks/chains_scale.py make 10 /data/log.parquet     # millions of interactions
    python benchmarks/chains_scale.py ours /data/log.parquet [GB of the engine, by default 3] [--stages]
    python benchmarks/chains_scale.py pandas /data/log.parquet
    python benchmarks/chains_scale.py pm4py /data/log.parquet       # a Python that has pm4py; chains given

Each is a process of its own, so that its peak memory is its own. ``make`` draws 2.5 million customers for ten
million interactions, chains of 1.6 contacts in the mean, over half a year, as Parquet. ``ours`` runs from
Parquet to Parquet: identities, learnt links, chains, kernel, metrics. ``pandas`` joins identities by
scipy, chains contacts by customer, intent and a gap of seven days, and counts follow-ups by queue and delay,
without background: less than ours, in the fewest steps (``chains_in_pandas.py`` does the same as ours).
``pm4py`` only summarises chains that are there already (directly-follows graph and variants).
"""

import datetime as dt
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from wfo.chains.result import ChainsResult
    from wfo.chains.settings import ChainSettings

NOW = dt.datetime(2025, 7, 7, tzinfo=dt.UTC)
SPAN_S = 180 * 86400
WINDOW = "7D"
STAGES = (
    "stage", "identify", "contacts", "pairs", "hard_links", "learn", "link", "count", "redials", "components",
    "assemble", "chain_metrics",
)  # fmt: skip
"""Functions of `wfo.chains.build_chains` that are timed one by one."""


def make(millions: float, path: Path) -> None:
    import duckdb

    rows = round(millions * 1e6)
    chains, customers = round(rows / 1.6), rows // 4
    begin_us = (int(NOW.timestamp()) - SPAN_S) * 1_000_000

    def u(salt: int, of: str = "k") -> str:
        return f"(hash({of} * 64 + {salt}) / 18446744073709551616.0)"

    at = f"t0 + s * 3600 + CASE WHEN s = 0 THEN 0 ELSE {u(7, '(k * 8 + s)')} * 150000 END"
    database = duckdb.connect(config={"threads": 2, "memory_limit": "4GB", "preserve_insertion_order": False})
    database.execute("SET TimeZone = 'UTC'")
    database.execute(
        f"""COPY (
          SELECT printf('I%010d', k * 8 + s) AS interaction_id,
            CASE WHEN {u(8, "(k * 8 + s)")} < 0.7 THEN printf('C%08d', customer) END AS customer_id,
            CASE WHEN {u(9, "(k * 8 + s)")} < 0.5 THEN printf('+49%09d', customer) END AS customer_key,
            CASE WHEN {u(9, "(k * 8 + s)")} < 0.5 THEN 'phone' END AS key_type,
            queue AS channel, queue, 'in' AS direction,
            make_timestamptz(CAST({begin_us} + ({at}) * 1e6 AS BIGINT)) AS started_at,
            make_timestamptz(CAST({begin_us} + ({at} + 300) * 1e6 AS BIGINT)) AS ended_at,
            CASE WHEN queue <> 'web' THEN CAST(300 AS DOUBLE) END AS handle_s,
            printf('intent_%02d', CAST(floor(14 * CASE WHEN {u(10, "(k * 8 + s)")} < 0.08
              THEN {u(11, "(k * 8 + s)")} ELSE {u(2)} END) AS INT)) AS intent,
            {u(12, "(k * 8 + s)")} < CASE WHEN s + 1 < length THEN 0.65 ELSE 0.94 END AS resolved,
            CASE WHEN queue = 'web' THEN 'contained' WHEN {u(13, "(k * 8 + s)")} < 0.04 THEN 'abandoned'
              ELSE 'handled' END AS outcome,
              CASE WHEN s > 0 AND {u(14, "(k * 8 + s)")} < 0.1
              THEN printf('I%010d', k * 8 + s - 1) END AS parent_id
          FROM (
            SELECT *, CASE WHEN s = 0 THEN first ELSE CASE WHEN {u(6, "(k * 8 + s)")} < 0.25 THEN 'email'
              ELSE 'voice' END END AS queue
            FROM (
              SELECT k, CAST({u(1)} * {customers} AS INT) AS customer, {u(3)} * {SPAN_S} AS t0,
                CASE WHEN {u(4)} < 0.45 THEN 'web' WHEN {u(4)} < 0.8 THEN 'voice'
                  WHEN {u(4)} < 0.9 THEN 'email'
                  ELSE 'chat' END AS first,
                CASE WHEN {u(5)} < 0.70 THEN 1 WHEN {u(5)} < 0.85 THEN 2 WHEN {u(5)} < 0.92 THEN 3
                  WHEN {u(5)} < 0.96 THEN 4 ELSE 6 END AS length
              FROM range({chains}) r(k)
            ) c, range(8) x(s) WHERE s < length
          ) i
        ) TO '{path.as_posix()}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000)"""
    )
    count = database.execute(f"SELECT count(*) FROM read_parquet('{path.as_posix()}')").fetchall()[0][0]
    print(f"{count:,} interactions")


def built(path: Path, memory_gb: float, settings: "ChainSettings | None" = None) -> "ChainsResult":
    """Chains of a log, from Parquet to Parquet, as any program builds them."""
    from wfo.chains.build_chains import ChainInputs, build_chains
    from wfo.chains.settings import ChainSettings
    from wfo.domain.centre import Centre

    laws = {"web": "unstaffed", "voice": "immediate", "email": "deferred", "chat": "immediate"}
    centre = Centre.model_validate({"queues": {q: {"channel": q, "law": law} for q, law in laws.items()}})
    given = ChainInputs(centre, path, NOW)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, Clock("ours"):
        settings = (settings or ChainSettings()).model_copy(update={"memory_gb": memory_gb})
        return build_chains(given, settings, into=Path(folder))


def by_stage() -> None:
    """Let each stage print its seconds, those of the processor and the peak memory so far."""
    from wfo.chains import build_chains as module

    for name in (*STAGES, "_tables"):
        setattr(module, name, _timed(name, getattr(module, name)))


def _timed(name: str, stage: "Callable[..., Any]") -> "Callable[..., Any]":
    def timed(*args: object, **words: object) -> object:
        with Clock(name):
            return stage(*args, **words)

    return timed


def ours(path: Path, memory_gb: float, *, stages: bool = False) -> None:
    if stages:
        by_stage()
    result = built(path, memory_gb)
    facts = result.meta.facts
    print({k: facts[k] for k in ("contacts", "customers", "chains", "follow_ups", "links_judged_by")})
    print(result.follow_ups().round(3).to_string(index=False))


def pandas_gap_rule(path: Path) -> None:
    import numpy as np
    import pandas as pd
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    with Clock("pandas"), tempfile.TemporaryDirectory(dir=path.parent) as folder:
        columns = [
            "interaction_id",
            "customer_id",
            "customer_key",
            "queue",
            "started_at",
            "ended_at",
            "intent",
        ]
        log = pd.read_parquet(path, columns=[*columns, "outcome", "resolved", "handle_s"])
        ids, id_names = pd.factorize(log["customer_id"])
        keys, key_names = pd.factorize(log["customer_key"])
        both = (ids >= 0) & (keys >= 0)
        size = len(id_names) + len(key_names)
        edges = (ids[both], keys[both] + len(id_names))
        graph = coo_array((np.ones(int(both.sum()), dtype=np.int8), edges), shape=(size, size))
        component = connected_components(graph, directed=False)[1]
        node = np.where(ids >= 0, ids, keys + len(id_names))
        known = (ids >= 0) | (keys >= 0)
        log["customer"] = np.where(known, component[node], size + np.arange(len(log)))
        log = log.drop(columns=["customer_id", "customer_key"])
        log = log.sort_values(["customer", "intent", "started_at", "interaction_id"], ignore_index=True)
        same = (log["customer"].diff() == 0) & (log["intent"] == log["intent"].shift())
        gap = log["started_at"] - log["ended_at"].shift()
        linked = same & (gap <= pd.Timedelta(WINDOW))
        log["chain"] = (~linked).cumsum()
        log["position"] = log.groupby("chain").cumcount() + 1
        chains = log.groupby("chain").agg(
            chain_id=("interaction_id", "first"),
            customer=("customer", "first"),
            intent=("intent", "first"),
            first_at=("started_at", "first"),
            last_at=("ended_at", "max"),
            contacts=("position", "max"),
            last=("outcome", "last"),
            handle_s=("handle_s", "sum"),
        )
        log["chain_id"] = chains["chain_id"].to_numpy()[log["chain"].to_numpy() - 1]
        lag = (log["started_at"] - log["started_at"].shift()).dt.total_seconds() / 60
        bins = np.digitize(lag[linked], [15, 30, 60, 120, 240, 480, 1440, 2880, 4320, 5760, 7200, 8640])
        kernel = pd.DataFrame({"a": log["queue"].shift()[linked], "b": log["queue"][linked], "bin": bins})
        kernel = kernel.value_counts().reset_index()
        chains.to_parquet(Path(folder) / "chains.parquet")
        log[["interaction_id", "chain_id", "position"]].to_parquet(Path(folder) / "members.parquet")
        fcr = ((chains["contacts"] == 1) & (chains["last"] != "abandoned")).mean()
    print(
        {"contacts": len(log), "chains": len(chains), "follow_ups": int(linked.sum()), "fcr": round(fcr, 3)}
    )
    print(kernel.groupby(["a", "b"])["count"].sum().to_string())


def pm4py_summary(path: Path) -> None:
    import pandas as pd
    import pm4py

    with Clock("pm4py"):
        log = pd.read_parquet(path, columns=["customer_id", "queue", "started_at"]).dropna()
        log.columns = ["case:concept:name", "concept:name", "time:timestamp"]
        graph = pm4py.discover_dfg(log)[0]
        variants = pm4py.get_variants(log)
    print({"arcs": len(graph), "variants": len(variants)})


class Clock:
    """Print the seconds and the peak memory of what runs inside."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.begin = time.perf_counter()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.used = usage.ru_utime + usage.ru_stime

    def __exit__(self, *error: object) -> None:
        seconds = time.perf_counter() - self.begin
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu, peak = usage.ru_utime + usage.ru_stime - self.used, usage.ru_maxrss / 1e6
        print(f"{self.name}: {seconds:.1f} s wall, {cpu:.1f} s CPU, peak {peak:.2f} GB", flush=True)


def main() -> None:
    what, *rest = sys.argv[1:]
    if what == "make":
        make(float(rest[0]), Path(rest[1]))
    elif what == "ours":
        path, *sizes = [word for word in rest if word != "--stages"]
        ours(Path(path), float(sizes[0]) if sizes else 3.0, stages="--stages" in rest)
    elif what == "pandas":
        pandas_gap_rule(Path(rest[0]))
    else:
        pm4py_summary(Path(rest[0]))


if __name__ == "__main__":
    main()
