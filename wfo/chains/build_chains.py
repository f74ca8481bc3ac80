"""Put interactions together into chains: everything that happened until one need of one customer was met."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from wfo.chains.assemble import assemble, chains_text, members_text
from wfo.chains.chain_metrics import chain_metrics
from wfo.chains.identity import Identity, identify
from wfo.chains.intents.reading import read_log
from wfo.chains.kernel import Counts, count, kernel_table, redials
from wfo.chains.learning import agreement, learn
from wfo.chains.link_model import LinkModel, model_of_weights
from wfo.chains.linking import components, link
from wfo.chains.pairs import hard_links, named_unused, pairs, sequence
from wfo.chains.result import ChainsResult
from wfo.chains.settings import ChainSettings
from wfo.chains.staging import Staged, contacts, stage
from wfo.domain.centre import Centre
from wfo.tables.duck import DuckSql
from wfo.tables.empty import empty_table
from wfo.tables.given import rows_of
from wfo.tables.result import Meta, Status
from wfo.tables.sql import Source, Sql

TABLES = ("chains", "chain_members", "kernel", "chain_metrics", "identity_merges")
_ROW_BYTES = 200
"""Memory that a contact takes on its way, with what is made of it."""


@dataclass(frozen=True)
class ChainInputs:
    """What chains are built from.

    Attributes
    ----------
    centre : Centre
    interactions : DataFrame, Path, sequence of Path, or None
        Table ``interactions``, as a frame or as Parquet files of any size; None or empty: chains are not
        available.
    now : datetime
        Planning moment, aware UTC; later contacts are left out.
    identity_links : DataFrame or None
        Table ``identity_links``.
    agents : DataFrame or None
        Table ``agents``, for wages.
    identity_splits : DataFrame or None
        Rows of the merge log that shall join nobody: ``id_a, type_a, id_b, type_b``.
    link_model : LinkModel or None
        Judge links as before (`ChainsResult.link_model`) instead of learning anew.
    """

    centre: Centre
    interactions: pd.DataFrame | Path | Sequence[Path] | None
    now: dt.datetime
    identity_links: pd.DataFrame | None = None
    agents: pd.DataFrame | None = None
    identity_splits: pd.DataFrame | None = None
    link_model: LinkModel | None = None


def build_chains(
    inputs: ChainInputs,
    settings: ChainSettings,
    *,
    seed: int = 0,
    into: Path | None = None,
    sql: Sql | None = None,
) -> ChainsResult:
    """Join identities, link contacts, and measure what contacts cause.

    Parameters
    ----------
    inputs : ChainInputs
    settings : ChainSettings
    seed : int
        Kept with the result; nothing here is drawn.
    into : Path, optional
        Folder that gets ``chains.parquet`` and ``chain_members.parquet``, written without being held in
        memory; these two tables of the result are then empty.
    sql : Sql, optional
        Engine to work in, with limits of its own, in place of ``settings.engine``; it stays open.

    Returns
    -------
    ChainsResult
        ``chains``, ``chain_members`` (inbound contacts only), ``kernel``, ``chain_metrics`` and
        ``identity_merges``; ``state["redial"]`` by queue with ``p``, ``mean_s`` and ``abandoned``, and
        ``state["link_model"]``. Of a frame also ``intents`` (read where a contact states none),
        ``intent_coverage`` and ``intent_confusion`` (`wfo.chains.intents.infer.ReadIntents`); in files of any
        size intents are as stated. Without interactions the status is "not available" and the tables are
        empty.

    Raises
    ------
    InputError
        If an interaction id stands twice, a column is missing, or a file is no Parquet file.
    MissingExtra, RunError
        If the engine is Spark, and it is not installed or does not start.

    Notes
    -----
    Delays are shared among possible causes by stochastic declustering (Marsan & Lengliné 2008), less what a
    time-shifted control finds by chance.

    Examples
    --------
    >>> import wfo
    >>> from wfo.chains.settings import ChainSettings
    >>> sample = wfo.sample_centre("tiny")
    >>> inputs = wfo.ChainInputs(sample.centre, sample.data["interactions"], sample.now)
    >>> chains = wfo.build_chains(inputs, ChainSettings())
    >>> sorted(chains.frame()["status"].unique())
    ['abandoned', 'open', 'resolved']
    >>> caused = chains.tables["kernel"].groupby(["from_queue", "to_queue"])["r"].sum()
    >>> bool(0.1 < caused["web", "voice_billing"] < 0.4)
    True
    """
    given = inputs.interactions
    if given is None or (isinstance(given, pd.DataFrame) and given.empty):
        return _not_available("There is no interaction log; chains are not available from counts.", seed)
    read: dict[str, pd.DataFrame] = {}
    notes: tuple[str, ...] = ()
    if isinstance(given, pd.DataFrame):
        told = read_log(given, settings.intents, settings.infer)
        read, notes = dict(told.tables), told.notes
        inputs = replace(inputs, interactions=told.interactions)
    if sql is not None:
        built = _built(sql, inputs, settings, seed, into)
    else:
        with engine(given, settings, into) as own:
            built = _built(own, inputs, settings, seed, into)
    if not isinstance(given, pd.DataFrame):
        notes = _left_silent(built.meta.facts.get("contacts_without_intent", 0))
    meta = replace(built.meta, notes=(*built.meta.notes, *notes))
    return replace(built, tables={**built.tables, **read}, meta=meta)


def engine(given: Source, settings: ChainSettings, folder: Path | None = None) -> Sql:
    """The engine that suits a log: on this machine in memory, or from disk where it is large.

    Parameters
    ----------
    given : frame, Parquet file or several of them
    settings : ChainSettings
    folder : Path, optional
        Where a large log is worked on; a temporary folder by default.
    """
    if settings.engine == "duckdb":
        large = rows_of(given) * _ROW_BYTES > settings.memory_gb * 1e9
        if large and folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        return DuckSql(
            memory=f"{settings.memory_gb * 1000:.0f}MB", folder=folder if large else None, on_disk=large
        )
    from wfo.tables.spark import SparkSql

    return SparkSql()


def _built(
    sql: Sql, inputs: ChainInputs, settings: ChainSettings, seed: int, into: Path | None
) -> ChainsResult:
    assert inputs.interactions is not None
    staged = stage(sql, inputs.interactions, inputs.centre, inputs.now, settings)
    if not staged.inbound:
        return _not_available("The interaction log has no inbound contact before the planning moment.", seed)
    identity, merges = identify(sql, inputs.identity_links, inputs.identity_splits, staged.now_ms, settings)
    contacts(sql, staged, inputs.centre, settings, inputs.agents)
    # what nothing asks for any more makes room
    sql.drop("named", "answer")
    model, agree = _linked(sql, staged, identity, settings, inputs.link_model)
    counts = count(sql, staged, agree, settings)
    redial = redials(sql, staged, counts, settings.redial_min)
    unused = named_unused(sql)
    sql.drop("pair", "hard", "seq", "tie", "tied")
    components(sql)
    assemble(sql, staged)
    facts = _facts(sql, staged, identity, counts, model) | {"named_parents_unused": unused}
    metrics = chain_metrics(sql, staged, identity.coverage)
    sql.drop("contact", "multi")
    return ChainsResult(
        tables={
            **_tables(sql, into),
            "kernel": kernel_table(counts, redial),
            "chain_metrics": metrics,
            "identity_merges": merges,
        },
        meta=Meta(status=Status.DONE, seed=seed, notes=_notes(facts, counts), facts=facts),
        state={"redial": redial, "link_model": model.to_state()},
    )


def _linked(
    sql: Sql, staged: Staged, identity: Identity, settings: ChainSettings, given: LinkModel | None
) -> tuple[LinkModel, float | None]:
    """Make ``seq``, ``pair``, ``hard`` and ``link``; the model, and how often intents agree."""
    sequence(sql, anchored_by_id=identity.anchored_by_id)
    pairs(sql, settings)
    hard_links(sql, settings)
    model = given
    if model is None:
        model = model_of_weights(settings.weights, staged.queues, staged.intents, staged.staffed)
        model = learn(sql, staged, model) if settings.learn else model
    model = model.fitted_to(staged.queues, staged.intents)
    link(sql, model, settings.threshold)
    return model, agreement(sql)[0]


def _tables(sql: Sql, into: Path | None) -> dict[str, pd.DataFrame]:
    texts = {"chains": chains_text(sql), "chain_members": members_text()}
    if into is None:
        return {name: sql.frame(text) for name, text in texts.items()}
    into.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        sql.write(text, into / f"{name}.parquet")
    return {name: empty_table(name) for name in texts}


def _facts(sql: Sql, staged: Staged, identity: Identity, counts: Counts, model: LinkModel) -> dict[str, Any]:
    links, redial, hard = sql.rows(
        "SELECT count(*), coalesce(sum(redial), 0), coalesce(sum(hard), 0) FROM link"
    )[0]
    chains, young = sql.rows(
        "SELECT count(*), coalesce(sum(CASE WHEN status = 'open' THEN 1 ELSE 0 END), 0) FROM chain"
    )[0]
    return {
        "contacts": staged.inbound,
        "left_out": staged.rows - staged.inbound,
        "identity_coverage": identity.coverage,
        "customers": identity.customers,
        "chains": int(chains),
        "open_chains": int(young),
        "follow_ups": int(links - redial),
        "redials": int(redial),
        "hard_links": int(hard),
        "intent_agreement": counts.agreement,
        "links_judged_by": model.source,
        "coincidence_share": float(counts.background.sum() / max(counts.links.sum(), 1.0)),
        "keys_over_cap": identity.keys_over_cap,
        "merges_over_cap": identity.merges_over_cap,
        "cases_over_cap": int(sql.value("SELECT count(*) FROM wide_case")),
        "customers_over_cap": identity.customers_over_cap,
        "contacts_over_cap": identity.contacts_over_cap,
        "identity_links_unused": identity.links_unused,
        "largest_merge": identity.largest_merge,
        "largest_merge_of": identity.largest_label,
        "contacts_without_intent": int(sql.value("SELECT count(*) FROM contact WHERE intent = 0")),
        "ends_before_start": int(sql.value("SELECT coalesce(sum(backward), 0) FROM contact")),
    }


def _notes(facts: dict[str, Any], counts: Counts) -> tuple[str, ...]:
    notes = [
        f"The customer is known for {facts['identity_coverage']:.0%} of contacts; the others stand alone."
    ]
    if facts["largest_merge"] > 1:
        notes.append(
            f"The largest customer, {facts['largest_merge_of']}, was put together of "
            f"{facts['largest_merge']} identities (see identity_merges)."
        )
    if facts["keys_over_cap"]:
        notes.append(f"{facts['keys_over_cap']} keys are shared by too many customers and join nobody.")
    if facts["merges_over_cap"]:
        notes.append(
            f"{facts['merges_over_cap']} groups of customers would have been joined by several shared keys; "
            "those keys join nobody (see identity_merges)."
        )
    if facts["customers_over_cap"]:
        notes.append(
            f"{facts['customers_over_cap']} customers have too many contacts "
            f"({facts['contacts_over_cap']} in all) and are left unlinked."
        )
    if facts["cases_over_cap"]:
        notes.append(f"{facts['cases_over_cap']} case ids are shared by too many and join nobody.")
    if facts["named_parents_unused"]:
        notes.append(
            f"{facts['named_parents_unused']} contacts name a parent that is not in the log, does not come "
            "before them or is an outgoing contact that answers none; the name is not used."
        )
    if facts["ends_before_start"]:
        notes.append(
            f"{facts['ends_before_start']} contacts end before they start; their start counts as end."
        )
    if not counts.controls:
        notes.append("The log is too short to measure coincidences; follow-ups include them.")
    return tuple(notes)


def _left_silent(contacts: int) -> tuple[str, ...]:
    if not contacts:
        return ()
    return (
        f"{contacts:,} contacts state no intent and stay unknown: intents are read from a plan's log, "
        "not from files of any size.",
    )


def _not_available(reason: str, seed: int) -> ChainsResult:
    return ChainsResult(
        tables={name: empty_table(name) for name in TABLES},
        meta=Meta(
            status=Status.NOT_AVAILABLE, reasons=(reason,), seed=seed, facts={"identity_coverage": 0.0}
        ),
        state={"redial": {}},
    )
