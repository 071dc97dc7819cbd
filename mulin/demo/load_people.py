"""The town's organisations, people and posts into the database, and one sign-in per kind of user."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from secrets import choice
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from mulin.demo.bulk import Loader
from mulin.demo.load_places import PlaceKeys
from mulin.demo.records import Town, TownTenure
from mulin.domains.accounts.models import User
from mulin.domains.accounts.services import create_user, grant_role
from mulin.domains.cases.models import CategoryRule
from mulin.domains.duty.models import Absence, PostKind, Tenure
from mulin.domains.organisations.models import DutyItem, DutyRole, Organisation

NO_PASSWORD = "!"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LEAVE = timedelta(days=7)
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


class SignIn(NamedTuple):
    """What the start prints for one kind of user."""

    label: str
    username: str
    password: str


@dataclass(slots=True)
class PeopleKeys:
    """Database keys by the town's own indices, and the tenures of those who can sign in."""

    user: list[int]
    organisation: list[int]
    sign_ins: list[SignIn] = field(default_factory=list)
    home: "Home | None" = None


@dataclass(frozen=True, slots=True)
class Home:
    """Where the people with sign-ins work together: indices of the town, so that one story meets them all."""

    community: int
    grid: int
    building: int
    group: int


def people_rows(town: Town) -> int:
    few = len(town.organisations) + len(town.leaves) + len(list(_duties_of(town)))
    return few + len(town.persons) + len(town.tenures)


def find_home(town: Town) -> Home:
    """A house with leader, contact and grid worker, three persons, where the community desk is not on leave."""
    away = {town.tenures[leave.tenure].place - town.first_community for leave in town.leaves}
    held = {(t.post, t.place): t.person for t in town.tenures}
    first = town.households.dwelling[town.groups.first_household]
    building_of_group = town.entrances.building[town.dwellings.entrance[first]].tolist()
    for group, building in enumerate(building_of_group):
        grid = int(town.buildings.grid[building])
        community = town.grids[grid].community
        posts = (("household_contact", group), ("building_leader", building), ("grid_worker", grid))
        people = {held.get(post) for post in posts} - {None}
        if community not in away and town.buildings.kind[building] != "farmhouse" and len(people) == len(posts):
            return Home(community, grid, building, group)
    raise ValueError("no building has leader, contact and grid worker")


def load_people(loader: Loader, town: Town, places: PlaceKeys, *, since: date, now: datetime) -> PeopleKeys:
    password = "mulin-" + "".join(choice(LETTERS) for _number in range(8))
    home = find_home(town)
    names = sign_in_names(town, home)
    keys = PeopleKeys(
        user=list(islice(loader.numbers(User), len(town.persons))),
        organisation=list(islice(loader.numbers(Organisation), len(town.organisations))),
        home=home,
    )
    loader.write(_("人员"), User, _users(town, keys, names, make_password(password), now))
    loader.write(_("单位"), Organisation, _organisations(town, keys, since))
    loader.write(_("职责清单"), DutyItem, _duties(town, keys, since))
    tenures = list(islice(loader.numbers(Tenure), len(town.tenures)))
    loader.write(_("任职"), Tenure, _tenures(town, places, keys, tenures, since))
    loader.write(_("请假"), Absence, _absences(town, keys, tenures, now))
    labels = {p.code: p.name_zh for p in PostKind.objects.all()}
    keys.sign_ins = [SignIn(labels[post], name, password) for post, name in names.values()]
    loader.finish()
    keys.sign_ins += _administrators(password, since=since, now=now)
    return keys


def sign_in_names(town: Town, home: Home) -> dict[int, tuple[str, str]]:
    """Person → post and user name, for one person of every kind, all responsible for the same home."""
    street = next(i for i, a in enumerate(town.areas) if a.code == town.communities[home.community].parent)
    county = next(i for i, a in enumerate(town.areas) if a.level == "county")
    department = next(i for i, o in enumerate(town.organisations) if o.kind == "URBAN_MANAGEMENT")
    wanted = {
        ("household_contact", home.group): "contact",
        ("building_leader", home.building): "leader",
        ("grid_worker", home.grid): "grid",
        ("grid_leader", home.grid): "gridleader",
        ("first_grid_leader", home.grid): "firstleader",
        ("community_desk", town.first_community + home.community): "community",
        ("street_desk", street): "street",
        ("county_desk", county): "county",
        ("department_officer", department): "department",
    }
    found: dict[int, tuple[str, str]] = {}
    for key, name in wanted.items():
        person = next(t.person for t in town.tenures if (t.post, t.place) == key and t.seat == 1)
        found.setdefault(person, (key[0], name))
    return found


def _users(
    town: Town, keys: PeopleKeys, names: dict[int, tuple[str, str]], hashed: str, now: datetime
) -> Iterator[User]:
    for index, (person, key) in enumerate(zip(town.persons, keys.user, strict=True)):
        username = names[index][1] if index in names else f"p{index + 1:05d}"
        password = hashed if index in names else NO_PASSWORD
        yield User(
            pk=key, username=username, name=person.name, work_phone=person.phone, password=password, created_at=now
        )


def _organisations(town: Town, keys: PeopleKeys, since: date) -> Iterator[Organisation]:
    seen: Counter[tuple[str, int]] = Counter()
    office_of = {o.area: k for o, k in zip(town.organisations, keys.organisation, strict=True) if _is_office(o.kind)}
    index_of = {a.code: i for i, a in enumerate(town.areas)}
    for organisation, key in zip(town.organisations, keys.organisation, strict=True):
        seen[organisation.kind, organisation.area] += 1
        area = town.areas[organisation.area]
        above = office_of.get(index_of[area.parent]) if area.level == "community" else None
        yield Organisation(
            pk=key,
            kind_id=organisation.kind,
            code=f"{organisation.kind}-{area.code}-{seen[organisation.kind, organisation.area]}",
            name=organisation.name,
            parent_id=above,
            area_code=area.code,
            work_phone=organisation.phone,
            starts_on=since,
        )


def _is_office(kind: str) -> bool:
    return kind == "STREET_OFFICE"


def _duties_of(town: Town) -> Iterator[tuple[int, str, DutyRole]]:
    """职责清单 as the category directory names the kinds that lead and assist: organisation, category, role."""
    rules = list(CategoryRule.objects.filter(valid_to=None).values_list("category__code", "lead_kinds", "assist_kinds"))
    for index, organisation in enumerate(town.organisations):
        for code, lead, assist in rules:
            if organisation.kind in lead:
                yield index, code, DutyRole.LEAD
            elif organisation.kind in assist:
                yield index, code, DutyRole.ASSIST


def _duties(town: Town, keys: PeopleKeys, since: date) -> Iterator[DutyItem]:
    source = _("演示：按事项分类目录的主办、协办单位生成")
    for index, code, role in _duties_of(town):
        organisation = keys.organisation[index]
        yield DutyItem(organisation_id=organisation, category_code=code, role=role, starts_on=since, source=source)


def _tenures(town: Town, places: PlaceKeys, keys: PeopleKeys, numbers: list[int], since: date) -> Iterator[Tenure]:
    posts = dict(PostKind.objects.filter(valid_to=None).values_list("code", "pk"))
    for tenure, pk in zip(town.tenures, numbers, strict=True):
        yield Tenure(
            pk=pk,
            post_kind_id=posts[tenure.post],
            place_id=_place_key(places, tenure),
            organisation_id=keys.organisation[tenure.place] if tenure.place_kind == "organisation" else None,
            seat=tenure.seat,
            holder_id=keys.user[tenure.person],
            starts_on=since,
        )


def _place_key(places: PlaceKeys, tenure: TownTenure) -> int | None:
    if tenure.place_kind == "organisation":
        return None
    keys: list[int] = getattr(places, tenure.place_kind)
    return keys[tenure.place]


def _absences(town: Town, keys: PeopleKeys, tenures: list[int], now: datetime) -> Iterator[Absence]:
    for leave in town.leaves:
        yield Absence(
            tenure_id=tenures[leave.tenure],
            substitute_id=keys.user[leave.substitute],
            begins_at=now - timedelta(days=1),
            ends_at=now + LEAVE,
            reason=_("年休假"),
        )


def _administrators(password: str, *, since: date, now: datetime) -> list[SignIn]:
    """三员: three people, no two of these roles in one hand."""
    labels = {
        "system_admin": _("系统管理员"),
        "security_admin": _("安全管理员"),
        "audit_admin": _("审计管理员"),
    }
    sign_ins = []
    for role in ADMINISTRATORS:
        username = role.removesuffix("_admin")
        user = create_user(actor=None, username=username, name=labels[role], password=password, now=now)
        grant_role(actor=None, user=user, role_code=role, starts_on=since, now=now)
        sign_ins.append(SignIn(labels[role], username, password))
    return sign_ins
