"""Accounts looked after: who may, who may see, a stranger; the three administrators and what they never read."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from mulin.domains.accounts import queries, services
from mulin.domains.accounts.models import Entry, EntryResult, Grant, Session, User
from mulin.domains.accounts.queries import GrantedAt
from tests.domains.accounts.people import as_
from tests.domains.accounts.test_second_factor import with_app
from tests.domains.accounts.test_sign_in import try_in
from tests.factories import NOW, SINCE, Town, make_town, make_user
from tests.permission_table import PERMISSION_TABLE

pytestmark = pytest.mark.django_db
POSTS = (
    "lock-person", "unlock-person", "reset-second-factor", "end-sessions", "give-password", "give-role", "take-role",
)  # fmt: skip
ROLES = ("system_admin", "security_admin", "audit_admin")


def administrator(role: str, username: str = "") -> User:
    user = make_user(username or role)
    services.grant_role(actor=None, user=user, role_code=role, starts_on=SINCE, now=NOW)
    return user


@pytest.fixture
def security(people) -> User:
    return administrator("security_admin")


@pytest.fixture
def audit(people) -> User:
    return administrator("audit_admin")


def roles_of(user: User) -> frozenset[str]:
    return queries.role_codes(user, today=timezone.localdate())


def deed(name: str, person: User) -> str:
    """The address of a deed; a role to take is the first that person has, or none."""
    args = [person.pk]
    if name == "take-role":
        args.append(Grant.objects.filter(user=person).values_list("pk", flat=True).first() or 0)
    return reverse(f"accounts:{name}", args=args)


def state_of(user: User) -> tuple:
    row = User.objects.get(pk=user.pk)
    return row.is_active, row.password, roles_of(row), queries.second_factor_of(row).is_set_up


def test_pages_are_for_the_security_administrator_and_the_log_for_the_audit_one(people, security, audit):
    for url, allowed in (("/people/", security), ("/people/add/", security), ("/entries/", audit),
                         (reverse("accounts:person", args=[people.may.pk]), security)):  # fmt: skip
        for person in (security, audit, people.may, people.stranger):
            assert as_(person).get(url).status_code == (200 if person == allowed else 403), (url, person)
        assert as_(None).get(url).status_code == 302


def test_a_refusal_changes_nothing(people, security, audit):
    with_app(people.stranger)
    before = state_of(people.stranger)
    for name in POSTS:
        url = deed(name, people.stranger)
        for person in (audit, people.may, people.sees, people.stranger):
            assert as_(person).post(url, {"role": "audit_admin"}).status_code == 403
        assert as_(None).post(url).status_code == 302
    assert state_of(people.stranger) == before
    assert as_(audit).post("/people/add/", {"username": "new", "name": "新"}).status_code == 403
    assert not User.objects.filter(username="new").exists()


def test_a_new_account_comes_in_with_a_first_password(security):
    client = as_(security)
    made = client.post("/people/add/", {"username": "li.na", "name": "李娜", "work_phone": ""})
    found = re.search(r'id="first-password">([^<]+)<', made.content.decode())
    assert found is not None
    assert try_in(Client(), "li.na", found[1]).headers["Location"] == reverse("accounts:first-password")
    for form in (
        {"username": "li.na", "name": "又一个"},
        {"username": "a b", "name": "空格"},
        {"username": "", "name": ""},
    ):
        assert client.post("/people/add/", form).status_code == 422
    assert User.objects.filter(name__in=["又一个", "空格"]).count() == 0


def test_a_locked_account_is_shut_to_sessions_tokens_and_passwords(people, security):
    client, url = as_(people.stranger), reverse("accounts:lock-person", args=[people.stranger.pk])
    key = services.issue_token(actor=None, user=people.stranger, now=timezone.now())
    as_(security).post(url)
    assert client.get("/notices/").status_code == 302
    assert queries.user_by_token(key, now=timezone.now()) is None
    assert try_in(Client()).status_code == 422
    as_(security).post(reverse("accounts:unlock-person", args=[people.stranger.pk]))
    assert try_in(Client()).status_code == 302


def test_a_lost_second_factor_is_reset_and_sessions_end(people, security):
    with_app(people.stranger)
    client = as_(people.stranger)
    as_(security).post(reverse("accounts:reset-second-factor", args=[people.stranger.pk]))
    assert not queries.second_factor_of(people.stranger).is_set_up
    assert client.get("/notices/").status_code == 302


def test_a_forgotten_password_is_replaced_by_a_first_one(people, security):
    answer = as_(security).post(reverse("accounts:give-password", args=[people.stranger.pk]))
    found = re.search(r'id="first-password">([^<]+)<', answer.content.decode())
    assert found is not None
    assert try_in(Client()).status_code == 422
    assert try_in(Client(), password=found[1]).headers["Location"] == reverse("accounts:first-password")


def test_the_three_roles_go_to_three_people(people, security):
    client = as_(security)
    give = reverse("accounts:give-role", args=[people.stranger.pk])
    assert [client.post(give, {"role": role}).status_code for role in ("community", "emperor")] == [400, 422]
    assert client.post(give, {"role": "audit_admin"}).status_code == 302
    assert client.post(give, {"role": "system_admin"}).status_code == 409
    assert roles_of(people.stranger) == {"audit_admin"}
    client.post(deed("take-role", people.stranger))
    assert roles_of(people.stranger) == frozenset()
    assert not User.objects.get(pk=people.stranger.pk).has_perm("accounts.audit")
    assert client.post(give, {"role": "system_admin"}).status_code == 302


def test_nobody_changes_their_own_account_this_way(people, security):
    client, before = as_(security), state_of(security)
    for name in ("lock-person", "give-password", "take-role"):
        assert client.post(deed(name, security)).status_code == 409
    assert state_of(security) == before


def test_who_has_a_post_is_no_administrator(security):
    town = make_town()
    for name in ("community", "grid_worker"):
        url = reverse("accounts:give-role", args=[town.users[name].pk])
        assert as_(security).post(url, {"role": "audit_admin"}).status_code == 409
    assert not Grant.objects.filter(role="audit_admin").exists()


def test_a_new_role_asks_for_a_new_sign_in(people, security):
    client = as_(people.stranger)
    as_(security).post(reverse("accounts:give-role", args=[people.stranger.pk]), {"role": "audit_admin"})
    assert client.get("/notices/").status_code == 302
    assert Session.objects.filter(user=people.stranger).count() == 0


@pytest.mark.parametrize("role", ROLES)
def test_none_of_the_three_reads_what_residents_write(people, role):
    town: Town = make_town()
    person = administrator(role, f"only-{role}")
    assert not {name for name in person.permissions if not name.startswith(("accounts.", "core."))}
    client = as_(person)
    for name, needed in PERMISSION_TABLE.items():
        domain = name.partition(":")[0]
        if domain in {"cases", "duty", "planning"} and needed not in {"public", "signed-in"}:
            with suppress(NoReverseMatch):  # an address with arguments has the same guard
                assert client.get(reverse(name)).status_code in {403, 405}, name
    assert client.get("/api/v1/cases").json()["items"] == []
    assert town.users["community"].has_perm("cases.desk")


def test_the_log_shows_addresses_to_the_audit_administrator_only(people, security, audit):
    try_in(Client(), password="wrong", REMOTE_ADDR="203.0.113.77")
    try_in(Client(), "nobody-at-all", REMOTE_ADDR="203.0.113.78")
    page = as_(audit).get("/entries/", {"result": EntryResult.WRONG}).content.decode()
    assert ("203.0.113.77" in page, "没有这个账号" in page, "nobody-at-all" in page) == (True, True, False)
    filtered = as_(audit).get("/entries/", {"username": "stranger"}).content.decode()
    assert ("203.0.113.77" in filtered, "203.0.113.78" in filtered) == (True, False)
    seen_by_security = as_(security).get(reverse("accounts:person", args=[people.stranger.pk])).content.decode()
    assert ("203.0.113.*" in seen_by_security, "203.0.113.77" in seen_by_security) == (True, False)


def test_the_log_is_paged_by_key(people, audit):
    Entry.objects.all().delete()
    Entry.objects.bulk_create(
        Entry(at=NOW + timedelta(minutes=n), user=people.stranger, result=EntryResult.WRONG) for n in range(60)
    )
    client = as_(audit)
    first = client.get("/entries/")
    after = re.search(r"before=(\d+)", first.content.decode())
    assert after is not None
    second = client.get("/entries/", {"before": after[1]})
    assert [page.content.decode().count("<code>stranger") for page in (first, second)] == [50, 10]


def test_search_and_range(people, security):
    client = as_(security)
    assert "stranger" in client.get("/people/", {"q": "STRANG"}).content.decode()
    only = client.get("/people/", {"only": "administrators"}).content.decode()
    assert ("stranger" in only, "security_admin" in only) == (False, True)
    assert "没有找到账号" in client.get("/people/", {"q": "\x00nobody"}).content.decode()


@pytest.mark.parametrize("count", [10, 20])
def test_ten_people_and_twenty_cost_the_same(people, security, audit, count, django_assert_max_num_queries):
    for number in range(count):
        user = make_user(f"u{number:03}")
        Entry.objects.create(at=NOW, user=user, result=EntryResult.SIGNED_IN)
    client, auditor = as_(security), as_(audit)
    with django_assert_max_num_queries(10):
        assert client.get("/people/").status_code == 200
    with django_assert_max_num_queries(7):
        assert auditor.get("/entries/").status_code == 200


def test_the_wrong_person_cannot_be_named(security):
    assert as_(security).get("/people/999999/").status_code == 404
    assert as_(security).post("/people/999999/lock").status_code == 404


def test_a_role_is_given_for_a_place_until_a_day(security):
    town, client = make_town(), as_(security)
    person = town.users["stranger"]
    url, tomorrow = reverse("accounts:person", args=[person.pk]), timezone.localdate() + timedelta(days=1)
    give = deed("give-role", person)
    assert town.organisations["HOUSING"].code in client.get(url).content.decode()
    wanted = {"role": "community", "place": town.community.name, "ends_on": f"{tomorrow:%Y-%m-%d}"}
    assert client.post(give, wanted).status_code == 302
    client.post(give, {"role": "department", "place": town.organisations["HOUSING"].code})
    page = client.get(url).content.decode()
    assert all(words in page for words in (town.community.name, town.organisations["HOUSING"].name, "不定期"))
    held = User.objects.get(pk=person.pk)
    assert held.has_perm("cases.desk")
    assert town.community.name in held.role_label
    client.post(deed("take-role", person))
    assert not User.objects.get(pk=person.pk).has_perm("cases.desk")


def test_what_was_written_stays_when_a_role_is_refused(security):
    town, client = make_town(), as_(security)
    give, yesterday = deed("give-role", town.users["stranger"]), timezone.localdate() - timedelta(days=1)
    for place, day, words in (
        ("没有的地方", "", "没有这个地方或单位"), ("", "", "只在一个地方或一个单位起作用"),
        (town.community.code, f"{yesterday:%Y-%m-%d}", "结束日期要晚于开始日期"), (town.community.code, "昨天", ""),
    ):  # fmt: skip
        answer = client.post(give, {"role": "community", "place": place, "ends_on": day})
        page = answer.content.decode()
        assert answer.status_code in {400, 422}, (place, day)
        assert words in page
        assert f'value="{place}"' in page or not place
    assert not Grant.objects.filter(user=town.users["stranger"]).exists()


@pytest.mark.parametrize("count", [5, 15])
def test_five_roles_and_fifteen_cost_the_same(security, count, django_assert_max_num_queries):
    town = make_town(grids=count, buildings=1)
    for grid in town.grids:
        at = GrantedAt(place_id=grid.pk)
        services.grant_role(
            actor=None, user=town.users["stranger"], role_code="first_grid", at=at, starts_on=SINCE, now=NOW
        )
    client = as_(security)
    with django_assert_max_num_queries(17):
        assert client.get(reverse("accounts:person", args=[town.users["stranger"].pk])).status_code == 200
