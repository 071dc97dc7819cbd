"""A small town to test in: one community with everybody in post, made in a few milliseconds.

    town = make_town()                     # county 520303000000 → street → community → grids → buildings …
    client.force_login(town.users["community"])
    second = make_town(community_code="520303001002")   # a neighbour in the same street, own people

In every town the *first* of each kind is fully staffed and the others are vacant: `town.grids[0]`, `town.buildings[0]`
(which stands in `town.grids[0]`) and `town.groups[0]` (in `town.buildings[0]`) have their holders, named by role in
`town.users`; `stranger` holds nothing. `staff()` fills another seat; `make_user()` makes another person.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import shapely

from mulin.core import versions
from mulin.core.geometry import shape_fields
from mulin.domains.accounts.models import User
from mulin.domains.accounts.services import seed_roles
from mulin.domains.duty.models import PostKind, Tenure
from mulin.domains.duty.services import begin_tenure, seed_post_kinds
from mulin.domains.organisations.models import Organisation, OrganisationKind
from mulin.domains.places.models import (
    Building,
    Dwelling,
    Grid,
    GridBoundary,
    GridKind,
    GridMembership,
    GroupMembership,
    Household,
    Place,
    PlaceKind,
)

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
"""A Wednesday, 10:00 in Shanghai; every tenure of a town has begun by then and does not end."""
SINCE = date(2020, 1, 1)
COUNTY_CODE = "520303000000"
COMMUNITY_CODE = "520303001001"
WEST, SOUTH = 106.90, 27.70
GRID_DEGREES = 0.004  # about 400 m
COMMITTEE_KINDS = {"COMMUNITY_COMMITTEE": "COMMUNITY", "STREET_OFFICE": "STREET"}


@dataclass
class Town:
    county: Place
    street: Place
    community: Place
    grids: list[Place]
    buildings: list[Place]
    groups: list[Place]
    entrances: list[Place]
    households: list[Household]
    organisations: dict[str, Organisation]
    """By kind: OPERATIONS_CENTRE, URBAN_MANAGEMENT, HOUSING, STREET_OFFICE, COMMUNITY_COMMITTEE."""
    users: dict[str, User]
    """contact, leader, grid_worker, grid_leader, first_grid_leader, community, street, county,
    department (of URBAN_MANAGEMENT), housing (of HOUSING), stranger."""
    tenures: dict[str, Tenure] = field(default_factory=dict)
    """By the same names; the stranger has none."""

    def board_code(self, index: int = 0) -> str:
        return self.buildings[index].building.board_code

    def rooms(self, building: int = 0) -> list[str]:
        dwellings = Dwelling.objects.filter(building=self.buildings[building].pk)
        return list(dwellings.order_by("pk").values_list("room", flat=True))


def make_town(
    *,
    community_code: str = COMMUNITY_CODE,
    grids: int = 2,
    buildings: int = 3,
    households: int = 4,
    staffed: bool = True,
    now: datetime = NOW,
) -> Town:
    """Make a community with `grids` grids, `buildings` buildings dealt to them in turn, each with one entrance, one
    contact group and `households` households. Towns of the same street or county share it.
    """
    seed_roles(now=now)
    seed_post_kinds(now=now)
    county, street, community = _areas(community_code)
    grid_places = _grids(community, grids)
    building_places = _buildings(community, grid_places, buildings)
    entrances = _within(building_places, PlaceKind.ENTRANCE, "E", "1单元")
    groups = _within(building_places, PlaceKind.CONTACT_GROUP, "G", "第1联户组")
    town = Town(
        county=county,
        street=street,
        community=community,
        grids=grid_places,
        buildings=building_places,
        groups=groups,
        entrances=entrances,
        households=_households(building_places, entrances, groups, households),
        organisations=_organisations(community),
        users={},
    )
    _people(town, staffed=staffed, now=now)
    versions.forget_all()
    return town


def make_user(username: str, *, name: str = "", work_phone: str = "", now: datetime = NOW) -> User:
    """A person without a password (use `client.force_login`)."""
    return User.objects.create(
        username=username, name=name or username, work_phone=work_phone, password="!", created_at=now
    )


def staff(
    user: User, post: str, where: Place | Organisation, *, seat: int = 1, starts_on: date = SINCE, now: datetime = NOW
) -> Tenure:
    """Give `user` a seat of a post at a place or organisation."""
    at = {"place": where} if isinstance(where, Place) else {"organisation": where}
    kind = PostKind.objects.get(code=post)
    return begin_tenure(actor=None, post_kind=kind, holder=user, seat=seat, starts_on=starts_on, now=now, **at)


def _area(kind: PlaceKind, code: str, name: str, parent: Place | None, box: tuple[float, ...]) -> Place:
    shape = shapely.box(*box)
    place, _ = Place.objects.get_or_create(
        code=code,
        defaults={
            "kind": kind, "name": name, "parent": parent, "area_code": code, "starts_on": SINCE,
            "lon": shape.centroid.x, "lat": shape.centroid.y, **shape_fields(shape),
        },
    )  # fmt: skip
    return place


def _areas(code: str) -> tuple[Place, Place, Place]:
    row = int(code[9:]) - 1
    south = SOUTH + row * GRID_DEGREES
    everything = (WEST - 0.1, SOUTH - 0.1, WEST + 0.3, SOUTH + 0.3)
    county = _area(PlaceKind.COUNTY, code[:6].ljust(12, "0"), "汇川区", None, everything)
    street = _area(PlaceKind.STREET, code[:9].ljust(12, "0"), f"测试街道{code[6:9]}", county, everything)
    box = (WEST, south, WEST + 0.1, south + GRID_DEGREES)
    return county, street, _area(PlaceKind.COMMUNITY, code, f"测试社区{code[9:]}", street, box)


def _grids(community: Place, count: int) -> list[Place]:
    boxes = []
    for number in range(count):
        west = WEST + number * GRID_DEGREES
        boxes.append(shapely.box(west, community.min_lat, west + GRID_DEGREES, community.max_lat))
    places = Place.objects.bulk_create(
        Place(
            kind=PlaceKind.GRID, code=f"{community.code}{number:03}", name=f"第{number}网格", parent=community,
            area_code=community.code, starts_on=SINCE, lon=box.centroid.x, lat=box.centroid.y, **shape_fields(box),
        )
        for number, box in enumerate(boxes, 1)
    )  # fmt: skip
    Grid.objects.bulk_create(Grid(place=place, grid_kind=GridKind.BASIC) for place in places)
    GridBoundary.objects.bulk_create(
        GridBoundary(grid_id=place.pk, starts_on=SINCE, **shape_fields(box))
        for place, box in zip(places, boxes, strict=True)
    )
    return places


def _buildings(community: Place, grids: list[Place], count: int) -> list[Place]:
    drafts = []
    for index in range(count):
        grid, column = grids[index % len(grids)], index // len(grids)
        west, south = (grid.min_lon or 0) + 0.0004 + column * 0.0006, (grid.min_lat or 0) + 0.001
        box = shapely.box(west, south, west + 0.0003, south + 0.0002)
        drafts.append(
            Place(
                kind=PlaceKind.BUILDING, code=f"{community.code}B{index + 1:04}", name=f"{index + 1}栋",
                parent=community, area_code=community.code, starts_on=SINCE,
                lon=box.centroid.x, lat=box.centroid.y, **shape_fields(box),
            )
        )  # fmt: skip
    places = Place.objects.bulk_create(drafts)
    made = Building.objects.bulk_create(
        Building(
            place=place, address=f"测试路{index + 1}号", floors=6, board_code=f"T{community.code[6:]}{index + 1:03}"
        )
        for index, place in enumerate(places)
    )
    GridMembership.objects.bulk_create(
        GridMembership(building=building, grid_id=grids[index % len(grids)].pk, starts_on=SINCE)
        for index, building in enumerate(made)
    )
    return places


def _within(buildings: list[Place], kind: PlaceKind, letter: str, name: str) -> list[Place]:
    return Place.objects.bulk_create(
        Place(
            kind=kind, code=f"{building.code}{letter}01", name=name, parent=building, area_code=building.area_code,
            starts_on=SINCE, lon=building.lon, lat=building.lat,
        )
        for building in buildings
    )  # fmt: skip


def _households(buildings: list[Place], entrances: list[Place], groups: list[Place], each: int) -> list[Household]:
    dwellings = Dwelling.objects.bulk_create(
        Dwelling(
            building_id=building.pk, entrance=entrance, floor=number, room=f"{number}01", area_code=building.area_code
        )
        for building, entrance in zip(buildings, entrances, strict=True)
        for number in range(1, each + 1)
    )
    households = Household.objects.bulk_create(
        Household(dwelling=dwelling, area_code=dwelling.area_code, moved_in_on=SINCE) for dwelling in dwellings
    )
    GroupMembership.objects.bulk_create(
        GroupMembership(household=household, group=groups[index // each], starts_on=SINCE)
        for index, household in enumerate(households)
    )
    return households


def _organisations(community: Place) -> dict[str, Organisation]:
    county_code = community.code[:6].ljust(12, "0")
    wanted = {
        "OPERATIONS_CENTRE": ("区级指挥中心", county_code),
        "URBAN_MANAGEMENT": ("区综合行政执法局", county_code),
        "HOUSING": ("区住房和城乡建设局", county_code),
        "STREET_OFFICE": ("街道办事处", community.code[:9].ljust(12, "0")),
        "COMMUNITY_COMMITTEE": ("社区居民委员会", community.code),
    }
    made = {}
    for kind, (name, area_code) in wanted.items():
        defaults = {"name_zh": name, "name_en": kind.title(), "level": COMMITTEE_KINDS.get(kind, "COUNTY")}
        OrganisationKind.objects.get_or_create(code=kind, defaults=defaults)
        made[kind], _ = Organisation.objects.get_or_create(
            code=f"{kind}-{area_code}",
            defaults={"kind_id": kind, "name": name, "area_code": area_code, "starts_on": SINCE},
        )
    return made


def _people(town: Town, *, staffed: bool, now: datetime) -> None:
    seats: dict[str, tuple[str, Place | Organisation]] = {
        "contact": ("household_contact", town.groups[0]),
        "leader": ("building_leader", town.buildings[0]),
        "grid_worker": ("grid_worker", town.grids[0]),
        "grid_leader": ("grid_leader", town.grids[0]),
        "first_grid_leader": ("first_grid_leader", town.grids[0]),
        "community": ("community_desk", town.community),
        "street": ("street_desk", town.street),
        "county": ("county_desk", town.county),
        "department": ("department_officer", town.organisations["URBAN_MANAGEMENT"]),
        "housing": ("department_officer", town.organisations["HOUSING"]),
    }
    for number, role in enumerate((*seats, "stranger")):
        username = f"{role}-{town.community.code[6:]}"
        town.users[role] = make_user(username, name=f"测试{role}", work_phone=f"0851-2800{number:04}", now=now)
    if staffed:
        for role, (post, where) in seats.items():
            held = where.tenures.filter(post_kind__code=post).count()
            town.tenures[role] = staff(town.users[role], post, where, seat=held + 1, now=now)
