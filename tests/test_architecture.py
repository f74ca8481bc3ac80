"""What holds for the house as a whole: layers, public names, light imports."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import wfo

ROOT = Path(__file__).parents[1]

PUBLIC = {
    "CarryOver",
    "Centre",
    "ChainInputs",
    "CoachInputs",
    "Data",
    "DemandPaths",
    "EvaluateInputs",
    "FixedShiftProblem",
    "ForecastInputs",
    "InputError",
    "Interrupted",
    "PlaceInputs",
    "RepairInputs",
    "RequestInputs",
    "Result",
    "Run",
    "RunError",
    "Scenario",
    "ScenarioError",
    "ScheduleInputs",
    "StaffInputs",
    "Status",
    "StoreError",
    "TableError",
    "TimeGrid",
    "WfoError",
    "__version__",
    "answer_requests",
    "build_chains",
    "check_schedule",
    "coach",
    "compare",
    "evaluate",
    "forecast",
    "load_scenario",
    "place",
    "read_data",
    "rebreak",
    "repair",
    "run",
    "run_weeks",
    "sample_centre",
    "schedule",
    "schedule_fixed_shifts",
    "staff",
    "timeline",
}

LIGHT = {
    "numpy",
    "pandas",
    "scipy",
    "ortools",
    "numba",
    "pyarrow",
    "altair",
    "jinja2",
    "rich",
    "statsmodels",
}


def test_layers_hold():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_public_names_are_listed():
    assert set(wfo.__all__) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC - {"__version__"}))
def test_public_name_loads_and_is_documented(name):
    assert getattr(wfo, name).__doc__


def test_no_module_under_wfo_bears_a_public_name():
    modules = {p.stem for p in (ROOT / "wfo").iterdir() if p.suffix == ".py" or p.is_dir()}
    assert not modules & (PUBLIC - {"__version__"})


def test_every_verb_folder_has_the_same_three_files():
    for verb in ("build_chains", "forecast", "staff", "schedule", "coach", "evaluate"):
        module = import_module(getattr(wfo, verb).__module__)
        folder = Path(module.__file__).parent
        assert Path(module.__file__).name == f"{verb}.py"
        assert {"settings.py", "result.py"} <= {p.name for p in folder.iterdir()}


def _modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys, json\nprint(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("words", [["--help"], ["check", "scenarios/week.yaml"], ["run", "--help"]])
def test_light_words_import_no_heavy_library(words):
    code = (
        "from click.testing import CliRunner\nfrom wfo.cli.main import cli\n"
        f"r = CliRunner().invoke(cli, {words!r})\nassert r.exit_code == 0, r.output"
    )
    assert not _modules_after(code) & LIGHT


def test_importing_the_package_is_light():
    assert not _modules_after("import wfo") & (LIGHT | {"pydantic", "click"})
