"""Writes of cases are recorded: who, what, from where; a report in the statement it is written with."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mulin.core.audit.models import AuditRecord
from mulin.core.audit.origin import Origin, coming_from
from mulin.domains.cases import services
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
