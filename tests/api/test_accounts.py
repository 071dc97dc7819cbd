"""Tokens, notices and the worker through the API: one's own, and for nobody else."""

import pytest
from django.utils import timezone

from mulin.core import outbox
from mulin.core.models import DeliveryState, IdempotencyKey, OutboxMessage
from mulin.domains.accounts.models import ApiToken, Notice
from mulin.domains.accounts.services import grant_role, notify
from mulin.domains.duty.events import TenureEnded
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(town):
    return town.users["grid_worker"]


class TestTokens:
    def test_somebody_signed_in_makes_one_uses_it_and_stops_it(self, client, call, person):
        client.force_login(person)
        made = call(None, "POST", "/tokens", key="k1", application="区平台对接", days=30)
        assert made.status_code == 201
        key, token_id = made.json()["key"], made.json()["id"]
        client.logout()
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get("/api/v1/me", headers=headers).json()["username"] == person.username
        listed = client.get("/api/v1/tokens", headers=headers)
        assert [one["application"] for one in listed.json()] == ["区平台对接"]
        assert key not in listed.content.decode()
        stopped = client.post(f"/api/v1/tokens/{token_id}/revoke", headers=headers)
        assert stopped.json()["revoked_at"] is not None
        assert client.get("/api/v1/me", headers=headers).status_code == 401

    def test_a_repetition_makes_no_second_one_and_the_key_is_kept_nowhere(self, client, call, person):
        client.force_login(person)
        first, again = (call(None, "POST", "/tokens", key="k1", application="对接").json() for _ in range(2))
        assert (first["id"], again["key"]) == (again["id"], "")
        assert ApiToken.objects.count() == 1
        assert first["key"] not in str(IdempotencyKey.objects.values_list("answer", flat=True))

    def test_a_token_makes_no_token(self, call, person):
        refused = call(person, "POST", "/tokens", application="对接")
        assert (refused.status_code, refused.json()["code"]) == (403, "token_by_token")
        assert ApiToken.objects.filter(application="对接").count() == 0

    def test_those_of_others_are_not_there(self, town, call, token_of, person):
        token_of(person)
        theirs = ApiToken.objects.get(user=person)
        for name in ("community", "stranger"):
            refused = call(town.users[name], "POST", f"/tokens/{theirs.pk}/revoke")
            assert (refused.status_code, refused.json()["code"]) == (404, "token_unknown")
        assert call(None, "POST", f"/tokens/{theirs.pk}/revoke").status_code == 401
        theirs.refresh_from_db()
        assert theirs.revoked_at is None

    def test_what_is_wrong_is_refused(self, client, call, person):
        client.force_login(person)
        for body in ({"application": ""}, {"application": "对接", "days": 4000}, {}):
            assert call(None, "POST", "/tokens", **body).status_code == 422
        assert ApiToken.objects.count() == 0


def test_one_notice_is_read_by_whom_it_is_for(town, call, person):
    now = timezone.now()
    facts = {"name": "甲", "has_plan": False}
    for number in range(2):
        notify(actor=None, user_ids=[person.pk], source=f"s{number}", kind="draft", facts=facts, link="/", now=now)
    first = Notice.objects.order_by("pk")[0]
    assert call(town.users["stranger"], "POST", f"/notices/{first.pk}/read").json()["code"] == "notice_unknown"
    found = call(person, "GET", "/notices").json()
    assert (found["unread"], found["items"][0]["subject"]) == (2, "草案“甲”算不出方案")
    assert call(person, "POST", f"/notices/{first.pk}/read").json() == {"read": 1}
    assert call(person, "GET", "/notices").json()["unread"] == 1


class TestWorker:
    def dead(self):
        outbox.publish(TenureEnded(tenure_id=1, ended_at="2026-01-01T00:00:00+00:00"), now=timezone.now())
        OutboxMessage.objects.update(state=DeliveryState.DEAD, error="boom")
        return OutboxMessage.objects.order_by("pk")[0].pk

    def test_the_system_administrator_sees_and_revives_others_do_neither(self, town, call):
        person = make_user("sysadmin")
        grant_role(
            actor=None, user=person, role_code="system_admin", starts_on=timezone.localdate(), now=timezone.now()
        )
        message = self.dead()
        for name in ("county", "stranger"):
            assert call(town.users[name], "GET", "/worker").status_code == 403
            assert call(town.users[name], "POST", f"/worker/messages/{message}/revive").status_code == 403
        assert OutboxMessage.objects.get(pk=message).state == DeliveryState.DEAD
        seen = call(person, "GET", "/worker").json()
        assert (seen["queue"]["dead"], seen["letters"][-1]["error"]) == (OutboxMessage.objects.count(), "boom")
        assert call(person, "POST", f"/worker/messages/{message}/revive").json() == {"revived": message}
        again = call(person, "POST", f"/worker/messages/{message}/revive")
        assert (again.status_code, again.json()["code"]) == (409, "message_not_dead")
