"""Full-time equivalents by month: a week's requirement scaled with the months' contacts."""

import calendar
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import InputError, Problem
from wfo.report.months_file import read_months
from wfo.report.run_files import RunFiles
from wfo.report.staffing import ALL, full_time_h, staffing_summary

_MONTHS = 12


@dataclass(frozen=True)
class MonthlyNeed:
    """What each month needs.

    Attributes
    ----------
    fte : Series
        Paid full-time equivalents by month, ``2026-01``, in order, shrinkage included.
    notes : tuple of str
        Queues whose need could not follow the months' contacts.
    """

    fte: "pd.Series[float]"
    notes: tuple[str, ...] = ()


def monthly_fte(run: RunFiles, volumes: Path | None) -> MonthlyNeed:
    """Paid full-time equivalents that each month needs, shrinkage included.

    Hours grow in step with contacts, which is on the safe side: larger queues need fewer for each contact. A
    queue without rows, or whose work does not follow contacts (calls of lists, work that is open already),
    needs in every month what it needs in the run's week.

    Parameters
    ----------
    run : RunFiles
        A run at least until ``staff``.
    volumes : Path or None
        CSV ``month, contacts`` and perhaps ``queue`` (``all`` or none: all staffed queues together), or the
        file of an outlook; None: twelve months like the week of the run.

    Returns
    -------
    MonthlyNeed

    Raises
    ------
    InputError
        If the file cannot be read, its months do not follow each other, a queue lacks some of them, ``all``
        stands beside queues, or contacts are told of a queue that has none in the run's week.
    """
    week = staffing_summary(run).set_index("queue")
    # the summary's own figure is rounded to a tenth of a person
    week["fte"] = week["hours_paid"] / full_time_h(run)
    if volumes is None:
        begin = pd.Timestamp(run.table("requirement")["interval_start"].min()).tz_convert(run.zone)
        months = pd.period_range(begin.strftime("%Y-%m"), periods=_MONTHS, freq="M").astype(str)
        return MonthlyNeed(pd.Series(float(week["fte"][ALL]), index=months))
    laws = {name: spec.get("law") for name, spec in run.scenario["centre"]["queues"].items()}
    unstaffed = {name for name, law in laws.items() if law == "unstaffed"}
    table = read_months(volumes, tuple(week.index), unstaffed)
    days = np.array([calendar.monthrange(int(m[:4]), int(m[5:]))[1] for m in table.index])
    own = week.loc[list(table.columns)]
    _check_scalable(volumes, table, own)
    each = (own["fte"] / own["contacts"].where(own["contacts"] > 0)).fillna(0.0)
    need = (table.mul(each, axis=1)).sum(axis=1) / days * 7
    still = [q for q in own.index if own["contacts"][q] == 0 and own["fte"][q] > 0]
    if ALL not in table:
        still += [q for q in week.index if q not in (ALL, *table.columns) and week["fte"][q] > 0]
    notes = tuple(
        f"{queue}: the {'week has' if queue in table else 'months say'} nothing of its contacts, so it "
        f"needs {week['fte'][queue]:.1f} FTE in every month, as in the run's week"
        for queue in still
    )
    return MonthlyNeed((need + float(week.loc[still, "fte"].sum())).rename_axis(None), notes)


def _check_scalable(volumes: Path, table: pd.DataFrame, week: pd.DataFrame) -> None:
    """Raise where contacts are told of a queue whose hours for a contact the run does not know."""
    told = set(table.columns[table.to_numpy().max(axis=0) > 0])
    unknown = [q for q, contacts in week["contacts"].items() if contacts == 0 and q in told]
    if unknown:
        text = (
            "has no contacts in this run's week, so that the hours of one are not known; take a run of "
            "a week in which it is open, or leave the queue out"
        )
        raise InputError([Problem(f"{volumes}, queue '{queue}'", text) for queue in unknown])


def fte_per_person(run: RunFiles) -> float:
    """Contract hours of an agent ÷ full-time hours, the mean over the run's agents; 1 where not known.

    A contract with a range of weekly hours counts with its middle.
    """
    contracts, agents = run.scenario["centre"].get("contracts", {}), run.table("agents")
    if "contract" not in agents:
        return 1.0
    hours = agents["contract"].map({name: _middle(c["week_h"]) for name, c in contracts.items()}).dropna()
    return float(np.sort(hours.to_numpy(dtype=float)).mean() / full_time_h(run)) if len(hours) else 1.0


def _middle(week_h: object) -> float:
    if isinstance(week_h, dict):
        return (float(week_h["min"]) + float(week_h["max"])) / 2
    return float(str(week_h))
