"""Writes of cases are recorded: who, what, from where; a report in the statement it is written with."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mulin.core.audit.models import AuditRecord
from mulin.core.audit.origin import Origin, coming_from
from mulin.core.worker import run_now
from mulin.domains.accounts import services as accounts
from mulin.domains.cases import access, services
from mulin.domains.cases.models import Case, SavedView
from mulin.domains.cases.queries import own_data
from mulin.domains.places import queries as places
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_report_by_staff_is_recorded_with_it_and_costs_one_statement_at_most(town, report):
    desk = town.users["community"]
    report()
    with CaptureQueriesContext(connection) as plain:
        report()
    assert not AuditRecord.objects.filter(action="cases.report_case").exists()
    filed = services.Report("楼道灯不亮", "0601", places.locate_board(town.board_code()))
    with CaptureQueriesContext(connection) as recorded, coming_from(Origin("10.0.0.9")):
        case = services.report_case(actor=desk, report=filed, now=NOW)
    row = AuditRecord.objects.latest("pk")
    assert (row.action, row.object_kind, row.object_id) == ("cases.report_case", "cases.case", str(case.pk))
    assert (row.actor_username, row.address) == (desk.username, "10.0.0.9")
    assert len(recorded) <= len(plain) + 1


def test_a_move_of_a_case_is_recorded_once(town, report):
    case, leader = report(), town.users["leader"]
    services.accept(actor=leader, case=case, now=NOW)
    row = AuditRecord.objects.order_by("-pk")[0]
    assert (row.action, row.actor_username, row.object_id) == ("cases.accept", leader.username, str(case.pk))
    assert AuditRecord.objects.filter(object_kind="cases.case", object_id=case.pk).count() == 1


def test_what_the_clock_did_is_recorded_and_what_it_left_alone_is_not(town, report):
    case = report()
    due_at = Case.objects.get(pk=case.pk).accept_due_at
    assert due_at is not None
    after = due_at + timedelta(minutes=1)
    for now in (NOW, after, after):
        run_now("cases.escalate_by_clock", now=now)
    rows = AuditRecord.objects.filter(object_kind="cases.case", object_id=case.pk)
    assert list(rows.order_by("pk").values_list("action", "actor_id", "at")) == [
        ("cases.escalate_by_clock", None, after)
    ]


PHONE = "139 1234-5678"
SEARCH = "cases.reporters.search"


def searches():
    rows = AuditRecord.objects.filter(action=SEARCH).order_by("pk")
    return list(rows.values_list("actor_username", "kind", "object_kind", "object_id", "purpose"))


def test_a_search_by_phone_is_a_look_at_what_it_found(town, report):
    case, desk = report(contact=services.Contact(phone="13912345678")), town.users["community"]
    report(contact=services.Contact(phone="13800000000"))
    for later in (0, 1, 11):  # a list renews itself by the minute: that is one look; after a while it is another
        access.filters_for(desk, {"text": PHONE}, now=NOW + timedelta(minutes=later))
    found = searches()
    term = found[0][3]
    assert [row[2:] for row in found] == [("phone", term, "SEARCH"), ("cases.case", str(case.pk), "SEARCH")] * 2
    assert {row[:2] for row in found} == {(desk.username, "READ")}
    assert len(term) == 32
    assert "5678" not in " ".join(map(str, AuditRecord.objects.filter(action=SEARCH).values_list()))
    assert [look.name for look in own_data.looks_at(case)] == [desk.name] * 2


def test_who_sees_none_of_the_cases_is_recorded_with_the_search_alone(town, report):
    case = report(contact=services.Contact(phone="13912345678"))
    for role in ("stranger", "leader"):
        access.filters_for(town.users[role], {"text": PHONE}, now=NOW)
    found = [(row[0], row[2]) for row in searches()]
    stranger, leader = town.users["stranger"].username, town.users["leader"].username
    assert found == [(stranger, "phone"), (leader, "phone"), (leader, "cases.case")]
    assert [look.name for look in own_data.looks_at(case)] == [town.users["leader"].name]


def test_other_searches_are_no_looks(town, report):
    case = report(contact=services.Contact(phone="13912345678"))
    for text in ("楼道灯", case.number, case.receipt_code, "123", ""):
        access.filters_for(town.users["community"], {"text": text}, now=NOW)
    assert searches() == []


@pytest.mark.parametrize("name", ["cases:queue", "cases:map", "cases:map-list", "cases:map-data"])
def test_every_list_that_takes_a_phone_records_it(town, report, name):
    report(contact=services.Contact(phone="13912345678"))
    client = Client()
    client.force_login(town.users["community"])
    assert client.get(reverse(name), {"text": PHONE}).status_code == 200
    assert [row[2] for row in searches()] == ["phone", "cases.case"]
    rows = AuditRecord.objects.filter(action=SEARCH)
    assert set(rows.values_list("address", flat=True)) == {"127.0.0.1"}


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/cases/map"])
def test_so_does_the_api(town, report, path):
    report(contact=services.Contact(phone="13912345678"))
    token = accounts.issue_token(actor=town.users["community"], user=town.users["community"], now=NOW)
    answer = Client().get(path, {"text": PHONE}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert [row[2] for row in searches()] == ["phone", "cases.case"]


def test_a_search_costs_the_same_whatever_it_finds(town, report):
    def cost(phone: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            access.filters_for(town.users["community"], {"text": phone}, now=NOW)
        return len(queries)

    for number, times in (("13800000001", 1), ("13800000002", 1), ("13800000003", 5)):
        for _time in range(times):
            report(contact=services.Contact(phone=number))
    cost("13800000001")
    assert cost("13800000002") == cost("13800000003")


def test_a_view_with_a_phone_is_not_kept(town):
    client = Client()
    client.force_login(town.users["community"])
    answer = client.post(reverse("cases:save-view"), {"name": "她的", "filters": "text=13912345678"})
    assert answer.status_code == 400
    assert "电话" in answer.content.decode()
    assert not SavedView.objects.exists()
