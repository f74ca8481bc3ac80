"""What the report says of chains and intents: of a run that ends there, from data with silent contacts."""

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from wfo.chains.intents.infer import quality
from wfo.report.html import write_html
from wfo.report.insight import insight_content
from wfo.report.intents import intent_content
from wfo.report.run_files import RunFiles
from wfo.sample.centre_file import file_text
from wfo.sample.intents import INTENTS
from wfo.sample.sample_centre import sample_centre
from wfo.sample.write import write_new
from wfo.scenario.load import load_scenario


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run until insight, by the words a user has: three contacts in ten are silent."""
    from wfo.cli.main import main

    folder = tmp_path_factory.mktemp("mine")
    write_new(folder / "new", "tiny")
    path = folder / "new" / "data" / "interactions.parquet"
    log = pd.read_parquet(path)
    web = log["channel"] == "web"
    log["page"] = log["intent"].map({"outage": "/status", "move": "/moving/new"}).where(web)
    log["text"] = log["intent"].map({"cancellation": "I want to cancel"}).where(~web)
    gone = np.random.default_rng(4).random(len(log)) < 0.3
    log.assign(intent=log["intent"].mask(gone)).to_parquet(path, index=False)
    week, runs = str(folder / "new" / "week.yaml"), str(folder / "runs")
    assert main(["run", week, "--until", "insight", "-o", runs, "--quiet"]) == 0
    return RunFiles(folder / "runs" / "week" / "base")


def test_a_run_until_insight_has_a_page(run):
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    for heading in (
        "What to repair first",
        "How well silent contacts are read",
        "Contacts in the wrong place",
    ):
        assert heading in page
    assert "nothing is planned in this run" in page
    assert write_html(run.folder).read_text(encoding="utf-8") == page


def test_what_is_read_and_how_well_is_what_the_tables_say(run):
    found = intent_content(run)
    coverage = run.table("intent_coverage")
    shown = {(row["channel"], row["queue"]): row for row in found["intents_read"]}
    web = coverage[coverage["channel"] == "web"].set_index("source")["contacts"]
    assert shown["web", "web"]["contacts"] == f"{web.sum():,}"
    assert shown["web", "web"]["rule"] == f"{100 * web['rule'] / web.sum():.1f} %"
    right = quality(run.table("intent_confusion")).set_index("intent")
    rows = {row["intent"]: row for row in found["intents_right"]}
    assert rows["outage"]["recall"] == f"{100 * right.loc['outage', 'recall']:.1f} %"
    assert set(rows) == {name.replace("_", " ") for name in right.index}
    assert "stay unknown" in found["intents_line"]


def test_every_figure_of_chains_stands_beside_its_coverage(run):
    found = insight_content(run)
    for part in ("repairs", "resolution", "paths", "chain_metrics"):
        assert found[part], part
        assert all(row["known"].endswith("%") for row in found[part]), part
    shown = {row["metric"]: row["value"] for row in found["chain_metrics"]}
    metrics = run.table("chain_metrics")
    whole = metrics[metrics["intent"].isna() & (metrics["scope"] == "known")].set_index("metric")["value"]
    assert shown["first contact resolution"] == f"{100 * whole['first_contact_resolution']:.1f} %"
    contained = {row["queue"]: row["contained"] for row in found["resolution"]}
    assert contained["web"] == shown["containment"] == f"{100 * whole['containment']:.1f} %"


def test_of_a_short_log_coincidences_are_said_to_be_in_it(tmp_path, capsys):
    from wfo.cli.main import main

    for window_h, short in ((168, False), (1440, True)):
        runs = tmp_path / str(window_h)
        words = ["run", "tiny", "--until", "insight", "--set", f"chains.window_h={window_h}", "-o", str(runs)]
        assert main(words) == 0
        said = capsys.readouterr().err
        assert ("too short to measure coincidences (that takes 30 whole weeks)" in said) == short
        page = next(runs.glob("tiny/*/report.html")).read_text(encoding="utf-8")
        assert ("too short to measure coincidences" in page) == short
        assert ("coincidences are still in it" in page) == short
        assert ("coincidences are taken out" in page) != short
        assert ("are put down to coincidence" in page) != short


def test_the_taxonomy_that_comes_with_an_example_fits_its_log(tmp_path):
    names = set(YAML(typ="safe").load(file_text("taxonomy.yaml")))
    assert names == {intent.name for intent in INTENTS}
    assert set(sample_centre("tiny").data["interactions"]["intent"]) <= names
    write_new(tmp_path / "mine", "tiny")
    chains = load_scenario(tmp_path / "mine" / "week.yaml").chains
    assert set(chains.intents) == names
    assert all(intent.self_service is not None for intent in chains.intents.values())
    assert chains.longest_window_h == chains.window_h
