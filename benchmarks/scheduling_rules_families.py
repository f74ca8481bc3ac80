"""Families of rules for the table of what rules cost, with figures that a centre may have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from scheduling_rules_case import MOST_H, Week, away, fixed, leave, meet, published_before, skilled, wishful
from scheduling_rules_weighed import hours_apart, paid_on_top, shifts_kept, wishes_met

from wfo.domain.contract import Break, Contract
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.settings import MinimumStaff, ScheduleSettings, TeamMix

_BREAKS = {
    "lunch": Break(minutes=60, paid=False, over_h=6, window_h={"min": 2.5, "max": 6.5}),
    "rest-1": Break(minutes=15),
    "rest-2": Break(minutes=15, over_h=6),
}
_TYPES = {
    "early": {"earliest": "06:00", "latest": "10:00"},
    "middle": {"earliest": "10:30", "latest": "12:30"},
    "late": {"earliest": "13:00", "latest": "17:00"},
}


@dataclass(frozen=True)
class Family:
    """Rules that belong together.

    Attributes
    ----------
    name : str
        With its figures.
    contracts : dict
        Fields of every contract, or by contract's name what that one has.
    settings : dict
        Of the scenario.
    frames : callable, optional
        Changes the inputs.
    joins : bool
        Whether it looks at several agents at once.
    kind : str
        ``rule``: it forbids, ``freedom``: it allows more, ``price``: it is weighed against money.
    with_all : bool
        Whether it is among all rules at once: not where another family says more.
    weighed : callable, optional
        What a price is weighed for, from the rows of a plan and its week, in words.
    """

    name: str
    contracts: dict[str, object] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    frames: Callable[[ScheduleInputs], ScheduleInputs] | None = None
    joins: bool = False
    kind: str = "rule"
    with_all: bool = True
    weighed: Callable[[pd.DataFrame, Week], str] | None = None


def laid_over(week: Week, families: Sequence[Family]) -> Week:
    """The week with the rules of families, later ones over earlier ones."""
    inputs, settings = week
    contracts, wanted = dict(inputs.centre.contracts), dict[str, object]()
    for family in families:
        for name, rule in contracts.items():
            own = {k: v for k, v in family.contracts.items() if k not in MOST_H}
            own |= family.contracts.get(name, {})
            contracts[name] = Contract.model_validate(_merged(rule.model_dump(), own))
        wanted |= family.settings
    inputs = replace(inputs, centre=inputs.centre.model_copy(update={"contracts": contracts}))
    for family in families:
        if family.frames is not None:
            inputs = family.frames(inputs)
    return inputs, ScheduleSettings.model_validate(settings.model_dump() | wanted)


def _merged(fields: dict[str, object], own: dict[str, object]) -> dict[str, object]:
    """Fields of a contract with those of a rule, ranges and windows part by part."""
    both = {
        k: {**fields[k], **v}
        for k, v in own.items()
        if isinstance(fields.get(k), dict) and isinstance(v, dict)
    }
    return fields | own | both


def families(agents: int) -> list[Family]:
    """All of them for so many agents, in the order of the table."""
    kinds = {"shift_types": _TYPES}
    on_duty = MinimumStaff(agents=max(1, agents // 8), hours=("Mon-Sun 06:00-23:30",))
    mix = TeamMix(share=0.5, months=12, hours=("Mon-Sun 06:00-23:30",))
    sure = {
        "early": {"week_h": {"min": 36}},
        "turns": {"week_h": {"min": 36}},
        "part": {"week_h": {"min": 16}},
    }
    return [
        Family("hours of the week: at least 36 (part 16)", sure),
        Family(
            "days of the week: 4 to 5 (part 2 to 4)",
            {"days": {"min": 4, "max": 5}, "part": {"days": {"min": 2, "max": 4}}},
        ),
        Family("hours of a day: at most 9", {"day_h": 9}),
        Family(
            "hours of two weeks: at most 78 (part 44)",
            {"period": {"weeks": 2, "max_h": 78}, "part": {"period": {"weeks": 2, "max_h": 44}}},
        ),
        Family(
            "start windows: 06:00 to 10:00 (four in ten), 09:00 to 17:00 (part)",
            {"early": {"start": {"latest": "10:00"}}, "part": {"start": {"earliest": "09:00"}}},
        ),
        Family("breaks: lunch of 1 h in its window, two rests of 15 min", {"breaks": _BREAKS}),
        Family("rest: 11 h", {"rest_h": 11}),
        Family("days in a row: 2 to 6", {"min_days_in_row": 2, "max_days_in_row": 6}),
        Family("days off in a row: 2 to 4", {"min_days_off_in_row": 2, "max_days_off_in_row": 4}),
        Family("weekends: 1 of 2", {"weekends": {"worked": 1, "of": 2}}, with_all=False),
        Family("weekends: 1 of 2, whole", {"weekends": {"worked": 1, "of": 2, "whole": True}}),
        Family(
            "successions: neither early nor middle after late",
            kinds | {"not_after": {"late": ["early", "middle"]}},
        ),
        Family(
            "rotation: early and late weeks in turn (three in ten)",
            {"turns": kinds | {"rotation": ["early", "late"]}},
        ),
        Family("one in ten partly unavailable", frames=away),
        Family("one in ten on leave for two days", frames=leave),
        Family("one in ten with a fixed shift", frames=fixed),
        Family("a team meeting of 1 h for everybody", frames=meet),
        Family("skills: 3 queues, 5 sets, some too slow in one", frames=skilled),
        Family(
            f"minimum staff: {on_duty.agents} from 06:00 to 23:30",
            settings={"minimum_staff": {"duty": on_duty}},
            joins=True,
        ),
        Family("team mix: half with a year or more", settings={"team_mix": {"old hands": mix}}, joins=True),
        Family(
            "split shifts allowed: 2 to 4 h between parts of 4 to 5 h",
            {"split": {"gap_h": {"min": 2, "max": 4}, "part_h": {"min": 4, "max": 5}}},
            kind="freedom",
        ),
        Family(
            "overtime allowed: 6 h at 25 % more", {"overtime": {"max_h": 6, "premium": 0.25}}, kind="freedom"
        ),
        Family(
            "hours of the week as above, 8 h of voluntary time off",
            sure | {"voluntary_time_off_h": 8},
            kind="freedom",
        ),
        Family(
            "premiums: Sundays 50 %, after 20:00 25 %",
            {
                "premiums": {
                    "sunday": {"hours": ["Sun 00:00-24:00"], "share": 0.5},
                    "night": {"hours": ["Mon-Sat 20:00-24:00"], "share": 0.25},
                }
            },
            kind="price",
            weighed=paid_on_top,
        ),
        Family(
            "wishes of every other agent at 5",
            settings={"price_wish": 5.0},
            frames=wishful,
            kind="price",
            weighed=wishes_met,
        ),
        Family(
            "wishes, 10 % more for a year of service",
            settings={"price_wish": 5.0, "seniority_share": 0.1},
            frames=wishful,
            kind="price",
            weighed=wishes_met,
        ),
        Family(
            "fairness over weeks: evenings and weekends at 0.5",
            settings={"price_unfair": 0.5},
            kind="price",
            weighed=hours_apart,
        ),
        Family(
            "few changes to the published week: 10 a shift",
            settings={"price_change": 10.0},
            frames=published_before,
            kind="price",
            weighed=shifts_kept,
        ),
        Family("starts of a week at most 2 h apart", {"start": {"variance_min": 120}}),
        Family("same start on all days", {"start": {"variance_min": 0}}, with_all=False),
    ]
