"""Runs in pyworkforce's own environment: needs on standard input, agents on duty by hour on output."""

import json
import sys

from pyworkforce.scheduling import MinAbsDifference


def main() -> None:
    given = json.load(sys.stdin)
    days, hours = len(given["need"]), len(given["need"][0])
    solver = MinAbsDifference(
        num_days=days,
        periods=hours,
        shifts_coverage=given["shifts"],
        required_resources=given["need"],
        max_period_concurrency=given["agents"],
        max_shift_concurrency=given["agents"],
    )
    found = solver.solve()["resources_shifts"]
    cover = [[0] * hours for _ in range(days)]
    for row in found:
        for hour, on in enumerate(given["shifts"][row["shift"]]):
            cover[row["day"]][hour] += on * int(row["resources"])
    json.dump(cover, sys.stdout)


if __name__ == "__main__":
    main()
