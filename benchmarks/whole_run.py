"""Whole-process figures of the main job: cold, again with nothing changed, and the help page.

    python benchmarks/whole_run.py [SCENARIO]

Cold means an empty run folder and an empty compile cache (``NUMBA_CACHE_DIR``). Seconds are wall-clock unless
said otherwise; memory is the largest resident set of the process.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WFO = str(Path(sys.executable).parent / "wfo")


def measure(words: list[str], env: dict[str, str]) -> tuple[float, float, float]:
    """Run a command; return wall seconds, CPU seconds and peak megabytes of its process."""
    begin = time.perf_counter()
    child = subprocess.Popen([WFO, *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"wfo {' '.join(words)} ended with {child.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    scenario = sys.argv[1] if len(sys.argv) > 1 else "scenarios/week.yaml"
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "NUMBA_CACHE_DIR": f"{scratch}/numba"}
        run = ["run", scenario, "-o", f"{scratch}/runs"]
        rows = {
            "cold": measure(run, env),
            "again, nothing changed": measure(run, env),
            "again, --no-cache": measure([*run, "--no-cache"], env),
            "help": measure(["--help"], env),
        }
    print("| run | wall s | CPU s | peak MB |\n|---|---|---|---|")
    for name, (wall, cpu, peak) in rows.items():
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
