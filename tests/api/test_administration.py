"""One's own account and others' through the API: the security administrator, somebody in post, a stranger."""

import pytest
from django.test import Client
from django.utils import timezone

from mulin.core.audit.models import AuditRecord
from mulin.core.models import IdempotencyKey
from mulin.domains.accounts.models import ApiToken, Entry, EntryResult, User
from mulin.domains.accounts.services import grant_role
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def administrator(role) -> User:
    person, now = make_user(role), timezone.now()
    grant_role(actor=None, user=person, role_code=role, starts_on=timezone.localdate(now), now=now)
    return person


@pytest.fixture
def security(town):
    return administrator("security_admin")


@pytest.fixture
def person(town):
    return town.users["grid_worker"]


@pytest.fixture
def in_person(security):
    """Return a caller of the API by the session of the security administrator."""
    client = Client()
    client.force_login(security)

    def send(path, key="", **given):
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(f"/api/v1{path}", given, content_type="application/json", headers=headers)

    return send


class TestOwnAccount:
    def test_one_sees_and_takes_away_what_is_kept_about_oneself(self, town, call, person):
        kept = call(person, "GET", "/me/data").json()
        assert kept
        assert all(one["purpose"] and one["basis"] and one["records"] for one in kept)
        copy = call(person, "GET", "/me/data/copy").json()
        assert [row["username"] for row in copy["accounts.user"]] == [person.username]
        assert {"password", "key_hash"} & {name for rows in copy.values() for name in rows[0]} == set()
        theirs = call(town.users["stranger"], "GET", "/me/data/copy").json()
        assert person.username not in str(theirs)
        for path in ("/me/data", "/me/data/copy", "/me/security"):
            assert call(None, "GET", path).status_code == 401

    def test_one_ends_ones_own_sign_ins_and_nobody_elses(self, town, call, person):
        here, there = Client(), Client()
        for client in (here, there):
            client.force_login(person)
        seen = here.get("/api/v1/me/security").json()
        assert sorted(one["is_this"] for one in seen["sessions"]) == [False, True]
        this, other = sorted(seen["sessions"], key=lambda one: not one["is_this"])
        refused = call(town.users["stranger"], "POST", f"/me/sessions/{other['handle']}/end")
        assert (refused.status_code, refused.json()["code"]) == (404, "session_unknown")
        kept = here.post(f"/api/v1/me/sessions/{this['handle']}/end")
        assert (kept.status_code, kept.json()["code"]) == (409, "session_in_use")
        assert here.post(f"/api/v1/me/sessions/{other['handle']}/end").json() == {"ended": 1}
        assert there.get("/api/v1/me").status_code == 401
        there.force_login(person)
        assert here.post("/api/v1/me/sessions/end-others").json() == {"ended": 1}
        assert here.get("/api/v1/me").status_code == 200
        assert call(person, "POST", "/me/sessions/end-others").json() == {"ended": 1}
        assert here.get("/api/v1/me").status_code == 401


class TestAccounts:
    def test_only_the_security_administrator_gets_in(self, town, call, person):
        people = [town.users["county"], town.users["stranger"], administrator("system_admin")]
        deeds = (
            "lock",
            "unlock",
            "sessions/end",
            "second-factor/reset",
            "sign-on/unlink",
            "first-password",
            "roles/999999/end",
        )
        for user in people:
            for path in ("/accounts", f"/accounts/{person.pk}"):
                assert call(user, "GET", path).status_code == 403
            for deed in deeds:
                assert call(user, "POST", f"/accounts/{person.pk}/{deed}").status_code == 403
            assert call(user, "POST", "/accounts", username="new", name="新人").status_code == 403
            assert call(user, "POST", f"/accounts/{person.pk}/roles", role="audit_admin").status_code == 403
        person.refresh_from_db()
        assert (person.is_active, User.objects.filter(username="new").count()) == (True, 0)

    def test_an_account_is_found_looked_at_locked_and_unlocked(self, call, security, person, token_of):
        found = call(security, "GET", "/accounts", q=person.username).json()
        assert [one["id"] for one in found["items"]] == [person.pk]
        shown = call(security, "GET", f"/accounts/{person.pk}").json()
        assert (shown["name"], shown["is_oneself"], shown["role"]) == (person.name, False, "")
        theirs = token_of(person)
        answers = [call(security, "POST", f"/accounts/{person.pk}/lock", key="l1").json() for _n in range(2)]
        assert (answers[0], answers[0]["is_active"]) == (answers[1], False)
        assert Client().get("/api/v1/me", headers=theirs).status_code == 401
        assert call(security, "POST", f"/accounts/{person.pk}/unlock").json()["is_active"] is True
        assert Client().get("/api/v1/me", headers=theirs).status_code == 200
        own = call(security, "POST", f"/accounts/{security.pk}/lock")
        assert (own.status_code, own.json()["code"]) == (409, "not_oneself")
        assert call(security, "GET", "/accounts/999999").json()["code"] == "account_unknown"
        assert AuditRecord.objects.filter(action="accounts.lock_user", actor_username=security.username).count() == 1

    def test_a_first_password_is_shown_once_and_kept_nowhere(self, in_person, person):
        made = [in_person("/accounts", key="a1", username="xinren", name="新人") for _n in range(2)]
        first, again = (answer.json() for answer in made)
        assert [answer.status_code for answer in made] == [201, 201]
        assert (first["id"], again["first_password"]) == (again["id"], "")
        new = User.objects.get(username="xinren")
        assert new.check_password(first["first_password"])
        assert new.must_change_password
        assert in_person("/accounts", username="xinren", name="另一人").json()["code"] == "username_taken"
        assert in_person("/accounts", username="wu", name="  ").status_code == 422
        given = in_person(f"/accounts/{person.pk}/first-password", key="g1").json()["first_password"]
        person.refresh_from_db()
        assert person.check_password(given)
        kept = str(list(IdempotencyKey.objects.values_list("answer", flat=True)))
        assert [word for word in (first["first_password"], given) if word in kept] == []

    def test_an_administrator_is_made_and_unmade(self, town, in_person):
        stranger, leader = town.users["stranger"], town.users["leader"]
        url = f"/accounts/{stranger.pk}/roles"
        made = [in_person(url, key="r1", role="audit_admin").json() for _n in range(2)]
        assert made[0] == made[1]
        ((grant_id, code, where),) = [(one["id"], one["code"], one["where"]) for one in made[0]["roles"]]
        assert (code, where) == ("audit_admin", "整个系统")
        assert in_person(f"/accounts/{leader.pk}/roles/{grant_id}/end").json()["code"] == "grant_unknown"
        assert in_person(f"{url}/{grant_id}/end").json()["roles"] == []
        assert in_person(url, role="wizard").json()["code"] == "role_unknown"
        in_post = in_person(f"/accounts/{leader.pk}/roles", role="audit_admin")
        assert (in_post.status_code, in_post.json()["code"]) == (409, "administrator_in_post")

    def test_a_role_is_given_for_a_place_until_a_day(self, town, call, in_person, security):
        offered = call(security, "GET", "/roles").json()
        assert {"code": town.community.code, "name": town.community.name} in offered["places"]
        assert {"audit_admin", "community"} <= {one["code"] for one in offered["roles"]}
        url = f"/accounts/{town.users['stranger'].pk}/roles"
        given = in_person(url, role="community", place=town.community.code, ends_on="2099-01-01").json()
        assert [(one["where"], one["ends_on"]) for one in given["roles"]] == [(town.community.name, "2099-01-01")]
        assert in_person(url, role="community", place="月球").json()["code"] == "grant_place_unknown"
        assert call(town.users["county"], "GET", "/roles").status_code == 403

    def test_a_key_that_got_away_opens_no_new_way_in(self, call, security, person):
        before = User.objects.values("password", "must_change_password").get(pk=person.pk)
        for path, body in (
            ("", {"username": "new", "name": "新人"}), (f"/{person.pk}/first-password", {}),
            (f"/{person.pk}/second-factor/reset", {}), (f"/{person.pk}/roles", {"role": "audit_admin"}),
        ):  # fmt: skip
            refused = call(security, "POST", f"/accounts{path}", **body)
            assert (path, refused.status_code, refused.json()["code"]) == (path, 403, "in_person_only")
        assert User.objects.values("password", "must_change_password").get(pk=person.pk) == before
        assert not User.objects.filter(username="new").exists()
        assert not ApiToken.objects.exclude(application="").exists()

    def test_ten_cost_as_many_queries_as_twenty_and_pages_follow_by_key(self, call, cost, security):
        def add(first, last):
            for number in range(first, last):
                make_user(f"pager-{number:02}")

        add(0, 10)
        few = cost(security, "/accounts", 10, q="pager-")
        add(10, 20)
        assert cost(security, "/accounts", 20, q="pager-") == few <= 8
        add(20, 31)
        first = call(security, "GET", "/accounts", q="pager-").json()
        second = call(security, "GET", "/accounts", q="pager-", after=first["next_key"]).json()
        assert (len(first["items"]), len(second["items"]), second["next_key"]) == (30, 1, None)


class TestEntries:
    def log(self, person, count):
        now = timezone.now()
        Entry.objects.bulk_create(
            Entry(at=now, user=person, result=EntryResult.WRONG, method="", address="10.1.2.3") for _n in range(count)
        )

    def test_the_audit_administrator_reads_the_sign_in_log_and_nobody_else(self, town, call, cost, person, security):
        auditor = administrator("audit_admin")
        self.log(person, 10)
        for user in (security, town.users["county"], town.users["stranger"]):
            assert call(user, "GET", "/entries").status_code == 403
        found = call(auditor, "GET", "/entries", result="WRONG", username=person.username).json()
        assert {(one["username"], one["place"]) for one in found["items"]} == {(person.username, "10.1.2.3")}
        assert EntryResult.WRONG in {one["code"] for one in found["results"]}
        few = cost(auditor, "/entries", 10, username=person.username)
        self.log(person, 10)
        assert cost(auditor, "/entries", 20, username=person.username) == few <= 5
