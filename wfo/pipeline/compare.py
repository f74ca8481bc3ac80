"""Two runs side by side: assumptions first, then results, paired by simulated week."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from wfo.domain.centre import Law
from wfo.errors import InputError, Problem
from wfo.evaluation.measures import queues_of
from wfo.metrics.specs import CENTRE
from wfo.pipeline.manifest import read_manifest
from wfo.pipeline.run import Run
from wfo.tables.parquet import read_frame

NOISE_SE = 2.0
"""A mean difference within so many standard errors of zero is noise."""
_KEY = ["metric", "scope", "grain"]
_RATIOS = {
    "service_level": ("in_time", "of"),
    "response_within": ("in_time", "of"),
    "abandonment": ("lost", "wanted"),
    "asa": ("wait_s", "answered"),
    "failure_demand": ("caused", "offered"),
    "volume": ("offered", None),
}
"""Columns of ``replications`` whose sums give a metric."""
_SUMMED = ["offered", "answered", "abandoned", "abandoned_short", "in_time", "of", "wait_s", "caused"]
_SIDE = ("seed", "replications", "effort", "week_start", "data")


@dataclass(frozen=True)
class Comparison:
    """What two runs assume and reach.

    Attributes
    ----------
    first, second : str
        The runs' names.
    assumptions : DataFrame
        setting, first, second: only what differs.
    results : DataFrame
        metric, scope, grain, unit, first, second, difference (second − first); low, high: 10 % and 90 %
        points of the difference over simulated weeks; mean_low, mean_high: the mean difference ± `NOISE_SE`
        standard errors; noise: whether that holds 0, or empty where the runs cannot be paired; status_first,
        status_second.
    paired : bool
        Whether the simulated weeks of both had the same luck.
    notes : tuple of str
        What these intervals do not hold: that the two schedules lie differently far from their best.
    """

    first: str
    second: str
    assumptions: pd.DataFrame
    results: pd.DataFrame
    paired: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Side:
    """One run as the comparison reads it."""

    folder: Path
    manifest: Mapping[str, Any]
    scenario: Mapping[str, Any]
    scorecard: pd.DataFrame
    replications: pd.DataFrame


def compare(first: Run | Path | str, second: Run | Path | str) -> Comparison:
    """Compare two runs.

    Parameters
    ----------
    first, second : Run or Path
        Runs, or their folders.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If one of them is no run folder with a scorecard.
    """
    a, b = _side(first), _side(second)
    same = [a.manifest.get(name) == b.manifest.get(name) for name in ("seed", "replications", "week_start")]
    paired = all(same)
    return Comparison(
        _name(a),
        _name(b),
        _assumptions(a, b),
        _results(a, b, paired),
        paired,
        _unseen(a.manifest, b.manifest),
    )


def _unseen(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, ...]:
    """What the intervals of a comparison do not hold."""
    efforts = [str(side.get("effort")) for side in (first, second)]
    plans = [side.get("stages", {}).get("schedule", {}) for side in (first, second)]
    if plans[0].get("key") == plans[1].get("key") is not None:
        return ()
    notes = []
    if efforts[0] != efforts[1]:
        notes.append(
            f"The runs were made with different effort ({efforts[0]}, {efforts[1]}): differences may be "
            "the solver's; run both with the same."
        )
    gaps = [plan.get("gap") for plan in plans]
    if all(gap is not None for gap in gaps):
        notes.append(
            f"The schedules may lie up to {gaps[0]:.1%} and {gaps[1]:.1%} from the best there are (gap); the "
            "intervals are those of simulated weeks and do not hold that."
        )
    return tuple(notes)


def _side(given: Run | Path | str) -> _Side:
    folder = given.folder if isinstance(given, Run) else Path(given)
    if folder is None:
        raise InputError("a run without a feasible plan has nothing to compare")
    manifest = read_manifest(folder)
    if not manifest or not (folder / "scorecard.csv").is_file():
        raise InputError([Problem(str(folder), "no run with a scorecard; run the scenario to its end first")])
    scenario = YAML(typ="safe").load((folder / "scenario.yaml").read_text(encoding="utf-8"))
    card = pd.read_csv(folder / "scorecard.csv")
    return _Side(folder, manifest, scenario, card, read_frame(folder / "replications.parquet"))


def _name(side: _Side) -> str:
    return f"{side.manifest['scenario']}/{side.manifest['arm']}"


def _assumptions(a: _Side, b: _Side) -> pd.DataFrame:
    left, right = _flat(a.scenario), _flat(b.scenario)
    for name in _SIDE:
        left[name], right[name] = a.manifest.get(name), b.manifest.get(name)
    left["data"], right["data"] = a.manifest["data"]["key"], b.manifest["data"]["key"]
    names = [*left, *(n for n in right if n not in left)]
    rows = [
        (name, _text(left.get(name)), _text(right.get(name)))
        for name in names
        if name != "name" and left.get(name) != right.get(name)
    ]
    return pd.DataFrame(rows, columns=["setting", "first", "second"]).astype("str")


def _flat(tree: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {path: tree}
    out: dict[str, Any] = {}
    for key, value in tree.items():
        out |= _flat(value, f"{path}.{key}" if path else str(key))
    return out


def _text(value: Any) -> str:
    return "–" if value is None or value == {} else str(value)


def _results(a: _Side, b: _Side, paired: bool) -> pd.DataFrame:
    columns = [*_KEY, "unit", "sense", "predicted", "status"]
    both = a.scorecard[columns].merge(
        b.scorecard[columns], on=_KEY, how="outer", suffixes=("_first", "_second")
    )
    both["unit"] = both["unit_first"].fillna(both["unit_second"])
    both["sense"] = both["sense_first"].fillna(both["sense_second"])
    both = both.rename(columns={"predicted_first": "first", "predicted_second": "second"})
    both["difference"] = both["second"] - both["first"]
    spread = [_spread(row, a, b) if paired else _UNKNOWN for row in both.to_dict("records")]
    for column, name in enumerate(_INTERVALS):
        both[name] = np.array([s[column] for s in spread], dtype=np.float64)
    both["noise"] = pd.Series([s[-1] for s in spread], dtype="boolean")
    shown = [*_KEY, "unit", "sense", "first", "second", "difference", *_INTERVALS, "noise"]
    return both[[*shown, "status_first", "status_second"]].sort_values(_KEY).reset_index(drop=True)


_INTERVALS = ("low", "high", "mean_low", "mean_high")
_UNKNOWN = (np.nan, np.nan, np.nan, np.nan, None)


def _spread(row: Mapping[Any, Any], a: _Side, b: _Side) -> tuple[float, float, float, float, bool | None]:
    """10 % and 90 % points of the paired difference, its mean's interval, and whether the mean is noise."""
    left, right = _weekly(row, a, row["first"]), _weekly(row, b, row["second"])
    if left is None or right is None:
        return _UNKNOWN
    gap = (right - left).dropna().to_numpy()
    if gap.size < 2:
        return _UNKNOWN
    low, high = np.quantile(gap, [0.1, 0.9])
    mean, reach = float(gap.mean()), float(NOISE_SE * gap.std(ddof=1) / np.sqrt(gap.size))
    return float(low), float(high), mean - reach, mean + reach, abs(mean) <= reach


def _weekly(row: Mapping[Any, Any], side: _Side, predicted: float) -> "pd.Series[float] | None":
    """A metric by simulated week; None where the replications do not hold it.

    Of the whole centre: the ratio of sums over the queues it is taken over. Cost is the same in every week.
    """
    metric = str(row["metric"])
    if metric == "cost":
        return pd.Series(predicted, index=side.replications["replication"].unique())
    sums = _RATIOS.get(metric)
    queues = _queues(side, metric) if row["scope"] == CENTRE else [row["scope"]]
    rows = side.replications[side.replications["queue"].isin(queues).to_numpy()]
    if sums is None or rows.empty:
        return None
    # What an earlier run did not count yet is not available.
    rows = rows.reindex(columns=["replication", *_SUMMED])
    totals = rows.groupby("replication", sort=True).sum(min_count=1).astype(float)
    totals["lost"] = totals["abandoned"] - totals["abandoned_short"]
    totals["wanted"] = totals["offered"] - totals["abandoned_short"]
    top = totals[sums[0]]
    if sums[1] is None:
        return top
    bottom = totals[sums[1]]
    return top / bottom.where(bottom > 0)


def _queues(side: _Side, metric: str) -> list[str]:
    """Queues over which a metric of the whole centre is taken."""
    queues = side.scenario["centre"]["queues"]
    law = np.array([list(Law).index(Law(spec["law"])) for spec in queues.values()], dtype=np.int64)
    return [list(queues)[q] for q in queues_of(metric, law)]
