"""The commands in the README, literally, one after the other."""

import re
import shlex
from pathlib import Path

import pytest

from wfo.cli.main import WORDS, main

README = Path(__file__).parents[2] / "README.md"


def commands() -> list[list[str]]:
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    found = [text for row in rows for text in re.findall(r"`(wfo [^`]+)`", row)]
    return [shlex.split(part)[1:] for text in found for part in text.split(" && ") if part.startswith("wfo ")]


def test_every_word_is_in_the_table() -> None:
    assert {words[0] for words in commands()} == set(WORDS)


def test_the_commands_work_in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but ``import`` and ``chains``, whose files are the reader's own; with less effort."""
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.chdir(tmp_path)
    first, *others = [words for words in commands() if words[0] not in ("import", "chains")]
    assert first == ["new", "my-centre"]
    assert main([*first, "--quiet"]) == 0
    monkeypatch.chdir(tmp_path / "my-centre")
    with Path("week.yaml").open("a", encoding="utf-8") as week:
        week.write("\neffort: quick\nreplications: 2\n")
    assert [words for words in others if main([*words, "--quiet"]) != 0] == []
    assert Path("runs/week/base/report.html").is_file()
    assert len(list(Path("runs/week/base/ics").iterdir())) > 1
