"""A resident's way through the API: report, follow, rate, reopen, withdraw; each write once."""

from io import BytesIO

import pytest
from PIL import Image

from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Channel, Photo

REPORTS = "/api/v1/reports"


def post(client, url, body, **headers):
    return client.post(url, body, content_type="application/json", headers=headers)


def picture(size=(40, 30)):
    file = BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    file.seek(0)
    file.name = "../../etc/passwd.png"
    return file


@pytest.fixture
def filed(client, town):
    answer = post(client, REPORTS, {"text": "楼道灯坏了三天", "board": town.board_code()})
    assert answer.status_code == 201, answer.content
    return answer.json()


def settle(code):
    case = Case.objects.select_related("holder_tenure__holder").get(receipt_code=code)
    from django.utils import timezone

    now, holder = timezone.now(), case.holder_tenure.holder
    services.accept(actor=holder, case=case, now=now)
    services.resolve(actor=holder, case=case, result="已换灯泡", now=now)


def test_a_report_is_filed_followed_settled_rated_and_reopened(client, filed):
    code = filed["receipt_code"]
    assert filed["resolve_due_at"] is not None
    followed = client.get(f"/api/v1/follow/{code}").json()
    assert followed["holder"]["phone"]
    assert followed["steps"][0]["title"]
    assert "hash" not in str(followed)
    settle(code)
    rated = post(client, f"/api/v1/follow/{code}/rating", {"solved": "NO", "satisfied": "NO", "note": "还是不亮"})
    assert rated.json()["status"] == "CLOSED"
    reopened = post(client, f"/api/v1/follow/{code}/reopening", {"reason": "还是不亮"})
    assert reopened.json()["status"] == "DISPATCHED"
    withdrawn = post(client, f"/api/v1/follow/{code}/withdrawal", {})
    assert withdrawn.json()["status"] == "WITHDRAWN"


def test_the_same_key_files_once_and_other_content_is_refused(client, town):
    body = {"text": "楼道灯坏了", "board": town.board_code()}
    first = post(client, REPORTS, body, idempotency_key="k1")
    again = post(client, REPORTS, body, idempotency_key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = post(client, REPORTS, {**body, "text": "别的事"}, idempotency_key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert Case.objects.count() == 1


def test_rating_again_under_the_same_key_gets_the_same_answer(client, filed):
    settle(filed["receipt_code"])
    url, said = f"/api/v1/follow/{filed['receipt_code']}/rating", {"solved": "YES", "satisfied": "YES"}
    answers = [post(client, url, said, idempotency_key="r1") for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert post(client, url, said).json()["code"] == "illegal_move"


def test_photos_are_encoded_anew_and_a_repeated_upload_leaves_no_file(client, town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def send(key):
        body = {"text": "井盖坏了", "board": town.board_code(), "photos": [picture(), picture((20, 20))]}
        return client.post(f"{REPORTS}/with-photos", body, headers={"Idempotency-Key": key})

    assert send("p1").status_code == 201
    assert send("p1").status_code == 201
    assert Photo.objects.count() == 2
    assert sorted(p.name for p in tmp_path.rglob("*.*")) == sorted(p.file_name for p in Photo.objects.all())


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "", "area": "520303001001"}, 400, "text_missing"),
        ({"text": "长" * 5000, "area": "520303001001"}, 400, "text_too_long"),
        ({"text": "没有地方"}, 400, "place_missing"),
        ({"text": "别处", "lon": 121.5, "lat": 31.2}, 404, "outside_district"),
        ({"text": "轴反了", "lon": 27.7, "lat": 106.9}, 400, "point_invalid"),
        ({"text": "没有的码", "board": "NOPE"}, 404, "place_unknown"),
        ({"text": "没有的分类", "area": "520303001001", "category": "0000"}, 400, "category_unknown"),
        ({"text": "空\x00字符", "area": "520303001001"}, 422, "fields_invalid"),
        ({"text": "过大", "place_id": 2**70}, 422, "fields_invalid"),
        ({"text": "不是数", "lon": "x"}, 422, "fields_invalid"),
    ],
)
def test_a_refused_report_is_told_why_and_leaves_nothing(client, town, body, status, code):
    answer = post(client, REPORTS, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert Case.objects.count() == 0


@pytest.mark.parametrize("body", [b'{"text": "\\ud800", "area": "520303001001"}', b"\xff\xfe", b"[", b"{" * 10_000])
def test_what_cannot_be_read_is_refused_not_crashed_on(client, town, body):
    answer = client.post(REPORTS, body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"code", "message", "remedy", "details"}


def test_too_large_a_body_is_refused(client, town):
    answer = client.post(REPORTS, b'{"text": "' + b"a" * 3_000_000 + b'"}', content_type="application/json")
    assert answer.status_code in (400, 413)
    assert answer.json()["code"]


def test_guessing_codes_is_slowed_down(client, town):
    codes = [client.get(f"/api/v1/follow/AAAA{n:08}").status_code for n in range(22)]
    assert codes[0] == 404
    assert codes[-1] == 429


def test_refusals_speak_the_readers_language(client, town):
    answer = client.get("/api/v1/follow/NOSUCHCODE00", headers={"Accept-Language": "zh-hans"})
    assert answer.json()["message"] == "没有这个查询码。"


def test_a_program_reports_for_somebody_under_its_name(client, town, token_of):
    answer = post(
        client, REPORTS, {"text": "路灯坏了", "area": town.community.code}, **token_of(town.users["community"])
    )
    case = Case.objects.get(receipt_code=answer.json()["receipt_code"])
    assert case.channel == Channel.API
    assert case.steps.get(sequence=1).actor == town.users["community"]


def test_a_door_code_and_a_point_say_in_words_where_they_are(client, town):
    door = client.get(f"/api/v1/locate/board/{town.board_code()}").json()
    assert (door["name"], door["above"]) == ("1栋", [town.community.name, town.street.name, town.county.name])
    spot = client.get("/api/v1/locate/point", {"lon": town.grids[0].lon, "lat": town.grids[0].lat}).json()
    assert (spot["grid_id"], spot["name"]) == (town.grids[0].pk, "第1网格")
