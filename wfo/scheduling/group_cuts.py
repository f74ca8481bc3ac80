"""Minimum staff and team mix as cuts: in every slot, weighted agents on duty of the classes reach a level.

A rule about who is on duty together does not separate by agent; as a cut its shortfall has a price that is
renewed with every change, and the bound sees it as it sees all cuts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wfo.domain.hours import DAY_MIN, parse_hours
from wfo.scheduling.people import WeekAgent
from wfo.scheduling.settings import Group, MinimumStaff, ScheduleSettings, TeamMix
from wfo.timegrid import TimeGrid

_MONTHS = 12.0


@dataclass(frozen=True)
class GroupCuts:
    """Cuts of rules about groups.

    Attributes
    ----------
    cell, cut : int64
        Of each term: class · slots + slot, and the cut's number from 0.
    coef : float64
        Of each term.
    rhs, value : float64, shape (K,)
        Right-hand sides, money for a unit of shortfall.
    """

    cell: np.ndarray
    cut: np.ndarray
    coef: np.ndarray
    rhs: np.ndarray
    value: np.ndarray


def weights_of(
    persons: Sequence[WeekAgent], skills: Mapping[str, tuple[str, ...]], settings: ScheduleSettings
) -> dict[str, tuple[float, ...]]:
    """What each agent adds to the left-hand side of each rule, by agent; rules in the settings' order."""
    rules = [*settings.minimum_staff.values(), *settings.team_mix.values()]
    return {
        p.agent_id: tuple(_weight(p, skills.get(p.agent_id, ()), rule) for rule in rules) for p in persons
    }


def _weight(person: WeekAgent, skills: tuple[str, ...], rule: Group) -> float:
    """1 in a minimum, the share apart in a mix, 0 for who is not in the group."""
    asked = (
        (rule.team, person.team), (rule.site, person.site), (rule.contract, person.contract_id),
    )  # fmt: skip
    if any(wanted not in (None, own) for wanted, own in asked) or rule.skill not in (None, *skills):
        return 0.0
    if isinstance(rule, TeamMix):
        return 1.0 - rule.share if person.tenure_years * _MONTHS >= rule.months - 1e-9 else -rule.share
    return 1.0


def group_cuts(
    class_weights: Sequence[tuple[float, ...]],
    settings: ScheduleSettings,
    grid: TimeGrid,
    zone: str,
    slot_min: int,
) -> GroupCuts:
    """A cut for each rule and slot in its hours.

    Parameters
    ----------
    class_weights : sequence of tuple
        From `weights_of`, by class.
    zone : str
        The centre's, for the rules' hours.
    """
    rules: list[MinimumStaff | TeamMix] = [*settings.minimum_staff.values(), *settings.team_mix.values()]
    per = grid.step_min // slot_min
    minute = _local_minutes(grid, zone, per, slot_min)
    cells: list[np.ndarray] = []
    cuts: list[np.ndarray] = []
    coefs: list[np.ndarray] = []
    rhs: list[float] = []
    value: list[float] = []
    for r, rule in enumerate(rules):
        own = [(c, weights[r]) for c, weights in enumerate(class_weights) if weights[r] != 0.0]
        slots = np.flatnonzero(_inside(minute, rule.hours))
        number = len(rhs) + np.arange(slots.size)
        for c, weight in own:
            cells.append(c * minute.size + slots)
            cuts.append(number)
            coefs.append(np.full(slots.size, weight))
        rhs += [0.0 if isinstance(rule, TeamMix) else float(rule.agents)] * slots.size
        value += [rule.price * slot_min / 60] * slots.size
    none = [np.zeros(0, np.int64)]
    return GroupCuts(
        np.concatenate(cells or none), np.concatenate(cuts or none), np.concatenate(coefs or [np.zeros(0)]),
        np.array(rhs, float), np.array(value, float),
    )  # fmt: skip


def _local_minutes(grid: TimeGrid, zone: str, per: int, slot_min: int) -> np.ndarray:
    """Local minutes since Monday's midnight of each slot's start."""
    starts = grid.local(zone)
    minute = np.asarray(starts.day_of_week * DAY_MIN + starts.hour * 60 + starts.minute, np.int64)
    return (np.repeat(minute, per) + np.tile(np.arange(per) * slot_min, minute.size)).astype(np.int64)


def _inside(minute: np.ndarray, hours: tuple[str, ...]) -> np.ndarray:
    """Slots that begin in weekly hours."""
    week = 7 * DAY_MIN
    found = np.zeros(minute.size, bool)
    for day, windows in parse_hours(hours).items():
        for first, last in windows:
            for turn in (0, week):
                begin, end = day * DAY_MIN + first, day * DAY_MIN + last
                found |= (begin <= minute + turn) & (minute + turn < end)
    return found
