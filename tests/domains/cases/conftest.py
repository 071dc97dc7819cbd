from datetime import datetime

import pytest

from mulin.commands.seed import seed_reference
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places
from tests.factories import NOW, Town, make_town


@pytest.fixture
def town(db: None) -> Town:
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def report(town: Town):
    """Report a case at the first building; `category` 0601 is settled by the building leader."""

    def report(
        text: str = "楼道灯不亮", *, category: str = "0601", now: datetime = NOW, building: int = 0, **more
    ) -> Case:
        location = places.locate_board(town.board_code(building))
        return services.report_case(actor=None, report=services.Report(text, category, location, **more), now=now)

    return report
