"""Links: how agents serve queues, from skills and routing, and the groups of those who serve alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class Link:
    """How an agent serves a queue; lower tiers come first.

    Attributes
    ----------
    contact_tier : int
        For contacts that choose among agents.
    after_ms : int
        A contact must have waited so long.
    agent_tier : int
        For an agent who chooses among contacts.
    speed : float
    """

    contact_tier: int
    after_ms: int
    agent_tier: int
    speed: float


Links = Mapping[str, Mapping[int, Link]]
"""By agent and number of the queue."""
Group = tuple[tuple[int, int, int, int], ...]
"""What agents of a group serve: (agent's tier, queue, contact's tier, after_ms), sorted."""


def _number(value: Any, default: float) -> float:
    return default if value is None or pd.isna(value) else float(value)


def _valid(skills: pd.DataFrame, grid: TimeGrid) -> pd.DataFrame:
    """Skills that an agent has at some time of the grid."""
    keep = pd.Series(True, index=skills.index)
    if "valid_from" in skills.columns:
        keep &= skills["valid_from"].isna() | (skills["valid_from"] < pd.Timestamp(grid.end))
    if "valid_to" in skills.columns:
        keep &= skills["valid_to"].isna() | (skills["valid_to"] > pd.Timestamp(grid.start))
    return skills[keep]


def links_of(skills: pd.DataFrame, routing: pd.DataFrame, queues: tuple[str, ...], grid: TimeGrid) -> Links:
    """Each agent's queues with the best way in which he serves them."""
    number = {name: k for k, name in enumerate(queues)}
    ways: dict[str, list[tuple[float, float, int]]] = {}
    for row in routing.to_dict("records"):
        if row["queue"] in number:
            way = (_number(row.get("priority"), 1.0), _number(row.get("after_s"), 0.0), number[row["queue"]])
            ways.setdefault(str(row["skill"]), []).append(way)
    found: dict[tuple[str, int], tuple[float, float, float, float]] = {}
    for row in _valid(skills, grid).to_dict("records"):
        own, speed = _number(row.get("priority"), 1.0), _number(row.get("speed"), 1.0)
        for priority, after_s, queue in ways.get(str(row["skill"]), []):
            key, offer = (str(row["agent_id"]), queue), (priority, after_s, own, speed)
            found[key] = min(found.get(key, offer), offer)
    contact_tiers = sorted({(p, own) for p, _, own, _ in found.values()})
    agent_tiers = sorted({own for _, _, own, _ in found.values()})
    links: dict[str, dict[int, Link]] = {}
    for (agent, queue), (priority, after_s, own, speed) in sorted(found.items()):
        tier = contact_tiers.index((priority, own))
        links.setdefault(agent, {})[queue] = Link(tier, round(after_s * 1000), agent_tiers.index(own), speed)
    return links


def group_of(
    agent: str, listed: tuple[str, ...], main_queue: str, links: Links, queues: tuple[str, ...]
) -> Group:
    """Group of an agent in a stretch of work.

    Contacts choose those who keep to their queue first, then those who keep to none, then those who keep to
    another; within these by tier. An agent who keeps to a queue takes its contacts first. A main queue he
    does not serve then is none.
    """
    served = {
        queue: link for queue, link in links.get(agent, {}).items() if not listed or queues[queue] in listed
    }
    main = next((queue for queue in served if queues[queue] == main_queue), None)
    tiers = 1 + max((one.contact_tier for own in links.values() for one in own.values()), default=0)
    return tuple(
        sorted(
            (
                0 if queue == main else link.agent_tier + 1,
                queue,
                link.contact_tier + tiers * (0 if queue == main else 1 if main is None else 2),
                link.after_ms,
            )
            for queue, link in served.items()
        )
    )


def main_of(group: Group) -> int:
    """Index of the queue that agents of a group keep to, −1 where they keep to none."""
    return next((queue for tier, queue, _, _ in group if tier == 0), -1)


def incidence(groups: list[Group], queues: int) -> dict[str, np.ndarray]:
    """Fields ``serves…`` and ``served_by…`` of `Staffing`, tiers counted from 0."""
    rows = [(g, *link) for g, group in enumerate(groups) for link in group]
    own = {tier: n for n, tier in enumerate(sorted({row[1] for row in rows}))}
    of_contact = {tier: n for n, tier in enumerate(sorted({row[3] for row in rows}))}
    serves: list[list[tuple[int, int, int]]] = [[] for _ in groups]
    by_queue: list[list[tuple[int, int, int]]] = [[] for _ in range(queues)]
    for g, agent_tier, queue, contact_tier, after in rows:
        serves[g].append((queue, own[agent_tier], after))
        by_queue[queue].append((of_contact[contact_tier], g, after))
    served_by = [[(g, tier, after) for tier, g, after in sorted(found)] for found in by_queue]
    return {**_rows("serves", serves), **_rows("served_by", served_by)}


def _rows(name: str, lists: list[list[tuple[int, int, int]]]) -> dict[str, np.ndarray]:
    ptr = np.concatenate([[0], np.cumsum([len(rows) for rows in lists], dtype=np.int64)]).astype(np.int64)
    flat = np.array([row for rows in lists for row in rows], dtype=np.int64).reshape(-1, 3)
    return {f"{name}_ptr": ptr, name: flat}
