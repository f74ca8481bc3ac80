"""Put interactions together into chains: everything that happened until one need of one customer was met."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wfo.chains.assemble import chain_tables
from wfo.chains.contacts import Contacts, inbound, to_contacts
from wfo.chains.identity import Identity, identify
from wfo.chains.kernel import Counts, count, kernel_table, redials
from wfo.chains.linking import Links, link
from wfo.chains.result import ChainsResult
from wfo.chains.settings import ChainSettings
from wfo.domain.centre import Centre
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta, Status


@dataclass(frozen=True)
class ChainInputs:
    """What chains are built from.

    Attributes
    ----------
    centre : Centre
    interactions : DataFrame or None
        Table ``interactions``; None or empty: chains are not available.
    now : datetime
        Planning moment, aware UTC; later contacts are left out.
    identity_links : DataFrame or None
        Table ``identity_links``.
    """

    centre: Centre
    interactions: pd.DataFrame | None
    now: dt.datetime
    identity_links: pd.DataFrame | None = None


def build_chains(inputs: ChainInputs, settings: ChainSettings, *, seed: int = 0) -> ChainsResult:
    """Join identities, link contacts, and measure what contacts cause.

    Parameters
    ----------
    inputs : ChainInputs
    settings : ChainSettings
    seed : int
        Kept with the result; nothing here is drawn.

    Returns
    -------
    ChainsResult
        ``chains``, ``chain_members`` (inbound contacts only) and ``kernel``; ``state["redial"]`` by queue
        with ``p``, ``mean_s`` and ``abandoned``. Without interactions the status is "not available" and the
        tables are empty.

    Raises
    ------
    InputError
        If an interaction id stands twice.

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
    if inputs.interactions is None or inputs.interactions.empty:
        return _not_available("There is no interaction log; chains are not available from counts.", seed)
    rows = inbound(inputs.interactions, inputs.now)
    if rows.empty:
        return _not_available("The interaction log has no inbound contact before the planning moment.", seed)
    identity = identify(
        rows, inputs.identity_links, inputs.now, key_cap=settings.key_cap, customer_cap=settings.customer_cap
    )
    contacts = to_contacts(rows, identity, inputs.centre)
    links = link(contacts, settings)
    chains, members = chain_tables(contacts, links, identity, inputs.now, settings.window_h)
    counts = count(contacts, links, inputs.now, settings)
    facts = _facts(contacts, identity, links, counts, chains)
    facts["outbound_left_out"] = len(inputs.interactions) - len(rows)
    return ChainsResult(
        tables={
            "chains": chains,
            "chain_members": members,
            "kernel": kernel_table(counts, contacts),
        },
        meta=Meta(status=Status.DONE, seed=seed, notes=_notes(facts, counts), facts=facts),
        state={"redial": redials(contacts, links, counts, inputs.now, settings.redial_min)},
    )


def _facts(
    contacts: Contacts, identity: Identity, links: Links, counts: Counts, chains: pd.DataFrame
) -> dict[str, Any]:
    linked = links.parent >= 0
    return {
        "contacts": len(contacts),
        "identity_coverage": float(identity.known.mean()),
        "customers": int(pd.unique(identity.customer[identity.known]).size),
        "chains": len(chains),
        "open_chains": int((chains["status"] == "open").sum()),
        "follow_ups": int((linked & ~links.redial).sum()),
        "redials": int(links.redial.sum()),
        "hard_links": int(links.hard.sum()),
        "intent_agreement": counts.agreement,
        "coincidence_share": float(counts.background.sum() / max(counts.links.sum(), 1.0)),
        "keys_over_cap": identity.keys_over_cap,
        "customers_over_cap": identity.customers_over_cap,
        "contacts_over_cap": identity.contacts_over_cap,
        "identity_links_unused": identity.links_unused,
        "largest_merge": identity.largest_merge,
    }


def _notes(facts: dict[str, Any], counts: Counts) -> tuple[str, ...]:
    notes = [
        f"The customer is known for {facts['identity_coverage']:.0%} of contacts; the others stand alone."
    ]
    if facts["keys_over_cap"]:
        notes.append(f"{facts['keys_over_cap']} keys are shared by too many customers and join nobody.")
    if facts["customers_over_cap"]:
        notes.append(
            f"{facts['customers_over_cap']} customers have too many contacts "
            f"({facts['contacts_over_cap']} in all) and are left unlinked."
        )
    if not counts.controls:
        notes.append("The log is too short to measure coincidences; follow-ups include them.")
    return tuple(notes)


def _not_available(reason: str, seed: int) -> ChainsResult:
    tables = {name: empty_table(name) for name in ("chains", "chain_members", "kernel")}
    return ChainsResult(
        tables=tables,
        meta=Meta(
            status=Status.NOT_AVAILABLE, reasons=(reason,), seed=seed, facts={"identity_coverage": 0.0}
        ),
        state={"redial": {}},
    )
