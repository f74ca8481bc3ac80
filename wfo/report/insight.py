"""Insight for the report: what to repair first, resolution by word and in truth, promises, the corridor."""

from typing import Any

import numpy as np
import pandas as pd

from wfo.charts.corridor import corridor, follows
from wfo.report.run_files import RunFiles
from wfo.report.words import amount, percent, plain, spread

_ROWS = 12
_NOTHING = 0.005  # share of chains that went on, below which there is none to speak of
_METRICS = {
    "contacts_per_chain": ("", "chains of known customers"),
    "first_contact_resolution": ("share", "closed chains of known customers"),
    "resolved": ("share", "closed chains of known customers"),
    "repeat": ("share", "closed chains of known customers"),
    "failed_contacts_per_chain": ("", "closed chains of known customers"),
    "containment": ("share", "self-service contacts of known customers, window passed"),
    "cost_per_resolved_chain": ("money", "resolved chains of known customers"),
}
"""Metrics of chains as the page shows them: unit, and of what they are."""


def insight_charts(run: RunFiles) -> dict[str, Any]:
    """Figures by name; none where the run has no insight."""
    paths, flow = run.table("paths"), run.table("flow")
    if paths.empty or not paths["path"].str.contains(">", regex=False).any():
        return {}
    return {"corridor": corridor(paths), "follows": follows(flow)}


def insight_content(run: RunFiles) -> dict[str, Any]:
    """What the report's page says of insight; empty lists where there is none."""
    repairs, chains = run.table("insight"), run.table("chain_insight")
    if len(repairs) and "cost_estimated" not in repairs:
        repairs = repairs.assign(cost_estimated=np.nan, failed_estimated=np.nan)
    return {
        "repairs": [
            _repair(row, run.currency) for row in _records(repairs[repairs["failed"] > 0].head(_ROWS))
        ]
        if len(repairs)
        else [],
        "chain_metrics": _chain_metrics(run),
        "merge_line": _merge_line(run),
        "failure_lines": _failure_lines(run, repairs, chains),
        "resolution": [_resolution(row) for row in _records(run.table("resolution"))],
        "promises": [_promise(row, run.currency) for row in _records(run.table("promises"))],
        "paths": [_path(row) for row in _records(run.table("paths").head(_ROWS))],
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _failure_lines(run: RunFiles, repairs: pd.DataFrame, chains: pd.DataFrame) -> list[str]:
    """What failure comes to: by R first, then what the links show of it, and what hides the rest."""
    if chains.empty or not chains["cost"].sum():
        return []
    known = chains["identity_coverage"] > 0
    again = (chains.loc[known, "failure_cost"] > 0).mean()
    seen = amount(repairs["failure_cost"].sum(), "money", run.currency)
    share = chains["failure_cost"].sum() / chains["cost"].sum()
    facts = run.manifest.get("stages", {}).get("chains", {}).get("facts", {})
    hidden = 1 - facts.get("identity_coverage", repairs["identity_coverage"].mean())
    weeks = facts.get("coincidences_need_weeks", 0)
    by_chance = (
        f"How many of such links are coincidences cannot be told of a log below {weeks} whole weeks"
        if weeks
        else f"{facts.get('coincidence_share', 0.0):.0%} of such links are put down to coincidence"
    )
    unseen = (
        f"; {hidden:.0%} of contacts show no identity, so that nobody sees what they follow" if hidden else ""
    )
    lines = []
    by_r = _by_scope(run, "estimated")
    if "repeat" in by_r and repairs["cost_estimated"].notna().all():
        went_on = by_r["repeat"]["value"]
        money = amount(repairs["cost_estimated"].sum(), "money", run.currency)
        about, chance = ("up to", "still in it") if weeks else ("about", "taken out")
        lines.append(
            f"{about.capitalize()} {went_on:.0%} of chains needed more than one contact, and that costs "
            f"{about} {money} a week. This is estimated from R: coincidences are {chance}, and follow-ups "
            "that showed no identity are counted."
            if went_on >= _NOTHING
            else "No follow-ups beyond coincidence were found."
        )
    lines.append(
        f"Links in the log show this: {again:.0%} of the closed chains of known customers went on, which "
        f"cost {seen} a week, {share:.0%} of what chains cost. {by_chance}{unseen}."
    )
    return lines


def _by_scope(run: RunFiles, scope: str) -> dict[str, dict[str, Any]]:
    """Metrics of chains over all intents, by name."""
    found = run.table("chain_metrics")
    if found.empty:
        return {}
    rows = _records(found[found["intent"].isna() & (found["scope"] == scope)])
    return {row["metric"]: row for row in rows}


def _chain_metrics(run: RunFiles) -> list[dict[str, str]]:
    rows, by_r = _by_scope(run, "known"), _by_scope(run, "estimated")
    return [_chain_metric(rows[name], by_r.get(name), run.currency) for name in _METRICS if name in rows]


def _chain_metric(row: dict[str, Any], by_r: dict[str, Any] | None, currency: str) -> dict[str, str]:
    unit, of = _METRICS[row["metric"]]

    def figure(value: float) -> str:
        money = f" {currency}" if unit == "money" else ""
        return amount(value, unit) if unit == "share" else f"{value:.2f}{money}".strip()

    return {
        "metric": plain(row["metric"]),
        "counted_of": of,
        "value": figure(row["value"]),
        "estimated": "–" if by_r is None else figure(by_r["value"]),
        "counted": f"{row['chains']:,}",
        "known": _known(row["identity_coverage"]),
    }


def _merge_line(run: RunFiles) -> str:
    """How many identities the largest customer was put together of, and what was held back."""
    merges = run.table("identity_merges")
    if merges.empty:
        return ""
    joined = merges[merges["status"] == "joined"]
    held = len(merges) - len(joined)
    parts = []
    if len(joined):
        customers = joined["customer_id"].nunique()
        most = joined.groupby("customer_id").size()
        parts.append(
            f"{customers:,} customers were put together of several people's identities, the largest ("
            f"{most.idxmax()}) by {most.max():,} shared keys and links"
        )
    if held:
        parts.append(f"{held:,} were held back (table identity_merges says why)")
    return "; ".join(parts) + "."


def _known(share: float) -> str:
    return "" if pd.isna(share) else f"{share:.0%}"


def _repair(row: dict[str, Any], currency: str) -> dict[str, str]:
    return {
        "intent": plain(row["intent"]),
        "channel": plain(row["channel"]),
        "contacts": f"{row['contacts']:,}",
        "failed": f"{row['failed'] / row['contacts']:.0%}",
        "estimated": percent(row["failed_estimated"] / row["contacts"], 0),
        "seen": amount(row["failure_cost"], "money", currency),
        "cost": amount(row["cost_estimated"], "money", currency),
        "spread": spread(row["low"], row["high"], "money", currency),
        "each": f"{row['per_failure']:.2f}",
        "share": f"{row['share']:.0%}",
        "known": _known(row["identity_coverage"]),
    }


def _share(value: float) -> str:
    return amount(value, "share")


def _resolution(row: dict[str, Any]) -> dict[str, str]:
    days = sorted(int(name.rsplit("_", 1)[1]) for name in row if name.startswith("by_day_"))
    longest = days[-1]
    return {
        "queue": plain(row["queue"]),
        "contacts": f"{row['contacts']:,}",
        "word": _share(row["by_word"]),
        "truth": _share(row[f"by_day_{longest}"]),
        "spread": spread(row[f"low_{longest}"], row[f"high_{longest}"], "share"),
        "false": _share(row["false_success"]),
        "contained": _share(row["containment"]),
        "known": _known(row["identity_coverage"]),
        "days": str(longest),
    }


def _promise(row: dict[str, Any], currency: str) -> dict[str, str]:
    return {
        "queue": plain(row["queue"]),
        "due": f"{row['due']:,}",
        "kept": _share(row["kept_share"]),
        "late": amount(row["late_cost"], "money", currency),
        "spread": spread(row["low"], row["high"], "money", currency),
        "known": _known(row["identity_coverage"]),
    }


def _path(row: dict[str, Any]) -> dict[str, str]:
    return {
        "path": row["path"].replace(">", " → ").replace("back_office", "back office"),
        "chains": f"{row['chains']:,}",
        "share": f"{row['share']:.1%}",
        "cost": f"{row['cost']:.2f}",
        "resolved": "–" if pd.isna(row["cost_per_resolved"]) else f"{row['cost_per_resolved']:.2f}",
        "hours": f"{row['hours']:.0f} h" if row["hours"] else "",
        "effort": f"{row['effort_min']:.0f} min",
        "known": _known(row["identity_coverage"]),
    }
