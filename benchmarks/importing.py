"""Import of one large CSV by a mapping file: seconds, rows a second and the largest memory, at growing sizes.

python benchmarks/importing.py [gigabytes ...]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from wfo.tables.importer import import_into

MAPPING = """
table: interactions
file: "*.csv"
timezone: Europe/Berlin
columns:
  interaction_id: id
  customer_id: customer
  channel: {from: medium, map: {call: voice, mail: email}}
  queue: line
  direction: {value: in}
  started_at: began
  answered_at: {from: began, plus_s: [ring_s], when: {end: done}}
  handle_s: {from: talk_min, scale: 60}
  agent_id: who
  outcome: {from: end, map: {done: handled, gone: abandoned}}
"""
BLOCK = 200_000


def write(path: Path, gigabytes: float) -> int:
    """A CSV of about that size; rows."""
    rng = np.random.default_rng(1)
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("id,customer,medium,line,began,ring_s,talk_min,who,end\n")
        while path.stat().st_size < gigabytes * 1e9:
            second = rng.integers(0, 86_400 * 50, BLOCK) + 1_735_689_600
            began = np.datetime_as_string(second.astype("datetime64[s]"))
            cells = zip(
                rng.integers(0, 40_000_000, BLOCK),
                np.where(rng.random(BLOCK) < 0.7, "call", "mail"),
                rng.integers(0, 9, BLOCK),
                began,
                rng.integers(0, 300, BLOCK),
                rng.integers(1, 20, BLOCK),
                rng.integers(0, 900, BLOCK),
                np.where(rng.random(BLOCK) < 0.9, "done", "gone"),
                strict=True,
            )
            file.writelines(
                f"K{rows + i:09d},C{c:08d},{m},line {q},{t},{r},{h},agent {a},{e}\n"
                for i, (c, m, q, t, r, h, a, e) in enumerate(cells)
            )
            rows += BLOCK
            file.flush()
    return rows


def main() -> None:
    sizes = [float(word) for word in sys.argv[1:]] or [0.5, 1.0]
    print("| CSV | rows | s | rows/s | largest memory |\n|---|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "m.yaml").write_text(MAPPING)
            rows = write(folder / "calls.csv", size)
            begin = time.perf_counter()
            done = import_into(folder / "m.yaml", folder / "calls.csv", folder / "out")
            seconds = time.perf_counter() - begin
        assert done.rows == rows == done.summary["rows"].sum()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"| {size} GB | {rows:,} | {seconds:.0f} | {rows / seconds:,.0f} | {memory:.2f} GB |")


if __name__ == "__main__":
    main()
