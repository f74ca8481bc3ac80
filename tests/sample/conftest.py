import pytest

from wfo.sample.sample_centre import SampleCentre, sample_centre


@pytest.fixture(scope="session")
def tiny() -> SampleCentre:
    return sample_centre("tiny")


@pytest.fixture(scope="session")
def standard() -> SampleCentre:
    return sample_centre("standard")
