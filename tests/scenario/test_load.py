"""Scenario files: overlay, overrides, positions, suggestions, sweeps."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from wfo.errors import InputError, ScenarioError
from wfo.scenario.explain import explain_setting
from wfo.scenario.load import load_arms, load_scenario
from wfo.scenario.model import SHARED, Scenario, json_schema

CENTRE = """\
extends: base.yaml
name: A small centre
centre:
  zone: Europe/Berlin
  queues:
    voice:
      channel: voice
      law: immediate
      hours: Mon-Fri 8:30-20:00
      targets:
        service_level: 80% in 20s
    chat: {channel: chat, law: concurrent, concurrency: 2}
  contracts:
    full_time:
      week_h: 40
      shift_h: {min: 8, max: 8.5}
      start: {earliest: 07:00, latest: 14:00}
      days: 5
targets:
  cost: <= 100000 report
"""


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    path = tmp_path / "centre.yaml"
    path.write_text(CENTRE, encoding="utf-8")
    return path


def write(folder: Path, text: str, name: str = "peak.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, **options: object) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, **options)  # type: ignore[arg-type]
    return [str(p).replace(f"{path.parent}/", "") for p in caught.value.problems]


def test_base_holds_exactly_the_defaults() -> None:
    loaded, plain = load_scenario("base.yaml").as_dict(), Scenario().as_dict()
    assert loaded.pop("name") == "base"
    plain.pop("name")
    assert loaded == plain


def test_base_states_every_number_of_the_stages() -> None:
    stated = load_scenario("base").origins
    for stage in ("chains", "forecast", "staff", "schedule", "coach", "place", "evaluate"):
        for field, value in Scenario().as_dict()[stage].items():
            if not isinstance(value, dict) and not (stage == "evaluate" and field in SHARED):
                assert f"{stage}.{field}" in stated


def test_inheritance_and_places(centre: Path) -> None:
    scenario = load_scenario(centre)
    assert scenario.name == "A small centre"
    assert scenario.centre.queue_ids == ("voice", "chat")
    assert scenario.centre.queues["voice"].hours == ("Mon-Fri 8:30-20:00",)
    assert scenario.origins["centre.zone"].line == 4
    assert scenario.origins["forecast.memory_days"].file == "built-in/base.yaml"
    assert [s.metric for s in scenario.specs()] == ["service_level", "cost"]


def test_the_simulation_takes_shrinkage_and_prices_from_staffing(centre: Path) -> None:
    staff = "{unscheduled_shrinkage: 0.0, price_late: 3, blend_occupancy: 0.7}"
    path = write(centre.parent, f"extends: centre.yaml\nstaff: {staff}\n")
    evaluate = load_scenario(path).evaluate
    assert evaluate.max_occupancy == 0.7
    assert load_scenario(path, set=["evaluate.max_occupancy=0.8"]).evaluate.max_occupancy == 0.8
    assert (evaluate.price_late, evaluate.price_abandoned) == (3.0, 8.0)
    assert load_scenario(path, set=["evaluate.price_late=1"]).evaluate.price_late == 1.0


def test_only_what_evaluate_says_itself_stands_above_what_staffing_found(centre: Path) -> None:
    staff = "{unscheduled_shrinkage: {sickness: 0.05, lateness: 0.02}}"
    path = write(centre.parent, f"extends: centre.yaml\nstaff: {staff}\n")
    silent = load_scenario(path)
    assert silent.staff.unscheduled_shrinkage == pytest.approx(0.069)
    assert silent.evaluated(0.11).missed == 0.11
    # a figure that happens to be the one assumed is said all the same
    said = load_scenario(path, set=["staff.unscheduled_shrinkage=0.1", "evaluate.unscheduled_shrinkage=0.1"])
    assert said.evaluated(0.11).missed == 0.1
    assert load_scenario(path, set=["evaluate.unscheduled_shrinkage=0"]).evaluated(0.11).missed == 0.0
    assert silent.evaluate.missed == 0.08


def test_lists_replace_mappings_merge_null_removes(centre: Path) -> None:
    hours = "hours: [Mon 08:00-09:00, always]"
    text = f"extends: centre.yaml\ncentre:\n  queues:\n    chat: null\n    voice:\n      {hours}\n"
    scenario = load_scenario(write(centre.parent, text))
    assert scenario.centre.queue_ids == ("voice",)
    assert scenario.centre.queues["voice"].hours == ("Mon 08:00-09:00", "always")
    assert scenario.centre.queues["voice"].targets


def test_an_empty_mapping_removes_all_named_things_and_of_a_section_nothing(centre: Path) -> None:
    text = "extends: centre.yaml\ncentre: {queues: {voice: {targets: {}}}}\ntargets: {}\ncoach: {}\n"
    path = write(centre.parent, text + "place: {activities: {talk: {minutes: 30}}}\n")
    scenario = load_scenario(path)
    assert scenario.specs() == ()
    assert scenario.coach == load_scenario(centre).coach
    assert list(scenario.place.activities) == ["talk"]
    child = write(centre.parent, "extends: peak.yaml\nplace: {activities: {}}\n", "child.yaml")
    assert load_scenario(child).place.activities == {}
    assert load_scenario(path, set=["place.activities={}"]).place.activities == {}
    other = write(centre.parent, "extends: child.yaml\nplace: {activities: {a: {minutes: 60}}}\n", "x.yaml")
    assert list(load_scenario(other).place.activities) == ["a"]


def test_null_on_a_plain_field_is_a_value(centre: Path) -> None:
    text = "extends: centre.yaml\nset:\n  queues.voice.patience_s: 100\n"
    write(centre.parent, text, "patient.yaml")
    scenario = load_scenario(
        write(centre.parent, "extends: patient.yaml\nset: {queues.voice.patience_s: null}\n")
    )
    assert scenario.centre.queues["voice"].patience_s is None


def test_precedence_parent_file_set_command_line(centre: Path) -> None:
    text = "extends: centre.yaml\ndemand: {scale: 1.1}\nset:\n  demand.scale: 1.2\n"
    path = write(centre.parent, text)
    assert load_scenario(path).demand.scale == 1.2
    assert load_scenario(path, set=["demand.scale=1.3"]).demand.scale == 1.3
    assert load_scenario(path, set={"demand.scale": 1.4}).demand.scale == 1.4
    grandchild = write(centre.parent, "extends: peak.yaml\ndemand: {scale: 1.15}\n", "grand.yaml")
    assert load_scenario(grandchild).demand.scale == 1.15


def test_settings_against_each_other_are_told_beside_those_that_cannot_be_read(centre: Path) -> None:
    text = (
        "extends: centre.yaml\n"
        "seed: x\n"
        "cost: 3\n"
        "centre:\n"
        "  queues:\n"
        "    voice: {handle_s: -4, targets: {service_level: 80}}\n"
        "    fax: {law: deferred, handle_s: 60}\n"
        "initiatives:\n"
        "  faster: {levers: {a: {what: handle_time, queue: voicee, factor: 0.9}}}\n"
        "  fewer: {levers: {a: {what: handle_time, queue: fax, factor: 0.9}}}\n"
        "targets: {abandoned: <= 5%}\n"
    )
    found = problems(write(centre.parent, text))
    assert [p.split(": ")[0] for p in found] == [f"peak.yaml:{at}" for at in (
        "2:7", "3:1", "6:23", "6:52", "7:5", "9:51", "11:22"
    )]  # fmt: skip
    assert "service level '80' has no unit" in found[3]
    assert "channel" in found[4]
    assert "unknown queue 'voicee'" in found[5]
    # fax is not called unknown in line 10: it is there, and cannot be read


def test_every_problem_at_its_place_with_suggestions(centre: Path) -> None:
    text = (
        "extends: centre.yaml\n"
        "demand_scal: 1.1\n"
        "centre:\n"
        "  queues:\n"
        "    voice:\n"
        "      targets: {service_level: 180% in 20s}\n"
        "      concurency: 3\n"
        "      handle_s: -4\n"
        "      law: imediate\n"
        "  zone: Europe/Berln\n"
        "seed: x\n"
        "seed: 2\n"
    )
    found = problems(write(centre.parent, text))
    assert "peak.yaml:2:1: unknown key 'demand_scal'; did you mean 'demand.scale'?" in found
    assert "peak.yaml:7:7: unknown key 'concurency'; did you mean 'concurrency'?" in found
    assert "peak.yaml:8:17: handle_s must be above 0, got -4" in found
    assert any(p.startswith("peak.yaml:9:12: law must be one of immediate,") for p in found)
    assert any(p.startswith("peak.yaml:10:9: zone: 'Europe/Berln' is not a time zone") for p in found)
    assert "peak.yaml:11:7: seed must be a whole number, got x" in found
    assert "peak.yaml:12:1: duplicate key 'seed', first used in line 11" in found


def test_targets_are_read_at_their_place(centre: Path) -> None:
    text = (
        "extends: centre.yaml\nset:\n  queues.voice.targets.service_level: 180% in 20s\n  targets.cost: 80\n"
    )
    assert problems(write(centre.parent, text)) == [
        "peak.yaml:3:39: service level must be at most 100 %, got 180%",
        "peak.yaml:4:17: cost '80' has no unit; did you mean '80%'?",
    ]


def test_targets_that_nobody_can_decide_are_refused_at_their_place(centre: Path) -> None:
    lines = ["extends: centre.yaml", "set:"]
    lines += ["  queues.voice.targets.servce_level: 80% in 20s", "  targets.fcr: '>= 80% hard'"]
    found = problems(write(centre.parent, "\n".join(lines)))
    assert found[0] == "peak.yaml:3:38: unknown metric 'servce_level'; did you mean 'service_level'?"
    assert found[1].startswith("peak.yaml:4:16:")


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("queues.voise.hours", "did you mean 'voice'?"),
        ("demand.scal", "did you mean 'scale'?"),
        ("contracts.part_time.rest_h", "there is no 'part_time' in 'centre.contracts'"),
        ("demand.queues.email.scale", "there is no 'email' in 'demand.queues'"),
    ],
)
def test_an_override_that_hits_nothing(centre: Path, key: str, hint: str) -> None:
    found = problems(centre, set=[f"{key}=1"])
    assert len(found) == 1
    assert found[0].startswith(f"--set {key}=1: '{key}' hits nothing")
    assert hint in found[0]


def test_overrides_may_name_a_queues_demand_and_a_new_target(centre: Path) -> None:
    overrides = ["demand.queues.voice.scale=1.5", "queues.chat.targets.service_level=80% in 60s"]
    scenario = load_scenario(centre, set=overrides)
    assert scenario.demand.queues["voice"].scale == 1.5
    assert len(scenario.specs()) == 3
    assert scenario.arm.startswith("base+")


def test_yaml_traps_stay_text(centre: Path) -> None:
    text = (
        "extends: centre.yaml\nname: 8:30\nweek: {start: 2025-07-07}\ncentre:\n  calendar: {holidays: [NO]}\n"
    )
    scenario = load_scenario(write(centre.parent, text))
    assert scenario.name == "8:30"
    assert scenario.centre.calendar.holidays == ("NO",)
    assert scenario.week.start == dt.date(2025, 7, 7)


def test_a_number_where_text_belongs_is_taken_as_written(centre: Path) -> None:
    assert load_scenario(write(centre.parent, "extends: centre.yaml\nname: 010\n")).name == "010"


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such scenario file"):
        load_scenario(tmp_path / "none.yaml")
    assert "no such file here" in problems(write(tmp_path, "extends: bsae.yaml\n"))[0]
    assert "cannot extend itself" in problems(write(tmp_path, "extends: peak.yaml\n"))[0]
    assert "not YAML" in problems(write(tmp_path, "a: [1\nb: 2\n"))[0]
    assert "a scenario is a mapping" in problems(write(tmp_path, "- 1\n"))[0]
    assert "removes 'x', which is not there" in problems(write(tmp_path, "targets: {x: null}\n"))[0]


def test_unknown_queues_are_named(centre: Path) -> None:
    text = (
        "extends: centre.yaml\ninitiatives:\n  web:\n    levers:\n"
        "      repair: {what: follow_ups, factor: 0.5, from_queue: web}\n"
    )
    assert problems(write(centre.parent, text)) == [
        "peak.yaml:5:59: unknown queue 'web'; the centre has voice, chat"
    ]


def test_unknown_queues_of_demand_are_named(centre: Path) -> None:
    text = (
        "extends: centre.yaml\ndemand:\n  adoption:\n    web: {start: 2025-07-07, per_day: 40}\n"
        "    chat: {start: 2025-07-07, per_day: 40, like: voise}\n"
        "  cohorts:\n    firms: {customers: 10, contacts: {fax: 1}}\n"
    )
    found = [line.partition(": ") for line in problems(write(centre.parent, text))]
    assert {(int(where.split(":")[1]), what) for where, _, what in found} == {
        (4, "unknown queue 'web'; the centre has voice, chat"),
        (5, "unknown queue 'voise'; the centre has voice, chat"),
        (7, "unknown queue 'fax'; the centre has voice, chat"),
    }


def test_a_centre_with_data_needs_a_queue(tmp_path: Path) -> None:
    path = write(tmp_path, "extends: base.yaml\ndata: {folder: tables}\n")
    assert problems(path) == [
        "peak.yaml:2:7: a centre needs at least one queue; name it with its channel, law and hours"
    ]


def test_sweep_and_zip_make_arms(centre: Path) -> None:
    text = (
        "extends: centre.yaml\nsweep:\n  contracts.full_time.rest_h: [10, 11]\n"
        "zip:\n  demand.scale: [1.0, 1.1]\n  seed: [1, 2]\n"
    )
    arms = load_arms(write(centre.parent, text))
    assert [a.arm for a in arms] == [
        "contracts.full_time.rest_h=10,demand.scale=1.0,seed=1",
        "contracts.full_time.rest_h=10,demand.scale=1.1,seed=2",
        "contracts.full_time.rest_h=11,demand.scale=1.0,seed=1",
        "contracts.full_time.rest_h=11,demand.scale=1.1,seed=2",
    ]
    assert arms[3].centre.contracts["full_time"].rest_h == 11
    assert (arms[3].demand.scale, arms[3].seed) == (1.1, 2)


def test_the_command_line_is_stronger_than_a_sweep(centre: Path) -> None:
    text = (
        "extends: centre.yaml\nsweep:\n  contracts.full_time.rest_h: [10, 11]\n  place.edge_min: [0, 15]\n"
        "zip:\n  demand.scale: [1.0, 1.1]\n  seed: [1, 2]\n"
    )
    path = write(centre.parent, text)
    arms = load_arms(path, set=["centre.contracts.full_time.rest_h=12", "seed=3"])
    assert [
        (a.centre.contracts["full_time"].rest_h, a.place.edge_min, a.demand.scale, a.seed) for a in arms
    ] == [(12, edge, scale, 3) for edge in (0, 15) for scale in (1.0, 1.1)]
    assert [a.arm.split("+")[0] for a in arms] == [
        f"place.edge_min={edge},demand.scale={scale}" for edge in (0, 15) for scale in (1.0, 1.1)
    ]
    seeds = load_arms(
        path, set=["seed=3", "demand.scale=1.2", "place.edge_min=5", "contracts.full_time.rest_h=9"]
    )
    assert [(a.arm.split("+")[0], a.demand.scale) for a in seeds] == [("base", 1.2)]


def test_sweeps_that_cannot_be(centre: Path) -> None:
    path = write(
        centre.parent, "extends: centre.yaml\nsweep: {seed: 3}\nzip: {seed: [1], demand.scale: [1, 2]}\n"
    )
    assert any("needs a list" in p for p in problems(path))
    assert any("equal length" in p for p in problems(path))


def test_data_folder_is_relative_to_the_file_that_says_so(centre: Path) -> None:
    below = centre.parent / "deep"
    below.mkdir()
    write(centre.parent, "extends: centre.yaml\ndata: {folder: tables}\n", "own.yaml")
    scenario = load_scenario(write(below, "extends: ../own.yaml\n"))
    assert scenario.data.folder == str((centre.parent / "tables").resolve())


def test_explain_a_setting(centre: Path) -> None:
    scenario = load_scenario(centre, set=["demand.scale=1.3"])
    told = explain_setting(scenario, "queues.voice.hours")
    assert told.value == ["Mon-Fri 8:30-20:00"]
    assert told.origins[0][1].line == 9
    assert "Opening hours" in told.doc
    assert str(explain_setting(scenario, "demand.scale").origins[0][1]).startswith("--set demand.scale")
    assert explain_setting(scenario, "contracts.full_time.rest_h").origins == ()
    shared = explain_setting(scenario, "evaluate.max_occupancy")
    assert [path for path, _ in shared.origins] == ["staff.blend_occupancy"]
    own = explain_setting(load_scenario(centre, set=["evaluate.max_occupancy=0.8"]), "evaluate.max_occupancy")
    assert [path for path, _ in own.origins] == ["evaluate.max_occupancy"]
    with pytest.raises(InputError, match="did you mean"):
        explain_setting(scenario, "demand.scal")


def test_an_explanation_reads_as_a_scenario_file_and_plain_text(centre: Path) -> None:
    scenario = load_scenario(centre)
    assert explain_setting(scenario, "queues.voice.hours").lines()[0] == (
        "centre.queues.voice.hours: [Mon-Fri 8:30-20:00]"
    )
    assert explain_setting(scenario, "effort").lines()[0] == "effort: normal"
    group = explain_setting(scenario, "queues.voice").lines()
    assert group[0] == "centre.queues.voice:"
    assert "  channel: voice" in group
    told = explain_setting(scenario, "queues.voice.targets").lines()
    assert told[:2] == ["centre.queues.voice.targets:", "  service_level: 80% in 20s"]
    assert not any("`" in line for line in told)
    assert all(line.startswith("  ") for line in told[1:])


def test_schema_names_every_key() -> None:
    schema = json_schema()
    assert {"extends", "set", "sweep", "zip", "centre", "targets"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_reading_a_scenario_loads_no_heavy_module(centre: Path) -> None:
    code = (
        "import sys; from wfo.scenario.load import load_scenario; load_scenario(sys.argv[1]);"
        "print([m for m in ('numpy','pandas','pyarrow','ortools','numba') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(centre)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
