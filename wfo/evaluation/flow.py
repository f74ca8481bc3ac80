"""Flow: what became of cases step by step, of calls list by list and of late work, as tables and in words."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from wfo.evaluation.measures import ratio
from wfo.evaluation.play import Played
from wfo.tables.empty import empty_table


def case_flow(played: Played) -> pd.DataFrame:
    """Table ``case_flow``: each step of cases, means over the simulated weeks.

    Columns ``queue, step, served_by, begun, again, waiting, wait_h, work_h``: tries begun, those of them
    after which the step is done again, cases in its line at the week's end, mean hours in that line each time
    a case stands in it, agents' hours.
    """
    counts, later, names = played.counts, played.later, played.paths.queues
    rows = later.step_rows()
    at = [s for s, (q, _) in enumerate(rows) if q in later.steps]
    if not at:
        return empty_table("case_flow")
    steps = [step for q, _ in dict.fromkeys((rows[s][0], 0) for s in at) for step in later.steps[q]]
    begun, waiting = counts.step_begun[:, at].mean(axis=0), counts.step_left[:, at].mean(axis=0)
    return pd.DataFrame(
        {
            "queue": pd.Series([names[rows[s][0]] for s in at], dtype="str"),
            "step": pd.Series([rows[s][1] for s in at], dtype="str"),
            "served_by": pd.Series([names[step.queue] for step in steps], dtype="str"),
            "begun": begun,
            "again": counts.step_again[:, at].mean(axis=0),
            "waiting": waiting,
            "wait_h": ratio(counts.step_wait_ms[:, at].mean(axis=0) / 3.6e6, begun + waiting),
            "work_h": counts.step_work_ms[:, at].mean(axis=0) / 3.6e6,
        }
    )


def call_lists(played: Played) -> pd.DataFrame:
    """Table ``call_lists``: people called, means over the simulated weeks.

    Columns ``queue, list, people, calls, reached, dropped, exhausted, left``; ``list`` is empty for the
    queue's own contacts. Who was not reached by any attempt is exhausted, who could still be called is left.
    """
    counts, names = played.counts, played.paths.queues
    rows = played.later.list_rows()
    if not rows:
        return empty_table("call_lists")
    fields = ("people", "calls", "reached", "dropped", "exhausted")
    found = {name: getattr(counts, f"list_{name}").mean(axis=0) for name in fields}
    frame = pd.DataFrame(
        {
            "queue": pd.Series([names[q] for q, _ in rows], dtype="str"),
            "list": pd.Series([label for _, label in rows], dtype="str"),
            **found,
            "left": found["people"] - found["reached"] - found["dropped"] - found["exhausted"],
        }
    )
    return frame[(frame["people"] > 0).to_numpy()].reset_index(drop=True)


def flow_notes(played: Played) -> tuple[str, ...]:
    """Where cases wait, what became of lists and what late work brought, in words."""
    return (*_case_notes(case_flow(played)), *_list_notes(call_lists(played)), *_chase_notes(played))


def _case_notes(flow: pd.DataFrame) -> Iterator[str]:
    for name, own in flow.groupby("queue", sort=False):
        told = []
        for step in own.to_dict("records"):
            text = f"{step['step']} (by {step['served_by']}) {step['begun']:.0f} times"
            text += f" after {step['wait_h']:.1f} h in line" if step["begun"] else ""
            text += f", {step['again']:.0f} come back" if step["again"] else ""
            text += f", {step['waiting']:.0f} wait at the end" if step["waiting"] >= 0.5 else ""
            told.append(text)
        yield f"Cases of {name} in a simulated week: {'; '.join(told)}."


def _list_notes(lists: pd.DataFrame) -> Iterator[str]:
    for row in lists.to_dict("records"):
        told = f"list {row['list']}" if row["list"] else "its own contacts"
        dropped = f", {row['dropped']:.0f} dropped" if row["dropped"] else ""
        yield (
            f"Calls of {row['queue']}, {told}, in a simulated week: of {row['people']:.0f} people "
            f"{row['reached']:.0f} are talked to in {row['calls']:.0f} calls{dropped}, "
            f"{row['exhausted']:.0f} not reached by any attempt, {row['left']:.0f} still to be called."
        )


def _chase_notes(played: Played) -> Iterator[str]:
    names = played.paths.queues
    for q, chasing in sorted(played.later.chasing.items()):
        mean = float(np.mean(played.counts.chases[:, q]))
        where = names[chasing.queue]
        yield f"Late work of {names[q]} brings {mean:.1f} chase contacts to {where} in a simulated week."
