"""A case's record, its protection, the list of the map and the rates as a file, through the API."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from mulin.core.audit.models import AuditRecord
from mulin.domains.cases import services
from mulin.domains.cases.models import Care, Case
from mulin.domains.places import queries as places

pytestmark = pytest.mark.django_db


def file(town) -> Case:
    report = services.Report(
        "楼道灯坏了三天",
        "0601",
        places.locate_board(town.board_code()),
        contact=services.Contact("王小丽", "13912345678"),
    )
    return services.report_case(actor=None, report=report, now=timezone.now())


@pytest.fixture
def case(town):
    return file(town)


@pytest.fixture
def desk(town):
    return town.users["community"]


class TestRecord:
    def test_it_is_whole_through_the_moves(self, town, call, case, desk):
        assert call(desk, "GET", f"/cases/{case.pk}").json()["record"] == {
            "whole": True,
            "fault": "",
            "words": "记录完整",
        }
        holder = case.holder_tenure.holder
        for move, body in (("accept", {}), ("contact", {"note": "已联系"}), ("resolve", {"result": "已修"})):
            answer = call(holder, "POST", f"/cases/{case.pk}/moves/{move}", **body)
            assert (move, answer.status_code, answer.json()["record"]["whole"]) == (move, 200, True)

    def test_a_change_behind_our_back_is_said_to_who_may_see_the_case(self, town, call, case, desk):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cases_step SET actor_name = '别人' WHERE case_id = %s AND sequence = 1", [case.pk])
        for user in (desk, case.holder_tenure.holder):
            record = call(user, "GET", f"/cases/{case.pk}").json()["record"]
            assert record == {"whole": False, "fault": "changed 1", "words": "记录被改动过，请联系审计管理员"}
        assert call(town.users["stranger"], "GET", f"/cases/{case.pk}").status_code == 404


class TestProtection:
    def test_the_desk_and_the_holder_add_to_it_others_do_not(self, town, call, case, desk):
        url = f"/cases/{case.pk}/protection"
        assert call(desk, "GET", url).json() == {"under_14": False, "reporters": "free", "care": None}
        for name, status in (("first_grid_leader", 403), ("stranger", 404)):
            for method in ("GET", "POST"):
                assert (name, call(town.users[name], method, url).status_code) == (name, status)
        assert call(desk, "POST", url).json()["code"] == "care_missing"
        assert not Care.objects.exists()
        answers = [call(desk, "POST", url, key="p1", note="听力不好").json() for _n in range(2)]
        assert answers == [{"under_14": False, "reporters": "free", "care": "ask"}] * 2
        marked = call(case.holder_tenure.holder, "POST", url, under_14=True).json()
        assert marked == {"under_14": True, "reporters": "ask", "care": "ask"}
        care = Care.objects.get()
        assert (care.under_14, care.note) == (True, "听力不好")


class TestMapList:
    def test_a_desk_sees_the_frame_it_draws_and_no_words(self, town, call, case, desk):
        listed = call(desk, "GET", "/cases/map/list").json()
        assert [row["url"] for row in listed["rows"]] == [reverse("cases:detail", args=[case.pk])]
        assert "楼道灯" not in str(listed)
        assert call(desk, "GET", "/cases/map/list", bbox="0,0,1,1").json()["rows"] == []
        assert call(desk, "GET", "/cases/map/list", bbox="x").json()["code"] == "filter_invalid"
        assert call(case.holder_tenure.holder, "GET", "/cases/map/list").status_code == 403
        assert call(town.users["stranger"], "GET", "/cases/map/list").status_code == 403

    def test_ten_cost_as_many_queries_as_twenty(self, town, cost, desk):
        for _n in range(10):
            file(town)
        few = cost(desk, "/cases/map/list", 10, of="rows")
        for _n in range(10):
            file(town)
        assert cost(desk, "/cases/map/list", 20, of="rows") == few <= 6


class TestRatesFile:
    def test_it_is_the_file_of_the_page_and_is_written_down(self, town, call, case):
        county, url = town.users["county"], f"/rates/file?area={town.county.code}"
        answer = call(county, "GET", url)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
        assert "响应率" in answer.content.decode("utf-8-sig")
        assert county.name in answer.content.decode()
        assert AuditRecord.objects.filter(action="cases.rates.export", actor_username=county.username).count() == 1
        for name in ("leader", "stranger"):
            assert call(town.users[name], "GET", url).status_code == 403
        assert call(county, "GET", f"{url}&first=2026-02-31").status_code == 422
        assert AuditRecord.objects.filter(action="cases.rates.export").count() == 1
