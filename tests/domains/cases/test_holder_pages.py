"""A holder on the phone: today's list, one case, moves in two taps; a department's whistles; who may not."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Photo, Whistle
from mulin.domains.cases.states import Status
from mulin.domains.places import queries as places
from tests.domains.cases.test_resident_pages import picture
from tests.factories import make_town

pytestmark = pytest.mark.django_db

NOISE, STAIRS_FULL = "0601", "0607"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def town(monkeypatch):
    # Reference data is looked at again every other second: counts of queries must not depend on the machine's pace.
    monkeypatch.setattr("mulin.core.versions.CHECK_EVERY_S", 3600.0)
    seed_reference(now=timezone.now())
    return make_town()


def new_case(town, *, to: str = "leader", text: str = "楼上半夜拖椅子", phone: str = "") -> Case:
    location = places.locate_board(town.board_code())
    report = services.Report(text, NOISE, location, contact=services.Contact("王阿姨", phone, "301" if phone else ""))
    case = services.report_case(actor=None, report=report, now=timezone.now())
    desk = town.users["community"]
    return services.dispatch(actor=desk, case=case, tenure=town.tenures[to], now=timezone.now())


def accepted(town, *, to: str = "leader", **kwargs) -> Case:
    return services.accept(actor=town.users[to], case=new_case(town, to=to, **kwargs), now=timezone.now())


def make(client, case: Case, move: str, *, htmx: bool = True, **fields: object):
    fields.setdefault("idempotency_key", str(uuid4()))
    return client.post(reverse("cases:move", args=[case.pk, move]), fields, **(HTMX if htmx else {}))


@pytest.fixture
def leader(client, town):
    client.force_login(town.users["leader"])
    return client


class TestToday:
    def page(self, client) -> str:
        response = client.get(reverse("cases:today"))
        assert response.status_code == 200
        return response.content.decode()

    def test_empty_says_there_is_nothing_to_do(self, leader, town):
        assert "都办完了" in self.page(leader)

    def test_overdue_comes_first_then_new_then_work_then_waiting(self, leader, town):
        waiting = services.resolve(
            actor=town.users["leader"], case=accepted(town, text="等评价的"), result="好了", now=timezone.now()
        )
        working, fresh, late = accepted(town), new_case(town), accepted(town)
        Case.objects.filter(pk=late.pk).update(resolve_due_at=timezone.now() - timedelta(hours=1))
        order = [int(pk) for pk in re.findall(r'id="row-(\d+)"', self.page(leader))]
        assert order == [late.pk, fresh.pk, working.pk, waiting.pk]
        titles = re.findall(r'class="dot tone-\w+"></span> (\S+)</h2>', self.page(leader))
        assert titles == ["已超时", "新派来的", "办理中", "等居民评价"]

    def test_offers_a_call_and_shows_no_number(self, leader, town):
        case = new_case(town, phone="13900001234")
        page = self.page(leader)
        assert reverse("web:reveal", args=["cases.reporters", case.pk]) in page
        assert "13900001234" not in page

    def test_shows_nobody_elses_cases(self, leader, town):
        case = new_case(town, to="grid_worker")
        assert f'id="row-{case.pk}"' not in self.page(leader)

    def test_strangers_and_visitors(self, client, town):
        assert client.get(reverse("cases:today")).status_code == 302
        client.force_login(town.users["stranger"])
        assert client.get(reverse("cases:today")).status_code == 403

    def test_ten_and_twenty_rows_cost_the_same_six_queries(self, leader, town):
        counts = []
        for _half in range(2):
            for _n in range(10):
                new_case(town, phone="13900001234")
            with CaptureQueriesContext(connection) as queries:
                self.page(leader)
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 6, "\n".join(q["sql"][-250:] for q in queries)

    def test_pages_by_key_show_every_case_once(self, leader, town, monkeypatch):
        monkeypatch.setattr("mulin.domains.cases.queries.holding.PER_PAGE", 3)
        cases = {new_case(town).pk for _n in range(5)} | {accepted(town).pk for _n in range(3)}
        seen: list[int] = []
        url = reverse("cases:today")
        while url:
            page = leader.get(url).content.decode()
            seen += [int(pk) for pk in re.findall(r'id="row-(\d+)"', page)]
            following = re.search(r'href="(\?after=[^"]+)" rel="next"', page)
            url = reverse("cases:today") + following[1].replace("&amp;", "&") if following else ""
        assert sorted(seen) == sorted(cases)
        assert len(seen) == len(set(seen))

    @pytest.mark.parametrize("key", ["x", "1~2~3", "1~2026-01-01~1", "9" * 40 + "~2026-01-01T00:00Z~1"])
    def test_a_key_made_up_is_refused(self, leader, town, key):
        assert leader.get(reverse("cases:today"), {"after": key}).status_code == 400


class TestMoves:
    def test_accepting_in_the_list_changes_the_row_only(self, leader, town):
        case = new_case(town)
        response = leader.post(reverse("cases:move", args=[case.pk, "accept"]), {"as": "row"}, **HTMX)
        case.refresh_from_db()
        assert case.status == Status.ACCEPTED
        assert response.content.decode().strip().startswith("<li")
        assert "接单" not in response.content.decode()

    def test_a_move_answers_with_the_region_as_it_is_then(self, leader, town):
        case = new_case(town)
        response = make(leader, case, "accept")
        assert response["HX-Retarget"] == "#case-region"
        page = response.content.decode()
        assert "已接单" in page
        assert 'data-dialog-open="move-resolve"' in page
        assert "<html" not in page

    def test_without_script_it_leads_back_to_the_case(self, leader, town):
        case = new_case(town)
        response = make(leader, case, "accept", htmx=False)
        assert response.url == reverse("cases:detail", args=[case.pk])

    def test_a_refused_move_keeps_what_was_typed(self, leader, town):
        case = accepted(town)
        response = make(leader, case, "pause", note="等配件到货再装", until="2020-01-01T10:00", pause_reason="WEATHER")
        page = response.content.decode()
        assert response.status_code == 422
        assert response["HX-Retarget"] == "#move-pause-form"
        assert "pause_invalid" in page
        assert "等配件到货再装" in page
        assert 'value="2020-01-01T10:00"' in page
        assert re.search(r'value="WEATHER" selected', page)

    def test_a_refused_move_without_script_is_a_page_with_the_form(self, leader, town):
        case = accepted(town)
        response = make(leader, case, "return", htmx=False, note="不在本楼", return_reason="")
        assert response.status_code == 400
        assert "不在本楼" in response.content.decode()
        assert "reason_unknown" in response.content.decode()
        case.refresh_from_db()
        assert case.status == Status.ACCEPTED

    def test_a_double_click_takes_one_step(self, leader, town):
        case = accepted(town)
        for _n in range(2):
            make(leader, case, "add_note", note="联系了物业", idempotency_key="one-click")
        assert case.steps.filter(move="add_note").count() == 1

    def test_escalating_hands_it_up_with_the_reason(self, leader, town):
        case = accepted(town)
        make(leader, case, "escalate", note="需要换线路")
        case.refresh_from_db()
        assert case.holder_tenure != town.tenures["leader"]
        assert case.steps.get(move="escalate").note == "需要换线路"

    def test_resolving_with_a_photo(self, leader, town, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        case = accepted(town)
        make(leader, case, "resolve", result="换了新灯", photos=SimpleUploadedFile("a.jpg", picture()))
        case.refresh_from_db()
        assert (case.status, case.result_text) == (Status.RESOLVED, "换了新灯")
        assert Photo.objects.get(case=case).of == "RESULT"

    def test_a_refused_resolution_leaves_no_photo_behind(self, leader, town, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        response = make(leader, accepted(town), "resolve", result=" ", photos=SimpleUploadedFile("a.jpg", picture()))
        assert response.status_code == 422
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []

    def test_a_move_there_is_not(self, leader, town):
        assert make(leader, new_case(town), "teleport").status_code in (404, 409, 422)

    def test_three_people(self, client, town):
        """The leader holds it, the worker of the grid sees it, the stranger knows nothing of it."""
        case = new_case(town)
        url = reverse("cases:detail", args=[case.pk])
        expected = {"leader": (200, 200), "grid_worker": (200, 403), "stranger": (404, 404)}
        for role in ("stranger", "grid_worker", "leader"):
            client.force_login(town.users[role])
            seen = client.get(url).status_code
            moved = make(client, case, "accept").status_code
            case.refresh_from_db()
            assert (seen, moved) == expected[role], role
            assert case.status == (Status.ACCEPTED if role == "leader" else Status.DISPATCHED)

    def test_a_holder_who_left_this_morning(self, leader, town):
        case = new_case(town)
        from mulin.domains.duty.models import Tenure

        Tenure.objects.filter(pk=town.tenures["leader"].pk).update(ends_on=timezone.localdate())
        assert make(leader, case, "accept").status_code in (403, 404)
        case.refresh_from_db()
        assert case.status == Status.DISPATCHED

    def test_visitors_are_asked_to_sign_in(self, client, town):
        case = new_case(town)
        assert "HX-Redirect" in make(client, case, "accept").headers
        assert client.get(reverse("cases:detail", args=[case.pk])).status_code == 302


class TestDetail:
    def page(self, client, case: Case) -> str:
        return client.get(reverse("cases:detail", args=[case.pk])).content.decode()

    def test_masks_contact_for_everybody_and_offers_it_to_the_holder(self, client, town):
        case = new_case(town, phone="13900001234")
        reveal = reverse("web:reveal", args=["cases.reporters", case.pk])
        for role, offered in (("leader", True), ("first_grid_leader", False)):
            client.force_login(town.users[role])
            page = self.page(client, case)
            assert "139****1234" in page
            assert "13900001234" not in page
            assert (reveal in page) is offered

    def test_the_buttons_are_the_moves_of_the_table(self, leader, town):
        page = self.page(leader, accepted(town))
        dialogs = set(re.findall(r'data-dialog-open="move-(\w+)"', page))
        assert dialogs == {"resolve", "contact", "escalate", "pause", "add_note", "return"}
        assert {f'id="move-{name}"' in page for name in dialogs} == {True}

    def test_asking_for_the_call_offers_the_number(self, leader, town):
        case = accepted(town, phone="13900001234")
        page = BeautifulSoup(self.page(leader, case), "html.parser")
        button = page.select_one("#move-contact button[formaction]")
        assert button["formaction"] == reverse("web:reveal", args=["cases.reporters", case.pk])
        assert (button["name"], button["value"]) == ("purpose", "CONTACT")

    def test_costs_a_fixed_number_of_queries(self, leader, town):
        case = accepted(town)
        counts = []
        for _n in range(2):
            services.add_note(actor=town.users["leader"], case=case, note="一", now=timezone.now())
            with CaptureQueriesContext(connection) as queries:
                self.page(leader, case)
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 24


class TestWhistles:
    @pytest.fixture
    def whistle(self, town) -> Whistle:
        case = accepted(town, to="community")
        return services.whistle(
            actor=town.users["community"],
            case=case,
            organisation=town.organisations["URBAN_MANAGEMENT"],
            ask="请到场看看护栏",
            now=timezone.now(),
        )

    @pytest.fixture
    def department(self, client, town):
        client.force_login(town.users["department"])
        return client

    def answer(self, client, whistle: Whistle, move: str, **fields: object):
        return client.post(reverse("cases:answer-whistle", args=[whistle.pk, move]), fields, **HTMX)

    def test_arrive_and_answer(self, department, whistle):
        listed = department.get(reverse("cases:whistles")).content.decode()
        assert "请到场看看护栏" in listed
        assert "报到" in listed
        assert self.answer(department, whistle, "arrive").status_code == 200
        assert self.answer(department, whistle, "joint_result", note="已更换护栏").status_code == 200
        whistle.refresh_from_db()
        assert (whistle.state, whistle.answer) == ("ANSWERED", "已更换护栏")
        assert "没有待回复的吹哨" in department.get(reverse("cases:whistles")).content.decode()
        assert "请到场看看护栏" in department.get(reverse("cases:whistles"), {"answered": "1"}).content.decode()

    def test_returning_asks_for_a_reason_and_keeps_the_words(self, department, whistle):
        response = self.answer(department, whistle, "return_whistle", note="归住建局")
        assert response.status_code == 422
        assert "归住建局" in response.content.decode()
        self.answer(department, whistle, "return_whistle", note="归住建局", return_reason="OUTSIDE_DUTY_LIST")
        whistle.refresh_from_db()
        assert whistle.state == "RETURNED"

    def test_three_people(self, client, town, whistle):
        for role, status in (("stranger", 403), ("housing", 404), ("department", 200)):
            client.force_login(town.users[role])
            assert self.answer(client, whistle, "arrive").status_code == status, role
            whistle.refresh_from_db()
            assert whistle.state == ("ARRIVED" if role == "department" else "CALLED")

    def test_the_department_sees_the_case_and_its_own_buttons(self, department, whistle):
        page = department.get(reverse("cases:detail", args=[whistle.case_id])).content.decode()
        assert "请到场看看护栏" in page
        assert f'data-dialog-open="move-joint_result-{whistle.pk}"' in page

    def test_ten_and_twenty_rows_cost_the_same(self, department, town):
        counts = []
        for _half in range(2):
            for _n in range(10):
                case = accepted(town, to="community")
                organisation = town.organisations["URBAN_MANAGEMENT"]
                services.whistle(
                    actor=town.users["community"], case=case, organisation=organisation, ask="请来", now=timezone.now()
                )
            with CaptureQueriesContext(connection) as queries:
                department.get(reverse("cases:whistles"))
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 6
