"""Revealing, approvals, exports and the auditor's questions through the API: the same people as on the pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mulin.core.audit.models import AuditRecord
from mulin.core.audit.purposes import TO_CONTACT
from mulin.core.audit.recording import record_write
from mulin.core.idempotency import KeyReused
from mulin.core.models import IdempotencyKey
from mulin.core.revealing import services as revealing
from mulin.core.revealing.models import RevealApproval
from mulin.domains.accounts.services import grant_role
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NAME, PHONE = "王小丽", "13912345678"
WHY = {"purpose": "CONTACT"}


def file(town) -> Case:
    report = services.Report(
        "楼道灯坏了三天", "0601", places.locate_board(town.board_code()), contact=services.Contact(NAME, PHONE, "201")
    )
    return services.report_case(actor=None, report=report, now=timezone.now())


@pytest.fixture
def case(town):
    return file(town)


@pytest.fixture
def desk(town):
    return town.users["community"]


@pytest.fixture
def approver(town):
    return town.users["street"]


def protect(case, desk):
    services.protect(actor=desk, case=case, under_14=True, note="", now=timezone.now())


def reads():
    return list(
        AuditRecord.objects.filter(kind="READ").order_by("pk").values_list("actor_username", "action", "purpose")
    )


class TestRevealing:
    def test_who_may_know_reads_it_with_a_purpose_and_it_is_written_down(self, town, call, case, desk):
        url = f"/reveal/cases.reporters/{case.pk}"
        for name, status in (("first_grid_leader", 403), ("stranger", 404)):
            assert (name, call(town.users[name], "POST", url, **WHY).status_code) == (name, status)
        assert call(None, "POST", url, **WHY).status_code == 401
        assert call(desk, "POST", url, purpose="CURIOUS").json()["code"] == "purpose_missing"
        assert reads() == []
        shown = call(desk, "POST", url, **WHY).json()
        assert {"label": "电话", "text": PHONE} in shown["lines"]
        assert reads() == [(desk.username, "cases.reporters.read", "CONTACT")]
        assert call(desk, "POST", f"/reveal/cases.shoes/{case.pk}", **WHY).json()["code"] == "sensitive_field_unknown"

    def test_purposes_are_listed(self, call, desk):
        assert "CONTACT" in {one["code"] for one in call(desk, "GET", "/purposes").json()}


class TestApprovals:
    def test_a_second_person_approves_once_and_then_it_is_shown(self, town, call, case, desk, approver):
        protect(case, desk)
        url = f"/reveal/cases.reporters/{case.pk}"
        assert call(desk, "POST", url, **WHY).json()["code"] == "approval_needed"
        first, again = (call(desk, "POST", f"{url}/ask", key="a1", **WHY).json() for _n in range(2))
        assert (first, RevealApproval.objects.count()) == (again, 1)
        assert (first["state"], first["asked_by"], first["title"]) == ("waiting", desk.name, case.number)
        decision = f"/approvals/{first['id']}/decision"
        for name in ("community", "stranger", "first_grid_leader"):
            refused = call(town.users[name], "POST", decision, granted=True)
            assert (name, refused.status_code, refused.json()["code"]) == (name, 404, "approval_unknown")
        assert RevealApproval.objects.get().decided_at is None
        assert [one["id"] for one in call(approver, "GET", "/approvals").json()["waiting"]] == [first["id"]]
        given = [call(approver, "POST", decision, key="d1", granted=True, reason="核实").json() for _n in range(2)]
        assert given[0] == given[1]
        assert (given[0]["state"], given[0]["decided_by"], given[0]["reason"]) == ("approved", approver.name, "核实")
        assert call(approver, "POST", decision, key="d1", granted=False).json()["code"] == KeyReused.code
        assert call(approver, "POST", decision, granted=False).json()["code"] == "already_decided"
        assert PHONE in call(desk, "POST", url, **WHY).content.decode()
        assert NAME not in "".join(map(str, IdempotencyKey.objects.values_list("answer", flat=True)))
        mine = call(desk, "GET", "/approvals").json()
        assert (mine["waiting"], [one["state"] for one in mine["asked"]]) == ([], ["approved"])
        assert call(town.users["stranger"], "GET", "/approvals").json() == {"waiting": [], "asked": []}

    def test_what_needs_nobody_is_not_asked_for(self, call, case, desk):
        refused = call(desk, "POST", f"/reveal/cases.reporters/{case.pk}/ask", **WHY)
        assert (refused.status_code, refused.json()["code"]) == (409, "approval_not_needed")

    def test_ten_cost_as_many_queries_as_twenty(self, town, cost, desk, approver):
        def ask(count):
            for _n in range(count):
                case = file(town)
                protect(case, desk)
                revealing.ask(
                    actor=desk, field="cases.reporters", object_id=case.pk, purpose=TO_CONTACT, now=timezone.now()
                )

        ask(10)
        few = cost(approver, "/approvals", 10, of="waiting")
        ask(10)
        assert cost(approver, "/approvals", 20, of="waiting") == few <= 12


class TestExports:
    def test_one_sees_ones_own_and_why_they_were_made(self, town, call, case, settings, tmp_path):
        settings.MULIN_EXPORT_ROOT = tmp_path
        county = town.users["county"]
        made = call(county, "POST", "/cases/export", purpose="OTHER", note="月度核对").json()
        (row,) = call(county, "GET", "/exports").json()
        assert (row["id"], row["rows"], row["purpose_note"]) == (made["id"], 1, "月度核对")
        assert call(county, "GET", f"/exports/{row['id']}").status_code == 200
        assert call(town.users["community"], "GET", "/exports").json() == []
        assert call(None, "GET", "/exports").status_code == 401


class TestAudit:
    @pytest.fixture
    def auditor(self, town):
        person, now = make_user("auditor"), timezone.now()
        grant_role(actor=None, user=person, role_code="audit_admin", starts_on=timezone.localdate(now), now=now)
        return person

    def test_the_audit_administrator_asks_and_nobody_else(self, town, call, case, desk, auditor):
        call(desk, "POST", f"/reveal/cases.reporters/{case.pk}", **WHY)
        for name in ("county", "community", "stranger"):
            assert call(town.users[name], "GET", "/audit").status_code == 403
        found = call(auditor, "GET", "/audit", username=desk.username, kind="READ").json()
        (row,) = found["items"]
        assert (row["action"], row["purpose"], row["object_id"]) == ("cases.reporters.read", "CONTACT", str(case.pk))
        assert (row["what"], row["why"]) == ("查看反映人信息", "联系居民")
        assert found["chain"]["unsealed"] == AuditRecord.objects.count()
        by_number = call(auditor, "GET", "/audit", object=case.number, kind="READ").json()["items"]
        assert [one["id"] for one in by_number] == [row["id"]]
        assert NAME not in str(found)

    def test_days_are_included_and_pages_follow_by_key(self, town, call, auditor):
        at = timezone.now() - timedelta(days=40)
        for _n in range(51):
            record_write(actor=town.users["leader"], action="duty.appoint", one=town.street, now=at)
        day = timezone.localdate(at).isoformat()
        asked = {"username": town.users["leader"].username, "area": "duty", "since": day, "until": day}
        first = call(auditor, "GET", "/audit", **asked).json()
        second = call(auditor, "GET", "/audit", **asked, before=first["next_before"]).json()
        assert (len(first["items"]), len(second["items"]), second["next_before"]) == (50, 1, None)

    @pytest.mark.parametrize("wrong", [{"since": "2026-13-40"}, {"until": "0001-01-01"}, {"kind": "SMELL"}])
    def test_what_cannot_be_read_is_refused(self, call, auditor, wrong):
        assert call(auditor, "GET", "/audit", **wrong).status_code == 422

    def test_ten_cost_as_many_queries_as_twenty(self, town, cost, auditor):
        def write(count):
            for _n in range(count):
                record_write(actor=None, action="places.seen", one=town.street, now=timezone.now())

        write(10)
        few = cost(auditor, "/audit", 10, area="places")
        write(10)
        assert cost(auditor, "/audit", 20, area="places") == few <= 9
