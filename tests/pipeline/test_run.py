"""A run end to end on the tiny sample centre."""

import hashlib
import json
import shutil
from collections.abc import Hashable
from pathlib import Path

import pandas as pd
import pytest

from wfo.cli.scorecard import comparison_text
from wfo.effort import Effort
from wfo.errors import InputError, Interrupted, TableError
from wfo.pipeline import planned
from wfo.pipeline.compare import compare
from wfo.pipeline.kept import folder_of, is_kept, note_files
from wfo.pipeline.manifest import read_manifest
from wfo.pipeline.publish import publish
from wfo.pipeline.run import Finisher, Run, run
from wfo.scenario.load import load_scenario
from wfo.tables.carry_over import CarryOver
from wfo.tables.contracts import RUN
from wfo.tables.data import Data
from wfo.tables.result import Status

QUICK = {"effort": "quick", "replications": "4"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def done(runs: Path) -> Run:
    return run(load_scenario("tiny", set=QUICK), runs=runs)


def result_files(folder: Path) -> dict[str, str]:
    files = [p for p in folder.rglob("*") if p.suffix in (".parquet", ".csv") and p.name != "origins.csv"]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(files)}


def test_prices_are_one_table_with_their_source(done: Run) -> None:
    prices, dual = done.frame("prices"), done.results["schedule"].tables["prices"]
    assert not prices.duplicated(["skill", "interval_start"]).any()
    assert len(prices) >= len(dual)
    simulated = prices[prices["source"] == "simulated"]
    assert (simulated["low"] > 0).all()
    key = ["skill", "interval_start"]
    kept = prices[prices["source"] == "dual"].merge(dual, on=key, suffixes=("", "_dual"))
    assert (kept["value_per_agent_min"] == kept["value_per_agent_min_dual"]).all()


def test_a_notebook_shows_a_run_in_a_few_lines(done: Run) -> None:
    assert repr(done).startswith("<Run Tiny sample centre · base")
    assert str(done.folder) in repr(done)
    assert len(repr(done)) < 300
    page = done._repr_html_()
    assert "service_level" in page
    assert "week of Mon 07 Jul 2025: done" in page
    assert len(page) < 30_000


def test_every_table_of_the_contract_is_left_behind(done: Run) -> None:
    assert done.folder is not None
    assert done.status is Status.DONE
    # The tiny centre has no cases of several steps, calls nobody, and its people have no fixed shifts; cuts
    # go from round to round only.
    without = {"case_steps", "case_flow", "call_lists", "shift_cover", "rota", "cuts"}
    assert not any((done.folder / f"{name}.parquet").exists() for name in without)
    for name, table in RUN.items():
        if name in without:
            continue
        if name == "scorecard":
            frame = pd.read_csv(done.folder / "scorecard.csv")
        else:
            frame = pd.read_parquet(done.folder / f"{name}.parquet")
        assert set(c.name for c in table.columns if not c.optional) <= set(frame.columns), name
        key = [k for k in table.key if not len(frame) or isinstance(frame[k].iloc[0], Hashable)]
        assert not frame[key].duplicated().any(), name
    for name in ("scenario.yaml", "origins.csv", "manifest.json", "forecast_model.json", "actuals.parquet"):
        assert (done.folder / name).is_file()
    assert (done.folder.parent / "arms.csv").is_file()
    assert len(CarryOver.load(done.folder / "carry_over").last_shifts)


def test_the_run_folder_holds_the_scenario_again(done: Run) -> None:
    assert done.folder is not None
    again = load_scenario(done.folder / "scenario.yaml")
    assert again.as_dict() == done.scenario.as_dict()


def test_nothing_changed_reuses_everything(done: Run, runs: Path) -> None:
    again = run(load_scenario("tiny", set=QUICK), runs=runs)
    assert all(call["reused"] for call in again.manifest["calls"])
    assert not again.manifest["data"]["generated"]
    assert again.folder is not None
    assert done.folder is not None
    assert result_files(again.folder) == result_files(done.folder)


def test_two_runs_without_cache_leave_the_same_bytes(done: Run, tmp_path: Path) -> None:
    fresh = run(load_scenario("tiny", set=QUICK), runs=tmp_path, cache=False)
    assert fresh.folder is not None
    assert done.folder is not None
    assert result_files(fresh.folder) == result_files(done.folder)
    assert not (tmp_path / ".cache").exists()
    assert [len(fresh.frame(name)) for name in fresh.tables] == [len(done.frame(n)) for n in done.tables]


def test_a_setting_makes_its_stage_and_those_after_it_anew(done: Run, runs: Path) -> None:
    scenario = load_scenario("tiny", set={**QUICK, "place.edge_min": 30})
    changed = run(scenario.placed(origins={}, stem="edge", arm="base"), runs=runs)
    why = {call["stage"]: call["why"] for call in changed.manifest["calls"] if call["round"] == 1}
    assert why["chains"] == why["forecast"] == why["staff"] == why["schedule"] == why["coach"] == "reused"
    assert why["place"] == why["evaluate"] == "first run"


def test_comparing_says_assumptions_first(done: Run, runs: Path) -> None:
    more = run(load_scenario("tiny", set={**QUICK, "demand.scale": 1.2}), runs=runs)
    found = compare(done, more)
    assert found.paired
    assert found.assumptions["setting"].tolist() == ["demand.scale"]
    volume = found.results[(found.results["metric"] == "volume") & (found.results["scope"] == "centre")].iloc[
        0
    ]
    assert volume["low"] <= volume["difference"] <= volume["high"]
    assert volume["difference"] == pytest.approx(0.2 * volume["first"], rel=0.5)
    both = found.results[found.results["scope"] == "centre"].set_index("metric")
    for metric in ("service_level", "abandonment", "asa", "failure_demand", "cost"):
        assert both.loc[metric, "low"] <= both.loc[metric, "high"], metric
        assert both.loc[metric, "noise"] in (True, False), metric
        mean = both.loc[metric, ["mean_low", "mean_high"]]
        assert mean["mean_low"] <= mean["mean_high"], metric
        assert both.loc[metric, "noise"] == (mean["mean_low"] <= 0 <= mean["mean_high"]), metric
    text = comparison_text(found)
    assert " pt" in text
    assert "from the best there are (gap)" in text, "what the intervals do not hold is said"
    assert "different effort" not in text
    assert more.folder is not None
    other = compare(done, _with_effort(more.folder, runs / "other"))
    assert "made with different effort (quick, normal)" in comparison_text(other)
    assert both.loc["cost", "low"] == both.loc["cost", "high"] == both.loc["cost", "difference"]
    assert _gaps(done, more) == pytest.approx(both.loc["service_level", ["low", "high"]].tolist())
    same = compare(done, done)
    assert same.assumptions.empty
    assert same.notes == ()
    assert (same.results["difference"].dropna() == 0).all()


def _with_effort(folder: Path, copy: Path) -> Path:
    """A copy of a run that says it was made with normal effort."""
    shutil.copytree(folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps({**manifest, "effort": "normal"}), encoding="utf-8")
    return copy


def _gaps(first: Run, second: Run) -> list[float]:
    """10 % and 90 % points of the centre's change of service level, calls and chats together."""
    rates = []
    for one in (first, second):
        days = one.frame("replications")
        days = days[days["queue"].isin(["voice_billing", "chat"])]
        weeks = days.groupby("replication")[["in_time", "of"]].sum()
        rates.append(weeks["in_time"] / weeks["of"])
    return (rates[1] - rates[0]).quantile([0.1, 0.9]).tolist()


def test_published_versions_are_never_changed(done: Run, runs: Path) -> None:
    assert done.folder is not None
    first, second = publish(done.folder, runs), publish(done.folder, runs)
    assert first == runs / "published" / "2025-07-07" / "v1"
    assert second.name == "v2"
    assert result_files(first) == result_files(done.folder)


def test_a_finisher_that_fails_leaves_the_earlier_run(done: Run, runs: Path) -> None:
    assert done.folder is not None
    before = (done.folder / "manifest.json").read_bytes()

    def fails(finished: Run, folder: Path) -> None:
        raise RuntimeError("no disk")

    with pytest.raises(RuntimeError, match="no disk"):
        run(load_scenario("tiny", set=QUICK), runs=runs, finishers=[fails])
    assert (done.folder / "manifest.json").read_bytes() == before
    assert not list(done.folder.parent.glob(".*"))


def test_a_stopped_run_says_so_and_keeps_stages(tmp_path: Path) -> None:
    def stop(stage: str, message: str) -> None:
        if stage == "forecast":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="reused"):
        run(load_scenario("tiny", set=QUICK), runs=tmp_path, until="forecast", progress=stop)
    assert list((tmp_path / ".cache" / "chains").iterdir())
    assert not (tmp_path / "tiny").exists()


def test_a_run_stopped_between_rounds_leaves_the_best_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(planned.ROUNDS, Effort.QUICK, 2)
    hard = {**QUICK, "demand.scale": 6, "queues.voice_billing.targets.service_level": "99% in 1s"}
    scenario = load_scenario("tiny", set=hard).placed(origins={}, stem="hard", arm="base")

    def stop(stage: str, message: str) -> None:
        if stage == "schedule (round 2)":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="the best plan so far is in"):
        run(scenario, runs=tmp_path, progress=stop)
    folder = tmp_path / "hard" / "base"
    assert len(pd.read_parquet(folder / "schedule.parquet"))
    assert read_manifest(folder)["status"] == "interrupted"
    assert folder_of(tmp_path, scenario, "schedule").name == "base@until-schedule"
    assert folder_of(tmp_path, scenario, "done") == folder


def test_coverage_counts_the_agents_who_are_due(done: Run) -> None:
    due = set(done.results["coach"].state["due"])
    coaching = done.frame("coaching")
    given = set(coaching.loc[coaching["start"].notna(), "agent_id"]) & due
    card = done.frame("scorecard").set_index("metric")
    assert due
    assert card.loc["coaching_coverage", "predicted"] == pytest.approx(len(given) / len(due))
    assert done.results["coach"].meta.facts["due"] == len(due)


def test_a_run_is_kept_only_as_long_as_its_files_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x", encoding="utf-8")
    assert not is_kept(tmp_path, "word")
    note_files(tmp_path, "word")
    assert is_kept(tmp_path, "word")
    assert not is_kept(tmp_path, "other")
    (tmp_path / "export.csv").write_text("y", encoding="utf-8")
    assert is_kept(tmp_path, "word")
    (tmp_path / "a.csv").write_text("z", encoding="utf-8")
    assert not is_kept(tmp_path, "word")
    (tmp_path / "a.csv").unlink()
    assert not is_kept(tmp_path, "word")


def test_a_page_stays_as_long_as_the_tables_do(tmp_path: Path) -> None:
    def page(finished: Run, folder: Path) -> None:
        (folder / "page.txt").write_text(f"{len(finished.tables)} tables", encoding="utf-8")

    def again(window_h: int, *finishers: Finisher) -> Run:
        scenario = load_scenario("tiny", set={"chains.window_h": window_h})
        scenario = scenario.placed(origins={}, stem="paged", arm="base")
        return run(scenario, runs=tmp_path, until="chains", finishers=finishers)

    there = tmp_path / "paged" / "base" / "page.txt"
    again(168)
    assert not again(168, page).unchanged
    assert there.is_file()
    assert again(168, page).unchanged
    assert again(168).unchanged
    assert there.is_file()
    assert not again(72).unchanged
    assert not there.exists()


def test_missing_tables_are_told_at_once(tmp_path: Path) -> None:
    counts = pd.DataFrame(
        {
            "queue": pd.Series(["email"], dtype="str"),
            "interval_start": pd.to_datetime(["2025-07-01T10:00Z"]).astype("datetime64[us, UTC]"),
            "interval_min": [15],
            "offered": [3.0],
        }
    )
    with pytest.raises(TableError) as caught:
        run(load_scenario("tiny"), runs=tmp_path, data=Data({"queue_intervals": counts}))
    assert [p.where for p in caught.value.problems] == ["agents", "agent_skills", "routing"]
    assert not (tmp_path / "tiny").exists()


def test_a_centre_with_counts_alone_runs_through(done: Run, runs: Path, tmp_path: Path) -> None:
    from wfo.sample.sample_centre import sample_centre
    from wfo.tables.history import interval_counts

    data = dict(sample_centre("tiny").data)
    log = data.pop("interactions")
    data["queue_intervals"] = interval_counts(log, step_min=15)
    for name in ("identity_links", "evaluations", "surveys", "coaching_sessions"):
        data.pop(name, None)
    counted = run(load_scenario("tiny", set=QUICK), runs=tmp_path, data=Data(data))
    assert counted.results["chains"].meta.status is Status.NOT_AVAILABLE
    assert counted.status is Status.DONE
    assert len(counted.frame("schedule"))
    card = counted.frame("scorecard").set_index(["metric", "scope"])
    assert card.loc[("failure_demand", "centre"), "status"] == "not available"
    assert card.loc[("fcr", "centre"), "status"] == "not available"


def test_an_unknown_stage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no stage 'plan'"):
        run("tiny", runs=tmp_path, until="plan")


def test_the_manifest_tells_how_each_stage_ended(done: Run) -> None:
    assert done.folder is not None
    manifest = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["stages"]) == [
        "chains",
        "insight",
        "forecast",
        "staff",
        "schedule",
        "coach",
        "place",
        "evaluate",
    ]
    assert manifest["stages"]["schedule"]["objective"] is not None
    assert manifest["now"] == "2025-07-06T22:00:00+00:00"
