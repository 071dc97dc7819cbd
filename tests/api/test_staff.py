"""People in post through the API: who may, who may see, a stranger; sessions need the CSRF token."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mulin.core import versions
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    report = services.Report("楼道灯坏了三天", "0601", places.locate_board(town.board_code()))
    return services.report_case(actor=None, report=report, now=timezone.now())


@pytest.fixture
def holder(case):
    return case.holder_tenure.holder


def post(client, url, body=None, **headers):
    return client.post(url, body or {}, content_type="application/json", headers=headers)


def test_who_holds_it_may_who_sees_it_may_not_and_to_a_stranger_it_is_not_there(client, town, case, holder, token_of):
    url = f"/api/v1/cases/{case.pk}/moves/accept"
    people = {"stranger": 404, "first_grid_leader": 403}
    for name, status in people.items():
        refused = post(client, url, **token_of(town.users[name]))
        assert (name, refused.status_code) == (name, status)
    assert Case.objects.get(pk=case.pk).status == "DISPATCHED"
    moved = post(client, url, **token_of(holder))
    assert moved.status_code == 200
    assert moved.json()["status"] == "ACCEPTED"
    assert moved.json()["steps"][-1]["move"] == "accept"


def test_without_an_account_every_door_of_the_staff_is_shut(client, case):
    for path in ("me", "notices", "cases", f"cases/{case.pk}", f"cases/{case.pk}/moves", "coverage", "rates"):
        answer = client.get(f"/api/v1/{path}")
        assert (path, answer.status_code, answer.json()["code"]) == (path, 401, "not_recognised")
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer mulin_wrong"}).status_code == 401
    assert client.get("/api/v1/categories", headers={"Authorization": "Bearer mulin_wrong"}).status_code == 401


def test_a_session_writes_only_with_the_csrf_token(case, holder):
    client = Client(enforce_csrf_checks=True)
    client.force_login(holder)
    url = f"/api/v1/cases/{case.pk}/moves/accept"
    refused = post(client, url)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    client.cookies["csrftoken"] = "x" * 32
    assert post(client, url, **{"X-CSRFToken": "x" * 32}).status_code == 200


def test_a_move_sent_twice_under_one_key_is_made_once(client, case, holder, token_of):
    headers = {**token_of(holder), "Idempotency-Key": "m1"}
    url = f"/api/v1/cases/{case.pk}/moves/accept"
    answers = [post(client, url, **headers) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert case.steps.filter(move="accept").count() == 1
    assert post(client, url, **token_of(holder)).json()["code"] == "illegal_move"


def test_moves_offered_are_those_of_the_lifecycle_with_their_fields(client, town, case, holder, token_of):
    offered = client.get(f"/api/v1/cases/{case.pk}/moves", headers=token_of(holder)).json()
    assert {"accept", "contact", "escalate"} <= {move["name"] for move in offered}
    assert next(move["fields"] for move in offered if move["name"] == "return") == ["return_reason", "note"]
    assert client.get(f"/api/v1/cases/{case.pk}/moves", headers=token_of(town.users["stranger"])).status_code == 404


def test_the_list_pages_by_key_and_costs_the_same_for_any_length(
    client, town, token_of, monkeypatch, django_assert_num_queries, django_assert_max_num_queries
):
    # Whether reference data has changed is asked every two seconds, whatever the length of the list.
    monkeypatch.setattr(versions, "CHECK_EVERY_S", float("inf"))
    headers = token_of(town.users["community"])
    location = places.locate_board(town.board_code())
    now = timezone.now()

    def file(count):
        for number in range(count):
            services.report_case(actor=None, report=services.Report(f"第{number}件", "0601", location), now=now)

    file(10)
    client.get("/api/v1/cases", headers=headers)
    with django_assert_max_num_queries(6) as counted:
        assert len(client.get("/api/v1/cases", headers=headers).json()["items"]) == 10
    file(10)
    with django_assert_num_queries(len(counted)):
        assert len(client.get("/api/v1/cases", headers=headers).json()["items"]) == 20
    file(35)
    first = client.get("/api/v1/cases", headers=headers).json()
    second = client.get("/api/v1/cases", {"after": first["next_key"]}, headers=headers).json()
    assert (len(first["items"]), len(second["items"])) == (50, 5)
    assert {row["id"] for row in first["items"]}.isdisjoint(row["id"] for row in second["items"])
    assert client.get("/api/v1/cases", {"tier": "x"}, headers=headers).json()["code"] == "filter_invalid"


def test_whistle_answered_by_the_department(client, town, case, token_of):
    desk, now = town.users["community"], timezone.now()
    services.dispatch(actor=desk, case=case, tenure=town.tenures["community"], now=now)
    base, headers = f"/api/v1/cases/{case.pk}/moves", token_of(desk)
    assert post(client, f"{base}/accept", **headers).status_code == 200
    housing = town.organisations["HOUSING"].pk
    whistled = post(client, f"{base}/whistle", {"organisation": housing, "note": "请到场"}, **headers).json()
    answer = f"/api/v1/whistles/{whistled['whistles'][0]['id']}/moves/joint_result"
    assert post(client, answer, {"note": "已修"}, **token_of(town.users["department"])).status_code == 404
    done = post(client, answer, {"note": "已修"}, **token_of(town.users["housing"])).json()
    assert done["whistles"][0]["state"] == "ANSWERED"


def test_coverage_is_for_who_may_see_it_in_the_own_area(client, town, token_of):
    url = f"/api/v1/coverage?area={town.community.code}"
    found = client.get(url, headers=token_of(town.users["community"])).json()
    assert found["buildings"] == {"total": 3, "gaps": 2}
    assert client.get(url, headers=token_of(town.users["contact"])).status_code == 403


def test_me_notices_and_reading_them(client, town, case, holder, token_of):
    headers = token_of(holder)
    assert client.get("/api/v1/me", headers=headers).json()["username"] == holder.username
    assert client.get("/api/v1/notices", headers=headers).json() == {"items": [], "next_before": None, "unread": 0}
    assert post(client, "/api/v1/notices/read", **headers).json() == {"read": 0}


def test_rates_of_an_area_agree_with_the_rating_and_are_not_for_holders(client, town, case, holder, token_of):
    now = timezone.now()
    services.accept(actor=holder, case=case, now=now)
    services.resolve(actor=holder, case=case, result="已修", now=now)
    services.rate(actor=None, case=case, solved="PARTLY", satisfied="BASICALLY", now=now)
    url = f"/api/v1/rates?area={town.county.code}&by=tier"
    found = client.get(url, headers=token_of(town.users["county"])).json()
    assert found["total"]["solved"] == {"part": 0.5, "whole": 1, "value": 0.5}
    assert found["total"]["satisfied"]["value"] == 0.8
    assert found["total"]["returned"] == {"part": 0, "whole": 1, "value": 0}
    assert "退单率" in {one["name"] for one in found["definitions"]}
    assert [row["key"] for row in found["rows"]] == [str(case.tier)]
    assert client.get(url, headers=token_of(town.users["contact"])).status_code == 403


def test_an_emergency_is_begun_once_seen_below_and_ended_by_who_may(client, town, token_of):
    headers = token_of(town.users["county"])
    until = (timezone.now() + timedelta(hours=2)).isoformat()
    body = {"area": town.street.code, "reason": "暴雨红色预警", "ends_at": until}
    assert post(client, "/api/v1/emergencies", body, **token_of(town.users["community"])).status_code == 403
    begun = [post(client, "/api/v1/emergencies", body, **headers, **{"Idempotency-Key": "e"}) for _ in range(2)]
    assert [answer.status_code for answer in begun] == [201, 201]
    seen = client.get("/api/v1/emergencies", headers=token_of(town.users["community"])).json()
    assert [one["reason"] for one in seen] == ["暴雨红色预警"]
    url = f"/api/v1/emergencies/{seen[0]['id']}/end"
    assert post(client, url, **token_of(town.users["community"])).status_code == 403
    assert post(client, url, **headers).json()["ended_at"] is not None
    assert post(client, url, **headers).json()["code"] == "emergency_over"
