"""A repaired web site in the forecast and in the sample's truth: bias of the calls, with chains and without.

    python benchmarks/levers.py [standard|hard] [seeds]

From a planning moment on, half of the calls that would follow web contacts do not come: in the truth, such
calls and everything they cause are taken out (chains branch independently, so thinning is the repair). The
weeks after are forecast at the planning moment, with the repair as a lever, and by a direct model that knows
neither chains nor the repair. The luck of the weeks (day factors) is in both truths: the bias without any
repair stands beside.
"""

import datetime as dt
import sys

import numpy as np
import pandas as pd

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.domain.lever import Lever, What
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.settings import ForecastSettings
from wfo.pipeline.known import known_table
from wfo.sample.sample_centre import SampleCentre, sample_centre
from wfo.timegrid import TimeGrid, local_midnight

LEADS = (1, 2, 3, 4)
CHANGES = (dt.date(2025, 4, 28), dt.date(2025, 5, 19), dt.date(2025, 6, 9))
SETTINGS = ForecastSettings(paths=20)
PATHS = 200


def everything(sample: SampleCentre) -> pd.DataFrame:
    """The log and the week after it, with each contact's role and parent."""
    contacts = pd.concat([sample.data["interactions"], sample.truth.future], ignore_index=True)
    contacts = contacts.drop_duplicates("interaction_id", keep="last")
    truth = sample.truth.interactions[["interaction_id", "role", "parent_interaction"]]
    rows = contacts[["interaction_id", "queue", "started_at"]].merge(truth, on="interaction_id")
    return rows.sort_values("interaction_id", ignore_index=True)


def repaired(rows: pd.DataFrame, change: pd.Timestamp, rng: np.random.Generator) -> np.ndarray:
    """Whether each contact still comes, bool, shape (n,)."""
    number = pd.Index(rows["interaction_id"])
    parent = number.get_indexer(pd.Index(rows["parent_interaction"].fillna("")))
    web = (rows["queue"] == "web").to_numpy() & (rows["started_at"] >= change).to_numpy()
    voice = rows["queue"].str.startswith("voice").to_numpy() & (rows["role"] == "follow_up").to_numpy()
    gone = voice & (parent >= 0) & web[np.maximum(parent, 0)] & (rng.random(len(rows)) < 0.5)
    while True:
        further = gone | ((parent >= 0) & gone[np.maximum(parent, 0)])
        if (further == gone).all():
            return ~gone
        gone = further


def calls(rows: pd.DataFrame, grid: TimeGrid) -> float:
    """Calls of a week."""
    inside = (rows["started_at"] >= grid.start) & (rows["started_at"] < grid.end)
    return float((inside & rows["queue"].str.startswith("voice")).sum())


def expected_calls(inputs: ForecastInputs) -> tuple[float, float]:
    """Calls of the week as forecast, at the abandonment of the weeks before, and their variance."""
    result = forecast(inputs, SETTINGS, seed=1)
    voice = [q.startswith("voice") for q in result.queues]
    volume, paths = result.volume_paths(PATHS, 1, as_served=True)
    return float(volume[voice].sum()), float(paths[:, voice].sum(axis=(1, 2)).var())


def one_change(sample: SampleCentre, first: dt.date, seed: int) -> list[dict[str, float]]:
    """Truth and forecasts of the weeks after a change."""
    zone = sample.centre.zone
    now = local_midnight(first, zone)
    rows = everything(sample)
    with_repair = rows[repaired(rows, pd.Timestamp(now), np.random.default_rng(seed))]
    log = known_table("interactions", sample.data["interactions"], now)
    reports = known_table("queue_intervals", sample.data["queue_intervals"], now)
    chains = build_chains(ChainInputs(sample.centre, log, now), ChainSettings(), seed=1)
    lever = Lever(what=What.FOLLOW_UPS, from_queue="web", factor=0.5, start=first)
    out = []
    for lead in LEADS:
        grid = TimeGrid.of_days(first + dt.timedelta(weeks=lead - 1), 7, zone=zone, step_min=15)
        direct = ForecastInputs(sample.centre, grid, now, interactions=log, queue_intervals=reports)
        known = {
            "kernel": chains.tables["kernel"],
            "chain_members": chains.tables["chain_members"],
            "redial": chains.state["redial"],
        }
        chained = ForecastInputs(sample.centre, grid, now, interactions=log, queue_intervals=reports, **known)
        moved = ForecastInputs(
            sample.centre, grid, now, interactions=log, queue_intervals=reports, levers=(lever,), **known
        )
        (plain, _), (lever_mean, variance) = expected_calls(chained), expected_calls(moved)
        out.append(
            {
                "lead": lead,
                "usual": calls(rows, grid),
                "repaired": calls(with_repair, grid),
                "direct": expected_calls(direct)[0],
                "chains": plain,
                "lever": lever_mean,
                "variance": variance,
            }
        )
    return out


def main() -> None:
    preset = sys.argv[1] if len(sys.argv) > 1 else "standard"
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    rows = []
    for seed in range(1, seeds + 1):
        sample = sample_centre(preset, seed=seed)
        for first in CHANGES:
            rows += [{"seed": f"seed {seed}", **row} for row in one_change(sample, first, seed)]
    table = pd.DataFrame(rows)
    sums = table.drop(columns="seed").groupby("lead").sum()
    sums.loc["all"] = sums.sum()
    sums = pd.concat([sums, table.drop(columns="lead").groupby("seed").sum()])
    print(f"sample centre {preset}, seeds 1 to {seeds}, changes on {', '.join(map(str, CHANGES))}\n")
    head = (
        "weeks after",
        "calls",
        "with the repair",
        "lever: bias %",
        "direct: bias %",
        "no repair: bias %",
        "luck, s.d. %",
        "moved by the lever ÷ in truth",
    )
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for lead, row in sums.iterrows():
        lever, direct = (100 * (row[k] / row["repaired"] - 1) for k in ("lever", "direct"))
        plain = 100 * (row["chains"] / row["usual"] - 1)
        moved = (1 - row["lever"] / row["chains"]) / (1 - row["repaired"] / row["usual"])
        luck = 100 * np.sqrt(row["variance"]) / row["lever"]
        known = f"{row['usual']:,.0f} | {row['repaired']:,.0f} | {lever:+.1f}"
        print(f"| {lead} | {known} | {direct:+.1f} | {plain:+.1f} | {luck:.1f} | {moved:.3f} |")


if __name__ == "__main__":
    main()
