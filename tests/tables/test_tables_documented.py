"""The page on data lists every table that comes in, with the columns of its contract."""

import re
from pathlib import Path

import pytest

from wfo.tables.contracts import INPUTS

PAGE = Path(__file__).parents[2] / "docs" / "data.md"
LINES = {
    m[1]: m[0].split("|") for m in re.finditer(r"^\| `(\w+)`.*$", PAGE.read_text(encoding="utf-8"), re.M)
}


@pytest.mark.parametrize("name", INPUTS)
def test_a_table_is_listed_with_its_columns(name):
    cells = LINES[name]
    needed, optional = (set(re.findall(r"\w+", cell)) for cell in cells[2:4])
    assert needed == {c.name for c in INPUTS[name].columns if not c.optional}
    assert optional == {c.name for c in INPUTS[name].columns if c.optional}
    assert tuple(re.findall(r"\*\*(\w+)\*\*", cells[2])) == INPUTS[name].key
