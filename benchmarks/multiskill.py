"""Rounds of cuts and local search where agents share queues: service by queue before and after each.

    python benchmarks/multiskill.py [base] [stressed] [generated] [tight] --rounds 10
        [--effort quick] [--weeks 200] [--set demand.scale=1.1] [--runs FOLDER]

``base`` is the sample centre's week, ``stressed`` the same with twice the calls of its smallest voice queue,
whose agents are shared, ``generated`` a centre of eight queues and nineteen skill groups, ``tight`` the same
with more unequal queues and more to do.
Each is planned with one round and with so many, the local search last where a queue is still short (it is the
row after the last round, with the cuts of the round whose plan it changes), and the kept plans are then
played in so many weeks of other draws than those by which the rounds were chosen.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from multiskill_cases import many_queues

from wfo.effort import Effort
from wfo.pipeline import planned as pipeline
from wfo.planning.rounds import rounds_table
from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.tables.data import Data

CASES = ("base", "stressed", "generated", "tight")
SMALL = "voice_sales"
"""The sample centre's smallest queue of calls."""


def case(name: str, folder: Path, settings: list[str]) -> tuple[Scenario, Data | None]:
    """Scenario and, where they are not the scenario's own, data."""
    if name == "generated":
        return many_queues(folder, a_group=8, busy=0.78, settings=settings)
    if name == "tight":
        return many_queues(folder, a_group=8, busy=0.80, sizes=(0.4, 1.6), settings=settings)
    more = [f"demand.queues.{SMALL}.scale=2"] if name == "stressed" else []
    return load_scenario("sample", set=[*more, *settings]), None


def shown(table: pd.DataFrame, zone: str) -> None:
    """Print rounds, one line a queue."""
    for number, part in table.groupby("round", sort=True):
        head = part.iloc[0]
        kept = ", kept" if head["kept"] else ""
        print(f"  round {number}{kept}: {part['cuts'].sum()} cuts, {head['paid_h']:.0f} h paid")
        for line in part.to_dict("records"):
            worst = "none short"
            if not pd.isna(line["worst_start"]):
                hour = line["worst_start"].tz_convert(zone)
                worst = f"worst {hour:%a %H:%M} {100 * line['worst_predicted']:.0f} %"
            print(
                f"    {line['queue']:16s} {100 * line['predicted']:5.1f} % of {100 * line['target']:.0f}, "
                f"{100 * line['near']:5.1f} % of volume near, {worst}, {line['cuts']} cuts"
            )


def played_again(made: pipeline.Planned, weeks: int) -> pd.DataFrame:
    """The kept plan in so many weeks of other draws, as table ``rounds``."""
    scenario = made.stages.scenario
    judged = scenario.evaluate.model_copy(update={"prices": False})
    other = {"seed": scenario.seed + 1000, "replications": weeks, "evaluate": judged}
    stages = replace(made.stages, scenario=scenario.model_copy(update=other), entries=[])
    names = ("chains", "forecast", "staff", "schedule", "coach", "place")
    found = stages.evaluate(*(made.results[name] for name in names), round_=made.round)
    plan = made.results["place"].tables["schedule"]
    told = Round(made.round, 0.0, None, found.tables, plan)
    return rounds_table([told], made.round)


@dataclass(frozen=True)
class Round:
    """One round as `rounds_table` reads it."""

    number: int
    cost: float
    cuts: pd.DataFrame | None
    evaluated: Mapping[str, pd.DataFrame]
    planned: pd.DataFrame


def measured(name: str, given: argparse.Namespace, root: Path) -> None:
    """Plan a case with one round and with all, and print both."""
    scenario, data = case(name, root, given.set)
    print(f"{name}: {scenario.name}")
    for most in (1, given.rounds):
        pipeline.ROUNDS = dict.fromkeys(Effort, most)
        limit = scenario.schedule.model_copy(update={"rounds": most})
        began = time.perf_counter()
        made = pipeline.planned(
            scenario.model_copy(update={"schedule": limit}),
            root,
            None,
            None,
            Effort(given.effort),
            data,
            _silent,
        )
        took = time.perf_counter() - began
        if made.rounds is None:
            raise SystemExit(f"no plan: {made.results['schedule'].meta.reasons}")
        head = "one round, then local search" if most == 1 else f"at most {most} rounds, then local search"
        print(f" {head} ({took:.0f} s)")
        shown(made.rounds, scenario.centre.zone)
        print(f" the kept plan in {given.weeks} other weeks")
        shown(played_again(made, given.weeks), scenario.centre.zone)
    for reason in made.missed:
        print(f"  still missed: {reason}")


def _silent(stage: str, message: str) -> None:
    """Say nothing."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("cases", nargs="*", help=", ".join(CASES))
    asked.add_argument("--rounds", type=int, default=6)
    asked.add_argument("--effort", default="quick", choices=[e.value for e in Effort])
    asked.add_argument("--weeks", type=int, default=200)
    asked.add_argument("--set", action="append", default=[], help="a setting, like demand.scale=1.1")
    asked.add_argument("--runs", type=Path, help="folder whose stored stages are used again")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = given.runs or Path(scratch)
        root.mkdir(parents=True, exist_ok=True)
        for name in given.cases or CASES:
            measured(name, given, root)


if __name__ == "__main__":
    main()
