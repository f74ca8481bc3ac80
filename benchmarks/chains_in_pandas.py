"""Chains by pandas, numpy and scipy: `wfo.chains` as an analyst would write it, vectorised.

    python benchmarks/chains_in_pandas.py /data/log.parquet             # its seconds, memory and figures
    python benchmarks/chains_in_pandas.py /data/log.parquet --against   # ours on the same log, compared

The log is that of ``chains_scale.py make``. What is done: identities with a cap on shared keys; for each
contact the last eight of its customer within the window, scored by the same features and conventions (nothing
is learnt); hard links; the best predecessor; chains as components; the kernel with the background of
coincidences removed and shared causes; metrics by intent; chains and members written in order as Parquet.
Contacts lie sorted by customer and time, so a contact's candidates are the rows before it: nothing is joined.
The whole log is held in memory, on one core; merges of several keys are not capped, no link ends or is split.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from chains_scale import NOW, Clock
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from wfo.chains.kernel import Counts, lag_edges_min
from wfo.chains.kernel_table import kernel_table
from wfo.chains.pairs import GAP_H
from wfo.chains.settings import ChainSettings
from wfo.chains.ties import MOST_MOVED

HOUR_MS, WEEK_MS = 3_600_000, 168 * 3_600_000
QUEUES = ("web", "voice", "email", "chat")
STAFFED = np.array([False, True, True, True])
OUTCOMES = ("handled", "abandoned", "contained", "transferred", "open")
SERVED = np.array([True, False, True, True, False])
SETTINGS = ChainSettings(learn=False)
NOW_MS = int(NOW.timestamp() * 1000)
WINDOW_MS = int(SETTINGS.window_h * HOUR_MS)
REDIAL_MS = int(SETTINGS.redial_min * 60_000)
COLUMNS = (
    "interaction_id", "customer_id", "customer_key", "key_type", "queue", "started_at", "ended_at", "intent",
    "outcome", "resolved", "handle_s", "parent_id",
)  # fmt: skip


def components(a: np.ndarray, b: np.ndarray, size: int) -> np.ndarray:
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def customers(log: pd.DataFrame) -> tuple[np.ndarray, int]:
    """Customer of each contact (-1: unknown) and how many there are."""
    ids, id_names = pd.factorize(log["customer_id"])
    keys, key_names = pd.factorize(log["key_type"] + ":" + log["customer_key"])
    both = (ids >= 0) & (keys >= 0)
    shown = np.unique(np.stack([ids[both], keys[both]]), axis=1)
    banned = np.bincount(shown[1], minlength=len(key_names)) > SETTINGS.key_cap
    shown = shown[:, ~banned[shown[1]]]
    node = np.where(
        ids >= 0, ids, np.where((keys >= 0) & ~np.append(banned, True)[keys], keys + len(id_names), -1)
    )
    component = components(shown[0], shown[1] + len(id_names), len(id_names) + len(key_names))
    found = np.where(node >= 0, component[node], -1)
    contacts = np.bincount(found[found >= 0], minlength=1)
    found[(found >= 0) & (contacts > SETTINGS.customer_cap)[found]] = -1
    return found, int((np.bincount(found[found >= 0]) > 0).sum())


def staged(path: Path) -> tuple[pd.DataFrame, int, tuple[str, ...]]:
    """Contacts with integer columns, sorted by customer and time; unknown ones first."""
    log = pd.read_parquet(path, columns=list(COLUMNS), filters=[("direction", "==", "in")])
    log["start"] = log["started_at"].astype("datetime64[ms, UTC]").astype("int64")
    log = log[log["start"] < NOW_MS].reset_index(drop=True)
    log["end"] = np.maximum(log["ended_at"].astype("datetime64[ms, UTC]").astype("int64"), log["start"])
    log["customer"], known = customers(log)
    log["has_id"] = log["customer_id"].notna()
    log["x"], intents = pd.factorize(log["intent"], sort=True)
    log["q"] = pd.Categorical(log["queue"], QUEUES).codes.astype(np.int64)
    log["out"] = pd.Categorical(log["outcome"], OUTCOMES).codes.astype(np.int64)
    log["word"] = log["resolved"].map({True: 2, False: 1}).fillna(0).astype(np.int64)
    log["cost"] = np.round(log["handle_s"].fillna(0) / 3600 * SETTINGS.wage_per_h * 10_000).where(
        STAFFED[log["q"]] & SERVED[log["out"]], 0
    ) + 10_000 * log["queue"].map(SETTINGS.contact_cost).fillna(0)
    keep = [
        "interaction_id",
        "parent_id",
        "start",
        "end",
        "customer",
        "has_id",
        "x",
        "q",
        "out",
        "word",
        "cost",
    ]
    log = log[keep].sort_values(["customer", "start", "interaction_id"], ignore_index=True)
    return log, known, tuple(intents)


def scores() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-odds in millionths by (source queue, target queue, gap bin), by word, by agreement of intents."""
    w = SETTINGS.weights
    edges = np.array([0.0, *GAP_H, GAP_H[-1] * 1.5])
    by_gap = w.base + w.gap * np.log1p((edges[:-1] + edges[1:]) / 2 / w.gap_h)
    gap = by_gap + (w.unstaffed_to_staffed * (~STAFFED[:, None] & STAFFED[None, :]))[:, :, None]
    word = np.array([0.0, w.unresolved, -w.unresolved])
    intent = np.array([0.0, w.other_intent, w.same_intent])
    return tuple(np.rint(t * 1e6).astype(np.int64) for t in (gap, word, intent))  # type: ignore[return-value]


def agreement_code(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """0 where one is not stated, 1 where two differ, 2 where they agree."""
    return np.where((x >= 0) & (y >= 0), 1 + (x == y), 0)


def linked(log: pd.DataFrame) -> dict[str, np.ndarray]:
    """Parent of each contact (-1: none), whether by name, whether a redial; and pairs that may be ties."""
    customer, start, end, x, q, out, word = (
        log[c].to_numpy() for c in ("customer", "start", "end", "x", "q", "out", "word")
    )
    n = len(log)
    row = pd.Series(np.arange(n), index=log["interaction_id"])
    names = log["parent_id"].dropna()
    named = row.reindex(names.to_numpy()).to_numpy()
    child, there = names.index.to_numpy(), ~np.isnan(named)
    child, named = child[there], named[there].astype(np.int64)
    earlier = start[named] < start[child]
    hard = np.full(n, -1)
    hard[child[earlier]] = named[earlier]
    by_gap, by_word, by_intent = scores()
    edges = np.array([round(h * HOUR_MS) for h in GAP_H])
    best, parent, again = np.zeros(n, dtype=np.int64), hard.copy(), np.zeros(n, dtype=bool)
    ties, sure = [], np.zeros(2, dtype=np.int64)
    for back in range(1, SETTINGS.predecessors + 1):
        j = np.flatnonzero((customer[back:] == customer[:-back]) & (customer[back:] >= 0)) + back
        gap = start[j] - end[j - back]
        j, gap = j[gap <= WINDOW_MS], gap[gap <= WINDOW_MS]
        i = j - back
        redial = (out[i] == 1) & (q[i] == q[j]) & (gap >= 0) & (gap <= REDIAL_MS)
        agree = agreement_code(x[i], x[j])
        score = by_gap[q[i], q[j], np.searchsorted(edges, gap, side="right")] + by_word[word[i]]
        score += by_intent[agree] + round(SETTINGS.weights.redial * 1e6) * redial
        better = (score > best[j]) & (hard[j] < 0)
        best[j[better]], parent[j[better]], again[j[better]] = score[better], i[better], redial[better]
        counted = redial & (agree > 0) & (hard[j] < 0)
        sure += [counted.sum(), (counted & (agree == 2)).sum()]
        may = agree != 1
        ties.append(np.stack([j[may], i[may], agree[may] == 2]))
    j = np.flatnonzero(hard >= 0)
    gap = start[j] - end[hard[j]]
    again[j] = (out[hard[j]] == 1) & (q[hard[j]] == q[j]) & (gap >= 0) & (gap <= REDIAL_MS)
    agree = agreement_code(x[hard[j]], x[j])
    sure += [(agree > 0).sum(), (agree == 2).sum()]
    return {
        "parent": parent,
        "hard": hard,
        "again": again,
        "ties": np.concatenate(ties, axis=1),
        "sure": sure,
    }


class Cells:
    """Ties as cells (from, to, delay), each child's links shared among its causes by density."""

    def __init__(self, child, origin, target, same, lag, begin, edges, agree):
        inside = (lag >= 0) & (lag < edges[-1] * 60_000)
        child, origin, target, same, lag, begin = (
            a[inside] for a in (child, origin, target, same, lag, begin)
        )
        bins = np.searchsorted(edges[1:] * 60_000, lag, side="right")
        self.size = len(QUEUES) ** 2 * (len(edges) - 1)
        self.cell = (origin * len(QUEUES) + target) * (len(edges) - 1) + bins
        self.seen = begin - lag + edges[1:][bins] * 60_000 <= NOW_MS
        self.weight = np.where(same, 1 / agree, 1.0)
        self.children, self.child = np.unique(child, return_inverse=True)
        self.tied = np.bincount(target[np.unique(self.child, return_index=True)[1]], minlength=len(QUEUES))

    def counted(self, density):
        """Links by cell."""
        own = density[self.cell]
        share = self.weight * own / np.bincount(self.child, weights=own)[self.child]
        return np.bincount(self.cell[self.seen], weights=share[self.seen], minlength=self.size)


def kernel(log: pd.DataFrame, links: dict[str, np.ndarray]) -> pd.DataFrame:
    customer, start, end, x, q, out = (
        log[c].to_numpy() for c in ("customer", "start", "end", "x", "q", "out")
    )
    known = customer >= 0
    shown = known & log["has_id"].to_numpy()
    by_id = 2 * shown.sum() >= known.sum()
    pool = shown if by_id else known
    cause = pool & SERVED[out]
    edges, Q = lag_edges_min(SETTINGS.longest_window_h), len(QUEUES)
    agree = max(0.5, links["sure"][1] / links["sure"][0])
    j, i, same = links["ties"]
    settled = (links["hard"] >= 0) | links["again"]
    ok = pool[j] & cause[i] & ~settled[j]
    j, i, same = j[ok], i[ok], same[ok].astype(bool)
    h = np.flatnonzero((links["hard"] >= 0) & ~links["again"])
    h = h[pool[h] & cause[links["hard"][h]]]
    j, i = np.append(j, h), np.append(i, links["hard"][h])
    same = np.append(same, np.zeros(len(h), dtype=bool))
    found = Cells(j, q[i], q[j], same, start[j] - start[i], start[j], edges, agree)
    free = pool & (links["parent"] < 0)
    free[found.children] = False
    alone = np.bincount(q[free], minlength=Q)
    control = moved(log, pool, cause, edges, agree)
    asking = sum(m for _, m in control)
    chance = sum(c.tied for c, _ in control) / np.maximum(asking, 1)
    factor = alone / np.maximum(1 - chance, 1e-9) / np.maximum(asking, 1)
    shape = (Q, Q, len(edges) - 1)
    age = np.searchsorted(edges[1:] * 60_000, NOW_MS - start[cause], side="right")
    seen = np.zeros((Q, len(edges)), dtype=np.int64)
    np.add.at(seen, (q[cause], age), 1)
    parents = np.cumsum(seen[:, ::-1], axis=1)[:, ::-1][:, 1:]
    width = np.tile(np.diff(edges), Q * Q)
    scale = np.broadcast_to(1 / np.maximum(parents, 1)[:, None, :], shape).ravel()
    density = np.ones(len(width))
    for _ in range(30):
        direct = found.counted(density)
        by_chance = sum((c.counted(density) for c, _ in control), np.zeros(len(width)))
        by_chance = (by_chance.reshape(shape) * factor[None, :, None]).ravel()
        density = np.maximum(direct - by_chance, 1e-3) * scale / width
    everyone = np.bincount(q, minlength=Q)
    counts = Counts(
        QUEUES, edges, direct.reshape(shape), by_chance.reshape(shape), parents,
        np.bincount(q[pool], minlength=Q) / everyone, np.bincount(q[out == 1], minlength=Q) / everyone, agree,
        len(control),
    )  # fmt: skip
    return kernel_table(counts, redials(links, q, out, end, pool, counts))


def redials(links, q, out, end, pool, counts) -> dict[str, dict[str, float]]:
    gone = (out == 1) & pool & (end + REDIAL_MS <= NOW_MS)
    child = np.flatnonzero(links["again"] & pool)
    child = child[gone[links["parent"][child]]]
    lost, again = np.bincount(q[gone], minlength=len(QUEUES)), np.bincount(q[child], minlength=len(QUEUES))
    return {
        name: {"p": min(1.0, again[k] / lost[k] / counts.known_share[k])}
        for k, name in enumerate(QUEUES)
        if lost[k]
    }


def moved(log, pool, cause, edges, agree) -> list[tuple[Cells, np.ndarray]]:
    """Contacts moved by a third and two thirds of the log's weeks, beside those they cannot follow."""
    customer, start, end, x, q, out = (
        log[c].to_numpy() for c in ("customer", "start", "end", "x", "q", "out")
    )
    weeks = (NOW_MS - start[pool].min() + 6 * HOUR_MS) // WEEK_MS
    first, span = NOW_MS - weeks * WEEK_MS, weeks * WEEK_MS
    every = -(-int(pool.sum()) // MOST_MOVED)
    base = start.min()
    big = NOW_MS - base + span
    place = np.where(customer >= 0, customer * big + (start - base), -1)
    asks = np.flatnonzero(pool & (customer % every == 0) & (start >= first))
    results = []
    for shift in (weeks // 3, 2 * weeks // 3):
        at = first + (start[asks] - first + shift * WEEK_MS) % span
        k = np.searchsorted(place, customer[asks] * big + (at - base), side="left")
        rows, redialled = [], np.zeros(len(asks), dtype=bool)
        for back in range(1, SETTINGS.predecessors + 1):
            i = k - back
            ok = (i >= 0) & (customer[i] == customer[asks])
            gap = at - end[i]
            ok &= gap <= WINDOW_MS
            redialled |= ok & (out[i] == 1) & (q[i] == q[asks]) & (gap >= 0) & (gap <= REDIAL_MS)
            ok &= cause[i] & (agreement_code(x[i], x[asks]) != 1)
            rows.append(np.stack([np.flatnonzero(ok), i[ok]]))
        a, i = np.concatenate(rows, axis=1)
        a, i = a[~redialled[a]], i[~redialled[a]]
        same = agreement_code(x[i], x[asks[a]]) == 2
        cells = Cells(a, q[i], q[asks[a]], same, at[a] - start[i], at[a], edges, agree)
        results.append((cells, np.bincount(q[asks], minlength=len(QUEUES))))
    return results


def assembled(log: pd.DataFrame, parent: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Chains and their members, as tables."""
    child = np.flatnonzero(parent >= 0)
    members = pd.DataFrame({"chain": components(child, parent[child], len(log))})
    order = np.lexsort(
        [log["interaction_id"].to_numpy(), log["start"].to_numpy(), members["chain"].to_numpy()]
    )
    log, members = log.iloc[order].reset_index(drop=True), members.iloc[order].reset_index(drop=True)
    first = np.append(True, np.diff(members["chain"].to_numpy()) != 0)  # noqa: FBT003
    head = np.flatnonzero(first)
    size = np.diff(np.append(head, len(log)))
    position = np.arange(len(log)) - np.repeat(head, size)
    last = head + size - 1
    stated = log["x"].to_numpy()
    named = np.where(stated >= 0, np.arange(len(log)), len(log))
    step = np.where(position < 12, (log["q"].to_numpy() + 1) * 16 ** np.minimum(position, 12), 0)
    code, path = np.unique(np.add.reduceat(step, head), return_inverse=True)
    words = np.array([">".join(QUEUES[d - 1] for d in _digits(c)) for c in code], dtype=object)
    until = np.maximum.reduceat(log["end"].to_numpy() + WINDOW_MS, head)
    abandoned = log["out"].to_numpy()[last] == 1
    ids = log["interaction_id"].to_numpy()
    chains = pd.DataFrame(
        {
            "chain_id": ids[head],
            "customer": log["customer"].to_numpy()[head],
            "intent": stated[np.minimum(np.minimum.reduceat(named, head), len(log) - 1)],
            "first_ms": log["start"].to_numpy()[head],
            "last_ms": np.maximum.reduceat(log["end"].to_numpy(), head),
            "status": np.where(until > NOW_MS, "open", np.where(abandoned, "abandoned", "resolved")),
            "contacts": size,
            "human": np.add.reduceat((STAFFED[log["q"]] & SERVED[log["out"]]).astype(np.int64), head),
            "path": pd.Categorical.from_codes(path, words),
            "cost": np.add.reduceat(log["cost"].to_numpy(), head) / 10_000,
        }
    )
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    above = np.where(parent[order] >= 0, back[parent[order]], -1)
    table = pd.DataFrame(
        {
            "interaction_id": ids,
            "chain_id": np.repeat(ids[head], size),
            "position": position + 1,
            "parent_interaction": pd.Series(ids[above]).where(above >= 0),
            "cost": log["cost"].to_numpy() / 10_000,
        }
    )
    return chains.sort_values("chain_id"), table.sort_values("interaction_id")


def _digits(code: int) -> list[int]:
    out = []
    while code:
        out.append(int(code % 16))
        code //= 16
    return out


def metrics(chains: pd.DataFrame) -> pd.DataFrame:
    known = chains[chains["customer"] >= 0]
    closed = known[known["status"] != "open"]
    facts = pd.DataFrame(
        {
            "intent": closed["intent"],
            "first": (closed["contacts"] == 1) & (closed["status"] == "resolved"),
            "resolved": closed["status"] == "resolved",
            "repeat": closed["contacts"] > 1,
            "failed": closed["contacts"] - 1,
            "cost": closed["cost"].where(closed["status"] == "resolved"),
        }
    )
    by = facts.groupby("intent").mean()
    return pd.concat([by, facts.drop(columns="intent").mean().to_frame("all").T])


def program(path: Path) -> dict[str, object]:
    """The whole job, from Parquet to Parquet."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        log, known, _ = staged(path)
        links = linked(log)
        table = kernel(log, links)
        chains, members = assembled(log, links["parent"])
        figures = metrics(chains)
        chains.to_parquet(Path(folder) / "chains.parquet", index=False)
        members.to_parquet(Path(folder) / "members.parquet", index=False)
    linked_ = links["parent"] >= 0
    return {
        "contacts": len(log),
        "customers": known,
        "chains": len(chains),
        "open_chains": int((chains["status"] == "open").sum()),
        "follow_ups": int((linked_ & ~links["again"]).sum()),
        "redials": int((linked_ & links["again"]).sum()),
        "fcr": float(figures.loc["all", "first"]),
        "r": table.groupby(["from_queue", "to_queue"])["r"].sum(),
    }


def against(path: Path, found: dict[str, object]) -> None:
    """Ours with the same conventions on the same log, figure by figure."""
    from chains_scale import built

    ours = built(path, 3.0, SETTINGS)
    for name in ("contacts", "customers", "chains", "open_chains", "follow_ups", "redials"):
        print(f"{name}: pandas {found[name]:,}, ours {ours.meta.facts[name]:,}")
    print(f"fcr: pandas {found['fcr']:.9f}, ours {ours.first_contact_resolution():.9f}")
    r = ours.follow_ups().set_index(["from_queue", "to_queue"])["r"]
    print(f"R: largest difference {(found['r'].sub(r, fill_value=0)).abs().max():.6f} over {len(r)} pairs")


def main() -> None:
    path = Path(sys.argv[1])
    with Clock("pandas, the same formulation"):
        found = program(path)
    print({k: v for k, v in found.items() if k != "r"})
    print(found["r"].round(3).to_string())
    if "--against" in sys.argv:
        against(path, found)


if __name__ == "__main__":
    main()
