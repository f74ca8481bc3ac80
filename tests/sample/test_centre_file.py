"""The scenario files are the one copy of the centre; null removes."""

from ruamel.yaml import YAML

from wfo.domain.centre import Centre
from wfo.domain.hours import clock_min
from wfo.sample.centre_file import centre_of, file_text, lay_over, scenario_of
from wfo.sample.laws import QUEUE_SKILL, SHARES
from wfo.scenario.load import load_scenario


def test_tiny_is_the_sample_less_what_its_file_sets_to_null():
    sample, tiny = (YAML(typ="safe").load(file_text(f"{n}.yaml"))["centre"] for n in ("sample", "tiny"))
    for group, things in tiny.items():
        if group != "calendar":
            assert all(value is None for value in things.values())
            sample[group] = {k: v for k, v in sample[group].items() if k not in things}
    sample["calendar"]["holidays"] = tiny["calendar"]["holidays"]
    for name, event in tiny["calendar"]["events"].items():
        sample["calendar"]["events"][name]["queues"] = event["queues"]
    assert centre_of("tiny") == Centre.model_validate(sample)


def test_the_scenario_loader_reads_the_same_centre():
    assert load_scenario("sample").centre == centre_of("standard")
    assert load_scenario("tiny").centre == centre_of("tiny")
    assert load_scenario("tiny").data.sample == "tiny"


def test_a_layer_replaces_merges_and_removes():
    parent, child = {"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": None}, "d": [4]}
    lay_over(parent, child)
    assert parent == {"a": {"c": 2}, "d": [4]}
    assert child == {"a": {"b": None}, "d": [4]}


def test_the_frozen_queues_are_there():
    centre = centre_of("standard")
    assert set(centre.queues) == set(SHARES)
    assert abs(sum(SHARES.values()) - 1) < 1e-12
    assert set(centre.staffed_ids) == set(QUEUE_SKILL)
    handle = {q: s.handle_s for q, s in centre.queues.items() if s.staffed}
    assert handle == {
        "voice_billing": 360, "voice_technical": 540, "voice_sales": 480, "chat": 300, "message": 240,
        "email": 420, "text": 120, "social": 300, "cases": 900,
    }  # fmt: skip
    assert scenario_of("tiny")["extends"] == "base.yaml"


def test_every_contract_has_a_legal_week():
    for contract in centre_of("standard").contracts.values():
        paid = []
        lengths = {contract.shift_h.min, contract.shift_h.max}
        for span in lengths:
            lunch = contract.breaks["lunch"]
            paid.append(span - (lunch.minutes / 60 if span > lunch.over_h else 0))
        least, most = min(paid) * contract.days.min, max(paid) * contract.days.max
        assert least <= contract.week_h.max
        assert most >= contract.week_h.min
        assert clock_min(contract.start.earliest) <= clock_min(contract.start.latest)
