"""联户组 as proposed for a building or a community, taken as they were seen; micro grids of a community."""

from typing import Any

from django.utils import timezone
from ninja import Query, Router, Schema, Status

from mulin.domains.accounts.models import User
from mulin.domains.duty import access as duty
from mulin.domains.planning import access
from mulin.domains.planning.api.values import ShortCode
from mulin.domains.planning.pages import groups as pages
from mulin.domains.planning.pages.groups import GroupsPage
from mulin.domains.planning.queries.groups import GroupGround
from mulin.domains.planning.services import groups as services
from mulin.domains.planning.services import micro
from mulin.web.api import REFUSALS, WRITE, AreaCode, Id, Recognised, once, plain

router = Router(tags=["planning"])

Request = Recognised[User]


class HowIn(Schema):
    """`move`: members of groups may change theirs; `near`: doors of neighbouring buildings may join."""

    move: bool = False
    near: bool = False

    @property
    def join_within_m(self) -> float:
        return pages.NEAR_M if self.near else 0.0


class AcceptIn(HowIn):
    """`mark` is that of the proposal you saw."""

    mark: ShortCode


class ProposedOut(Schema):
    """A contact group as proposed: who joins by rooms, and how many it will be."""

    building: str
    group: str
    is_new: bool
    joining: int
    rooms: str
    size: int
    is_lawful: bool


class ProposalOut(Schema):
    """The first 300 groups, `more` further ones; `shortfalls` say where numbers allow no lawful groups."""

    title: str
    households: int
    without: int
    rows: list[ProposedOut]
    more: int
    new: int
    moved: int
    shortfalls: list[str]
    mark: str
    least: int
    most: int


class AcceptedOut(Schema):
    groups: int
    joined: int
    said: str


class MicroGridOut(Schema):
    id: int
    code: str
    name: str


class MicroGridsOut(Schema):
    items: list[MicroGridOut]


def _building(request: Request, place_id: int) -> GroupGround:
    building = duty.building_of_posts(request.user, place_id, now=timezone.now())
    return GroupGround(building.area_code, building.pk)


def _area(request: Request, area_code: str) -> GroupGround:
    return GroupGround(duty.desk_area(request.user, area_code, now=timezone.now()))


@router.get("/planning/buildings/{place_id}/contact-groups", response={200: ProposalOut, **REFUSALS})
def groups_proposed_for_building(request: Request, place_id: Id, asked: Query[HowIn]) -> GroupsPage:
    """How the households of a building could be in groups of 10 to 15."""
    ground = _building(request, place_id)
    return pages.groups_page(ground, may_move=asked.move, join_within_m=asked.join_within_m)


@router.get("/planning/areas/{area_code}/contact-groups", response={200: ProposalOut, **REFUSALS})
def groups_proposed_for_area(request: Request, area_code: AreaCode, asked: Query[HowIn]) -> GroupsPage:
    """The same for every building of a community."""
    ground = _area(request, area_code)
    return pages.groups_page(ground, may_move=asked.move, join_within_m=asked.join_within_m)


@router.post(
    "/planning/buildings/{place_id}/contact-groups", response={200: AcceptedOut, **REFUSALS}, openapi_extra=WRITE
)
def accept_groups_of_building(request: Request, place_id: Id, asked: AcceptIn) -> dict[str, Any]:
    """编组 as proposed, all or none."""
    return _accepted(request, _building(request, place_id), asked)


@router.post("/planning/areas/{area_code}/contact-groups", response={200: AcceptedOut, **REFUSALS}, openapi_extra=WRITE)
def accept_groups_of_area(request: Request, area_code: AreaCode, asked: AcceptIn) -> dict[str, Any]:
    """编组 as proposed for a community, all or none."""
    return _accepted(request, _area(request, area_code), asked)


def _accepted(request: Request, ground: GroupGround, asked: AcceptIn) -> dict[str, Any]:
    now = timezone.now()

    def do() -> dict[str, Any]:
        division = services.accept_groups(
            actor=request.user,
            ground=ground,
            may_move=asked.move,
            join_within_m=asked.join_within_m,
            mark=asked.mark,
            now=now,
        )
        joined = sum(len(one.joining) for one in division.groups)
        return {"groups": len(division.groups), "joined": joined, "said": pages.summary(division)}

    return once(request, asked.model_dump(), do)


@router.post("/planning/areas/{area_code}/micro-grids", response={201: MicroGridsOut, **REFUSALS}, openapi_extra=WRITE)
def draw_micro_grids(request: Request, area_code: AreaCode) -> Status[dict[str, Any]]:
    """划分微网格 within the grids of a community from today; those there before are closed. Takes some seconds."""
    now = timezone.now()
    area = access.area_to(access.DRAFT, request.user, area_code, now=now)

    def do() -> dict[str, Any]:
        made = micro.draw_micro_grids(actor=request.user, area_code=area.code, now=now)
        return {"items": [plain(MicroGridOut, one) for one in made]}

    return Status(201, once(request, {}, do))
