"""Kernels kept on disk are those of the sources there are."""

import subprocess
import sys
from pathlib import Path

import wfo.compiled as compiled

PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from pathlib import Path
import wfo.compiled as compiled
compiled._HOME = Path({folder!r})
from part.loop import answer
print(answer(1))
"""


def test_a_constant_in_another_file_is_noticed(tmp_path):
    """The file of the function stays as it is; the answer follows the constant all the same."""
    part = tmp_path / "part"
    part.mkdir()
    (part / "__init__.py").write_text("")
    (part / "loop.py").write_text(
        "from wfo.compiled import entry\n"
        "from part.constants import STEP\n\n\n"
        "@entry('part')\n"
        "def answer(x):\n"
        "    return x + STEP\n"
    )
    program = PROGRAM.format(folder=str(tmp_path))
    for step in (10, 20):
        (part / "constants.py").write_text(f"STEP = {step}\n")
        done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True)
        assert done.stdout.strip() == str(1 + step), done.stderr
    assert len(list((tmp_path / "__pycache__").glob("compiled-*"))) == 2


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(compiled, "_HOME", tmp_path / "file" / "below")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "file")
    monkeypatch.setattr(compiled.config, "CACHE_DIR", "")
    assert compiled.entry("part")(_double)(4) == 8


def _double(x):
    return 2 * x
