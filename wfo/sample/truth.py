"""The planted truth, for tests alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.sample import columns, demand, intents, queueing
from wfo.sample.laws import BEHAVIOURS, Preset
from wfo.sample.past import Played
from wfo.sample.people import People

ROLES = ("fresh", "follow_up", "redial")


@dataclass(frozen=True)
class Truth:
    """What is true of the sample, and what came in the planning week.

    Attributes
    ----------
    interactions : DataFrame
        By interaction_id: chain_id, role, parent_interaction, customer, true_intent.
    follow_ups : DataFrame, (Q, Q)
        R as planted, at the fresh mix of intents and agents of average level.
    realized : DataFrame, (Q, Q)
        Follow-ups of one served contact as they happened in the log.
    redial_p : float
        P(an abandoned contact calls again), as planted.
    delay_days : float
        Mean of the slow half of delays.
    levels : DataFrame
        agent_id, behaviour, week → level, coaching included.
    handle : DataFrame
        agent_id, week → factor on handle time, resolution gained.
    coaching : DataFrame
        agent_id, behaviour, week, nth → effect in points.
    future : DataFrame
        The planning week's interactions as they came; table ``interactions``.
    """

    interactions: pd.DataFrame
    follow_ups: pd.DataFrame
    realized: pd.DataFrame
    redial_p: float
    delay_days: float
    levels: pd.DataFrame
    handle: pd.DataFrame
    coaching: pd.DataFrame
    future: pd.DataFrame


def interactions_truth(played: Played) -> pd.DataFrame:
    """Chain, role, parent, customer and true intent of each contact of the log and the planning week."""
    p = played
    return columns.frame_of(
        {
            "interaction_id": columns.numbered("I", np.arange(len(p.arrival)), 7),
            "chain_id": columns.numbered("H", p.root, 7),
            "role": columns.named(ROLES, p.role),
            "parent_interaction": columns.numbered("I", np.clip(p.parent, 0, None), 7, p.parent < 0),
            "customer": columns.numbered("C", p.customer, 6),
            "true_intent": columns.named([i.name for i in intents.INTENTS], p.intent),
        }
    )


def planted_follow_ups(centre: Centre, preset: Preset) -> pd.DataFrame:
    """R as planted."""
    ids = list(centre.queue_ids)
    return pd.DataFrame(demand.follow_up_shares(centre, preset), index=ids, columns=ids)


def realized_follow_ups(centre: Centre, played: Played, parents_before_s: float) -> pd.DataFrame:
    """Follow-ups of one served contact, over parents that started before an instant."""
    p, n = played, len(centre.queues)
    served = (p.outcome == queueing.HANDLED) | (p.outcome == queueing.CONTAINED)
    base = np.bincount(p.queue[served & (p.arrival < parents_before_s)], minlength=n)
    child = (p.role == queueing.FOLLOW_UP) & (p.arrival[p.parent] < parents_before_s)
    counts = np.zeros((n, n))
    np.add.at(counts, (p.queue[p.parent[child]], p.queue[child]), 1.0)
    ids = list(centre.queue_ids)
    return pd.DataFrame(counts / np.maximum(base, 1)[:, None], index=ids, columns=ids)


def levels_truth(people: People) -> pd.DataFrame:
    """True level of each agent, behaviour and week."""
    agents, kinds, weeks = people.level.shape
    agent, kind, week = (k.ravel() for k in np.indices((agents, kinds, weeks)))
    return columns.frame_of(
        {
            "agent_id": columns.named(list(people.ids), agent),
            "behaviour": columns.named(BEHAVIOURS, kind),
            "week": columns.numbers(week).cast("int64"),
            "level": columns.numbers(people.level.ravel()),
        }
    )


def handle_truth(people: People) -> pd.DataFrame:
    """Factor on handle time and resolution gained, by agent and week."""
    agent, week = (k.ravel() for k in np.indices(people.handle.shape))
    frame = pd.DataFrame({"agent_id": people.ids[agent], "week": week})
    frame["handle_factor"], frame["resolution"] = people.handle.ravel(), people.resolution.ravel()
    return frame.astype({"agent_id": "str"})


def coaching_truth(people: People) -> pd.DataFrame:
    """Effect of each past session in points."""
    s = people.sessions
    frame = pd.DataFrame(
        {"agent_id": people.ids[s["agent"]], "behaviour": np.array(BEHAVIOURS)[s["behaviour"]]}
    )
    for name in ("week", "nth", "effect"):
        frame[name] = s[name].to_numpy()
    return frame.astype({"agent_id": "str", "behaviour": "str"})
