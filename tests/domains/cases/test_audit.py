"""Writes of cases are recorded: who, what, from where; a report in the statement it is written with."""

import pytest

from mulin.core.audit.models import AuditRecord
from mulin.core.audit.origin import Origin, coming_from
from mulin.domains.cases import services
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_report_is_recorded_with_it_and_costs_one_statement_at_most(town, report, django_assert_max_num_queries):
    report()
    with django_assert_max_num_queries(12), coming_from(Origin("10.0.0.9")):
        case = report()
    row = AuditRecord.objects.order_by("-pk")[0]
    assert (row.action, row.object_kind, row.object_id) == ("cases.report_case", "cases.case", str(case.pk))
    assert (row.actor_id, row.address) == (None, "10.0.0.9")


def test_a_move_of_a_case_is_recorded_once(town, report):
    case, leader = report(), town.users["leader"]
    services.accept(actor=leader, case=case, now=NOW)
    row = AuditRecord.objects.order_by("-pk")[0]
    assert (row.action, row.actor_username, row.object_id) == ("cases.accept", leader.username, str(case.pk))
    assert AuditRecord.objects.filter(object_kind="cases.case", object_id=case.pk).count() == 2
