"""The public shift scheduling instances (Curtois and Qu 2014) as text, and a judge that reads them itself.

`judge` shares no code with the package: it works on the sections of the file.
"""

from itertools import groupby
from pathlib import Path

from wfo.scheduling.fixed_shifts.problem import Cover, FixedShiftProblem, Person, ShiftType, Wish

Sections = dict[str, list[list[str]]]


def sections(path: Path) -> Sections:
    """Rows of fields by section."""
    found: Sections = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("SECTION_"):
            now = found.setdefault(line.strip().removeprefix("SECTION_"), [])
        elif line.strip() and not line.startswith("#"):
            now.append([field.strip() for field in line.split(",")])
    return found


def _limits(text: str) -> dict[str, int]:
    return {name: int(n) for name, n in (part.split("=") for part in text.split("|"))}


def to_team(given: Sections) -> FixedShiftProblem:
    """An instance as the package's problem."""
    off = {row[0]: frozenset(int(d) for d in row[1:]) for row in given["DAYS_OFF"]}
    return FixedShiftProblem(
        int(given["HORIZON"][0][0]),
        tuple(
            ShiftType(name, int(minutes), tuple(t for t in bars.split("|") if t))
            for name, minutes, bars in given["SHIFTS"]
        ),
        tuple(
            Person(
                name, (int(low), int(high)), (int(fewest), int(row)), int(rest), int(weekends), _limits(most),
                off.get(name, frozenset()),
            )
            for name, most, high, low, row, fewest, rest, weekends in given["STAFF"]
        ),
        tuple(Cover(int(d), t, int(n), int(u), int(o)) for d, t, n, u, o in given["COVER"]),
        tuple(
            Wish(p, int(d), t, int(w), wanted)
            for wanted, name in ((True, "SHIFT_ON_REQUESTS"), (False, "SHIFT_OFF_REQUESTS"))
            for p, d, t, w in given[name]
        ),
    )  # fmt: skip


def judge(given: Sections, rota: dict[str, dict[int, str]]) -> tuple[int, list[str]]:
    """Penalty of a rota and the hard rules it breaks."""
    days, wrong = int(given["HORIZON"][0][0]), list[str]()
    minutes = {row[0]: int(row[1]) for row in given["SHIFTS"]}
    barred = {(row[0], t) for row in given["SHIFTS"] for t in row[2].split("|") if t}
    for name, most, high, low, row, fewest, rest, weekends in given["STAFF"]:
        line = [rota[name].get(d, "") for d in range(days)]
        broken = {
            "shifts": any(line.count(t) > n for t, n in _limits(most).items()),
            "minutes": not int(low) <= sum(minutes[t] for t in line if t) <= int(high),
            "succession": any(pair in barred for pair in zip(line, line[1:], strict=False)),
            "weekends": sum(bool(line[d] or line[d + 1]) for d in range(5, days - 1, 7)) > int(weekends),
        }
        runs = [(bool(on), len(list(g))) for on, g in groupby(line, key=lambda t: t != "")]
        broken["row"] = any(on and n > int(row) for on, n in runs)
        broken["short row"] = any(on and n < int(fewest) for on, n in runs[1:-1])
        broken["rest"] = any(not on and n < int(rest) for on, n in runs[1:-1])
        wrong += [f"{name}: {rule}" for rule, yes in broken.items() if yes]
    wrong += [
        f"{row[0]}: day off {d}" for row in given["DAYS_OFF"] for d in row[1:] if int(d) in rota[row[0]]
    ]
    asked = [(p, d, t, w, 1) for p, d, t, w in given["SHIFT_ON_REQUESTS"]]
    asked += [(p, d, t, w, 0) for p, d, t, w in given["SHIFT_OFF_REQUESTS"]]
    total = sum(int(w) for p, d, t, w, on in asked if (rota[p].get(int(d)) == t) != bool(on))
    for d, t, need, under, over in given["COVER"]:
        lack = int(need) - sum(line.get(int(d)) == t for line in rota.values())
        total += int(under) * max(0, lack) + int(over) * max(0, -lack)
    return total, wrong
