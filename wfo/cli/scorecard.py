"""A scorecard as text for the terminal."""

import pandas as pd

from wfo.cli.output import table
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
