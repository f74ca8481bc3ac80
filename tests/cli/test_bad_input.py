"""What a planner gets wrong: exit 2, every problem at its place, nothing written."""

from pathlib import Path

import pytest

from wfo.cli.main import main
from wfo.sample.write import write_new


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work") / "centre"
    write_new(folder, "tiny")
    return folder


def refused(centre: Path, capsys: pytest.CaptureFixture[str], text: str, *words: str) -> list[str]:
    """What is said about a scenario; that nothing was written is asserted."""
    (centre / "mine.yaml").write_text(text, encoding="utf-8")
    runs = centre / "runs"
    assert main(["run", str(centre / "mine.yaml"), "-o", str(runs), *words]) == 2
    assert not [path for path in runs.glob("*/*/*") if ".cache" not in path.parts]
    assert not list(runs.glob(".cache/data/*"))
    said = capsys.readouterr()
    assert said.out == ""
    found = [line for line in said.err.replace(f"{centre}/", "").splitlines() if ": " in line]
    return [line for line in found if not line.startswith(("mine ·", "Week of", "  data"))]


def changed(centre: Path, table: str, old: str, new: str) -> None:
    """Copy the data, one file with something replaced once, into ``wrong/``."""
    wrong = centre / "wrong"
    wrong.mkdir(exist_ok=True)
    for path in (centre / "data").iterdir():
        if not (wrong / path.name).exists():
            (wrong / path.name).write_bytes(path.read_bytes())
    text = (wrong / f"{table}.csv").read_text(encoding="utf-8")
    assert old in text
    (wrong / f"{table}.csv").write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_malformed_scenario(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = refused(centre, capsys, "extends: week.yaml\n  demand: [\n")
    assert found == ["mine.yaml:2:9: not YAML: mapping values are not allowed here"]


def test_every_problem_of_a_scenario_at_its_place(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "extends: week.yaml\ndemand: {scale: abc}\ncentre: {zone: Europe/Berlim}\nqueues: {}\nfoo: 1\n"
    found = refused(centre, capsys, text)
    assert found[0] == "mine.yaml:2:17: scale must be a number, got abc"
    assert found[1].startswith("mine.yaml:3:16: zone: 'Europe/Berlim' is not a time zone")
    assert found[2].startswith("mine.yaml:4:1: unknown key 'queues'; it belongs under 'centre:'")
    assert found[3].startswith("mine.yaml:5:1: unknown key 'foo'; allowed here are name, seed")


def test_a_contract_that_no_week_satisfies(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "extends: week.yaml\ncentre: {contracts: {full_time: {week_h: {min: 60, max: 70}}}}\n"
    assert refused(centre, capsys, text)[0].startswith(
        "mine.yaml:2:42: contract 'full_time' has no legal week"
    )


def test_missing_files(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = refused(centre, capsys, "extends: week.yaml\ndata: {folder: daat, files: {wishes: no.csv}}\n")
    assert [line.split(": ")[0] for line in found] == ["daat", "no.csv"]
    assert main(["run", str(centre / "nothing.yaml")]) == 2
    assert "no such scenario file" in capsys.readouterr().err


def test_every_problem_of_the_tables_at_once(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown column, an id twice and a skill nobody has heard of, in three files."""
    changed(centre, "routing", "skill", "skil")
    agents = (centre / "data" / "agents.csv").read_text(encoding="utf-8").splitlines()
    changed(centre, "agents", agents[2], f"{agents[1]}\n{agents[2]}")
    skills = (centre / "data" / "agent_skills.csv").read_text(encoding="utf-8").splitlines()
    row = next(k for k, line in enumerate(skills, start=1) if "chat" in line)
    changed(centre, "agent_skills", "chat", "chta")
    found = refused(centre, capsys, "extends: week.yaml\ndata: {folder: wrong}\n")
    assert any(
        line.startswith("wrong/routing.csv, column 'skill': is missing; is it 'skil'?") for line in found
    )
    first = agents[1].split(",")[0]
    assert any(
        line.startswith(f"wrong/agents.csv, row 3, column 'agent_id': found '{first}'") for line in found
    )
    place = f"wrong/agent_skills.csv, row {row}, column 'skill'"
    assert f"{place}: found skill 'chta', which is unknown; did you mean 'chat'?" in found


def test_demand_outside_opening_hours_is_kept_and_told(
    centre: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "extends: week.yaml\nset: {queues.voice_billing.hours: [Mon-Fri 10:00-11:00]}\n"
    (centre / "short.yaml").write_text(text, encoding="utf-8")
    assert main(["check", str(centre / "short.yaml"), "--data"]) == 0
    assert "came to 'voice_billing' outside its opening hours" in capsys.readouterr().err


def emptied(centre: Path, *tables: str) -> str:
    """Copy the data into a folder of its own, some tables with nothing but their columns; the scenario."""
    folder = "_".join(("without", *tables))
    (centre / folder).mkdir(exist_ok=True)
    for path in (centre / "data").iterdir():
        (centre / folder / path.name).write_bytes(path.read_bytes())
    for table in tables:
        path = centre / folder / f"{table}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    return f"extends: week.yaml\ndata: {{folder: {folder}}}\n"


def test_no_agents_is_one_problem_and_not_one_of_skills(
    centre: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = refused(centre, capsys, emptied(centre, "agents"))
    assert found == [
        "without_agents/agents.csv: has no rows, so nobody can be planned; add a row for each agent "
        "(agent_id, contract, site, cost_per_h)"
    ]


def test_agents_without_any_skill(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = refused(centre, capsys, emptied(centre, "agent_skills"))
    assert found == [
        "without_agent_skills/agent_skills.csv: has no rows, so nobody can serve any queue; add a row for "
        "each agent and skill (agent_id, skill)"
    ]


def test_demand_no_one_is_skilled_for(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = emptied(centre, "wishes")
    path = centre / "without_wishes" / "agent_skills.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if ",chat," not in row), encoding="utf-8")
    (found,) = refused(centre, capsys, text)
    assert found.endswith("queue 'chat' is served by chat, which nobody has; give the skill to agents")
    assert found.startswith("without_wishes/routing.csv, row ")


def test_a_time_limit_of_nothing(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = refused(centre, capsys, "extends: week.yaml\nschedule: {time_limit_s: 0}\n")
    assert found == ["mine.yaml:2:26: time_limit_s must be above 0, got 0"]
