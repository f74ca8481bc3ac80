"""What building chains came to, in numbers and in sentences."""

from typing import Any

from wfo.chains.identity import Identity
from wfo.chains.kernel import Counts
from wfo.chains.link_model import LinkModel
from wfo.chains.staging import Staged
from wfo.tables.sql import Sql


def facts_of(
    sql: Sql, staged: Staged, identity: Identity, counts: Counts, model: LinkModel
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


def notes_of(facts: dict[str, Any], counts: Counts) -> tuple[str, ...]:
    """The same in sentences, as far as a planner should know it."""
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
