"""Staffing: searches for positions against pyworkforce, chats against their exact chain, a two-peak day.

    python benchmarks/staffing.py [--peer PYTHON] [--timed 12] [--searches-only]

PYTHON is the interpreter of an environment with pyworkforce. Its 0.5.4 asks for Python 3.12 and works on 3.11
when installed with --ignore-requires-python. Compiled once before anything is timed.
The peer makes all searches of Erlang C; of Erlang A its first few (``--timed``), and the time is scaled up.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "staffing"))

from chat_chain import exact_figures  # noqa: E402
from two_peaks import OPEN, PATIENCE_S, SHAPE, STEP_S, plans, service  # noqa: E402
from two_peaks_simpy import served  # noqa: E402

from wfo.staffing.chat_law import chat_figures  # noqa: E402
from wfo.staffing.erlang import required_positions  # noqa: E402
from wfo.staffing.queue_law import figures  # noqa: E402

PEER = """
import json, sys, time
from pyworkforce import ErlangA, ErlangC
asked = json.load(sys.stdin)
law, cap = {"A": ErlangA, "C": ErlangC}[asked["law"]], asked["cap"]
began, found = time.perf_counter(), []
for rate, handle, patience in asked["queues"]:
    more = {"patience": patience / 60} if law is ErlangA else {}
    queue = law(transactions=rate, aht=handle / 60, asa=20 / 60, interval=60, **more)
    found.append(int(queue.required_positions(service_level=0.8, max_occupancy=cap)["raw_positions"]))
print(json.dumps({"s": time.perf_counter() - began, "found": found}))
"""
DAYS = 2000
SESSIONS = {2: (480.0, 600.0), 3: (480.0, 560.0, 680.0), 4: (480.0, 540.0, 620.0, 720.0)}


def queues(n: int) -> list[list[float]]:
    """Contacts an hour, handle time and patience in seconds, of n queues up to 500 erlangs."""
    draws = np.random.default_rng(1)
    columns = (draws.uniform(10, 2000, n), draws.uniform(60, 900, n), draws.uniform(30, 600, n))
    return np.column_stack(columns).tolist()


def searches(peer: str | None, few: int) -> None:
    """Erlang A and C within an occupancy of 85 %, and Erlang C without such a cap."""
    many = np.array(queues(10_000))
    for law, patience, cap, timed in (
        ("A", many[:, 2], 0.85, few),
        ("C", np.inf, 0.85, len(many)),
        ("C", np.inf, 1.0, len(many)),
    ):
        asked = {"patience_s": patience, "service_level": 0.8, "denominator": "offered", "max_occupancy": cap}
        found = required_positions(many[:, 0], many[:, 1], **asked)
        took = []
        for _ in range(5):
            began = time.perf_counter()
            required_positions(many[:, 0], many[:, 1], **asked)
            took.append(time.perf_counter() - began)
        print(f"Erlang {law}, occupancy up to {cap:.0%}: 10,000 searches {min(took):.4f} s", flush=True)
        if peer is None:
            continue
        given = json.dumps({"law": law, "cap": cap, "queues": many[:timed].tolist()})
        done = subprocess.run([peer, "-c", PEER], input=given, capture_output=True, text=True, check=True)
        theirs = json.loads(done.stdout)
        each = theirs["s"] / timed * 10_000
        same = np.mean(np.array(theirs["found"]) == found[:timed])
        print(f"  pyworkforce: {each:.1f} s ({timed:,} timed), {each / min(took):.0f} x; {same:.1%} agree")


def chats() -> None:
    print("chats: service level in 45 s of the offered, error against the chain (points)")
    for slots, session_s in SESSIONS.items():
        ratios = np.array(session_s) / session_s[-1]
        errors: dict[str, list[float]] = {"slots": [], "law": []}
        for n in (2, 4, 6, 10, 14, 20):
            for rho in (0.6, 0.7, 0.8, 0.9, 1.0, 1.1):
                rate = rho * n * slots / session_s[-1]
                exact = exact_figures(rate, session_s, 240.0, n, 45.0)[5]
                law = chat_figures(rate, session_s[-1], 240.0, float(n), 45.0, 0.0, ratios)[5]
                plain = figures(rate, session_s[-1], 240.0, float(n * slots), 45.0, 0.0)[5]
                errors["law"].append(100 * (law - exact))
                errors["slots"].append(100 * (plain - exact))
        for name, found in errors.items():
            worst = max(found, key=abs)
            print(f"  K {slots} {name:5s} mean {np.mean(found):+.2f}, worst {worst:+.2f}")


def two_peaks(contacts: int) -> None:
    """Plans of the day, judged by the simulation that corrected them and by simpy, which shares no code.

    With simpy the worst interval is looked for on every other day and judged on the days between, or it would
    be the unluckiest.
    """
    print("two-peak day, 100 erlangs, 80 % in 20 s: worst interval; by simpy, its 95 % interval, agent hours")
    for handle_s in (180.0, 300.0, 600.0, 1800.0, 3600.0):
        arrivals, told = SHAPE * 100 / handle_s * STEP_S, []
        days = max(20, round(contacts / arrivals.sum()))
        found = plans(handle_s)
        for name in ("stationary", "modified", "corrected"):
            base, good = service(arrivals, found[name], handle_s, DAYS)
            told.append(f"{name} {(good[OPEN] / base[OPEN]).min():.3f}")
        print(f"  AHT {handle_s / 60:2.0f} min, {DAYS:,} days of our own: {', '.join(told)}", flush=True)
        told.clear()
        for name in ("stationary", "corrected"):
            base, good = served(arrivals, found[name], handle_s, PATIENCE_S, STEP_S, days=days)
            shares = good[::2, OPEN].sum(axis=0) / base[::2, OPEN].sum(axis=0)
            at = np.flatnonzero(OPEN)[shares.argmin()]
            came, met = base[1::2, at], good[1::2, at]
            share = met.sum() / came.sum()
            half = 1.96 * (met - share * came).std(ddof=1) / np.sqrt(len(came)) / came.mean()
            when = f"{at // 4:02d}:{at % 4 * 15:02d}"
            told.append(f"{name} {share:.3f} ± {half:.3f} ({when}), {found[name].sum() / 4:.1f} h")
        more = found["corrected"].sum() / found["stationary"].sum() - 1
        print(f"  AHT {handle_s / 60:2.0f} min, {days} days: {'; '.join(told)} ({more:+.2%})", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--peer", help="python of an environment with pyworkforce")
    asked.add_argument("--timed", type=int, default=12, help="searches of the peer that are timed")
    asked.add_argument(
        "--contacts", type=int, default=600_000, help="contacts that simpy plays a plan of a day"
    )
    asked.add_argument("--searches-only", action="store_true", help="leave out chats and the two-peak day")
    given = asked.parse_args()
    searches(given.peer, given.timed)
    if given.searches_only:
        return
    chats()
    two_peaks(given.contacts)


if __name__ == "__main__":
    main()
