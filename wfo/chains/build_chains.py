"""Put interactions together into chains: everything that happened until one need of one customer was met."""

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from wfo.chains.assemble import assemble, chains_text, members_text
from wfo.chains.chain_metrics import chain_metrics
from wfo.chains.contacts import contacts
from wfo.chains.engines import engine
from wfo.chains.facts import facts_of, notes_of
from wfo.chains.identity import identify
from wfo.chains.intents.in_files import ReadFiles, read_files
from wfo.chains.intents.reading import read_log
from wfo.chains.kernel import count
from wfo.chains.kernel_table import kernel_table, redials
from wfo.chains.learning import agreement, learn
from wfo.chains.link_model import LinkModel, model_of_weights
from wfo.chains.linking import components, link
from wfo.chains.pairs import hard_links, named_unused, pairs
from wfo.chains.result import ChainsResult
from wfo.chains.settings import ChainSettings
from wfo.chains.staging import Staged, stage
from wfo.domain.centre import Centre
from wfo.tables.duck import DuckSql
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta, Status
from wfo.tables.sql import Sql

TABLES = ("chains", "chain_members", "kernel", "chain_metrics", "identity_merges")


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
        Folder that gets ``chains.parquet`` and ``chain_members.parquet`` (and ``intents.parquet`` of files),
        written without being held in memory; these tables of the result are then empty.
    sql : Sql, optional
        Engine to work in, with limits of its own, in place of ``settings.engine``; it stays open.

    Returns
    -------
    ChainsResult
        ``chains``, ``chain_members`` (inbound contacts only), ``kernel``, ``chain_metrics`` and
        ``identity_merges``; ``state["redial"]`` by queue with ``p``, ``mean_s`` and ``abandoned``, and
        ``state["link_model"]``. Of a frame, and of files of which a contact states no intent, also
        ``intents`` (as read), ``intent_coverage`` and ``intent_confusion``
        (`wfo.chains.intents.infer.ReadIntents`); of files on Spark intents are as stated. Without
        interactions the status is "not available" and the tables are empty.

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
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_ones:
        scratch = Path(open_ones.enter_context(TemporaryDirectory(prefix="wfo-chains-", dir=into)))
        own = open_ones.enter_context(engine(given, settings, into)) if sql is None else sql
        built = _built(own, inputs, settings, seed, into, scratch)
    meta = replace(built.meta, notes=(*built.meta.notes, *notes))
    return replace(built, tables={**built.tables, **read}, meta=meta)


def _built(
    sql: Sql, inputs: ChainInputs, settings: ChainSettings, seed: int, into: Path | None, scratch: Path
) -> ChainsResult:
    assert inputs.interactions is not None
    staged = stage(sql, inputs.interactions, inputs.centre, inputs.now, settings)
    if not staged.inbound:
        return _not_available(
            f"The interaction log ({staged.rows:,} rows) has no inbound contact before the planning moment.",
            seed,
        )
    told = _told(sql, inputs, settings, scratch)
    if told is not None:
        staged = stage(sql, told.seen, inputs.centre, inputs.now, settings)
    identity, merges = identify(sql, inputs.identity_links, inputs.identity_splits, staged.now_ms, settings)
    anchored = identity.anchored_by_id
    contacts(sql, staged, inputs.centre, settings, inputs.agents, anchored_by_id=anchored)
    # what nothing asks for any more makes room
    sql.drop("named", "answer")
    model, agree = _linked(sql, staged, settings, inputs.link_model)
    counts = count(sql, staged, agree, settings)
    redial = redials(sql, staged, counts, settings.redial_min)
    unused = named_unused(sql)
    sql.drop("pair", "hard", "tie", "tied")
    components(sql)
    assemble(sql, staged)
    facts = facts_of(sql, staged, identity, counts, model, settings) | {"named_parents_unused": unused}
    kernel = kernel_table(counts, redial)
    metrics = chain_metrics(sql, staged, identity.coverage, kernel, redial)
    sql.drop("contact", "multi")
    return ChainsResult(
        tables={
            **_tables(sql, into),
            "kernel": kernel,
            "chain_metrics": metrics,
            "identity_merges": merges,
            **({} if told is None else told.kept(into)),
        },
        meta=Meta(
            status=Status.DONE,
            seed=seed,
            notes=(*notes_of(facts), *(told.notes if told else ())),
            facts=facts,
        ),
        state={"redial": redial, "link_model": model.to_state()},
    )


def _told(sql: Sql, inputs: ChainInputs, settings: ChainSettings, scratch: Path) -> ReadFiles | None:
    """Files with their intents read, where contacts state none."""
    given = inputs.interactions
    if given is None or isinstance(given, pd.DataFrame) or not isinstance(sql, DuckSql):
        return None
    if not sql.value("SELECT count(*) FROM raw WHERE intent IS NULL"):
        return None
    return read_files(given, settings.intents, settings.infer, scratch)


def _linked(
    sql: Sql, staged: Staged, settings: ChainSettings, given: LinkModel | None
) -> tuple[LinkModel, float | None]:
    """Make ``pair``, ``hard`` and ``link``; the model, and how often intents agree."""
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
    for name, text in texts.items():
        sql.write(text, into / f"{name}.parquet")
    return {name: empty_table(name) for name in texts}


def _not_available(reason: str, seed: int) -> ChainsResult:
    return ChainsResult(
        tables={name: empty_table(name) for name in TABLES},
        meta=Meta(
            status=Status.NOT_AVAILABLE, reasons=(reason,), seed=seed, facts={"identity_coverage": 0.0}
        ),
        state={"redial": {}},
    )
