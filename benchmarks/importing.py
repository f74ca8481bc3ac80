"""Import of one large CSV by a mapping file, at growing sizes, beside pandas reading and writing it.

python benchmarks/importing.py [gigabytes ...]

Seconds are those of the processor (two cores: pandas and Arrow share some work between threads) and of
the clock. pandas reads in pieces of the same size, parses the time and writes Parquet, and checks nothing: no
keys, no words, no refusals.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfo.tables.import_source import CHUNK_ROWS
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


def unchecked(source: Path, target: Path) -> None:
    """The same file to Parquet by pandas, with nothing looked at."""
    writer = None
    for frame in pd.read_csv(source, chunksize=CHUNK_ROWS):
        frame["began"] = pd.to_datetime(frame["began"]).dt.tz_localize("UTC")
        table = pa.Table.from_pandas(frame, preserve_index=False)
        writer = writer or pq.ParquetWriter(target, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor and of the clock."""
    begin = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - begin[0], time.perf_counter() - begin[1]


def main() -> None:
    sizes = [float(word) for word in sys.argv[1:]] or [0.5, 1.0]
    print("| CSV | rows | CPU s | s | rows/CPU s | largest memory | pandas unchecked, CPU s | s |")
    print("|---|---|---|---|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=os.environ.get("WFO_BENCH_FOLDER")) as name:
            folder = Path(name)
            (folder / "m.yaml").write_text(MAPPING)
            rows = write(folder / "calls.csv", size)
            source, out = folder / "calls.csv", folder / "out"
            ours = timed(partial(import_into, folder / "m.yaml", source, out))
            kept = pq.read_metadata(out / "interactions.parquet").num_rows
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            peer = timed(partial(unchecked, source, folder / "peer.parquet"))
        assert kept == rows
        rate = rows / ours[0]
        print(
            f"| {size} GB | {rows:,} | {ours[0]:.1f} | {ours[1]:.1f} | {rate:,.0f} | {memory:.2f} GB "
            f"| {peer[0]:.1f} | {peer[1]:.1f} |"
        )


if __name__ == "__main__":
    main()
