"""Rows of the merge log, given back as table ``identity_splits``, part whom they joined."""

import pandas as pd

from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.tables.data import Data


def test_a_merge_given_back_joins_no_longer(tmp_path):
    sample = sample_centre("tiny")
    scenario = load_scenario("tiny")
    log = sample.data["interactions"]
    shown = log.dropna(subset=["customer_id", "customer_key"]).drop_duplicates("customer_id")
    one, other = shown.iloc[0], shown.iloc[1]
    link = pd.DataFrame(
        {
            "id_a": [one["customer_id"]],
            "type_a": ["customer_id"],
            "id_b": [other["customer_id"]],
            "type_b": ["customer_id"],
        }
    )
    pair = [one["interaction_id"], other["interaction_id"]]

    def customers(**more):
        frames = {"interactions": log, "identity_links": link, **more}
        made = run(scenario, runs=tmp_path, until="chains", data=Data(frames))
        members = made.frame("chain_members").set_index("interaction_id").loc[pair, "chain_id"]
        return made, made.frame("chains").set_index("chain_id").loc[members, "customer_id"].nunique()

    joined, found = customers()
    assert found == 1
    merges = joined.frame("identity_merges")
    own = merges[merges["type_a"].eq("customer_id") & merges["type_b"].eq("customer_id")]
    assert customers(identity_splits=own[["id_a", "type_a", "id_b", "type_b"]])[1] == 2
