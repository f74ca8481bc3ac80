"""A scenario's intents may stand in a file of their own; its mistakes are told at their place there."""

from pathlib import Path

import pytest

from wfo.chains.taxonomy import IntentClass
from wfo.errors import ScenarioError
from wfo.scenario.load import load_scenario

SCENARIO = "extends: tiny.yaml\nchains:\n  intents: intents/ours.yaml\n"
TAXONOMY = """\
where_is_it:
  kind: chase
  window_h: 72
  self_service: 0.8
  rules:
    - {disposition: [order*, parcel], queue: [voice]}
    - {text: ["where is", "track(ing)?"]}
banter: {engage: false}
"""


def write(folder: Path, taxonomy: str, scenario: str = SCENARIO) -> Path:
    (folder / "intents").mkdir(exist_ok=True)
    (folder / "intents" / "ours.yaml").write_text(taxonomy, encoding="utf-8")
    (folder / "week.yaml").write_text(scenario, encoding="utf-8")
    return folder / "week.yaml"


def test_the_taxonomy_is_read_and_can_be_overridden(tmp_path: Path) -> None:
    path = write(tmp_path, TAXONOMY)
    scenario = load_scenario(path, set=["chains.intents.where_is_it.window_h=48"])
    intent = scenario.chains.intents["where_is_it"]
    assert intent.kind is IntentClass.CHASE
    assert scenario.chains.window_of("where_is_it") == 48
    assert scenario.chains.window_of("banter") == scenario.chains.window_h
    assert str(scenario.origins["chains.intents.banter.engage"]).endswith("intents/ours.yaml:8:18")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x: {kind: anger}", r"ours.yaml:1:11: kind must be one of value, failure"),
        ("x: {rules: [{text: ['(']}]}", r"ours.yaml:1:\d+: .*is no pattern"),
        ("x: {rule: []}", r"ours.yaml:1:5: unknown key 'rule'; did you mean 'rules'"),
        ("x: {window_h: 0}", r"ours.yaml:1:15: "),
        ("- x", r"ours.yaml:1:1: "),
    ],
)
def test_a_mistake_in_it_is_told_at_its_place(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario(write(tmp_path, line))


def test_a_taxonomy_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, TAXONOMY, "extends: tiny.yaml\nchains: {intents: other.yaml}\n")
    with pytest.raises(ScenarioError, match=r"other.yaml: cannot be read"):
        load_scenario(path)
