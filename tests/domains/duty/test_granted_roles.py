"""A role without a post counts where it was granted, until its day: inside, one who only looks, and outside."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.core.errors import NotAllowed, NotFound
from mulin.domains.accounts import access as people_access
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import Grant, GrantScope, Role, User
from mulin.domains.accounts.queries import INSTALLATION, GrantedAt
from mulin.domains.cases import access, services
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import lists, may_direct, queue
from mulin.domains.cases.queries.filters import Filters
from mulin.domains.duty import access as duty_access
from mulin.domains.duty import queries
from mulin.domains.organisations.models import Organisation
from mulin.domains.places import queries as places
from mulin.domains.places.models import Place
from mulin.domains.planning import access as planning_access
from tests.factories import NOW, SINCE, Town, make_town, make_user, staff

pytestmark = pytest.mark.django_db
WORDS = "柜子里的猫不见了"
LAST_DAY = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def town() -> Town:
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def neighbours() -> Town:
    return make_town(community_code="520303001002", grids=1, buildings=1, households=1)


def granted(role: str, where: Place | Organisation, *, ends_on: date | None = None, name: str = "") -> User:
    user = make_user(name or f"{role}-{where.pk}")
    grant(user, role, where, ends_on=ends_on)
    return user


def grant(user: User, role: str, where: Place | Organisation, *, ends_on: date | None = None) -> Grant:
    is_place = isinstance(where, Place)
    at = GrantedAt(place_id=where.pk) if is_place else GrantedAt(organisation_id=where.pk)
    return accounts.grant_role(actor=None, user=user, role_code=role, at=at, starts_on=SINCE, ends_on=ends_on, now=NOW)


def reported(town: Town, *, category: str = "0601") -> Case:
    where = places.locate_board(town.board_code())
    wanted = services.Report(WORDS, category, where, contact=services.Contact("王翠翠", "13912345678", "201"))
    return services.report_case(actor=None, report=wanted, now=timezone.now())


def again(user: User) -> User:
    """The person as the next request finds them."""
    return User.objects.get(pk=user.pk)


def sees(user: User, case: Case) -> dict[str, bool]:
    """Whether somebody gets a case by each way there is: list, search, map, detail, export; pages and API."""
    user, now, client = again(user), timezone.now(), Client()
    client.force_login(user)
    key = accounts.issue_token(actor=user, user=user, application="", now=now)
    program = Client(headers={"Authorization": f"Bearer {key}"})
    return {
        "list": lists.visible_to(user, now=now).filter(pk=case.pk).exists(),
        "queue": WORDS in client.get(reverse("cases:queue"), {"text": "柜子里"}).content.decode(),
        "map": f"/cases/{case.pk}/" in client.get(reverse("cases:map-list")).content.decode(),
        "detail": client.get(f"/cases/{case.pk}/").status_code == 200,
        "export": case.pk in [row["pk"] for row in queue.export(user, Filters(), now=now)],
        "api list": WORDS in str(program.get("/api/v1/cases").json()),
        "api": program.get(f"/api/v1/cases/{case.pk}").status_code == 200,
    }


def test_inside_looking_on_and_outside(town, neighbours):
    case = reported(town)
    assert all(sees(granted("community", town.community), case).values())
    assert all(sees(granted("street", town.street), case).values())
    looks = sees(granted("first_grid", town.grids[0]), case)
    assert {way for way, found in looks.items() if found} == {"list", "detail", "api list", "api"}
    for role, where in (
        ("community", neighbours.community), ("first_grid", town.grids[1]), ("grid", neighbours.grids[0]),
        ("department", town.organisations["HOUSING"]),
    ):  # fmt: skip
        assert not any(sees(granted(role, where, name=f"out-{role}-{where.pk}"), case).values()), role


def test_a_grant_is_no_post(town):
    """Nothing is dispatched to somebody with a granted role, and they accept nothing: they direct, and export."""
    case, desk = reported(town), granted("community", town.community)
    now, user = timezone.now(), again(desk)
    assert not lists.held_by(user, now=now).exists()
    names = {move.name for move in access.moves_for(user, case, now=now)}
    assert "reassign" in names
    assert not names & {"accept", "resolve", "pause"}


def test_an_office_answers_its_whistles(town):
    officer, other = (granted("department", town.organisations[kind]) for kind in ("URBAN_MANAGEMENT", "HOUSING"))
    case, desk, now = reported(town, category="0801"), town.users["community"], timezone.now()
    services.accept(actor=desk, case=case, now=now)
    assert not lists.visible_to(again(officer), now=now).exists()
    services.whistle(actor=desk, case=case, organisation=town.organisations["URBAN_MANAGEMENT"], ask="请到场", now=now)
    seen = [lists.visible_to(again(one), now=now).filter(pk=case.pk).exists() for one in (officer, other)]
    assert seen == [True, False]
    case.refresh_from_db()
    moves = [{move.name for move in access.moves_for(again(one), case, now=now)} for one in (officer, other)]
    assert moves == [{"arrive", "joint_result", "return_whistle"}, set()]


def test_what_may_be_done_in_one_place_may_not_be_done_in_another(town, neighbours):
    """A desk of one community looks on in another: it directs, exports and reveals in its own alone."""
    own, other = reported(town), reported(neighbours)
    desk = granted("community", town.community, name="desk-here")
    grant(desk, "first_grid", neighbours.community)
    user, now = again(desk), timezone.now()
    assert set(lists.visible_to(user, now=now)) == {own, other}
    assert [case.pk for case in lists.visible_to(user, now=now, to="cases.export")] == [own.pk]
    assert [row["pk"] for row in queue.export(user, Filters(), now=now)] == [own.pk]
    assert [may_direct(user, case, now=now) for case in (own, other)] == [True, False]
    assert [access.may_know_reporters(user, case, now=now) for case in (own, other)] == [True, False]
    assert access.moves_for(user, other, now=now) == []


def test_who_plans_elsewhere_reads_no_cases_there(town, neighbours):
    planner = make_user("planner")
    role_with("planners", ["planning.see", "planning.draft"])
    grant(planner, "planners", neighbours.community)
    staff(planner, "community_desk", town.community, seat=2)
    case, now, user = reported(neighbours), timezone.now(), again(planner)
    assert not lists.visible_to(user, now=now).filter(pk=case.pk).exists()
    area = planning_access.area_to("planning.draft", user, neighbours.community.code, now=now)
    assert area.code == neighbours.community.code
    with pytest.raises(NotAllowed):
        planning_access.area_to("planning.draft", user, town.community.code, now=now)
    with pytest.raises(NotAllowed):
        duty_access.desk_area(user, neighbours.community.code, now=now)
    assert duty_access.desk_area(user, town.community.code, now=now) == town.community.code


def role_with(code: str, permissions: list[str]) -> None:
    Role.objects.create(code=code, name_zh=code, name_en=code, permissions=permissions)


def may(user: User, *, now: datetime) -> bool:
    scope = queries.scope_of(again(user), "cases.desk", now=now)
    return bool(scope.area_codes)


def test_it_ends_with_its_day(town):
    desk = granted("community", town.community, ends_on=LAST_DAY)
    assert [may(desk, now=moment) for moment in (MIDNIGHT - MINUTE, MIDNIGHT)] == [True, False]


def test_it_ends_with_its_place(town):
    desk = granted("community", town.community)
    Place.objects.filter(pk=town.community.pk).update(ends_on=LAST_DAY)
    assert [may(desk, now=moment) for moment in (MIDNIGHT - MINUTE, MIDNIGHT)] == [True, False]
    assert not queries.scope_of(again(desk), now=MIDNIGHT).permissions


def test_it_is_taken_at_once(town):
    desk = granted("community", town.community)
    accounts.withdraw_role(actor=None, grant=Grant.objects.get(user=desk), now=timezone.now())
    assert not again(desk).permissions


def test_a_role_of_places_needs_one_and_an_administrator_none(town):
    user, where = make_user("somebody"), GrantedAt(place_id=town.community.pk)
    wanted: dict[str, Any] = {"actor": None, "user": user, "starts_on": SINCE, "now": NOW}
    with pytest.raises(accounts.RoleNeedsPlace):
        accounts.grant_role(role_code="county", **wanted)
    for role in ("system_admin", "security_admin", "audit_admin"):
        with pytest.raises(accounts.RoleOfInstallation):
            accounts.grant_role(role_code=role, at=where, **wanted)
    with pytest.raises(accounts.GrantNeverBegins):
        accounts.grant_role(role_code="community", at=where, ends_on=SINCE, **wanted)
    assert not Grant.objects.filter(user=user).exists()


def test_a_role_is_given_once_a_place_and_prolonged(town, neighbours):
    desk = granted("community", town.community, ends_on=date(2099, 1, 1))
    grant(desk, "community", neighbours.community)
    grant(desk, "community", town.community, ends_on=date(2099, 6, 1))
    found = Grant.objects.filter(user=desk).order_by("pk").values_list("place_id", "ends_on")
    assert list(found) == [(town.community.pk, date(2099, 6, 1)), (neighbours.community.pk, None)]


def test_an_administrators_role_that_will_end_keeps_others_away_until_then(town):
    person = make_user("auditor")
    wanted: dict[str, Any] = {"actor": None, "user": person, "starts_on": SINCE, "now": NOW}
    accounts.grant_role(role_code="audit_admin", ends_on=LAST_DAY, **wanted)
    with pytest.raises(accounts.AdministratorsSeparate):
        accounts.grant_role(role_code="community", at=GrantedAt(place_id=town.community.pk), **wanted)
    with pytest.raises(accounts.PersonIsAdministrator):
        staff(person, "building_leader", town.buildings[1])
    staff(person, "building_leader", town.buildings[1], now=MIDNIGHT)


def test_where_is_found_by_code_or_name(town, neighbours):
    office = town.organisations["HOUSING"]
    assert people_access.place_to_grant("  ", now=NOW) == INSTALLATION
    assert people_access.place_to_grant(town.street.code, now=NOW).place_id == town.street.pk
    assert people_access.place_to_grant(town.grids[0].code, now=NOW).place_id == town.grids[0].pk
    assert people_access.place_to_grant(f" {office.code} ", now=NOW).organisation_id == office.pk
    for nowhere in ("没有的地方", town.buildings[0].code, town.groups[0].code):
        with pytest.raises(people_access.GrantPlaceUnknown):
            people_access.place_to_grant(nowhere, now=NOW)
    Place.objects.filter(pk=neighbours.community.pk).update(name=town.community.name)
    with pytest.raises(people_access.GrantPlaceAmbiguous) as several:
        people_access.place_to_grant(town.community.name, now=NOW)
    assert all(one.community.code in str(several.value.remedy) for one in (town, neighbours))
    assert people_access.place_to_grant(town.community.code, now=NOW).place_id == town.community.pk


def test_somebody_elses_role_is_not_found_in_an_account(town):
    desk, other = granted("community", town.community), make_user("other")
    with pytest.raises(NotFound):
        people_access.grant_of(other, Grant.objects.get(user=desk).pk, now=NOW)


def test_the_database_knows_where_a_role_counts(town):
    user = make_user("by-hand")
    for wrong in (
        {"role_id": "community", "scope": GrantScope.PLACE},
        {"role_id": "community", "scope": GrantScope.INSTALLATION, "place_id": town.community.pk},
        {"role_id": "audit_admin", "scope": GrantScope.PLACE, "place_id": town.community.pk},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(user=user, starts_on=SINCE, **wrong)


def test_tenures_and_grants_are_read_in_one_query(town, django_assert_num_queries):
    user = granted("community", town.community)
    for grid in town.grids:
        grant(user, "first_grid", grid)
    person = again(user)
    with django_assert_num_queries(1):
        scope = queries.scope_of(person, now=NOW)
        assert queries.scope_of(person, "cases.desk", now=NOW).grid_ids == ()
    assert set(scope.grid_ids) == {grid.pk for grid in town.grids}
