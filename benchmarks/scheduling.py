"""Named weeks for generated centres: seconds to a first schedule, gap, excess, breaches; peers beside them.

    python benchmarks/scheduling.py [--cases fixed-2000 hard-100 …] [--seconds 10 60] [--scale 100 1000 …]
                                    [--peers] [--pyworkforce PYTHON] [--sample] [--figure FILE]
                                    [--rules AGENTS …] [--together]

Penalty: 10 for a missing and 1 for an idle agent-interval, wages and wishes where hours are a decision. Gap
is (penalty − bound) ÷ bound, excess (penalty − bound) ÷ needed agent-intervals. A first plan of a small
centre compiles or loads compiled code and is not counted. ``--scale``: numbers of agents; ``--figure`` draws
the seconds to their first schedule (PNG or SVG).
``--sample``: the sample centre by effort. ``--rules``: what each family of rules costs in time and money, for
so many agents by effort quick; ``--together``: only none and all of them.
"""

import argparse
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd
import scheduling_peers
import scheduling_rules
from scheduling_cases import CASES, UNDER, Case, make
from scheduling_sample import sample_inputs

from wfo.effort import Effort
from wfo.scenario.load import load_scenario
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.result import ScheduleResult
from wfo.scheduling.schedule import schedule
from wfo.scheduling.watch import Progress


@dataclass
class Diary:
    """What was told during a run.

    Attributes
    ----------
    first_s : float
        Seconds of the search until its first schedule.
    bound_s : float
        The same until it told a bound.
    required : float
        Needed agent-intervals.
    """

    first_s: float = float("nan")
    bound_s: float = float("nan")
    required: float = float("nan")

    def write(self, progress: Progress) -> None:
        """Note what matters."""
        if progress.phase == "first schedule":
            self.first_s, self.required = progress.seconds, progress.required
        if progress.bound is not None and math.isnan(self.bound_s):
            self.bound_s = progress.seconds


def breaches(result: ScheduleResult, inputs: ScheduleInputs) -> pd.DataFrame:
    """What the independent checker says."""
    return check_schedule(
        result.frame(),
        centre=inputs.centre,
        agents=inputs.agents,
        availability=inputs.availability,
        published=inputs.published,
        grid=inputs.grid,
        agent_skills=inputs.agent_skills,
        routing=inputs.routing,
    )


def planned(case: Case, seconds: float) -> dict[str, object]:
    """One run of a case."""
    inputs, settings = make(case)
    diary, begin, cpu = Diary(), time.perf_counter(), time.process_time()
    result = schedule(inputs, settings, seed=1, seconds=seconds, tell=diary.write)
    total, cpu = time.perf_counter() - begin, time.process_time() - cpu
    meta, worst = result.meta, UNDER * diary.required
    penalty, bound = worst - meta.objective, worst - meta.bound
    return {
        "case": case.name,
        "agents": case.agents,
        "limit s": f"{seconds:g}",
        "first s": f"{diary.first_s:.2f}",
        "bound s": f"{diary.bound_s:.1f}",
        "all s": f"{total:.1f}",
        "CPU s": f"{cpu:.1f}",
        "penalty": f"{penalty:,.0f}",
        "bound": f"{bound:,.0f}",
        "gap": f"{(penalty - bound) / max(1.0, bound):.2%}",
        "excess": f"{(penalty - bound) / diary.required:.3%}",
        "breaches": len(breaches(result, inputs)),
        "without a week": len(meta.reasons),
    }


def sample(effort: Effort) -> dict[str, object]:
    """The sample centre's week."""
    inputs, settings = sample_inputs(), load_scenario("sample").schedule
    diary, begin = Diary(), time.perf_counter()
    result = schedule(inputs, settings, seed=1, effort=effort, tell=diary.write)
    seconds, meta = time.perf_counter() - begin, result.meta
    return {
        "case": "sample centre",
        "effort": effort.value,
        "first s": f"{diary.first_s:.2f}",
        "all s": f"{seconds:.1f}",
        "flat penalty": f"{meta.facts['flat_objective']:,.0f}",
        "flat bound": f"{meta.facts['flat_bound']:,.0f}",
        "gap": f"{meta.gap:.2%}",
        "excess": f"{meta.excess:.2%}",
        "breaches": len(breaches(result, inputs)),
    }


def draw(rows: list[dict[str, object]], file: str) -> None:
    """Seconds against agents, both by their logarithms."""
    import altair as alt

    frame = pd.DataFrame(rows)
    frame = frame.assign(seconds=frame["first s"].astype("float64"))
    chart = alt.Chart(frame, width=520, height=280).encode(
        alt.X("agents:Q", title="agents").scale(type="log").axis(values=sorted(frame["agents"])),
        alt.Y("seconds:Q", title="seconds to the first schedule").scale(type="log"),
    )
    (chart.mark_line() + chart.mark_point(filled=True)).save(file, scale_factor=2)


def show(rows: Iterable[dict[str, object]]) -> None:
    """A table for documents, each row as soon as it is known."""
    number = -1
    for number, row in enumerate(rows):
        if number == 0:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(str(v) for v in row.values()) + " |", flush=True)
    if number >= 0:
        print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", nargs="*", default=[], choices=list(CASES))
    parser.add_argument("--seconds", nargs="*", type=float, default=[60.0])
    parser.add_argument("--scale", nargs="*", type=int, default=[])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--pyworkforce", default="")
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--rules", nargs="+", type=int, default=[])
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--figure", default="")
    asked = parser.parse_args()
    if asked.together and not asked.rules:
        parser.error("--together says which rows of --rules; add --rules AGENTS")
    small = make(replace(CASES["hard-100"], agents=20))
    schedule(*small, seed=1, seconds=1.0)
    show([planned(CASES[name], seconds) for name in asked.cases for seconds in asked.seconds])
    scale = [planned(Case("scale", n), seconds) for n in asked.scale for seconds in asked.seconds]
    show(scale)
    if asked.figure:
        draw(scale, asked.figure)
    for agents in asked.rules:
        show(scheduling_rules.table(agents, Effort.QUICK, alone=not asked.together))
    if asked.peers:
        show(scheduling_peers.compare(CASES["hard-100"], asked.seconds, asked.pyworkforce))
    if asked.sample:
        schedule(sample_inputs(), load_scenario("sample").schedule, seed=1, effort=Effort.QUICK)
        show([sample(effort) for effort in (Effort.QUICK, Effort.NORMAL)])


if __name__ == "__main__":
    main()
