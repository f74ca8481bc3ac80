"""Logs with little in them."""

import datetime as dt

import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.domain.centre import Centre
from wfo.tables.result import Status

NOW = dt.datetime(2025, 5, 5, tzinfo=dt.UTC)
BARE = ["interaction_id", "channel", "direction", "started_at", "outcome"]


def _bare(count=3, **more):
    start = pd.date_range("2025-04-01", periods=count, freq="h", tz="UTC").astype("datetime64[us, UTC]")
    frame = pd.DataFrame({"interaction_id": [f"i{k}" for k in range(count)], "started_at": start})
    return frame.assign(channel="voice", direction="in", outcome="handled", **more)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("queues", [{}, {"voice": {"channel": "voice", "law": "immediate"}}])
def test_the_barest_log_gives_chains_of_one(count, queues):
    centre = Centre.model_validate({"queues": queues})
    result = build_chains(ChainInputs(centre, _bare(count)[BARE], NOW), ChainSettings())
    assert result.meta.status is Status.DONE
    assert result.identity_coverage == 0
    assert result.tables["chains"]["contacts"].tolist() == [1] * count
    assert result.tables["kernel"].empty
    assert result.state["redial"] == {}


def test_queues_unknown_to_the_centre_are_linked_but_not_counted():
    centre = Centre.model_validate({"queues": {"voice": {"channel": "voice", "law": "immediate"}}})
    log = _bare(4, customer_id="anna", queue=["voice", "gone", None, "voice"])
    result = build_chains(ChainInputs(centre, log, NOW), ChainSettings())
    assert len(result.tables["chains"]) == 1
    assert set(result.tables["kernel"]["from_queue"]) <= {"voice"}


def test_only_outbound_or_later_contacts_is_not_available():
    centre = Centre()
    for log in (
        _bare().assign(direction="out"),
        _bare().assign(started_at=pd.Timestamp("2025-06-01", tz="UTC")),
    ):
        result = build_chains(ChainInputs(centre, log, NOW), ChainSettings())
        assert result.meta.status is Status.NOT_AVAILABLE
        assert "no inbound contact" in result.meta.reasons[0]


def test_names_in_a_loop_make_no_endless_chain():
    log = _bare(3, customer_id=None, parent_id=["i2", "i0", "i1"])
    result = build_chains(ChainInputs(Centre(), log, NOW), ChainSettings())
    assert result.tables["chain_members"]["parent_interaction"].isna().tolist() == [True, False, False]
