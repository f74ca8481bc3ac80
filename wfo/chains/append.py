"""Append interactions to chains that stand: only what they touch is linked again.

What a new interaction touches: its customer, as he was known before and as he is known now (a new key may
join two customers, or put a key over its cap); contacts that name it as parent; contacts of its case; and
silent contacts whose intent is read otherwise now that there is more to learn from, with theirs. Those are
linked again, by the same model; every other link stands. Chains that hold a contact so touched, or were
still open, are made again from their links. The result is exactly that of building everything anew with the
same model: late, repeated and out-of-order interactions included, of one id the last that came.
"""

from dataclasses import dataclass, replace

import pandas as pd

from wfo.chains.assemble import assemble, chains_text, members_text
from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.contacts import contacts
from wfo.chains.identity import identify
from wfo.chains.intents.engage import as_read
from wfo.chains.intents.reading import read_anew, read_log
from wfo.chains.linking import components, link
from wfo.chains.pairs import hard_links, pairs
from wfo.chains.result import ChainsResult
from wfo.chains.settings import ChainSettings
from wfo.chains.staging import Staged, stage
from wfo.errors import InputError, Problem
from wfo.tables.duck import DuckSql
from wfo.tables.result import Meta
from wfo.tables.sql import Sql


@dataclass(frozen=True)
class ChainState:
    """Chains that stand, with what they were built from.

    Attributes
    ----------
    inputs : ChainInputs
        The log so far as a frame, one row an interaction id, as it came, and the model links are judged by.
    settings : ChainSettings
    result : ChainsResult
    customers : DataFrame
        interaction_id, label (of the customer; empty where unknown).
    seen : DataFrame
        The log as chains see it: silent intents read, ignored mentions marked.
    """

    inputs: ChainInputs
    settings: ChainSettings
    result: ChainsResult
    customers: pd.DataFrame
    seen: pd.DataFrame


def latest(log: pd.DataFrame) -> pd.DataFrame:
    """Of rows with one interaction id the last."""
    return log.drop_duplicates("interaction_id", keep="last").reset_index(drop=True)


def start(inputs: ChainInputs, settings: ChainSettings) -> ChainState:
    """Build chains to which more can be appended.

    Parameters
    ----------
    inputs : ChainInputs
        ``interactions`` is a frame; of rows with one id the last counts.
    settings : ChainSettings

    Raises
    ------
    InputError
        If there are no interactions, or they are no frame.
    """
    if not isinstance(inputs.interactions, pd.DataFrame) or inputs.interactions.empty:
        raise InputError(
            [Problem("interactions", "chains are appended to from a frame of interactions: give one")]
        )
    inputs = replace(inputs, interactions=latest(inputs.interactions))
    result = build_chains(inputs, settings)
    inputs = replace(inputs, link_model=result.link_model())
    assert isinstance(inputs.interactions, pd.DataFrame)
    seen = as_read(inputs.interactions, result.tables["intents"], settings.intents)
    with DuckSql() as sql:
        _staged(sql, replace(inputs, interactions=seen), settings)
        return ChainState(inputs, settings, result, sql.frame(_CUSTOMERS), seen)


def append(state: ChainState, new: pd.DataFrame, *, now: pd.Timestamp | None = None) -> ChainState:
    """The state with more interactions, and with time gone on.

    The tables ``chains``, ``chain_members``, ``identity_merges`` and those of intents are those of building
    everything anew with the state's model: silent contacts are read again by what all contacts teach now, and
    where that changes an earlier one, its customer is linked again too. Kernel, redials and chain metrics
    speak of the whole log and stay as they are until it is built anew; a note says so.

    Parameters
    ----------
    state : ChainState
    new : DataFrame
        Interactions; one with an id that is there already takes its place.
    now : Timestamp, optional
        Planning moment; not before that of the state, which it is by default.

    Raises
    ------
    InputError
        If ``now`` lies before that of the state.
    """
    before = state.inputs
    moment = before.now if now is None else now.to_pydatetime()
    if moment < before.now:
        message = f"{moment} lies before {before.now}, up to which the chains stand: build them anew"
        raise InputError([Problem("now", message)])
    assert isinstance(before.interactions, pd.DataFrame)
    log = latest(pd.concat([before.interactions, new], ignore_index=True))
    inputs = replace(before, interactions=log, now=moment)
    told = read_log(log, state.settings.intents, state.settings.infer)
    came = pd.concat([new[["interaction_id"]], read_anew(state.seen, told.interactions)])
    with DuckSql() as sql:
        staged, merges = _staged(sql, replace(inputs, interactions=told.interactions), state.settings)
        customers = sql.frame(_CUSTOMERS)
        old = state.result.tables
        sql.register("old_customer", state.customers)
        sql.register("old_member", old["chain_members"])
        sql.register("old_chain", old["chains"][["chain_id", "status"]])
        sql.register("came", came.astype("str").drop_duplicates())
        _touch(sql)
        _link_again(sql, staged, state)
        fresh = _chains_again(sql, staged, moment != before.now)
        gone = set(sql.frame("SELECT chain_id FROM gone ORDER BY chain_id")["chain_id"])
    tables = dict(old)
    for name, key in (("chains", "chain_id"), ("chain_members", "interaction_id")):
        kept = old[name][~old[name]["chain_id"].isin(gone)]
        tables[name] = pd.concat([kept, fresh[name]]).sort_values(key, ignore_index=True)
    tables |= {"identity_merges": merges, **told.tables}
    result = ChainsResult(tables=tables, meta=_noted(state.result.meta), state=state.result.state)
    return ChainState(inputs, state.settings, result, customers, told.interactions)


_CUSTOMERS = """
    SELECT c.interaction_id, CASE WHEN c.known THEN l.label ELSE '' END AS label,
      coalesce(c.parent_id, '') AS parent_id, coalesce(c.case_id, '') AS case_id
    FROM contact c LEFT JOIN label l ON l.customer = c.customer ORDER BY interaction_id"""
_NOTE = "Interactions were appended; kernel, redials and chain metrics are those of the last full build."


def _staged(sql: Sql, inputs: ChainInputs, settings: ChainSettings) -> tuple[Staged, pd.DataFrame]:
    """Make ``contact`` of the whole log; what its codes stand for, and the merge log."""
    assert isinstance(inputs.interactions, pd.DataFrame)
    staged = stage(sql, inputs.interactions, inputs.centre, inputs.now, settings)
    identity, merges = identify(sql, inputs.identity_links, inputs.identity_splits, staged.now_ms, settings)
    anchored = identity.anchored_by_id
    contacts(sql, staged, inputs.centre, settings, inputs.agents, anchored_by_id=anchored)
    return staged, merges


def _touch(sql: Sql) -> None:
    """Make ``changed`` and ``touched``.

    Changed are ids that came, went, are someone else's or name another parent or case; touched are those to
    be linked again.
    """
    sql.create("present", _CUSTOMERS)
    sql.create(
        "changed",
        """SELECT interaction_id FROM came
        UNION SELECT coalesce(n.interaction_id, o.interaction_id)
        FROM present n FULL OUTER JOIN old_customer o ON o.interaction_id = n.interaction_id
        WHERE n.label IS NULL OR o.label IS NULL OR n.label <> o.label
          OR n.parent_id <> o.parent_id OR n.case_id <> o.case_id""",
    )
    sql.create(
        "touched",
        """SELECT interaction_id FROM present WHERE label <> '' AND label IN (
            SELECT label FROM present WHERE interaction_id IN (SELECT interaction_id FROM changed)
            UNION SELECT label FROM old_customer WHERE interaction_id IN (SELECT interaction_id FROM changed))
        UNION SELECT interaction_id FROM changed
        UNION SELECT interaction_id FROM contact WHERE parent_id IN (SELECT interaction_id FROM changed)
        UNION SELECT interaction_id FROM contact WHERE case_id IN (
            SELECT case_id FROM contact WHERE interaction_id IN (SELECT interaction_id FROM changed)
            UNION SELECT case_id FROM old_customer
              WHERE case_id <> '' AND interaction_id IN (SELECT interaction_id FROM changed))""",
    )


def _link_again(sql: Sql, staged: Staged, state: ChainState) -> None:
    """Make ``linked`` (child, parent by id, p, redial): touched contacts anew, the others as they were."""
    sql.create("everyone", "SELECT * FROM contact")
    sql.create(
        "contact",
        """SELECT * FROM everyone WHERE interaction_id IN (SELECT interaction_id FROM touched)
          OR interaction_id IN (SELECT parent_id FROM everyone
            WHERE interaction_id IN (SELECT interaction_id FROM touched))
          OR case_id IN (SELECT case_id FROM everyone
            WHERE interaction_id IN (SELECT interaction_id FROM touched))""",
    )
    model = state.inputs.link_model
    assert model is not None
    pairs(sql, state.settings)
    hard_links(sql, state.settings)
    link(sql, model.fitted_to(staged.queues, staged.intents), state.settings.threshold)
    sql.create(
        "linked",
        """SELECT c.interaction_id AS child, p.interaction_id AS parent, k.p, k.redial FROM link k
          JOIN everyone c ON c.rid = k.child JOIN everyone p ON p.rid = k.parent
          WHERE c.interaction_id IN (SELECT interaction_id FROM touched)
        UNION ALL
        SELECT interaction_id, parent_interaction, link_p, CASE WHEN role = 'redial' THEN 1 ELSE 0 END
        FROM old_member WHERE parent_interaction IS NOT NULL
          AND interaction_id NOT IN (SELECT interaction_id FROM touched)""",
    )


def _chains_again(sql: Sql, staged: Staged, later: bool) -> dict[str, pd.DataFrame]:
    """Make ``gone``, the chains that are made again, and return their new rows."""
    young = "SELECT chain_id FROM old_chain WHERE status = 'open'" if later else "SELECT NULL WHERE 1 = 0"
    sql.create(
        "gone",
        f"""SELECT chain_id FROM old_member WHERE interaction_id IN (SELECT interaction_id FROM touched)
        UNION SELECT chain_id FROM old_member WHERE interaction_id IN (
          SELECT parent FROM linked WHERE child IN (SELECT interaction_id FROM touched))
        UNION {young}""",
    )
    sql.create(
        "contact",
        """SELECT * FROM everyone WHERE interaction_id IN (SELECT interaction_id FROM touched)
          OR interaction_id IN (
            SELECT interaction_id FROM old_member WHERE chain_id IN (SELECT chain_id FROM gone))""",
    )
    sql.create(
        "link",
        """SELECT c.rid AS child, p.rid AS parent, k.p, k.redial FROM linked k
        JOIN contact c ON c.interaction_id = k.child JOIN contact p ON p.interaction_id = k.parent""",
    )
    components(sql)
    assemble(sql, staged)
    return {"chains": sql.frame(chains_text(sql)), "chain_members": sql.frame(members_text())}


def _noted(meta: Meta) -> Meta:
    return meta if _NOTE in meta.notes else replace(meta, notes=(*meta.notes, _NOTE))
