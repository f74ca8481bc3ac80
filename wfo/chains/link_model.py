"""The model by which a pair of contacts is judged: log-odds that add up, in millionths.

The score of a pair is the sum of four looked-up terms: queues and gap; intents given the queues; what the
earlier contact left (its word, its promise); and the case. Two ways to fill them: conventions
(`model_of_weights`), and what the log itself shows (`wfo.chains.learning`).

Intents are read as noisy statements of one need: a contact states the true intent with probability 1 − m,
else another one as common as intents are. Two contacts of one need then state x and y with
Σ_θ P(θ | source) S(x | θ) S(y | θ) P(target | source, θ), two that meet by chance with P(x | source) and
P(y | target); the log of the ratio is the term. It knows that a rare intent in common says more than a
frequent one, and that a call in the queue where the earlier intent is at home speaks for a link though it
states another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from wfo.chains.pairs import BINS, GAP_H
from wfo.chains.settings import LinkWeights
from wfo.errors import InputError, Problem

MICRO = 1_000_000
_LEAST = 1e-12


@dataclass(frozen=True)
class Intents:
    """How intents are stated; I intents, S sources (2 × queue + abandoned), T targets (queue codes).

    Attributes
    ----------
    misstated : float
        m.
    common : ndarray of float64, shape (I,)
        How common each intent is.
    stated : ndarray of float64, shape (T, I)
        Share of each intent among contacts of a queue.
    true : ndarray of float64, shape (T, I)
        The same of true intents.
    relative : ndarray of float64, shape (S, I, T)
        P(target | source, true intent) ÷ P(target | source).
    """

    misstated: float
    common: np.ndarray
    stated: np.ndarray
    true: np.ndarray
    relative: np.ndarray

    def log_odds(self, source: np.ndarray, x: np.ndarray, target: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Log-odds of a link by intents ``x`` and ``y`` (codes; 0 where none is stated), shape as given."""
        m, u = self.misstated, self.common
        rel = self.relative[source, :, target]
        true = self.true[source // 2]
        rows = np.arange(len(x))
        i, j = np.maximum(x - 1, 0), np.maximum(y - 1, 0)
        here = true[rows, i] * rel[rows, i]
        there = true[rows, j] * rel[rows, j]
        any_ = (true * rel).sum(axis=1)
        both = (
            (1 - m) ** 2 * np.where(i == j, here, 0.0)
            + (1 - m) * m * (u[j] * here + u[i] * there)
            + m**2 * u[i] * u[j] * any_
        )
        one = (1 - m) * here + m * u[i] * any_
        other = (1 - m) * there + m * u[j] * any_
        linked = np.select([(x > 0) & (y > 0), x > 0, y > 0], [both, one, other], any_)
        alone_x = np.where(x > 0, self.stated[source // 2, i], 1.0)
        alone_y = np.where(y > 0, self.stated[target, j], 1.0)
        return np.asarray(np.log(np.maximum(linked, _LEAST) / np.maximum(alone_x * alone_y, _LEAST)))

    def among(self, old: tuple[str, ...], new: tuple[str, ...]) -> Self:
        """The same for other codes; an intent never seen is as rare as the rarest and goes anywhere."""
        where = [old.index(name) if name in old else -1 for name in new]

        def taken(table: np.ndarray, unseen: np.ndarray, axis: int) -> np.ndarray:
            return np.take(np.concatenate([table, np.expand_dims(unseen, axis)], axis=axis), where, axis=axis)

        return replace(
            self,
            common=taken(self.common, np.asarray(self.common.min()), 0),
            stated=taken(self.stated, self.stated.min(axis=1), 1),
            true=taken(self.true, self.true.min(axis=1), 1),
            relative=taken(self.relative, np.ones_like(self.relative[:, 0]), 1),
        )


@dataclass(frozen=True)
class LinkModel:
    """Log-odds in millionths.

    Attributes
    ----------
    source : str
        ``learnt`` or ``conventions``.
    queues, intents : tuple of str
        What the codes stand for; a learnt model fits a log with the same.
    gap : ndarray of int64, shape (S, T, BINS)
        By source, target and bin of the gap, prior odds included.
    left : ndarray of int64, shape (S, 3, 3)
        By source, word (unsaid, unresolved, resolved) and promise (none, not yet due, due).
    case : tuple of int
        No case, another case, the same case.
    redial : int
        On top where the earlier contact was abandoned in the same channel moments before.
    noisy : Intents or None
        Learnt statement of intents; None: same and other intent by ``same`` and ``other``.
    same, other : int
    facts : mapping
        What it was learnt from.
    """

    source: str
    queues: tuple[str, ...]
    intents: tuple[str, ...]
    gap: np.ndarray
    left: np.ndarray
    case: tuple[int, int, int]
    redial: int
    noisy: Intents | None
    same: int
    other: int
    facts: Mapping[str, float]

    def by_intents(self, source: np.ndarray, x: np.ndarray, target: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Term of intents for given combinations of codes, int64."""
        if self.noisy is not None:
            return micro(self.noisy.log_odds(source, x, target, y))
        both = (x > 0) & (y > 0)
        return np.where(both, np.where(x == y, self.same, self.other), 0).astype(np.int64)

    def fitted_to(self, queues: tuple[str, ...], intents: tuple[str, ...]) -> Self:
        """The same model for a log with these codes.

        Raises
        ------
        InputError
            If it was learnt from other queues; it must then be learnt anew.
        """
        if queues != self.queues:
            had, has = ", ".join(self.queues), ", ".join(queues)
            message = f"it was learnt for the queues {had}; the centre has {has}: learn it anew"
            raise InputError([Problem("link_model", message)])
        if intents == self.intents or self.noisy is None:
            return replace(self, intents=intents)
        return replace(self, intents=intents, noisy=self.noisy.among(self.intents, intents))

    def to_state(self) -> dict[str, Any]:
        """JSON-able form."""
        out = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        if self.noisy is not None:
            out["noisy"] = {
                k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self.noisy).items()
            }
        lists = {k: list(v) for k, v in out.items() if isinstance(v, tuple)}
        return {**out, **lists, "facts": dict(self.facts)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what `to_state` made."""
        noisy = state["noisy"]
        if noisy is not None:
            noisy = Intents(
                noisy["misstated"], *(np.array(noisy[k]) for k in ("common", "stated", "true", "relative"))
            )
        return cls(
            source=state["source"],
            queues=tuple(state["queues"]),
            intents=tuple(state["intents"]),
            gap=np.array(state["gap"], dtype=np.int64),
            left=np.array(state["left"], dtype=np.int64),
            case=(state["case"][0], state["case"][1], state["case"][2]),
            redial=state["redial"],
            noisy=noisy,
            same=state["same"],
            other=state["other"],
            facts=state["facts"],
        )


def micro(value: np.ndarray | float) -> np.ndarray:
    """Log-odds in millionths, int64."""
    return np.asarray(np.rint(np.asarray(value) * MICRO), dtype=np.int64)


def model_of_weights(
    weights: LinkWeights, queues: tuple[str, ...], intents: tuple[str, ...], staffed: tuple[bool, ...]
) -> LinkModel:
    """The conventions: `LinkWeights` as a model.

    Parameters
    ----------
    weights : LinkWeights
    queues, intents : tuple of str
    staffed : tuple of bool
        By queue code, from 0.
    """
    people = np.array(staffed)
    source = np.repeat(people, 2)
    edges = np.array([0.0, *GAP_H, GAP_H[-1] * 1.5])
    middle = (edges[:-1] + edges[1:]) / 2
    by_gap = weights.base + weights.gap * np.log1p(middle / weights.gap_h)
    gap = np.broadcast_to(by_gap, (len(source), len(people), BINS)).copy()
    gap += weights.unstaffed_to_staffed * (~source[:, None] & people[None, :])[:, :, None]
    word = np.array([0.0, weights.unresolved, -weights.unresolved])
    promise = np.array([0.0, weights.open_promise, 0.0])
    left = np.broadcast_to(word[:, None] + promise, (len(source), 3, 3))
    return LinkModel(
        source="conventions",
        queues=queues,
        intents=intents,
        gap=micro(gap),
        left=micro(left),
        case=(0, int(micro(weights.other_case)), int(micro(weights.same_case))),
        redial=int(micro(weights.redial)),
        noisy=None,
        same=int(micro(weights.same_intent)),
        other=int(micro(weights.other_intent)),
        facts={},
    )
