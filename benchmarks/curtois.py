"""Fixed-shift teams on the public instances of Curtois and Qu (2014): penalty, bound, best known, the peer.

    WFO_BENCH_DATA=<folder> python benchmarks/curtois.py [--instances 1 2 3 …] [--seconds 600] [--peer]

The folder holds ``curtois/Instance<n>.txt`` (schedulingbenchmarks.org). One thread. The penalty is that of a
judge which reads the file itself. ``--peer``: a plain CP-SAT model with one worker gets the same seconds.
A small team first compiles or loads compiled code and is not counted.
"""

import argparse
import os
import time
from pathlib import Path

import curtois_cpsat
from curtois_files import judge, sections, to_team

from wfo.scheduling.fixed_shifts.problem import Cover, FixedShiftProblem, Person, ShiftType
from wfo.scheduling.fixed_shifts.solve import schedule_fixed_shifts
from wfo.scheduling.watch import Progress

BEST_KNOWN = {
    1: 607, 2: 828, 3: 1001, 5: 1143, 7: 1056, 8: 1300, 10: 4631, 12: 4040, 13: 1348, 15: 3834, 17: 5746,
    20: 4943,
}  # fmt: skip


def planned(number: int, folder: Path, seconds: float, peer: bool, say: bool) -> dict[str, object]:
    """One instance."""
    given = sections(folder / f"Instance{number}.txt")
    team, first = to_team(given), list[tuple[float, float]]()

    def note(progress: Progress) -> None:
        first.append((progress.seconds, -progress.objective))
        if say:
            print(
                f"{number}: {progress.seconds:.0f} s, {progress.phase}, {-progress.objective:.0f}", flush=True
            )

    begin, cpu = time.perf_counter(), time.process_time()
    result = schedule_fixed_shifts(team, seed=1, seconds=seconds, tell=note)
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    penalty, wrong = judge(given, result.rota)
    best = BEST_KNOWN.get(number)
    row: dict[str, object] = {
        "instance": number,
        "staff × days × types": f"{len(team.persons)} × {team.days} × {len(team.shift_types)}",
        "first plan s": f"{first[0][0]:.1f}",
        "s": f"{wall:.0f}",
        "CPU s": f"{cpu:.0f}",
        "best plan after s": f"{min(s for s, value in first if value == result.penalty):.0f}",
        "penalty": penalty,
        "bound": result.bound,
        "best known": best or "",
        "above it": f"{penalty / best - 1:.2%}" if best else "",
        "rules broken": len(wrong),
    }
    if penalty != result.penalty:
        raise AssertionError(f"instance {number}: the judge says {penalty}, the plan {result.penalty}")
    if peer:
        answer = curtois_cpsat.plan(team, seconds)
        row |= {"plain CP-SAT": answer.penalty or "none", "its bound": f"{answer.bound:.0f}"}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--instances", nargs="*", type=int, default=sorted(BEST_KNOWN))
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--say", action="store_true", help="tell of progress")
    asked = parser.parse_args()
    if "WFO_BENCH_DATA" not in os.environ:
        parser.error("WFO_BENCH_DATA is not set; it names the folder that holds curtois/Instance<n>.txt")
    folder = Path(os.environ["WFO_BENCH_DATA"]) / "curtois"
    night = ShiftType("night", 600)
    schedule_fixed_shifts(
        FixedShiftProblem(7, (night,), (Person("A", (0, 600)),), (Cover(0, "night", 1, 1),)), seed=1
    )
    for n, number in enumerate(asked.instances):
        row = planned(number, folder, asked.seconds, asked.peer, asked.say)
        if n == 0:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(str(v) for v in row.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
