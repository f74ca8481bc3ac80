"""Main queues of work stretches."""

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.scheduling.main_queue import with_main_queues
from wfo.timegrid import TimeGrid

GRID = TimeGrid(dt.datetime(2025, 7, 7, tzinfo=dt.UTC), 15, 8)


def stretches(*rows):
    """Rows (first interval, one after the last, kind, queues)."""
    at = pd.Timestamp(GRID.start)
    minutes = [(at + pd.Timedelta(minutes=15 * a), at + pd.Timedelta(minutes=15 * b)) for a, b, _, _ in rows]
    frame = pd.DataFrame(minutes, columns=["start", "end"])
    frame["kind"] = [kind for _, _, kind, _ in rows]
    frame["queues"] = pd.Series([list(queues) for *_, queues in rows], dtype=object)
    return frame


def wanted(**by_queue):
    rows = [(q, GRID.starts[t], n) for q, values in by_queue.items() for t, n in enumerate(values) if n]
    return pd.DataFrame(rows, columns=["queue", "interval_start", "positions"])


def named(frame, assignment, at_once=("sales", "billing")):
    out = with_main_queues(frame, assignment, at_once, GRID)["main_queue"]
    return [None if pd.isna(name) else name for name in out]


def test_the_least_flexible_go_first_and_who_is_not_needed_keeps_to_none():
    frame = stretches(
        (0, 8, "work", ["billing", "sales"]),
        (0, 8, "work", ["sales"]),
        (0, 8, "work", ["billing", "sales"]),
        (0, 8, "work", ["email"]),
        (0, 2, "break", []),
    )
    found = named(frame, wanted(sales=[1.0] * 8, billing=[1.0] * 8, email=[1.0] * 8))
    assert found == ["billing", "sales", None, None, None]


def test_a_first_choice_is_put_right_when_others_have_chosen():
    """The first stretch takes sales; the second can only do sales and later; the first then moves."""
    frame = stretches((0, 4, "work", ["sales", "billing"]), (0, 8, "work", ["sales", "billing"]))
    found = named(frame, wanted(sales=[1.0] * 8, billing=[1.0] * 4 + [0.0] * 4))
    assert found == ["billing", "sales"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_no_single_stretch_could_do_better_and_nobody_is_kept_beyond_the_plan(seed):
    rng = np.random.default_rng(seed)
    queues = ["billing", "chat", "sales"]
    rows = []
    for _ in range(12):
        first = int(rng.integers(0, 7))
        own = rng.choice(queues, size=rng.integers(1, 4), replace=False).tolist()
        rows.append((first, int(rng.integers(first + 1, 9)), "work", own))
    need = {q: rng.integers(0, 4, size=8).astype(float) for q in queues}
    found = named(stretches(*rows), wanted(**need), queues)
    missing = {q: need[q].copy() for q in queues}
    for (a, b, _, own), name in zip(rows, found, strict=True):
        assert name is None or name in own
        if name is not None:
            missing[name][a:b] -= 1
    for (a, b, _, own), name in zip(rows, found, strict=True):
        left = {q: missing[q][a:b] + (q == name) for q in own}
        gains = {q: float(np.clip(values, 0, 1).sum()) for q, values in left.items()}
        best = max(gains.values())
        assert (gains[name] if name else 0.0) >= best - 1e-9
