"""Scorecards and comparisons as text for the terminal."""

import pandas as pd

from wfo.cli.output import table
from wfo.pipeline.compare import Comparison
from wfo.report.words import amount, chance, missing, plain, points, spread, unsigned


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


def _change(difference: float, unit: str) -> str:
    """A difference: of shares in points, of seconds to a tenth.

    Examples
    --------
    >>> _change(-0.012, "share"), _change(0.34, "s"), _change(171.2, "money")
    ('-1.2 pt', '+0.3 s', '171')
    """
    if missing(difference):
        return "–"
    if unit == "share":
        return points(difference)
    return unsigned(f"{difference:+.1f}") + " s" if unit == "s" else amount(difference, unit)


def _between(low: float, high: float, unit: str) -> str:
    """A range of differences, its unit once."""
    if missing(low) or missing(high):
        return ""
    last = _change(high, unit)
    tail = last[last.find(" ") :] if " " in last else ""
    return f"{_change(low, unit).removesuffix(tail)} – {last}"


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
                _change(row["difference"], unit),
                _between(row["low"], row["high"], unit),
                _between(row["mean_low"], row["mean_high"], unit),
                judged,
                change
                if isinstance(row["sense"], str) and row["status_first"] != row["status_second"]
                else "",
            )
        )
    head = ("metric", "queue", "first", "second", "difference", "single weeks", "mean", "judged", "status")
    lines += ["", "Results", table(rows, head, right=(2, 3, 4)) if rows else "no difference"]
    lines += found.notes
    if not found.paired:
        lines.append("The runs differ in seed, replications or week: their differences hold luck as well.")
    return "\n".join(lines)
