"""What building chains came to, in numbers and in sentences."""

from collections.abc import Mapping
from typing import Any

from wfo.chains.identity import Identity
from wfo.chains.kernel import Counts
from wfo.chains.link_model import LinkModel
from wfo.chains.settings import ChainSettings
from wfo.chains.staging import Staged
from wfo.chains.ties import least_weeks
from wfo.tables.sql import Sql


def facts_of(
    sql: Sql,
    staged: Staged,
    identity: Identity,
    counts: Counts,
    model: LinkModel,
    settings: ChainSettings,
) -> dict[str, Any]:
    """Counts of contacts, links, chains, and of what was held back, by name."""
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
        "coincidences_need_weeks": 0 if counts.controls or not counts.links.any() else least_weeks(settings),
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


_HELD_BACK = {
    "keys_over_cap": "Keys shared by too many customers, which join nobody: {keys_over_cap:,}.",
    "merges_over_cap": (
        "Groups of customers that several shared keys would have joined: {merges_over_cap:,}; those keys "
        "join nobody (table identity_merges of the run)."
    ),
    "customers_over_cap": (
        "Customers of too many contacts (chains.customer_cap): {customers_over_cap:,}; their "
        "{contacts_over_cap:,} contacts are left unlinked."
    ),
    "cases_over_cap": "Case ids shared by too many, which join nobody: {cases_over_cap:,}.",
    "named_parents_unused": (
        "Contacts that name a parent which is not in the log, does not come before them, or is an outgoing "
        "one that answers none: {named_parents_unused:,}; the name is not used."
    ),
    "ends_before_start": (
        "Contacts that end before they start: {ends_before_start:,}; their start counts as end."
    ),
}
"""What is said of what was held back or put right, where there is any."""


def known_customers(coverage: float) -> str:
    """How many contacts show who the customer is, in a sentence.

    Examples
    --------
    >>> known_customers(1.0), known_customers(0.8)[:41]
    ('The customer is known for every contact.', 'The customer is known for 80% of contacts')
    """
    if coverage == 1:
        return "The customer is known for every contact."
    return f"The customer is known for {coverage:.0%} of contacts; nobody can tell what the others follow."


def held_back(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences on contacts, keys and names that were left unused or put right; empty where all was used.

    Examples
    --------
    >>> held_back({"customers_over_cap": 1, "contacts_over_cap": 100_000})
    ('Customers of too many contacts (chains.customer_cap): 1; their 100,000 contacts are left unlinked.',)
    """
    return tuple(text.format(**facts) for name, text in _HELD_BACK.items() if facts.get(name))


def to_know(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """What to know of a log before its chains are believed: doubts, and what was held back.

    Examples
    --------
    >>> to_know({"coincidences_need_weeks": 6})[0][:71]
    'The log is too short to measure coincidences (that takes 6 whole weeks)'
    """
    weeks = facts.get("coincidences_need_weeks", 0)
    short = (
        f"The log is too short to measure coincidences (that takes {weeks} whole weeks): follow-ups, failure "
        "demand and what is expected to be caused hold every contact that came again by chance, and may be "
        "far too high."
    )
    return (*((short,) if weeks else ()), *held_back(facts))


def notes_of(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The same in sentences, as far as a planner should know it."""
    notes = [known_customers(facts["identity_coverage"])]
    if facts["largest_merge"] > 1:
        notes.append(
            f"The largest customer, {facts['largest_merge_of']}, was put together of "
            f"{facts['largest_merge']} identities (see identity_merges)."
        )
    return (*notes, *to_know(facts))
