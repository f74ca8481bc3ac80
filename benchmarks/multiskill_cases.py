"""A generated centre whose agents share queues: eight queues, nineteen skill groups, past weeks as counts."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.tables.data import Data

NOW = dt.datetime(2025, 7, 7, tzinfo=dt.UTC)
QUEUES = tuple(f"q{k}" for k in range(8))
GROUPS = [(k,) for k in range(8)] + [(k, (k + 1) % 8) for k in range(8)] + [(0, 3, 5), (1, 4, 6), (2, 5, 7)]
HANDLE_S, PATIENCE_S, WEEKS, DAY_CV = 300.0, 150.0, 8, 0.05
CENTRE = """
extends: base.yaml
name: Eight queues, nineteen skill groups
week: {{start: 2025-07-07, grid_min: 15}}
centre:
  zone: UTC
  queues:
{queues}
  skills: {{{skills}}}
  contracts:
    full:
      week_h: 40
      shift_h: 8
      start: {{earliest: "07:00", latest: "13:00", step_min: 30}}
      days: 5
      rest_h: 11
      breaks:
        lunch: {{minutes: 30, paid: true, over_h: 6, after_h: 3}}
        pause: {{minutes: 15, paid: true, per_h: 4, after_h: 1}}
"""
QUEUE = (
    "    {name}: {{channel: voice, law: immediate, hours: Mon-Sun 08:00-21:00, patience_s: {patience_s:g}, "
    "handle_s: {handle_s:g}, targets: {{service_level: 80% in 20s}}}}"
)


def many_queues(
    folder: Path,
    *,
    a_group: int,
    busy: float,
    sizes: tuple[float, float] = (0.5, 1.5),
    settings: Sequence[str] = (),
    seed: int = 1,
) -> tuple[Scenario, Data]:
    """Scenario and data of a centre with so many agents in each of nineteen groups.

    Parameters
    ----------
    folder : Path
        Where the scenario's file is written.
    a_group : int
        Agents in each group.
    busy : float
        Expected work ÷ the hours at work of everybody, breaks and unscheduled shrinkage taken out.
    sizes : (float, float)
        Of the smallest and the largest queue ÷ the mean.
    settings : sequence of str
        Like ``demand.scale=1.1``.
    seed : int
        Of the history.
    """
    text = [QUEUE.format(name=q, patience_s=PATIENCE_S, handle_s=HANDLE_S) for q in QUEUES]
    skills = ", ".join(f"s{k}: {{}}" for k in range(len(QUEUES)))
    path = folder / "many_queues.yaml"
    path.write_text(CENTRE.format(queues="\n".join(text), skills=skills), encoding="utf-8")
    scenario = load_scenario(path, set=list(settings))
    number = a_group * len(GROUPS)
    at_work_h = number * 40.0 * (8 - 1.0) / 8 * (1 - scenario.staff.unscheduled_shrinkage)
    contacts = busy * at_work_h * 3600 / HANDLE_S
    names = [f"agent{n:04d}" for n in range(number)]
    held = [
        (name, f"s{k}", 1 + rank) for n, name in enumerate(names) for rank, k in enumerate(GROUPS[n % 19])
    ]
    agents = pd.DataFrame({"agent_id": names, "contract": "full", "cost_per_h": 25.0})
    frames = {
        "queue_intervals": _history(contacts, sizes, np.random.default_rng(seed)),
        "agents": agents,
        "agent_skills": pd.DataFrame(held, columns=["agent_id", "skill", "priority"]),
        "routing": pd.DataFrame({"queue": QUEUES, "skill": [f"s{k}" for k in range(8)], "priority": 1}),
    }
    return scenario, Data(frames)


def _history(contacts: float, sizes: tuple[float, float], draws: np.random.Generator) -> pd.DataFrame:
    """Counts of past weeks: queues of even steps in size, a peak in the day, days by `DAY_CV`."""
    hour = (np.arange(7 * 96) % 96) / 4
    shape = np.where((hour >= 8) & (hour < 21), np.exp(-(((hour - 13) / 5.0) ** 2)), 0.0)
    mean = np.outer(np.linspace(*sizes, len(QUEUES)), shape)
    mean *= contacts / mean.sum()
    starts = pd.date_range(NOW - dt.timedelta(weeks=WEEKS), periods=WEEKS * 7 * 96, freq="15min").as_unit(
        "us"
    )
    parts = []
    for name, week in zip(QUEUES, mean, strict=True):
        factor = np.repeat(np.exp(DAY_CV * draws.standard_normal(WEEKS * 7)), 96)
        offered = draws.poisson(np.tile(week, WEEKS) * factor).astype(float)
        answered = np.round(0.97 * offered)
        part = {"queue": name, "interval_start": starts, "interval_min": 15, "offered": offered}
        part |= {"answered": answered, "abandoned": offered - answered, "handle_s_total": answered * HANDLE_S}
        part["known_at"] = starts + pd.Timedelta(minutes=15)
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)
