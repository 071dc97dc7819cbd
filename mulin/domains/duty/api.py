"""How many households, buildings and grids have nobody."""

from django.utils import timezone
from ninja import Router, Schema

from mulin.domains.accounts.models import User
from mulin.domains.duty import access
from mulin.domains.duty.queries import coverage
from mulin.web.api import REFUSALS, AreaCode, Id, Recognised

router = Router(tags=["duty"])


class TallyOut(Schema):
    total: int
    gaps: int


class CoverageOut(Schema):
    area_code: str
    grid_id: int | None
    households: TallyOut
    buildings: TallyOut
    grids: TallyOut


@router.get("/coverage", response={200: CoverageOut, **REFUSALS})
def coverage_counts(request: Recognised[User], area: AreaCode | None = None, grid: Id | None = None) -> CoverageOut:
    """Totals and gaps of an area or a grid; without either, of your own."""
    now = timezone.now()
    ground = access.coverage_ground(request.user, area_code=area or "", grid_id=grid, now=now)
    found = {
        subject: sum(coverage.tally_by_area(subject, ground, now=now).values(), coverage.Tally())
        for subject in coverage.SUBJECTS
    }
    tallies = {subject: TallyOut(total=tally.total, gaps=tally.gaps) for subject, tally in found.items()}
    return CoverageOut(area_code=ground.area_code, grid_id=ground.grid_id, **tallies)
