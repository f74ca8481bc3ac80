"""Read chains for what failed, where it began, what it cost and what to repair first."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.chains.intents.misdirection import misdirection
from wfo.chains.taxonomy import Intent
from wfo.domain.centre import Centre
from wfo.insight.corridor import flow, paths
from wfo.insight.promises import promises
from wfo.insight.removal import Attribution, attribute
from wfo.insight.resolution import DAY_MS, resolution
from wfo.insight.result import InsightResult
from wfo.insight.settings import InsightSettings
from wfo.insight.steps import steps_of
from wfo.tables.result import Meta, Status
from wfo.timegrid import epoch_ms

_Z80 = 1.2815515655446004


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
    """

    centre: Centre
    now: dt.datetime
    interactions: pd.DataFrame | None
    chains: pd.DataFrame
    chain_members: pd.DataFrame
    taxonomy: Mapping[str, Intent]
    identity_coverage: float


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
        ``insight``: intent, channel, contacts, failed (followed by another of the chain), failure_cost (money
        a week that these failures caused), low, high (10 % and 90 % points over chains), share (of all such
        money), per_failure (money of one), self_service (share taken as needing no person), largest first.
        ``chain_insight``: chain_id, cost, failure_cost, origin (``intent/channel`` that caused most of it),
        transfers, switches (of channel), effort_min, false_success; closed chains. The others are those of
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
    usual = paths(closed, settings.regular, settings.corridor_steps)
    tables = {
        "insight": _repairs(closed, caused, avoidable, weeks),
        "chain_insight": _chains(closed, caused),
        "resolution": resolution(steps, now_ms, settings.resolved_days, inputs.identity_coverage),
        "promises": promises(steps, log, now_ms, weeks),
        "misdirection": misdirection(log, inputs.chain_members, inputs.chains),
        "paths": usual,
        "flow": flow(closed, usual, settings.corridor_steps),
    }
    facts = {"weeks": weeks, "identity_coverage": inputs.identity_coverage}
    return InsightResult(tables, Meta(seed=seed, notes=_notes(inputs, settings), facts=facts))


def _nothing(reason: str, seed: int) -> InsightResult:
    names = ("insight", "chain_insight", "resolution", "promises", "misdirection", "paths", "flow")
    meta = Meta(Status.NOT_AVAILABLE, reasons=(reason,), seed=seed)
    return InsightResult({name: pd.DataFrame() for name in names}, meta)


def _notes(inputs: InsightInputs, settings: InsightSettings) -> tuple[str, ...]:
    assumed = sum(intent.self_service is not None for intent in inputs.taxonomy.values())
    told = f"{inputs.identity_coverage:.0%} of contacts are of a known customer; the others stay alone"
    if assumed:
        return (told,)
    return (told, f"assumed: {settings.self_service:.0%} of contacts need no person where self-service works")


def _avoidable(intent: pd.Series, taxonomy: Mapping[str, Intent], otherwise: float) -> np.ndarray:
    known = {name: i.self_service for name, i in taxonomy.items() if i.self_service is not None}
    return intent.map(known).astype("float64").fillna(otherwise).to_numpy()


def _repairs(steps: pd.DataFrame, caused: Attribution, avoidable: np.ndarray, weeks: float) -> pd.DataFrame:
    rows = steps[["intent", "channel", "chain_id"]].assign(
        failed=~steps["last"].to_numpy(), caused=caused.caused, self_service=avoidable
    )
    grouped = rows.groupby(["intent", "channel"], sort=True)
    table = grouped.agg(
        contacts=("failed", "size"),
        failed=("failed", "sum"),
        failure_cost=("caused", "sum"),
        self_service=("self_service", "first"),
    )
    # Chains vary independently: the variance of a sum over them is the sum of squares (Poisson bootstrap).
    by_chain = rows.groupby(["intent", "channel", "chain_id"], sort=True)["caused"].sum()
    error = np.sqrt((by_chain**2).groupby(level=[0, 1]).sum()).reindex(table.index)
    whole = table["failure_cost"].sum()
    table["per_failure"] = table["failure_cost"] / table["failed"].where(table["failed"] > 0)
    table["share"] = table["failure_cost"] / whole if whole > 0 else 0.0
    table["low"] = (table["failure_cost"] - _Z80 * error).clip(lower=0) / weeks
    table["high"] = (table["failure_cost"] + _Z80 * error) / weeks
    table["failure_cost"] /= weeks
    order = [
        "intent",
        "channel",
        "contacts",
        "failed",
        "failure_cost",
        "low",
        "high",
        "share",
        "per_failure",
        "self_service",
    ]
    table = table.reset_index().sort_values(
        ["failure_cost", "intent", "channel"], ascending=[False, True, True], ignore_index=True
    )
    return table[order]


def _chains(steps: pd.DataFrame, caused: Attribution) -> pd.DataFrame:
    rows = steps.assign(
        caused=caused.caused,
        failure=caused.failure,
        switch=(steps["channel"] != steps["channel"].shift()) & (steps["position"] > 1),
        claimed=steps["resolved"].fillna(False).astype(bool) & ~steps["last"],
    )
    grouped = rows.groupby("chain_id", sort=True)
    table = grouped.agg(
        cost=("cost", "sum"),
        failure_cost=("failure", "sum"),
        transfers=("transfers", "sum"),
        switches=("switch", "sum"),
        effort_min=("effort_min", "sum"),
        false_success=("claimed", "any"),
    )
    failed = rows[rows["caused"] > 0]
    origin = failed["intent"] + "/" + failed["channel"]
    summed = (
        failed.assign(origin=origin).groupby(["chain_id", "origin"], sort=True)["caused"].sum().reset_index()
    )
    most = summed.sort_values(["chain_id", "caused"], ascending=[True, False], kind="stable")
    table["origin"] = most.drop_duplicates("chain_id").set_index("chain_id")["origin"]
    order = ["cost", "failure_cost", "origin", "transfers", "switches", "effort_min", "false_success"]
    return table[order].reset_index()
