"""Evaluations, coaching sessions and surveys of the log."""

import numpy as np
import pandas as pd
import pyarrow as pa

from wfo.sample import columns, queueing
from wfo.sample.demand import Days
from wfo.sample.laws import (
    BEHAVIOURS,
    COACHED_A_WEEK,
    EVALUATIONS_A_MONTH,
    SURVEYS_RETURNED,
    SURVEYS_SENT,
    Preset,
)
from wfo.sample.past import Played
from wfo.sample.people import People

_WEEK_S = 7 * 86400.0


def evaluations_frame(
    preset: Preset,
    people: People,
    days: Days,
    played: Played,
    now_s: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Table ``evaluations``: some handled contacts of every agent in every four weeks.

    Contacts are drawn at random, so that the worst agents' work is not easier.
    """
    row = _chosen(played, now_s, rng)
    n, kinds = len(row), len(BEHAVIOURS)
    agent = played.agent[row]
    leaders = np.unique(people.leader)
    bias = preset.score_sd[2] * rng.standard_normal((len(leaders), kinds))
    rater = rng.integers(0, len(leaders), n)
    own = people.leader[agent] == leaders[rater]
    rater = np.where(own, (rater + 1) % len(leaders), rater)  # nobody rates his own team
    week = np.minimum((played.arrival[row] // _WEEK_S).astype(np.int64), preset.weeks)
    score = people.level[agent, :, week] + bias[rater] + preset.score_sd[1] * rng.standard_normal((n, kinds))
    at = played.end[row] + rng.uniform(1, 5, n) * 86400.0
    known = at < now_s
    order = np.flatnonzero(known)[np.argsort(at[known], kind="stable")]
    row, agent, rater, score, at = row[order], agent[order], rater[order], score[order], at[order]
    n = len(row)
    item = np.tile(np.arange(kinds), n)
    one = np.zeros(n * kinds, dtype=np.int64)
    return columns.frame_of(
        {
            "evaluation_id": columns.numbered("E", np.repeat(np.arange(n), kinds), 6),
            "item": columns.named(BEHAVIOURS, item),
            "interaction_id": columns.numbered("I", np.repeat(row, kinds), 7),
            "agent_id": columns.named(list(people.ids), np.repeat(agent, kinds)),
            "evaluator_id": columns.named(list(people.ids[leaders]), np.repeat(rater, kinds)),
            "form": columns.named(("service",), one),
            "behaviour": columns.named(BEHAVIOURS, item),
            "score": columns.numbers(np.round(np.clip(score, 0, 100)).ravel()),
            "max_score": columns.numbers(np.full(n * kinds, 100.0)),
            "evaluated_at": columns.instants(days.grid, np.repeat(at, kinds)),
            "sampling_reason": columns.named(("random",), one),
        }
    )


def _chosen(played: Played, now_s: float, rng: np.random.Generator) -> np.ndarray:
    """Rows of the contacts that are evaluated: at random, so many an agent in four weeks."""
    rows = np.flatnonzero((played.outcome == queueing.HANDLED) & (played.end < now_s))
    month = (played.arrival[rows] // (4 * _WEEK_S)).astype(np.int64)
    order = np.lexsort((rng.random(len(rows)), month, played.agent[rows]))
    rows, month = rows[order], month[order]
    group = played.agent[rows] * (month.max() + 1) + month
    first = np.flatnonzero(np.diff(group, prepend=-1))
    rank = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows))))
    return np.sort(rows[rank < EVALUATIONS_A_MONTH])


def coaching_frame(people: People, days: Days, rng: np.random.Generator) -> pd.DataFrame:
    """Table ``coaching_sessions``: sessions that took place, on weekdays, with the agent's own leader."""
    s = people.sessions
    n = len(s)
    at = (s["week"].to_numpy() * 7 + rng.integers(0, 5, n)) * 86400.0 + rng.integers(36, 64, n) * 900.0
    order = np.lexsort((s["agent"].to_numpy(), at))
    agent, coach, behaviour = (s[c].to_numpy()[order] for c in ("agent", "coach", "behaviour"))
    one = np.zeros(n, dtype=np.int64)
    return columns.frame_of(
        {
            "session_id": columns.numbered("S", np.arange(n), 5),
            "agent_id": columns.named(list(people.ids), agent),
            "coach_id": columns.named(list(people.ids), coach),
            "behaviour": columns.named(BEHAVIOURS, behaviour),
            "format": columns.named(("one_to_one",), one),
            "start": columns.instants(days.grid, at[order]),
            "minutes": pa.array(np.full(n, 30, dtype=np.int64)),
            "status": columns.named(("done",), one),
            "assignment_prob": columns.numbers(np.full(n, COACHED_A_WEEK)),
        }
    )


def surveys_frame(days: Days, played: Played, now_s: float, rng: np.random.Generator) -> pd.DataFrame:
    """Table ``surveys``: one question after some handled contacts; a chain that went on is scored lower."""
    sent = (played.outcome == queueing.HANDLED) & (rng.random(len(played.arrival)) < SURVEYS_SENT)
    rows = np.flatnonzero(sent & (played.end + 3600.0 < now_s))
    rows = rows[np.argsort(played.end[rows], kind="stable")]
    n = len(rows)
    followed = np.zeros(len(played.arrival), dtype=bool)
    followed[played.parent[played.parent >= 0]] = True
    kind = rng.integers(0, 2, n)
    asked_at = played.end[rows] + 3600.0
    told_at = asked_at + rng.exponential(12 * 3600.0, n)
    told = (rng.random(n) < SURVEYS_RETURNED) & (told_at < now_s)
    mood = rng.normal(np.where(followed[rows], -0.7, 0.3) - 0.2 * played.before[rows], 1.0)
    score = np.where(kind == 0, np.clip(np.round(8 + 2 * mood), 0, 10), np.clip(np.round(4 + mood), 1, 5))
    return columns.frame_of(
        {
            "survey_id": columns.numbered("Q", np.arange(n), 6),
            "interaction_id": columns.numbered("I", rows, 7),
            "instrument": columns.named(("NPS", "CSAT"), kind),
            "score": columns.numbers(np.where(told, score, np.nan)),
            "sent_at": columns.instants(days.grid, asked_at),
            "answered_at": columns.instants(days.grid, np.where(told, told_at, np.nan)),
        }
    )
