import pytest
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.commands.seed import seed_reference
from tests.factories import NOW, make_town


@pytest.fixture
def town(db):
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def run():
    """Run the `mulin` command in this process; a failure that is no refusal is raised."""

    def call(*arguments):
        return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)

    return call
