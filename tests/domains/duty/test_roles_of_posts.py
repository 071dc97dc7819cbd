"""A role comes with a post and goes with it, to the minute; administrators hold none, by rule and by constraint."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import Grant, User
from mulin.domains.accounts.queries import GrantedAt
from mulin.domains.cases.queries import lists
from mulin.domains.duty import queries, services, triggers
from mulin.domains.duty.models import Absence, PostKind, Tenure
from tests.factories import NOW, SINCE, Town, make_town, make_user, staff

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
"""00:00 of LAST_DAY in Shanghai: the first minute without the post."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
def town() -> Town:
    return make_town()


def may(user: User, permission: str, *, now: datetime) -> bool:
    return permission in queries.scope_of(User.objects.get(pk=user.pk), now=now).permissions


def administrator(role: str = "audit_admin") -> User:
    user = make_user(role)
    accounts.grant_role(actor=None, user=user, role_code=role, starts_on=SINCE, now=NOW)
    return user


def test_a_role_ends_the_minute_the_post_does(town):
    desk = town.users["community"]
    services.set_last_day(actor=None, tenure=town.tenures["community"], ends_on=LAST_DAY, now=NOW)
    before, after = MIDNIGHT - MINUTE, MIDNIGHT
    assert (may(desk, "cases.desk", now=before), may(desk, "cases.desk", now=after)) == (True, False)
    scopes = [queries.scope_of(User.objects.get(pk=desk.pk), now=moment) for moment in (before, after)]
    assert (bool(scopes[0].area_codes), scopes[1].area_codes, scopes[1].tenure_ids) == (True, (), ())


def test_a_role_begins_the_minute_the_post_does(town):
    newcomer = make_user("newcomer")
    Tenure.objects.filter(pk=town.tenures["leader"].pk).update(ends_on=LAST_DAY)
    tenure = staff(newcomer, "building_leader", town.buildings[0], starts_on=LAST_DAY)
    assert not may(newcomer, "cases.hold", now=MIDNIGHT - MINUTE)
    services.end_if_due(actor=None, tenure_id=town.tenures["leader"].pk, now=MIDNIGHT)
    services.start_if_due(actor=None, tenure_id=tenure.pk, now=MIDNIGHT)
    assert may(newcomer, "cases.hold", now=MIDNIGHT)
    assert not may(town.users["leader"], "cases.hold", now=MIDNIGHT)


def test_who_stands_in_has_the_role_for_that_time_only(town):
    substitute = make_user("substitute")
    begins, ends = NOW + timedelta(days=1), NOW + timedelta(days=2)
    services.begin_absence(
        actor=None, tenure=town.tenures["community"], begins_at=begins, ends_at=ends, substitute=substitute, now=NOW
    )
    moments = (begins - MINUTE, begins, ends - MINUTE, ends)
    assert [may(substitute, "cases.desk", now=moment) for moment in moments] == [False, True, True, False]


def test_an_open_page_of_somebody_relieved_is_refused_at_once(town):
    """Pages, lists and the API: whoever was signed in and had a token stays both, and may see nothing."""
    desk, now = town.users["community"], timezone.now()
    key = accounts.issue_token(actor=desk, user=desk, application="", now=now)
    browser, program = Client(), Client(headers={"Authorization": f"Bearer {key}"})
    browser.force_login(desk)
    queue, saved = reverse("cases:queue"), reverse("api:saved")
    assert [browser.get(queue).status_code, program.get(saved).status_code] == [200, 200]
    services.end_tenure(actor=None, tenure=town.tenures["community"], now=now)
    assert [browser.get(queue).status_code, program.get(saved).status_code] == [403, 403]
    assert program.get("/api/v1/cases").json()["items"] == []


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_an_administrator_is_given_no_post_and_stands_in_for_nobody(town, role):
    person = administrator(role)
    before = (Tenure.objects.count(), Absence.objects.count())
    wanted: dict[str, Any] = {"begins_at": NOW, "ends_at": NOW + timedelta(days=1), "now": NOW, "actor": None}
    with pytest.raises(accounts.PersonIsAdministrator):
        staff(person, "building_leader", town.buildings[1])
    with pytest.raises(accounts.PersonIsAdministrator):
        staff(person, "building_leader", town.buildings[1], starts_on=date(2027, 1, 1))
    with pytest.raises(accounts.PersonIsAdministrator):
        services.begin_absence(tenure=town.tenures["leader"], substitute=person, **wanted)
    with pytest.raises(accounts.PersonIsAdministrator):
        services.plan_succession(
            actor=None, tenure=town.tenures["leader"], successor=person, starts_on=LAST_DAY, now=NOW
        )
    assert (Tenure.objects.count(), Absence.objects.count()) == before
    assert Tenure.objects.get(pk=town.tenures["leader"].pk).ends_on is None


def refused(user: User) -> bool:
    with pytest.raises(accounts.AdministratorInPost):
        accounts.grant_role(actor=None, user=user, role_code="audit_admin", starts_on=SINCE, now=NOW)
    return not Grant.objects.filter(user=user).exists()


def test_who_has_a_post_will_have_one_or_will_stand_in_is_made_no_administrator(town):
    planned, stands_in = make_user("planned"), make_user("stands-in")
    staff(planned, "building_leader", town.buildings[1], starts_on=date(2027, 1, 1))
    services.begin_absence(
        actor=None, tenure=town.tenures["leader"], substitute=stands_in, now=NOW,
        begins_at=NOW + timedelta(days=300), ends_at=NOW + timedelta(days=301),
    )  # fmt: skip
    assert all(refused(user) for user in (town.users["contact"], town.users["department"], planned, stands_in))


def test_after_the_post_they_may(town):
    leader = town.users["leader"]
    services.end_tenure(actor=None, tenure=town.tenures["leader"], now=NOW)
    accounts.grant_role(actor=None, user=leader, role_code="audit_admin", starts_on=SINCE, now=NOW)
    assert User.objects.get(pk=leader.pk).permissions == {"accounts.audit"}


def test_an_administrator_holds_no_other_role_by_grant(town):
    person = administrator()
    at = GrantedAt(place_id=town.county.pk)
    with pytest.raises(accounts.AdministratorsSeparate):
        accounts.grant_role(actor=None, user=person, role_code="county", at=at, starts_on=SINCE, now=NOW)
    accounts.grant_role(actor=None, user=town.users["stranger"], role_code="county", at=at, starts_on=SINCE, now=NOW)
    with pytest.raises(accounts.AdministratorsSeparate):
        accounts.grant_role(actor=None, user=town.users["stranger"], role_code="audit_admin", starts_on=SINCE, now=NOW)


def test_the_database_itself_refuses_two_administrators_in_one(town):
    person = administrator()
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=person, role_id="system_admin", starts_on=SINCE)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostKind.objects.filter(code="building_leader").update(role_id="security_admin")


def test_what_an_administrator_sees_of_cases_is_nothing(town):
    assert not lists.visible_to(administrator(), now=NOW).exists()


def by_hand(**fields: Any) -> bool:
    """Whether the database refuses a tenure written past the services."""
    seat = Tenure.objects.order_by("pk").first()
    assert seat is not None
    wanted = {"post_kind": seat.post_kind, "place": seat.place, "seat": 90, "starts_on": SINCE, **fields}
    try:
        with transaction.atomic():
            Tenure.objects.create(**wanted)
    except IntegrityError:
        return True
    return False


def test_the_database_itself_refuses_an_administrator_in_a_post(town):
    person, today = administrator(), timezone.localdate()
    assert by_hand(holder=person)
    assert by_hand(holder=person, state="PLANNED", starts_on=date(2099, 1, 1))
    assert not by_hand(holder=person, state="ENDED", ends_on=today)
    seat = town.tenures["leader"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenure.objects.filter(pk=seat.pk).update(holder=person)
    now, wanted = timezone.now(), {"tenure": seat, "substitute": person}
    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.create(begins_at=now, ends_at=now + MINUTE, **wanted)
    Grant.objects.filter(user=person).update(ends_on=today)
    assert not by_hand(holder=person)


def test_the_database_itself_refuses_to_make_an_administrator_of_who_has_a_post(town):
    now, today, stands_in = timezone.now(), timezone.localdate(), make_user("stands-in")
    Absence.objects.create(tenure=town.tenures["leader"], substitute=stands_in, begins_at=now, ends_at=now + MINUTE)
    for user in (town.users["contact"], stands_in):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(user=user, role_id="audit_admin", starts_on=today)
    Tenure.objects.filter(pk=town.tenures["contact"].pk).update(state="ENDED", ends_on=today)
    Grant.objects.create(user=town.users["contact"], role_id="audit_admin", starts_on=today)


def test_the_database_itself_refuses_an_administrator_another_role(town):
    today = timezone.localdate()
    person, tomorrow = administrator(), today + timedelta(days=1)
    at = {"scope": "PLACE", "place_id": town.community.pk, "starts_on": today}
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=person, role_id="community", **at)
    Grant.objects.filter(user=person).update(ends_on=tomorrow)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=person, role_id="security_admin", starts_on=today, ends_on=tomorrow)
    Grant.objects.filter(user=person).update(ends_on=today)
    Grant.objects.create(user=person, role_id="community", **at)


def test_every_trigger_is_there_after_migrating_and_is_missed_when_not():
    assert triggers.missing() == []
    triggers.remove("default")
    assert triggers.missing() == triggers.names(connection.vendor)
    triggers.create("default")
    assert triggers.missing() == []
