"""Customer intent for the report: stated or read, how well it is read, how often it is in the wrong place."""

from typing import Any

import pandas as pd

from wfo.chains.intents.infer import SOURCES, quality
from wfo.report.run_files import RunFiles
from wfo.report.words import amount, plain


def intent_content(run: RunFiles) -> dict[str, Any]:
    """What the report's page says of intents; empty lists where the run has none."""
    coverage, confusion = run.table("intent_coverage"), run.table("intent_confusion")
    silent = len(coverage) > 0 and bool((coverage["source"] != "stated").any())
    return {
        "intents_line": _line(coverage),
        "intents_read": _read_rows(coverage) if silent else [],
        "intents_right": [_right_row(row) for row in quality(confusion).to_dict("records")]
        if len(confusion)
        else [],
        "misdirected": [_misdirected_row(row) for row in run.table("misdirection").to_dict("records")],
    }


def _line(coverage: pd.DataFrame) -> str:
    if coverage.empty:
        return ""
    share = coverage.groupby("source")["contacts"].sum() / coverage["contacts"].sum()
    if share.get("stated", 0.0) == 1:
        return "All contacts state their intent; none had to be read."
    parts = [share.get(source, 0.0) for source in SOURCES]
    return (
        f"{parts[0]:.0%} of contacts state their intent; {parts[1]:.0%} were read by the taxonomy's rules, "
        f"{parts[2]:.0%} by a classifier fitted to those that state it; {parts[3]:.0%} stay unknown."
    )


def _read_rows(coverage: pd.DataFrame) -> list[dict[str, str]]:
    wide = coverage.pivot_table(
        index=["channel", "queue"], columns="source", values="contacts", aggfunc="sum", fill_value=0
    ).reindex(columns=list(SOURCES), fill_value=0)
    rows = []
    for row in wide.reset_index().to_dict("records"):
        whole = sum(row[source] for source in SOURCES)
        shares = {source: amount(row[source] / whole, "share") for source in SOURCES}
        place = {"channel": plain(row["channel"]), "queue": plain(row["queue"])}
        rows.append({**place, "contacts": f"{whole:,}", **shares})
    return rows


def _right_row(row: dict[Any, Any]) -> dict[str, str]:
    return {
        "intent": plain(row["intent"]),
        "contacts": f"{row['contacts']:,}",
        **{name: amount(row[name], "share") for name in ("recall", "precision", "unknown")},
        "taken_for": plain(row["taken_for"]),
    }


def _misdirected_row(row: dict[Any, Any]) -> dict[str, str]:
    return {
        "channel": plain(row["channel"]),
        "queue": plain(row["queue"]),
        "contacts": f"{row['contacts']:,}",
        "rate": amount(row["rate"], "share"),
        "known": f"{row['identity_coverage']:.0%}",
    }
