"""The towns that tests look at; a town is only read, so one serves them all."""

import pytest

from mulin.demo.records import Town
from mulin.demo.town import build_town


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(("street", 1), id="street"),
        pytest.param(("street", 2026), id="another-seed"),
        pytest.param(("district", 1), id="district", marks=[pytest.mark.slow]),
    ],
)
def town(request: pytest.FixtureRequest) -> Town:
    size, seed = request.param
    return build_town(size, seed)
