"""Open cases about the same thing at the same building, told without anybody's words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mulin.domains.cases import rules
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import directory
from mulin.domains.cases.states import OPEN
from mulin.domains.places.queries import Location

MOST_SHOWN = 3


@dataclass(frozen=True)
class Similar:
    """What a neighbour may know of another's case."""

    case_id: int
    category_code: str
    status: str
    reported_at: datetime


def open_at(location: Location, category_code: str, *, now: datetime) -> list[Similar]:
    """Return open cases of the category at the building, latest first.

    Empty for categories that would tell about a neighbour, and where no building is known.
    """
    if location.building_id is None or rules.is_personal(category_code):
        return []
    days = directory.policy("duplicate_window_days", now=now, area_code=location.area_code)
    rows = Case.objects.filter(
        building=location.building_id,
        category__code=category_code,
        status__in=OPEN,
        reported_at__gte=now - timedelta(days=days),
    )
    found = rows.order_by("-pk").values_list("pk", "category__code", "status", "reported_at")
    return [Similar(*row) for row in found[:MOST_SHOWN]]
