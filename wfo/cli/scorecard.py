"""Scorecards and comparisons as text for the terminal."""

import pandas as pd

from wfo.cli.output import table
from wfo.pipeline.compare import Comparison
from wfo.report.words import amount, chance, plain, spread


def scorecard_text(scorecard: pd.DataFrame, currency: str) -> str:
    """Targets with prediction, spread and the chance of being met; below them what the week costs."""
    rows = []
    for row in scorecard.to_dict("records"):
        managed = row["mode"] in ("hard", "priced")
        if not managed and not (
            row["scope"] == "centre" and row["metric"] in ("cost", "failure_demand", "coaching_coverage")
        ):
            continue
        unit = str(row["unit"])
        aim = f"{row['sense']} {amount(row['target'], unit, currency)}" if managed else ""
        rows.append(
            (
                plain(str(row["metric"])),
                plain(str(row["scope"])),
                aim,
                amount(row["predicted"], unit, currency),
                spread(row["low"], row["high"], unit, currency),
                chance(row["p_met"]) if managed else "",
                str(row["status"]) if managed else "",
            )
        )
    return table(rows, ("metric", "queue", "target", "predicted", "likely", "chance", "status"), right=(2, 3))


def comparison_text(found: Comparison) -> str:
    """A comparison as text: what is assumed differently, then every managed or changed metric."""
    lines = [f"{found.first} → {found.second}", "", "Assumptions that differ"]
    differing = [tuple(row) for row in found.assumptions.itertuples(index=False)]
    lines.append(table(differing, ("setting", "first", "second")) if differing else "none")
    rows = []
    for row in found.results.to_dict("records"):
        if not row["difference"] and row["status_first"] == row["status_second"]:
            continue
        unit = str(row["unit"])
        judged = "" if pd.isna(row["noise"]) else "noise" if row["noise"] else "real"
        change = f"{row['status_first']} → {row['status_second']}"
        rows.append(
            (
                plain(str(row["metric"])),
                plain(str(row["scope"])),
                amount(row["first"], unit),
                amount(row["second"], unit),
                amount(row["difference"], unit),
                spread(row["low"], row["high"], unit),
                judged,
                change
                if isinstance(row["sense"], str) and row["status_first"] != row["status_second"]
                else "",
            )
        )
    head = ("metric", "queue", "first", "second", "difference", "likely", "judged", "status")
    lines += ["", "Results", table(rows, head, right=(2, 3, 4)) if rows else "no difference"]
    if not found.paired:
        lines.append("The runs differ in seed, replications or week: their differences hold luck as well.")
    return "\n".join(lines)
