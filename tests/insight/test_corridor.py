"""A corridor made by hand: paths on the border of the usual, hours between contacts, effort, intervals."""

import numpy as np
import pandas as pd
import pytest

from wfo.charts.corridor import corridor, follows
from wfo.domain.centre import Centre
from wfo.insight.insight import InsightInputs, insight
from wfo.insight.settings import InsightSettings

CENTRE = Centre.model_validate(
    {
        "queues": {
            "web": {"channel": "web", "law": "unstaffed"},
            "voice": {"channel": "voice", "law": "immediate"},
            "chat": {"channel": "chat", "law": "concurrent"},
        }
    }
)
BEGIN = pd.Timestamp("2025-03-03 09:00", tz="UTC")
WEEKS = 4
TALK_H = 0.1


def told(chains):
    """Insight of chains, each a path of (channel, hours after the one before ended, cost)."""
    contacts, whole = [], []
    for k, path in enumerate(chains):
        at = BEGIN + pd.Timedelta(hours=k * WEEKS * 168 / len(chains))
        for position, (channel, gap, cost) in enumerate(path):
            at += pd.Timedelta(hours=gap)
            own = {"chain": f"c{k:04d}", "position": position, "channel": channel, "cost": cost, "at": at}
            contacts.append(own)
            at += pd.Timedelta(hours=TALK_H)
        names = [channel for channel, _, _ in path]
        whole.append((f"c{k:04d}", f"C{k}", "moving", "resolved", len(path), ">".join(names)))
    rows = pd.DataFrame(contacts)
    names = [f"i{k:05d}" for k in range(len(rows))]
    log = pd.DataFrame(
        {
            "interaction_id": names,
            "customer_id": "C" + rows["chain"].str[1:].astype(int).astype(str),
            "channel": rows["channel"],
            "queue": rows["channel"],
            "direction": "in",
            "started_at": rows["at"],
            "ended_at": rows["at"] + pd.Timedelta(hours=TALK_H),
            "outcome": "handled",
            "wait_s": 60.0,
            "handle_s": 360.0,
            "transfers": (rows["channel"] == "voice").astype(int),
            "resolved": True,
        }
    )
    first = rows["position"] == 0
    members = pd.DataFrame(
        {
            "interaction_id": names,
            "chain_id": rows["chain"],
            "position": rows["position"],
            "role": np.where(first, "fresh", "follow_up"),
            "parent_interaction": pd.Series(names).shift().mask(first),
            "cost": rows["cost"],
        }
    )
    columns = ["chain_id", "customer_id", "true_intent", "status", "contacts", "path"]
    table = pd.DataFrame(whole, columns=columns)
    now = (BEGIN + pd.Timedelta(weeks=WEEKS + 2)).to_pydatetime()
    given = InsightInputs(CENTRE, now, log, table, members, {}, 1.0, 168.0)
    return insight(given, InsightSettings(regular=0.8)).tables


@pytest.fixture(scope="module")
def ten():
    """Ten chains: eight of usual paths, one whose path comes just after them, one rarer still by name."""
    return told(
        [
            *[[("web", 0, 0.1)]] * 6,
            [("web", 0, 0.1), ("voice", 5, 4.0)],
            [("web", 0, 0.1), ("voice", 9, 6.0)],
            [("chat", 0, 2.0), ("voice", 24, 3.0), ("voice", 48, 5.0)],
            [("voice", 0, 3.0)],
        ]
    )


def test_paths_are_usual_until_they_cover_the_share_asked(ten):
    paths = ten["paths"].set_index("path")
    assert paths["chains"].to_dict() == {"web": 6, "web>voice": 2, "chat>voice>voice": 1, "voice": 1}
    assert paths["regular"].to_dict() == {
        "web": True,
        "web>voice": True,
        "chat>voice>voice": False,
        "voice": False,
    }
    assert paths.loc["web>voice", "cost"] == pytest.approx(5.1)
    assert paths.loc["web>voice", "hours"] == pytest.approx(7 + TALK_H)
    assert paths.loc["chat>voice>voice", "effort_min"] == pytest.approx(3 * (1 + 6))
    assert paths.loc["voice", "cost_per_resolved"] == pytest.approx(3.0)


def test_moves_are_counted_with_the_hours_between_contacts(ten):
    flow = ten["flow"].set_index(["from_channel", "to_channel"])
    assert flow["contacts"].to_dict() == {
        ("start", "web"): 8,
        ("start", "chat"): 1,
        ("start", "voice"): 1,
        ("web", "voice"): 2,
        ("chat", "voice"): 1,
        ("voice", "voice"): 1,
        ("web", "end"): 6,
        ("voice", "end"): 4,
    }
    assert flow.loc[("web", "voice"), "median_h"] == pytest.approx(7.0)
    assert flow.loc[("voice", "voice"), "median_h"] == pytest.approx(48.0)
    assert flow.loc[("web", "voice"), "regular"] == 2
    assert flow.loc[("chat", "voice"), "regular"] == 0


def test_a_chain_tells_its_transfers_its_switches_and_its_effort(ten):
    chain = ten["chain_insight"].set_index("chain_id").loc["c0008"]
    assert (chain["transfers"], chain["switches"]) == (2, 1)
    assert chain["effort_min"] == pytest.approx(21.0)
    assert chain["cost"] == pytest.approx(10.0)
    assert chain["false_success"]


def test_the_figures_draw_the_paths_of_several_contacts(ten):
    ways = corridor(ten["paths"]).to_dict()
    drawn = [row for rows in ways["datasets"].values() for row in rows]
    moves = {(row["from"], row["to"], row["kind"], row["chains"]) for row in drawn if "from" in row}
    assert moves == {
        ("web", "voice", "usual", 2),
        ("chat", "voice", "rare", 1),
        ("voice", "voice", "rare", 1),
    }
    cells = [row for rows in follows(ten["flow"]).to_dict()["datasets"].values() for row in rows]
    assert {(row["from_channel"], row["to_channel"]) for row in cells} == {
        ("web", "voice"),
        ("chat", "voice"),
        ("voice", "voice"),
    }


def test_eight_in_ten_intervals_of_failures_cost_hold_what_is_planted():
    rng, found = np.random.default_rng(7), []
    for _ in range(80):
        chains = []
        for _ in range(rng.poisson(60)):
            path = [("web", 0, 0.1)]
            while rng.random() < 0.3:
                path.append(("voice", 3, rng.gamma(2.0, 2.0)))
            chains.append(path)
        table = told(chains)["insight"].set_index("channel")
        found.append(table.loc["web", ["failure_cost", "low", "high"]].to_numpy(dtype=float))
    cost, low, high = np.array(found).T
    truth = cost.mean()
    # the share inside varies by .045 around .8
    assert 0.66 < ((low <= truth) & (truth <= high)).mean() < 0.92
