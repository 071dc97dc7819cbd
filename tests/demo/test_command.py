"""`mulin demo` refuses a database somebody already works in."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.domains.accounts.models import User
from mulin.domains.places.models import Place


@pytest.mark.django_db(transaction=True)
def test_a_database_with_people_is_left_alone() -> None:
    User.objects.create(username="first", name="第一位", password="!", created_at=datetime(2026, 3, 4, tzinfo=UTC))
    result = CliRunner().invoke(app, ["demo", "--size", "street", "--seed", "3"])
    assert result.exit_code == 1
    assert "演示城区只装入空数据库" in result.output
    assert User.objects.count() == 1
    assert not Place.objects.exists()
