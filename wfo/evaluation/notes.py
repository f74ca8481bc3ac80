"""Notes: what a reader of a simulated plan must know, and who was left out of it."""

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.centre import Centre
from wfo.evaluation.flow import flow_notes
from wfo.evaluation.play import Played
from wfo.evaluation.precision import half_width
from wfo.evaluation.prices import APART, price_weeks, priced_skills
from wfo.evaluation.scorecard import judged_by
from wfo.evaluation.settings import EvaluateSettings
from wfo.metrics.specs import MetricSpec
from wfo.simulation.staffing import Staffing
from wfo.timegrid import TimeGrid

ALWAYS = (
    "Service level: answered within the threshold ÷ offered without short abandons.",
    "Deferred work: done by the due instant ÷ work due inside the planning week, older work included.",
    "Unscheduled absence strikes whole shifts; a contact in hand is finished after a segment's end.",
    "Scheduled positions: each agent is shared among his queues in proportion to what they require.",
)
NAMED = 5
"""Agents named in a sentence."""


def notes_of(
    played: Played,
    centre: Centre,
    specs: tuple[MetricSpec, ...],
    routing: pd.DataFrame,
    settings: EvaluateSettings,
) -> tuple[str, ...]:
    """How figures are to be read, how precise they are and what prices took."""
    notes, n = list(ALWAYS), played.counts.n
    if settings.precision is not None:
        half = half_width(played, centre, specs, settings.interval)
        notes.append(
            f"Precision: weekly service is known to ±{100 * half:.2f} points after {n} simulated weeks, "
            f"±{100 * settings.precision:.2f} wanted."
        )
    notes += [
        f"'{spec.text}' of {spec.scope} is not judged: the simulation counts {played.within_s[spec.scope]:g} "
        "s there, and one time a queue."
        for spec in specs
        if not judged_by(played, spec)
    ]
    notes += [
        f"'{spec.text}' of {spec.scope}: containment is foretold of self-service queues, from the log and "
        "from what follows their contacts; initiatives move it, no plan of people does."
        for spec in specs
        if spec.metric == "containment"
    ]
    notes += flow_notes(played)
    skills = len(priced_skills(routing, played.paths, played.staffing)) if settings.prices else 0
    if skills:
        weeks = price_weeks(n, skills, settings.prices_effort)
        notes.append(
            f"Prices: one more agent of each of {skills} skills played in {weeks} of the {n} weeks, "
            f"{APART * skills * weeks} simulated weeks in all."
        )
    return tuple(notes)


def basis_notes(card: pd.DataFrame) -> tuple[str, ...]:
    """On what a figure foretold from chains rests, where history's own stands on another ground."""
    told = (card["metric"] == "containment") & card["predicted"].notna()
    if not told.any():
        return ()
    return (
        "Containment is foretold by R, which counts follow-ups that showed no identity too; history's own "
        "figure is by links found of known customers, which miss some, and so is higher.",
    )


def who_serves_nothing(schedule: pd.DataFrame, staffing: Staffing, grid: TimeGrid) -> tuple[str, ...]:
    """A sentence where agents are scheduled to work and serve no queue; empty where all serve one."""
    inside = (schedule["start"] < pd.Timestamp(grid.end)) & (schedule["end"] > pd.Timestamp(grid.start))
    rows = inside & (schedule["kind"].astype(str) == Kind.WORK.value)
    work = set(schedule.loc[rows.to_numpy(), "agent_id"].astype(str))
    idle = sorted(work - {staffing.agents[k] for k in np.unique(staffing.events[:, 2]).tolist()})
    if not idle:
        return ()
    more = f" and {len(idle) - NAMED} more" if len(idle) > NAMED else ""
    return (
        f"{len(idle)} scheduled agents serve no queue and were left out of the simulation: "
        f"{', '.join(idle[:NAMED])}{more}; give them a skill that routing names, or see their work's queues",
    )
