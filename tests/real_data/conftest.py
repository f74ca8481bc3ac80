import os
from pathlib import Path

import pytest
from bank import build


@pytest.fixture(scope="session")
def real_data():
    folder = os.environ.get("WFO_REAL_DATA")
    if not folder:
        pytest.skip("WFO_REAL_DATA names no folder with the public data sets")
    if not Path(folder).is_dir():
        pytest.skip(f"WFO_REAL_DATA={folder} is no folder")
    return Path(folder)


@pytest.fixture(scope="session")
def bank_source(real_data):
    if not (real_data / "bank-1999" / "calls.csv.gz").is_file():
        pytest.skip(f"{real_data} has no bank-1999/calls.csv.gz")
    return real_data / "bank-1999"


@pytest.fixture(scope="session")
def bank(bank_source, tmp_path_factory):
    """The folder of the bank's tables and what the import said."""
    folder = tmp_path_factory.mktemp("bank")
    return folder, build(bank_source, folder)
