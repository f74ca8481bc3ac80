import pandas as pd

from wfo.chains.intents.misdirection import misdirection


def test_stated_against_true_intent_of_closed_chains():
    log = pd.DataFrame(
        {
            "interaction_id": list("abcdef"),
            "channel": ["web", "voice", "voice", "voice", "web", "voice"],
            "queue": [None, "billing", "billing", "sales", None, "billing"],
            "intent": ["bill", "bill", "move", "move", "unknown", "bill"],
        },
        dtype="str",
    )
    members = pd.DataFrame(
        {"interaction_id": list("fedcba"), "chain_id": ["k4", "k3", "k2", "k2", "k1", "k1"]}
    )
    chains = pd.DataFrame(
        {
            "chain_id": ["k1", "k2", "k3", "k4"],
            "true_intent": ["move", "move", "bill", "move"],
            "status": ["resolved", "abandoned", "resolved", "open"],
            "customer_id": ["C1", None, "C2", "C3"],
        }
    )
    table = misdirection(log, members, chains).set_index("queue")
    assert table["contacts"].to_dict() == {"": 1, "billing": 2, "sales": 1}
    assert table["rate"].to_dict() == {"": 1.0, "billing": 0.5, "sales": 0.0}
    assert table["identity_coverage"].to_dict() == {"": 1.0, "billing": 0.5, "sales": 0.0}
