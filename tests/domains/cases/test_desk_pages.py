"""The desk's pages through the client: who gets in, what stands there, what a refusal leaves as it was."""

import csv
import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Emergency, SavedView, Step
from tests.factories import make_town

pytestmark = pytest.mark.django_db

HOSTILE = '<script>alert("x")</script>=1+1\u202e'


@pytest.fixture
def now():
    """The pages read the clock, so what they show is made shortly before."""
    return timezone.now() - timedelta(minutes=30)


@pytest.fixture
def file(report, now):
    def file(text="楼道灯不亮", **more):
        return report(text, **{"now": now, **more})

    return file


@pytest.fixture
def browse(town):
    def browse(role: str = "community") -> Client:
        client = Client()
        client.force_login(town.users[role])
        return client

    return browse


def soup(response) -> BeautifulSoup:
    assert response.status_code == 200, response.content.decode()[:2000]
    return BeautifulSoup(response.content, "html.parser")


PAGES: list[tuple[str, dict[str, int]]] = [
    ("cases:queue", {}), ("cases:bulk-choices", {}), ("cases:map", {}), ("cases:map-data", {}), ("cases:map-list", {}),
    ("cases:rates", {}), ("cases:rates-csv", {}), ("cases:emergency", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_desks_get_in_and_others_do_not(town, browse, file, name, args):
    file()
    url = reverse(name, kwargs=args)
    for role in ("community", "street", "county"):
        assert browse(role).get(url).status_code == 200
    for role in ("leader", "department", "stranger"):
        assert browse(role).get(url).status_code == 403
    assert Client().get(url).status_code in (302, 401, 403)


def test_the_queue_shows_each_case_with_holder_and_time_left(town, browse, file):
    case = file(HOSTILE, contact=services.Contact("王小明", "13912345678", "201"))
    page = soup(browse().get(reverse("cases:queue")))
    row = page.select_one("tr[data-row]")
    assert row.select_one("a[data-row-open]")["href"] == reverse("cases:detail", args=[case.pk])
    assert '<script>alert("x")' in row.text
    assert case.holder_tenure.holder.name in row.text
    assert row.select_one("time.pill") is not None
    assert "王小明" not in page.text
    assert "13912345678" not in str(page)


def test_an_empty_queue_says_so_and_a_narrowed_one_offers_the_way_back(browse, file):
    assert soup(browse().get(reverse("cases:queue"))).select_one(".empty-state") is not None
    file()
    page = soup(browse().get(reverse("cases:queue"), {"text": "没有这样的话"}))
    assert page.select_one(".empty-state a")["href"] == reverse("cases:queue")


@pytest.mark.parametrize("name", ["cases:queue", "cases:map", "cases:map-data", "cases:map-list"])
@pytest.mark.parametrize(
    "query",
    [
        {"status": "'"}, {"since": "2026-13-01"}, {"after": "x"}, {"grid": "9" * 30}, {"bbox": "1,2,3"},
        {"bbox": "nan,nan,nan,nan"}, {"seen": "x" * 50}, {"text": "\x00%_\\'\""}, {"kind": "zz"}, {"area": "\u0661"},
    ],
)  # fmt: skip
def test_hostile_values_are_refused_or_harmless(browse, file, name, query):
    file()
    assert browse().get(reverse(name), query).status_code in (200, 400)


def test_the_page_asks_as_often_with_ten_rows_as_with_twenty(browse, file, django_assert_max_num_queries):
    client = browse()
    for _ in range(10):
        file()
    client.get(reverse("cases:queue"))
    with django_assert_max_num_queries(9) as ten:  # four of its own; session, person, rights and frame
        client.get(reverse("cases:queue"))
    for _ in range(10):
        file()
    with django_assert_max_num_queries(9) as twenty:
        page = soup(client.get(reverse("cases:queue")))
    assert len(page.select("tr[data-row]")) == 20
    assert len(ten) == len(twenty)


def test_the_live_part_tells_how_many_came_since(browse, file):
    first = file()
    page = soup(browse().get(reverse("cases:queue")))
    live = page.select_one("#queue-live")["hx-get"]
    assert f"seen={first.pk}" in live
    file()
    part = browse().get(live, headers={"HX-Request": "true"})
    assert "1 件新事项" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert soup(part).select("tr[data-row] .pill-info")


def test_a_view_is_kept_used_and_removed_by_its_owner_only(town, browse):
    client = browse()
    client.post(reverse("cases:save-view"), {"name": "超时的", "filters": "state=overdue&sort=newest"})
    view = SavedView.objects.get()
    assert (view.user, view.filters) == (town.users["community"], {"state": "overdue", "sort": "newest"})
    chip = soup(client.get(reverse("cases:queue"))).select_one(".chips a")
    assert soup(client.get(chip["href"])).select_one(".chips a[aria-current]") is not None
    assert browse("street").post(reverse("cases:remove-view", args=[view.pk])).status_code == 404
    assert client.post(reverse("cases:save-view"), {"name": " ", "filters": ""}).status_code == 400
    assert client.post(reverse("cases:save-view"), {"name": "坏", "filters": "status=x"}).status_code == 400
    assert SavedView.objects.count() == 1
    client.post(reverse("cases:remove-view", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_bulk_dispatch_answers_row_by_row_and_a_refusal_stops_no_other(town, browse, file):
    one, two = file(), file("垃圾没有清运", category="0301")
    settled = file()
    holder = settled.holder_tenure.holder
    services.accept(actor=holder, case=settled, now=timezone.now())
    services.resolve(actor=holder, case=settled, result="已修好", now=timezone.now())
    hidden_town = make_town(community_code="520303001002")
    hidden = Case.objects.get(pk=file().pk)
    Case.objects.filter(pk=hidden.pk).update(area_code=hidden_town.community.code)
    tenure = town.tenures["community"]
    data = {"case": [one.pk, two.pk, settled.pk, hidden.pk, "x"], "to": f"tenure:{tenure.pk}", "note": "集中处理"}
    page = soup(browse().post(reverse("cases:bulk-dispatch"), data))
    assert Case.objects.get(pk=one.pk).holder_tenure == Case.objects.get(pk=two.pk).holder_tenure == tenure
    assert Case.objects.get(pk=settled.pk).status == "RESOLVED"
    assert Case.objects.get(pk=hidden.pk).holder_tenure == hidden.holder_tenure
    assert len(page.select("tbody .pill-good")) == 2
    assert sorted(code.text for code in page.select("tbody code")) == ["case_unknown", "illegal_move"]


def test_bulk_dispatch_by_rule_and_its_refusals(town, browse, file):
    case = file()
    client = browse()
    client.post(reverse("cases:bulk-dispatch"), {"case": [case.pk], "to": f"tenure:{town.tenures['community'].pk}"})
    client.post(reverse("cases:bulk-dispatch"), {"case": [case.pk], "to": ""})
    assert Case.objects.get(pk=case.pk).holder_tenure == town.tenures["leader"]
    steps = Step.objects.count()
    assert client.post(reverse("cases:bulk-dispatch"), {"to": ""}).status_code == 400
    page = soup(client.post(reverse("cases:bulk-dispatch"), {"case": [case.pk], "to": "tenure:999999"}))
    assert page.select_one("tbody code").text == "tenure_unknown"
    assert browse("stranger").post(reverse("cases:bulk-dispatch"), {"case": [case.pk]}).status_code == 403
    assert Step.objects.count() == steps


def test_whom_to_hand_to_is_offered(town, browse):
    values = [o["value"] for o in soup(browse().get(reverse("cases:bulk-choices"))).select("option")]
    assert f"tenure:{town.tenures['grid_worker'].pk}" in values
    assert f"organisation:{town.organisations['HOUSING'].pk}" in values


def test_the_detail_explains_deadline_holder_and_history(town, browse, file):
    case = file(HOSTILE, contact=services.Contact("王小明", "139 1234 5678", "201"))
    holder = case.holder_tenure.holder
    services.accept(actor=holder, case=case, now=timezone.now())
    services.add_note(actor=holder, case=case, note="只给同事看", now=timezone.now())
    services.add_note(actor=holder, case=case, note="居民也能看", now=timezone.now(), public=True)
    page = soup(browse().get(reverse("cases:detail", args=[case.pk])))
    assert page.select_one(".case-text").text.startswith('<script>alert("x")')
    assert page.select(".why-list li")
    assert "记录完整" in page.text
    assert "只给同事看" in page.select_one(".timeline-inner").text
    assert "王小明" not in page.text
    assert "5678" in page.select_one("#reporters").text
    assert "1234" not in page.select_one("#reporters").text.replace("13****", "")
    assert page.select_one("#move-reassign form")["action"] == reverse("cases:move", args=[case.pk, "reassign"])
    assert page.select_one("#move-accept") is None


def test_a_changed_record_is_told(browse, file):
    case = file()
    Step.objects.filter(case=case, sequence=1).update(actor_name="别人")
    assert "记录被改动过" in soup(browse().get(reverse("cases:detail", args=[case.pk]))).text


def test_reassigning_from_the_detail_moves_the_case(town, browse, file):
    case = file()
    url = reverse("cases:move", args=[case.pk, "reassign"])
    tenure = town.tenures["community"]
    assert browse("stranger").post(url, {"tenure": tenure.pk}).status_code in (403, 404)
    assert Case.objects.get(pk=case.pk).holder_tenure == case.holder_tenure
    browse().post(url, {"tenure": tenure.pk, "note": "由社区统一处理"})
    assert Case.objects.get(pk=case.pk).holder_tenure == tenure


def test_the_map_gives_points_without_anybodys_words(browse, file):
    case = file("我家楼上漏水")
    answer = browse().get(reverse("cases:map-data"))
    feature = answer.json()["features"][0]
    assert feature["geometry"]["coordinates"] == [pytest.approx(case.lon, abs=1e-5), pytest.approx(case.lat, abs=1e-5)]
    assert feature["properties"]["tone"] in ("good", "warn", "bad")
    assert "漏水" not in answer.content.decode()
    assert browse().get(reverse("cases:map-data"), {"bbox": "1,1,2,2"}).json()["features"] == []


def test_the_rates_page_hides_percentages_of_few_and_names_its_definitions(town, browse, file):
    for answer in ("YES", "NO", "YES", "YES"):
        case = file()
        holder = case.holder_tenure.holder
        services.accept(actor=holder, case=case, now=timezone.now())
        services.resolve(actor=holder, case=case, result="已修好", now=timezone.now())
        services.rate(actor=None, case=case, solved=answer, satisfied=answer, now=timezone.now())
    page = soup(browse("county").get(reverse("cases:rates")))
    figures = [value.text for value in page.select(".figure-value")]
    assert figures[1] == "3/4"
    assert "%" not in "".join(figures)
    assert "第三十二条" in page.text
    case = file()
    holder = case.holder_tenure.holder
    services.accept(actor=holder, case=case, now=timezone.now())
    services.resolve(actor=holder, case=case, result="已修好", now=timezone.now())
    services.rate(actor=None, case=case, solved="PARTLY", satisfied="BASICALLY", now=timezone.now())
    page = soup(browse("county").get(reverse("cases:rates")))
    assert [value.text for value in page.select(".figure-value")][:3] == ["100.0%", "70.0%", "76.0%"]
    assert holder.name not in page.text
    rows = list(csv.reader(io.StringIO(browse("county").get(reverse("cases:rates-csv")).content.decode("utf-8-sig"))))
    assert "70.0%" in rows[2]


@pytest.mark.parametrize("query", [{"month": "2026-00"}, {"first": "x"}, {"area": "1"}, {"last": "0001-01-01"}])
def test_rates_of_no_time_and_no_place_are_refused(browse, query):
    assert browse("county").get(reverse("cases:rates"), query).status_code == 400


def test_rates_cost_the_same_for_few_and_many(browse, file, django_assert_max_num_queries):
    client = browse("county")
    client.get(reverse("cases:rates"))
    counted = []
    for _ in range(2):
        for _ in range(10):
            file()
        with django_assert_max_num_queries(9) as queries:
            client.get(reverse("cases:rates"))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def emergency_form(town, **changed) -> dict[str, str]:
    ends_at = timezone.localtime(timezone.now() + timedelta(hours=3))
    return {"area": town.street.code, "reason": "暴雨红色预警", "ends_at": f"{ends_at:%Y-%m-%dT%H:%M}", **changed}


def test_emergency_is_switched_by_the_centre_in_its_own_area(town, browse):
    url = reverse("cases:begin-emergency")
    for role in ("community", "street", "stranger"):
        assert browse(role).post(url, emergency_form(town)).status_code == 403
    county = browse("county")
    for wrong in ({"area": "110101000000"}, {"area": ""}, {"reason": " "}, {"ends_at": "x"},
                  {"ends_at": "2020-01-01T00:00"}, {"ends_at": "2999-01-01T00:00"}):  # fmt: skip
        assert county.post(url, emergency_form(town, **wrong)).status_code in (400, 404), wrong
    assert not Emergency.objects.exists()
    county.post(url, emergency_form(town))
    one = Emergency.objects.get()
    assert (one.area, one.began_by) == (town.street, town.users["county"])
    assert county.post(url, emergency_form(town)).status_code == 409
    assert "暴雨红色预警" in soup(browse("community").get(reverse("cases:emergency"))).text
    end = reverse("cases:end-emergency", args=[one.pk])
    assert browse("community").post(end).status_code == 403
    county.post(end)
    assert county.post(end).status_code == 409
    assert Emergency.objects.get().ended_by == town.users["county"]
    assert "测试county" in soup(county.get(reverse("cases:emergency"))).select_one("table").text


def test_the_detail_asks_as_often_after_many_steps_as_after_few(browse, file, django_assert_max_num_queries):
    client = browse()
    case = file()
    url = reverse("cases:detail", args=[case.pk])
    client.get(url)
    counted = []
    for _ in range(2):
        for _ in range(10):
            services.add_note(actor=case.holder_tenure.holder, case=case, note="已到现场", now=timezone.now())
            file("相似的一件：楼道灯不亮")
        with django_assert_max_num_queries(36) as queries:
            client.get(url)
        counted.append(len(queries))
    assert counted[0] == counted[1]
