"""A load that breaks leaves nothing behind."""

from datetime import UTC, datetime

import pytest

from mulin.commands.seed import seed_reference
from mulin.demo.load import load_town
from mulin.domains.accounts.models import User
from mulin.domains.places.models import Household, Place

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


class PowerCut(Exception):
    """What the test makes happen."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["住户", "事项"])
def test_all_of_the_town_or_nothing(moment: str) -> None:
    seed_reference(now=NOW)

    def progress(label: str, _done: int, _total: int) -> None:
        if label == moment:
            raise PowerCut

    with pytest.raises(PowerCut):
        load_town(size="street", seed=7, now=NOW, progress=progress)
    assert not User.objects.exists()
    assert not Place.objects.exists()
    assert not Household.objects.exists()
