"""How many households, buildings and grids have nobody, where, and which they are."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.duty import access
from mulin.domains.duty.queries import coverage
from mulin.domains.duty.queries.coverage import Gap, Ground, GroupGap, Tally
from mulin.web.api import REFUSALS, AreaCode, Id, Recognised

GAPS_PER_PAGE = 50

router = Router(tags=["duty"])

Request = Recognised[User]
GapKey = Annotated[str, Field(pattern=r"^[0-9]{1,18}(-[0-9]{1,18})?$")]


class GroundIn(Schema):
    """An area or a grid; without either, your own."""

    area: AreaCode | None = None
    grid: Id | None = None


class TallyOut(Schema):
    total: int
    gaps: int


class TalliesOut(Schema):
    households: TallyOut
    buildings: TallyOut
    grids: TallyOut


class CoverageOut(TalliesOut):
    area_code: str
    grid_id: int | None


class PartOut(TalliesOut):
    """A street, community or grid of the ground: `area_code` or `grid_id` opens it."""

    name: str
    area_code: str | None
    grid_id: int | None


class GapsIn(GroundIn):
    show: Literal["households", "buildings", "grids"] = "households"
    after: GapKey | None = None


class GapOut(Schema):
    """Somebody is missing: NO_GROUP (of `households`, the contact group too), VACANT, or ABSENT without a substitute.

    Households stand together by building and contact group. `post_place_id` is where to appoint; where it is empty the
    households of `building_id` are first to be put into a contact group.
    """

    key: str
    reason: str
    area_code: str
    place: str
    detail: str
    households: int | None
    building_id: int | None
    post_place_id: int | None


class GapsOut(Schema):
    items: list[GapOut]
    next_key: str | None


def _ground(request: Request, asked: GroundIn) -> Ground:
    now = timezone.now()
    return access.coverage_ground(request.user, area_code=asked.area or "", grid_id=asked.grid, now=now)


def _tallies(found: Mapping[str, Tally]) -> dict[str, Any]:
    return {subject: TallyOut(total=tally.total, gaps=tally.gaps) for subject, tally in found.items()}


@router.get("/coverage", response={200: CoverageOut, **REFUSALS})
def coverage_counts(request: Request, asked: Query[GroundIn]) -> CoverageOut:
    """Totals and gaps of an area or a grid; without either, of your own."""
    ground, now = _ground(request, asked), timezone.now()
    found = {
        subject: sum(coverage.tally_by_area(subject, ground, now=now).values(), Tally())
        for subject in coverage.SUBJECTS
    }
    return CoverageOut(area_code=ground.area_code, grid_id=ground.grid_id, **_tallies(found))


@router.get("/coverage/parts", response={200: list[PartOut], **REFUSALS})
def coverage_parts(request: Request, asked: Query[GroundIn]) -> list[PartOut]:
    """The same for each street, community or grid of the ground."""
    ground, now = _ground(request, asked), timezone.now()
    tallies = {subject: coverage.tally_by_child(subject, ground, now=now) for subject in coverage.SUBJECTS}
    return [_part(child, tallies) for child in coverage.children(ground, now=now)]


def _part(child: coverage.Child, tallies: Mapping[str, Mapping[Any, Tally]]) -> PartOut:
    own = {subject: found.get(child.key, Tally()) for subject, found in tallies.items()}
    return PartOut(
        name=child.name,
        area_code=child.key if isinstance(child.key, str) else None,
        grid_id=child.key if isinstance(child.key, int) else None,
        **_tallies(own),
    )


@router.get("/coverage/gaps", response={200: GapsOut, **REFUSALS})
def coverage_gaps(request: Request, asked: Query[GapsIn]) -> GapsOut:
    """缺口清单, 50 to a page; `next_key` as `after` opens the next."""
    ground, now = _ground(request, asked), timezone.now()
    found: Sequence[Gap | GroupGap]
    if asked.show == coverage.HOUSEHOLDS:
        found = coverage.group_gaps(ground, now=now, after=asked.after or "", limit=GAPS_PER_PAGE + 1)
    else:
        seen = int((asked.after or "0").partition("-")[0])
        found = coverage.gaps(asked.show, ground, now=now, after=seen, limit=GAPS_PER_PAGE + 1)
    shown = found[:GAPS_PER_PAGE]
    return GapsOut(items=[_gap(one) for one in shown], next_key=shown[-1].key if len(found) > len(shown) else None)


def _gap(gap: Gap | GroupGap) -> GapOut:
    if isinstance(gap, GroupGap):
        return GapOut(
            key=gap.key,
            reason=gap.reason,
            area_code=gap.area_code,
            place=gap.building,
            detail=gap.group,
            households=gap.households,
            building_id=gap.building_id,
            post_place_id=gap.group_id,
        )
    return GapOut(
        key=gap.key,
        reason=gap.reason,
        area_code=gap.area_code,
        place=gap.place,
        detail=gap.detail,
        households=None,
        building_id=gap.building_id,
        post_place_id=gap.post_place_id,
    )
