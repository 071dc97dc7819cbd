"""A desk, a holder and a department through the API: lists, bulk dispatch, views, files, what stands around a case."""

import json

import pytest
from django.utils import timezone

from mulin.core.audit.models import AuditRecord
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, SavedView
from mulin.domains.places import queries as places
from tests.factories import make_town

pytestmark = pytest.mark.django_db

CONTACT = services.Contact("王小丽", "13912345678", "201")


def file(town, text="楼道灯坏了三天", building=0, **more):
    location = places.locate_board(town.board_code(building))
    report = services.Report(text, "0601", location, **more)
    return services.report_case(actor=None, report=report, now=timezone.now())


@pytest.fixture
def desk(town):
    return town.users["community"]


@pytest.fixture
def case(town):
    return file(town, contact=CONTACT)


@pytest.fixture
def holder(case):
    return case.holder_tenure.holder


class TestToday:
    def test_the_holder_sees_it_with_the_number_to_call_and_nobody_else(self, town, call, case, holder):
        row = call(holder, "GET", "/cases/today").json()["items"][0]
        assert (row["id"], row["section"], row["has_phone"]) == (case.pk, "new", True)
        assert call(town.users["street"], "GET", "/cases/today").json()["items"] == []
        for name in ("first_grid_leader", "stranger"):
            assert (name, call(town.users[name], "GET", "/cases/today").status_code) == (name, 403)

    def test_it_pages_by_key_and_ten_cost_as_many_queries_as_twenty(self, town, call, cost):
        holder = file(town).holder_tenure.holder
        same = places.locate_board(town.board_code())
        tenure = Case.objects.get().holder_tenure

        def fill(count):
            for _n in range(count):
                made = services.report_case(
                    actor=None, report=services.Report("楼道灯坏了", "0601", same), now=timezone.now()
                )
                Case.objects.filter(pk=made.pk).update(holder_tenure=tenure, holder_organisation=None)

        fill(9)
        few = cost(holder, "/cases/today", 10)
        fill(10)
        assert cost(holder, "/cases/today", 20) == few <= 6
        fill(35)
        first = call(holder, "GET", "/cases/today").json()
        second = call(holder, "GET", "/cases/today", after=first["next_key"]).json()
        assert (len(first["items"]), len(second["items"]), second["next_key"]) == (50, 5, None)
        assert {row["id"] for row in first["items"]}.isdisjoint(row["id"] for row in second["items"])

    @pytest.mark.parametrize("after", ["x", "1~2026-01-01~1", "1~0001-01-01T00:00:00+14:00~1", f"1~~{10**30}"])
    def test_a_key_that_is_none_is_refused(self, town, call, desk, after):
        assert call(desk, "GET", "/cases/today", after=after).json()["code"] == "page_key_invalid"


class TestWhistleInbox:
    def whistled(self, town, count=1):
        desk, now = town.users["community"], timezone.now()
        for _n in range(count):
            case = file(town)
            services.dispatch(actor=desk, case=case, tenure=town.tenures["community"], now=now)
            services.accept(actor=desk, case=case, now=now)
            housing = town.organisations["HOUSING"]
            services.whistle(actor=desk, case=case, organisation=housing, ask="请到场", now=now)

    def test_the_department_asked_sees_it_another_does_not_and_others_are_refused(self, town, call, desk):
        self.whistled(town)
        inbox = call(town.users["housing"], "GET", "/whistles").json()["items"]
        assert [(one["ask"], one["caller"], one["state"]) for one in inbox] == [("请到场", desk.name, "CALLED")]
        assert call(town.users["department"], "GET", "/whistles").json() == {"items": [], "next_key": None}
        for user in (desk, town.users["stranger"]):
            assert call(user, "GET", "/whistles").status_code == 403
        call(town.users["housing"], "POST", f"/whistles/{inbox[0]['id']}/moves/joint_result", note="已修")
        assert call(town.users["housing"], "GET", "/whistles").json()["items"] == []
        answered = call(town.users["housing"], "GET", "/whistles", answered=True).json()["items"]
        assert [(one["state"], one["answer"]) for one in answered] == [("ANSWERED", "已修")]

    def test_ten_cost_as_many_queries_as_twenty(self, town, cost):
        self.whistled(town, 10)
        few = cost(town.users["housing"], "/whistles", 10)
        self.whistled(town, 10)
        assert cost(town.users["housing"], "/whistles", 20) == few <= 6


class TestDispatchMany:
    def test_each_case_is_done_or_refused_by_itself_and_once(self, town, call, desk, case):
        elsewhere = file(make_town(community_code="520303001002"))
        body = {"cases": [case.pk, elsewhere.pk], "tenure": town.tenures["grid_leader"].pk, "note": "请尽快"}
        answers = [call(desk, "POST", "/cases/dispatch", key="d1", **body).json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert (answers[0]["done"], answers[0]["refused"]) == (1, 1)
        outcomes = {one["case_id"]: one for one in answers[0]["items"]}
        assert outcomes[case.pk]["holder"] == town.users["grid_leader"].name
        assert outcomes[elsewhere.pk]["refusal"]["code"] == "case_unknown"
        assert case.steps.filter(move="reassign").count() == 1

    def test_only_a_desk_does_it(self, town, call, case, holder):
        before = case.steps.count()
        for user in (holder, town.users["first_grid_leader"], town.users["stranger"]):
            refused = call(user, "POST", "/cases/dispatch", cases=[case.pk])
            assert refused.status_code == 403
            assert call(user, "GET", "/cases/dispatch-choices").status_code == 403
        assert case.steps.count() == before

    def test_none_and_too_many_are_refused(self, call, desk):
        assert call(desk, "POST", "/cases/dispatch", cases=[]).json()["code"] == "nothing_chosen"
        many = call(desk, "POST", "/cases/dispatch", cases=list(range(1, 202)))
        assert many.json()["code"] == "too_many_chosen"

    def test_the_choices_name_who_acts(self, town, call, desk):
        choices = call(desk, "GET", "/cases/dispatch-choices").json()
        assert town.tenures["grid_leader"].pk in {seat["tenure_id"] for seat in choices["seats"]}
        housing = town.organisations["HOUSING"].pk
        assert housing in {department["organisation_id"] for department in choices["departments"]}


class TestViews:
    def test_a_view_is_kept_listed_used_and_removed_by_its_owner_only(self, town, call, desk):
        body = {"name": "超时的", "filters": {"state": "overdue", "area": town.community.code}}
        kept = [call(desk, "POST", "/views", key="v1", **body) for _ in range(2)]
        assert [answer.status_code for answer in kept] == [201, 201]
        view = kept[0].json()
        assert kept[1].json() == view
        assert call(desk, "GET", "/views").json() == [view]
        assert call(desk, "GET", "/cases", **view["filters"]).status_code == 200
        assert call(town.users["street"], "GET", "/views").json() == []
        for name, status in {"street": 404, "grid_worker": 403, "stranger": 403}.items():
            refused = call(town.users[name], "POST", f"/views/{view['id']}/remove")
            assert (name, refused.status_code) == (name, status)
        assert SavedView.objects.count() == 1
        assert call(desk, "POST", f"/views/{view['id']}/remove").json() == {"removed": view["id"]}
        assert call(desk, "GET", "/views").json() == []

    def test_what_cannot_be_kept_is_refused(self, town, call, desk):
        assert call(desk, "POST", "/views", name="").json()["code"] == "view_name_missing"
        wrong = call(desk, "POST", "/views", name="x", filters={"state": "none"})
        assert wrong.json()["code"] == "filter_invalid"
        assert call(town.users["stranger"], "POST", "/views", name="x").status_code == 403
        assert SavedView.objects.count() == 0


class TestFiles:
    def test_the_export_is_for_who_may_export_and_the_file_for_its_maker(self, town, call, desk, case):
        made = [call(desk, "POST", "/cases/export", purpose="VERIFY", format=kind).json() for kind in ("csv", "xlsx")]
        files = [b"".join(call(desk, "GET", f"/exports/{one['id']}").streaming_content) for one in made]
        assert case.number in files[0].decode()
        assert CONTACT.phone not in files[0].decode()
        assert files[1].startswith(b"PK")
        for name, status in {"street": 404, "grid_worker": 404, "stranger": 404}.items():
            assert (name, call(town.users[name], "GET", f"/exports/{made[0]['id']}").status_code) == (name, status)
        for name in ("grid_worker", "stranger"):
            assert call(town.users[name], "POST", "/cases/export", purpose="VERIFY").status_code == 403
        assert call(desk, "POST", "/cases/export", purpose="VERIFY", format="exe").status_code == 422
        assert call(desk, "POST", "/cases/export", purpose="OTHER").json()["code"] == "purpose_missing"

    def test_the_map_shows_the_open_cases_of_a_frame_and_nobodys_words(self, town, call, desk, case):
        shown = call(desk, "GET", "/cases/map").json()
        assert [feature["properties"]["url"] for feature in shown["features"]] == [f"/cases/{case.pk}/"]
        assert case.text not in json.dumps(shown, ensure_ascii=False)
        assert call(desk, "GET", "/cases/map", bbox="100,20,101,21").json()["features"] == []
        assert call(desk, "GET", "/cases/map", bbox="x").json()["code"] == "filter_invalid"
        assert call(town.users["stranger"], "GET", "/cases/map").status_code == 403


class TestAroundACase:
    def test_reporters_are_told_in_full_to_who_says_why_masked_to_who_sees_and_not_at_all_to_a_stranger(
        self, town, call, desk, case, holder
    ):
        path = f"/cases/{case.pk}/reporters"
        for user in (holder, desk):
            found = call(user, "POST", path, purpose="CONTACT").json()["lines"]
            assert [line["text"] for line in found] == ["王小丽", "13912345678", "201"]
        assert call(desk, "POST", path, purpose="NOSY").json()["code"] == "purpose_missing"
        assert call(desk, "GET", path).status_code == 405
        sees = town.users["first_grid_leader"]
        assert call(sees, "POST", path, purpose="CONTACT").json()["code"] == "not_yours"
        masked = call(sees, "GET", f"/cases/{case.pk}").json()["reporters"]
        assert masked == [{"name": "王**", "phone": "139****5678"}]
        assert call(town.users["stranger"], "POST", path, purpose="CONTACT").status_code == 404
        looks = AuditRecord.objects.filter(action="cases.reporters.read", object_id=case.pk).order_by("pk")
        assert list(looks.values_list("actor_username", flat=True)) == [holder.username, desk.username]

    def test_a_deadline_says_why(self, town, call, desk, case):
        respond, resolve = call(desk, "GET", f"/cases/{case.pk}/deadlines").json()
        assert respond["due_at"] is not None
        assert resolve["why"]
        assert call(town.users["stranger"], "GET", f"/cases/{case.pk}/deadlines").status_code == 404

    def test_similar_open_cases_are_merged_by_the_desk(self, town, call, desk, case, holder):
        other = file(town, "楼道灯坏了三天了")
        path = f"/cases/{case.pk}/related"
        alike = call(desk, "GET", path).json()["similar"]
        assert [(one["id"], one["may_merge"]) for one in alike] == [(other.pk, True)]
        assert [one["may_merge"] for one in call(town.users["first_grid_leader"], "GET", path).json()["similar"]] == [
            False
        ]
        assert call(town.users["stranger"], "GET", path).status_code == 404
        call(desk, "POST", f"/cases/{case.pk}/moves/merge", into=other.pk)
        related = call(desk, "GET", path).json()
        assert related["similar"] == []
        assert [(one["relation"], one["id"]) for one in related["relations"]] == [("into", other.pk)]

    def test_whom_to_hand_it_to(self, town, call, desk, case):
        choices = call(desk, "GET", f"/cases/{case.pk}/holders").json()
        assert {town.tenures["grid_leader"].pk, town.tenures["community"].pk} <= {
            seat["tenure_id"] for seat in choices["seats"]
        }
        assert {one["organisation_id"] for one in choices["departments"]} >= {town.organisations["HOUSING"].pk}
        assert call(town.users["stranger"], "GET", f"/cases/{case.pk}/holders").status_code == 404


def test_the_duty_list_of_an_organisation(town, call, desk):
    from mulin.domains.organisations.models import DutyRole
    from mulin.domains.organisations.services import set_duties

    housing = town.organisations["HOUSING"]
    set_duties(
        actor=None,
        organisation=housing,
        role=DutyRole.LEAD,
        category_codes=["0601"],
        starts_on=timezone.localdate(),
        source="三定方案",
        now=timezone.now(),
    )
    found = call(desk, "GET", f"/organisations/{housing.pk}/duties").json()
    assert [(one["category_code"], one["role"], one["source"]) for one in found] == [("0601", "LEAD", "三定方案")]
    assert call(desk, "GET", "/organisations/999999/duties").json()["code"] == "organisation_unknown"
    assert call(None, "GET", f"/organisations/{housing.pk}/duties").status_code == 401


def test_an_emergency_that_is_over_is_among_the_past_ones(town, call, desk):
    from datetime import timedelta

    until = (timezone.now() + timedelta(hours=2)).isoformat()
    county = town.users["county"]
    begun = call(county, "POST", "/emergencies", area=town.street.code, reason="暴雨", ends_at=until).json()
    assert call(desk, "GET", "/emergencies", past=True).json() == []
    call(county, "POST", f"/emergencies/{begun['id']}/end")
    assert [one["reason"] for one in call(desk, "GET", "/emergencies", past=True).json()] == ["暴雨"]
