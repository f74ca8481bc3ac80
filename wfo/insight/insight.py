"""Read chains for what failed, where it began, what it cost and what to repair first."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wfo.chains.facts import known_customers
from wfo.chains.intents.misdirection import misdirection
from wfo.chains.taxonomy import Intent
from wfo.domain.centre import Centre
from wfo.insight.corridor import flow, paths
from wfo.insight.estimated import Behind, behind
from wfo.insight.promises import promises
from wfo.insight.removal import Attribution, attribute, kinds
from wfo.insight.resolution import resolution
from wfo.insight.result import InsightResult
from wfo.insight.settings import InsightSettings
from wfo.insight.steps import steps_of
from wfo.metrics.intervals import Z80
from wfo.tables.result import Meta, Status
from wfo.timegrid import DAY_MS, HOUR_MS, epoch_ms


@dataclass(frozen=True)
class InsightInputs:
    """What insight reads.

    Attributes
    ----------
    centre : Centre
    now : datetime
        The planning moment.
    interactions : DataFrame or None
        None where the centre has counts alone.
    chains, chain_members : DataFrame
        As `wfo.chains` gives them.
    taxonomy : mapping of str to Intent
    identity_coverage : float
        Share of contacts whose customer is known.
    window_h : float
        Window of intents to which the taxonomy gives none, as for the chains.
    kernel : DataFrame or None
        R, as `wfo.chains` gives it; without it nothing is estimated beyond what is seen.
    redial : mapping
        By queue ``p``, as the chains' state has it.
    """

    centre: Centre
    now: dt.datetime
    interactions: pd.DataFrame | None
    chains: pd.DataFrame
    chain_members: pd.DataFrame
    taxonomy: Mapping[str, Intent]
    identity_coverage: float
    window_h: float
    kernel: pd.DataFrame | None = None
    redial: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def insight(inputs: InsightInputs, settings: InsightSettings, *, seed: int = 0) -> InsightResult:
    """Say what failed, where it began, what it cost and what to repair first.

    Parameters
    ----------
    inputs : InsightInputs
    settings : InsightSettings
    seed : int
        Kept with the result; nothing here is drawn.

    Returns
    -------
    InsightResult
        ``insight``: intent, channel, contacts, failed (followed by another of the chain, as links show it),
        failure_cost (money a week that these failures caused), failed_estimated and cost_estimated (the same
        weighed so that by queue they add up to what R says: without coincidences, with follow-ups that showed
        no identity), low, high (10 % and 90 % points of cost_estimated, over chains and by R's own), share
        (of all such money), per_failure (money of one), self_service (share taken as needing no person),
        identity_coverage, the largest estimate first.
        ``chain_insight``: chain_id, cost, failure_cost, origin (``intent/channel`` that caused most of it),
        transfers, switches (of channel), effort_min, false_success, identity_coverage (1 where its customer
        is known, else 0: it could not show more contacts); closed chains. The others are those of
        `resolution`, `promises`, `misdirection`, `paths` and `flow`. "Not available" without interactions or
        where no chain is closed yet.
    """
    log = inputs.interactions
    if log is None:
        return _nothing("chains are not available: the data hold counts, not contacts", seed)
    steps = steps_of(inputs.centre, log, inputs.chains, inputs.chain_members)
    closed = steps[steps["closed"]].reset_index(drop=True)
    if not len(closed):
        return _nothing("no chain is closed yet: the log is shorter than the chains' window", seed)
    now_ms = int(epoch_ms(pd.DatetimeIndex([inputs.now]))[0])
    weeks = max((closed["start_ms"].max() - closed["start_ms"].min()) / (7 * DAY_MS), 1 / 7)
    avoidable = _avoidable(closed["intent"], inputs.taxonomy, settings.self_service)
    caused = attribute(closed, avoidable)
    by_r = behind(closed, inputs.kernel, inputs.redial)
    usual = paths(closed, inputs.chains, settings.regular)
    tables = {
        "insight": _repairs(closed, caused, by_r, avoidable, weeks),
        "chain_insight": _chains(closed, caused, inputs.chains),
        "resolution": resolution(steps, now_ms, settings.resolved_days, _windows(steps, inputs)),
        "promises": promises(steps, log, inputs.centre, now_ms, weeks),
        "misdirection": misdirection(log, inputs.chain_members, inputs.chains),
        "paths": usual,
        "flow": flow(closed, inputs.chains, usual),
    }
    facts = {"weeks": weeks, "identity_coverage": inputs.identity_coverage}
    notes = (*_notes(inputs, settings), *by_r.notes())
    return InsightResult(tables, Meta(seed=seed, notes=notes, facts=facts))


def _nothing(reason: str, seed: int) -> InsightResult:
    names = ("insight", "chain_insight", "resolution", "promises", "misdirection", "paths", "flow")
    meta = Meta(Status.NOT_AVAILABLE, reasons=(reason,), seed=seed)
    return InsightResult({name: pd.DataFrame() for name in names}, meta)


def _notes(inputs: InsightInputs, settings: InsightSettings) -> tuple[str, ...]:
    told = known_customers(inputs.identity_coverage)
    stated = {name for name, intent in inputs.taxonomy.items() if intent.self_service is not None}
    if set(inputs.chains["true_intent"].dropna()) <= stated:
        return (told,)
    others = "of the other intents " if stated else ""
    share = f"{settings.self_service:.0%}"
    return (told, f"assumed: {share} of contacts {others}need no person where self-service works")


def _windows(steps: pd.DataFrame, inputs: InsightInputs) -> np.ndarray:
    """Window of each contact by the intent it states itself, in milliseconds."""
    own = {name: i.window_h for name, i in inputs.taxonomy.items() if i.window_h is not None}
    hours = steps["stated"].map(own).astype("float64").fillna(inputs.window_h)
    return (hours * HOUR_MS).to_numpy()


def _avoidable(intent: pd.Series, taxonomy: Mapping[str, Intent], otherwise: float) -> np.ndarray:
    known = {name: i.self_service for name, i in taxonomy.items() if i.self_service is not None}
    return intent.map(known).astype("float64").fillna(otherwise).to_numpy()


def _repairs(
    steps: pd.DataFrame, caused: Attribution, by_r: Behind, avoidable: np.ndarray, weeks: float
) -> pd.DataFrame:
    kind, names = kinds(steps)
    failed = ~steps["last"].to_numpy()
    size = len(names)
    cost = np.bincount(kind, weights=caused.caused, minlength=size)
    weighed = caused.caused * by_r.weight
    expected = np.bincount(kind, weights=weighed, minlength=size)
    # Chains vary independently: the variance of a sum over them is the sum of squares (Poisson bootstrap).
    cell, at = np.unique(steps["chain"].to_numpy() * size + kind, return_inverse=True)
    squares = np.bincount(at, weights=weighed) ** 2
    error = np.sqrt(
        np.bincount(cell % size, weights=squares, minlength=size)
        + _spread_of_r(steps["queue"], kind, caused.caused * by_r.error, size) ** 2
    )
    failures = np.bincount(kind, weights=failed, minlength=size)
    table = pd.DataFrame(
        {
            "intent": names["intent"],
            "channel": names["channel"],
            "contacts": np.bincount(kind, minlength=size),
            "failed": failures.astype(np.int64),
            "failed_estimated": np.bincount(kind, weights=failed * by_r.weight, minlength=size),
            "failure_cost": cost / weeks,
            "cost_estimated": expected / weeks,
            "low": np.maximum(expected - Z80 * error, 0) / weeks,
            "high": (expected + Z80 * error) / weeks,
            "share": expected / expected.sum() if expected.sum() > 0 else np.zeros(size),
            "per_failure": np.divide(cost, failures, out=np.full(size, np.nan), where=failures > 0),
            "self_service": np.bincount(kind, weights=avoidable, minlength=size)
            / np.bincount(kind, minlength=size),
            "identity_coverage": np.bincount(kind, weights=steps["known"], minlength=size)
            / np.bincount(kind, minlength=size),
        }
    )
    return table.sort_values(
        ["cost_estimated", "failure_cost", "intent", "channel"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )


def _spread_of_r(queue: pd.Series, kind: np.ndarray, spread: np.ndarray, size: int) -> np.ndarray:
    """Standard error by kind that comes of R's: the same for all contacts of a queue, queues independent."""
    number, names = pd.factorize(queue, sort=True, use_na_sentinel=False)
    sums = np.bincount(kind * len(names) + number, weights=spread, minlength=size * len(names))
    return np.asarray(np.sqrt((sums.reshape(size, len(names)) ** 2).sum(axis=1)))


def _chains(steps: pd.DataFrame, caused: Attribution, chains: pd.DataFrame) -> pd.DataFrame:
    last = steps["last"].to_numpy()
    head = np.flatnonzero(np.r_[True, last[:-1]])
    channel = steps["channel"].to_numpy()
    switch = np.r_[False, (channel[1:] != channel[:-1]) & ~last[:-1]]
    claimed = steps["resolved"].eq(True).fillna(False).to_numpy(dtype=bool) & ~last

    def total(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, head) if len(head) else values[:0]

    return pd.DataFrame(
        {
            "chain_id": chains["chain_id"].to_numpy()[steps["chain"].to_numpy()[head]],
            "cost": total(steps["cost"].to_numpy()),
            "failure_cost": total(caused.failure),
            "origin": _origins(steps, caused.caused, head),
            "transfers": total(steps["transfers"].to_numpy()).astype(np.int64),
            "switches": total(switch.astype(np.int64)),
            "effort_min": total(steps["effort_min"].to_numpy()),
            "false_success": total(claimed.astype(np.int64)) > 0,
            "identity_coverage": steps["known"].to_numpy(dtype=np.float64)[head],
        }
    )


def _origins(steps: pd.DataFrame, caused: np.ndarray, head: np.ndarray) -> pd.Series:
    """``intent/channel`` of the contact that caused most, by chain: the first of equals; empty: none did."""
    number = np.repeat(np.arange(len(head)), np.diff(np.r_[head, len(caused)]))
    order = np.lexsort([np.arange(len(caused)), -caused, number])
    most = order[np.searchsorted(number[order], np.arange(len(head)))]
    name = steps["intent"].to_numpy()[most] + "/" + steps["channel"].to_numpy()[most]
    return pd.Series(np.where(caused[most] > 0, name, None), dtype="str")
