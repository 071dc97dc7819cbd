"""A resident without an account: report, receipt, progress, rating; bad input and guessed codes."""

import io
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from mulin.commands.seed import seed_reference
from mulin.core import versions
from mulin.core.codes import new_code
from mulin.domains.cases import services, tasks
from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Case, LearntWord, Photo, Reporter
from mulin.domains.cases.services.learning import learn
from mulin.domains.cases.states import Status
from mulin.domains.duty.services import begin_absence
from mulin.domains.places import queries as places
from tests.factories import make_town

pytestmark = pytest.mark.django_db

STREET_LAMP = "楼下路灯不亮，晚上看不见路"
JPEG_BYTES = 200


@pytest.fixture
def town(monkeypatch):
    # Reference data is looked at again every other second: counts of queries must not depend on the machine's pace.
    monkeypatch.setattr("mulin.core.versions.CHECK_EVERY_S", 3600.0)
    seed_reference(now=timezone.now())
    return make_town()


def picture(fmt: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", size, "red").save(out, fmt, **({"exif": exif} if fmt == "JPEG" else {}))
    return out.getvalue()


def asked(town, **fields: object) -> dict[str, object]:
    return {"b": town.board_code(), "text": STREET_LAMP, "idempotency_key": str(uuid4()), **fields}


def post(client: Client, town, **fields: object):
    return client.post(reverse("cases:report"), asked(town, **fields))


def code_of(response) -> str:
    assert response.status_code == 302, response.content.decode()
    return re.fullmatch(r"/receipt/([0-9A-Z]{12})/", response.url)[1]


def new_case(town, text: str = STREET_LAMP, category: str = "0102", building: int = 0) -> Case:
    location = places.locate_board(town.board_code(building))
    return services.report_case(actor=None, report=services.Report(text, category, location), now=timezone.now())


def settled(case: Case, town) -> Case:
    holder = case.holder_tenure.holder
    services.accept(actor=holder, case=case, now=timezone.now())
    return services.resolve(actor=holder, case=case, result="换了新灯泡", now=timezone.now())


class TestReporting:
    def test_the_door_code_says_where(self, client, town):
        page = client.get(reverse("cases:report"), {"b": town.board_code()})
        assert page.status_code == 200
        assert "1栋" in page.content.decode()
        assert f'name="b" value="{town.board_code()}"' in page.content.decode()

    def test_an_unknown_door_code_still_lets_people_choose(self, client, town):
        page = client.get(reverse("cases:report"), {"b": "NOWHERE"})
        assert page.status_code == 200
        assert "没有找到这个地方" in page.content.decode()
        assert 'name="area"' in page.content.decode()

    def test_one_sentence_is_enough(self, client, town):
        case = Case.objects.get(receipt_code=code_of(post(client, town)))
        assert (case.text, case.status, case.building) == (STREET_LAMP, Status.DISPATCHED, town.buildings[0])
        assert case.category.code == "0102"
        assert case.holder_tenure is not None

    def test_a_category_of_ones_own_goes_before_the_suggestion(self, client, town):
        code = code_of(post(client, town, category="0301", suggested="0102"))
        assert Case.objects.get(receipt_code=code).category.code == "0301"

    def test_what_fits_nothing_is_other(self, client, town):
        code = code_of(post(client, town, text="你好你好"))
        assert Case.objects.get(receipt_code=code).category.code == "9901"

    def test_contact_is_kept_encrypted_and_optional(self, client, town):
        code = code_of(post(client, town, name="王阿姨", phone="139 0000 1234", room="301"))
        reporter = Reporter.objects.get(case__receipt_code=code)
        assert (reporter.name, reporter.phone, reporter.room) == ("王阿姨", "139 0000 1234", "301")

    def test_a_double_click_is_one_case(self, client, town):
        fields = asked(town)
        first = client.post(reverse("cases:report"), fields)
        second = client.post(reverse("cases:report"), fields)
        assert code_of(first) == code_of(second)
        assert Case.objects.count() == 1

    def test_going_back_and_writing_something_else_asks_once_more(self, client, town):
        fields = asked(town)
        client.post(reverse("cases:report"), fields)
        again = client.post(reverse("cases:report"), {**fields, "text": "电梯也坏了"})
        assert again.status_code == 422
        assert "刚才那件已经提交成功" in again.content.decode()
        assert "电梯也坏了" in again.content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', again.content.decode())[1]
        code_of(client.post(reverse("cases:report"), {**fields, "text": "电梯也坏了", "idempotency_key": key}))
        assert Case.objects.count() == 2

    def test_costs_at_most_ten_statements(self, client, town):
        post(client, town)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            code_of(post(client, town, text="路灯又灭了"))
        control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        statements = [q["sql"] for q in queries if not q["sql"].startswith(control)]
        assert len(statements) <= 10, "\n".join(s[:120] for s in statements)

    def test_a_point_in_no_grid_goes_to_the_community_desk(self, client, town):
        lon, lat = 106.95, 27.701
        said = client.get(reverse("cases:report-place"), {"lon": lon, "lat": lat}).content.decode()
        assert "不在任何网格内" in said
        code = code_of(client.post(reverse("cases:report"), asked(town, b="", lon=lon, lat=lat, category="0607")))
        case = Case.objects.get(receipt_code=code)
        assert case.outside_grids
        assert case.holder_tenure == town.tenures["community"]

    def test_a_point_in_a_grid_says_which_and_goes_there(self, client, town):
        lon, lat = town.grids[0].lon, town.grids[0].lat
        said = client.get(reverse("cases:report-place"), {"lon": lon, "lat": lat}).content.decode()
        assert "第1网格" in said
        code = code_of(client.post(reverse("cases:report"), asked(town, b="", lon=lon, lat=lat)))
        assert Case.objects.get(receipt_code=code).grid == town.grids[0]

    def test_a_community_alone_is_enough(self, client, town):
        code = code_of(client.post(reverse("cases:report"), asked(town, b="", area=town.community.code)))
        assert Case.objects.get(receipt_code=code).place == town.community

    def test_an_address_nobody_knows_is_read_by_the_district(self, client, town):
        code = code_of(client.post(reverse("cases:report"), asked(town, b="", address_text="老糖厂后门")))
        case = Case.objects.get(receipt_code=code)
        assert (case.place, case.address_text) == (town.county, "老糖厂后门")


class TestBadInput:
    def refused(self, client, town, words: str, **fields: object) -> str:
        response = client.post(reverse("cases:report"), asked(town, **fields))
        page = response.content.decode()
        assert response.status_code == 422, page[:500]
        assert words in page
        assert not Case.objects.exists()
        return page

    def test_nothing_said(self, client, town):
        self.refused(client, town, "请写明发生了什么", text="   ")

    def test_five_thousand_characters_are_kept_on_the_page(self, client, town):
        page = self.refused(client, town, "最多 2000 字", text="灯" * 5000, name="王阿姨")
        assert "灯" * 5000 in page
        assert "王阿姨" in page

    def test_half_a_phone_number(self, client, town):
        self.refused(client, town, "这个号码看起来不完整", phone="13")

    def test_no_place(self, client, town):
        self.refused(client, town, "请告诉我们在哪里", b="")

    def test_outside_the_district(self, client, town):
        self.refused(client, town, "不在本区范围内", b="", lon="121.47", lat="31.23")

    def test_outside_the_country(self, client, town):
        self.refused(client, town, "经纬度写反了", b="", lon="27.7", lat="106.9")

    @pytest.mark.parametrize("point", [{"lon": "nan", "lat": "27.7"}, {"lon": "x", "lat": "y"}])
    def test_no_point_at_all(self, client, town, point):
        response = client.post(reverse("cases:report"), asked(town, b="", **point))
        assert response.status_code == 422
        assert not Case.objects.exists()

    @pytest.mark.parametrize("place_id", ["0", "-1", "²", "9" * 30, "'"])
    def test_a_place_that_is_none(self, client, town, place_id):
        self.refused(client, town, "没有找到这个地方", b="", place_id=place_id)

    def test_an_unknown_category(self, client, town):
        self.refused(client, town, "没有这个事项分类", category="77777")

    def test_a_malformed_photo_is_named_and_nothing_is_left_on_disk(self, client, town, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        files = [
            SimpleUploadedFile("a.jpg", picture(), "image/jpeg"),
            SimpleUploadedFile("b.jpg", b"\xff\xd8\xffnot a photo", "image/jpeg"),
        ]
        self.refused(client, town, "第 2 张：这张照片打不开", photos=files)
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []

    def test_seven_photos(self, client, town):
        files = [SimpleUploadedFile(f"{n}.jpg", picture(), "image/jpeg") for n in range(7)]
        self.refused(client, town, "最多上传 6 张照片", photos=files)

    def test_a_photo_of_forty_megabytes_is_cut_off_while_it_comes(self, client, town):
        large = SimpleUploadedFile("large.jpg", b"\xff\xd8" + b"0" * (40 * 1024 * 1024), "image/jpeg")
        page = self.refused(client, town, "第 1 张：照片太大，每张最多 15 MB", photos=[large])
        assert STREET_LAMP in page

    def test_a_body_beyond_all_bounds_is_refused_unread(self, client, town):
        response = client.generic("POST", reverse("cases:report"), b"x", CONTENT_LENGTH=str(500 * 1024 * 1024))
        assert response.status_code == 413
        assert "upload_too_large" in response.content.decode()

    def test_without_the_forms_token_nothing_is_filed(self, town):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(reverse("cases:report"), asked(town)).status_code == 403
        assert not Case.objects.exists()

    def test_a_flood_is_slowed_down_and_sent_to_12345(self, client, town):
        for _n in range(30):
            code_of(post(client, town))
        response = post(client, town)
        assert response.status_code == 429
        assert "12345" in response.content.decode()
        assert Case.objects.count() == 30


class TestPhotos:
    def test_are_encoded_anew_and_shown_to_who_has_the_code(self, client, town, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        upload = SimpleUploadedFile("../../../etc/passwd.jpg", picture(), "image/jpeg")
        code = code_of(post(client, town, photos=[upload]))
        photo = Photo.objects.get()
        assert re.fullmatch(r"[0-9a-f]{32}\.jpg", photo.file_name)
        response = client.get(reverse("cases:photo", args=[photo.pk]), {"code": code})
        content = b"".join(response.streaming_content)
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"] == "inline"
        assert "private" in response["Cache-Control"]
        assert b"secret place" not in content

    def test_a_replay_keeps_no_second_copy(self, client, town, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        key = str(uuid4())
        for _n in range(2):
            code_of(post(client, town, idempotency_key=key, photos=[SimpleUploadedFile("a.jpg", picture())]))
        assert len(list(Path(tmp_path).rglob("*.jpg"))) == 1

    def test_are_hidden_from_strangers(self, client, town, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        code_of(post(client, town, photos=[SimpleUploadedFile("a.jpg", picture())]))
        url = reverse("cases:photo", args=[Photo.objects.get().pk])
        assert client.get(url).status_code == 404
        assert client.get(url, {"code": new_code()}).status_code == 404
        assert client.get(url, {"code": new_case(town).receipt_code}).status_code == 404
        client.force_login(town.users["stranger"])
        assert client.get(url).status_code == 404
        client.force_login(town.users["community"])
        assert client.get(url).status_code == 200

    def test_stored_name_of_the_service_is_the_one_on_disk(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        stored = photos.store(io.BytesIO(picture("PNG")))
        assert photos.path_of(stored.file_name).stat().st_size == stored.bytes


class TestReceiptAndProgress:
    def test_the_receipt_says_code_holder_and_deadline(self, client, town):
        case = new_case(town)
        page = client.get(reverse("cases:receipt", args=[case.receipt_code])).content.decode()
        c = case.receipt_code
        assert f"{c[:4]}-{c[4:8]}-{c[8:]}" in page
        assert "data:image/png;base64," in page
        assert "最晚什么时候办好" in page
        assert "为什么是这个时间" in page

    @pytest.mark.parametrize("name", ["cases:receipt", "cases:follow"])
    def test_pages_of_a_code_are_kept_by_nobody(self, client, town, name):
        response = client.get(reverse(name, args=[new_case(town).receipt_code]))
        assert response["Cache-Control"] == "private, no-store"
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Referrer-Policy"] == "same-origin"

    def test_a_code_read_aloud_finds_the_case(self, client, town):
        code = new_case(town).receipt_code
        spoken = f" {code[:4].lower()}-{code[4:8]} {code[8:]}".replace("0", "o").replace("1", "l")
        response = client.post(reverse("cases:follow-by-code"), {"code": spoken})
        assert response.url == reverse("cases:follow", args=[code])

    def test_a_wrong_code_is_said_beside_the_field(self, client, town):
        response = client.post(reverse("cases:follow-by-code"), {"code": "ABCD"})
        assert response.status_code == 422
        assert "没有这个查询码" in response.content.decode()

    def test_guessing_codes_is_slowed_down(self, client, town):
        answers = [client.get(reverse("cases:follow", args=[new_code()])).status_code for _n in range(25)]
        assert answers[:20] == [404] * 20
        assert set(answers[20:]) == {429}
        other = client.get(reverse("cases:follow", args=[new_case(town).receipt_code]), REMOTE_ADDR="10.1.2.3")
        assert other.status_code == 200

    def test_tells_no_words_meant_for_colleagues(self, client, town):
        case = new_case(town)
        holder = case.holder_tenure.holder
        services.accept(actor=holder, case=case, now=timezone.now())
        services.contact(actor=holder, case=case, note="脾气不好", now=timezone.now())
        services.add_note(actor=holder, case=case, note="内部讨论", now=timezone.now())
        services.add_note(actor=holder, case=case, note="灯泡已下单", public=True, now=timezone.now())
        page = client.get(reverse("cases:follow", args=[case.receipt_code])).content.decode()
        assert "灯泡已下单" in page
        assert "内部讨论" not in page
        assert "脾气不好" not in page

    def test_a_refusal_says_who_why_and_where_to_go(self, client, town):
        case = new_case(town)
        services.reject(
            actor=town.users["community"], case=case, reason_code="EMERGENCY_LINE", note="", now=timezone.now()
        )
        page = client.get(reverse("cases:follow", args=[case.receipt_code])).content.decode()
        assert town.users["community"].name in page
        assert "属于紧急求助" in page
        assert "119" in page

    def test_a_merged_case_shows_how_the_other_goes_on_without_its_words(self, client, town):
        case, into = new_case(town), new_case(town, text="别人写的话")
        services.merge(actor=town.users["community"], case=case, into=into, now=timezone.now())
        page = client.get(reverse("cases:follow", args=[case.receipt_code])).content.decode()
        assert into.number in page
        assert "别人写的话" not in page
        assert into.receipt_code not in page

    def test_while_the_holder_is_away_the_substitute_is_named_and_called(self, client, town):
        case, now = new_case(town, category="0601"), timezone.now()
        held, stand_in = case.holder_tenure, town.users["grid_worker"]
        assert held is not None
        ended = now + timedelta(days=1)
        begin_absence(
            actor=None, tenure=held, substitute=stand_in, begins_at=now - timedelta(hours=1), ends_at=ended, now=now
        )
        page = client.get(reverse("cases:follow", args=[case.receipt_code])).content.decode()
        card = page[page.index('<div class="holder">') : page.index('<ol class="timeline')]
        assert stand_in.name in card
        assert stand_in.work_phone in card
        assert "代班" in card
        assert held.holder.name not in card
        told = client.get(f"/api/v1/follow/{case.receipt_code}").json()["holder"]
        assert (told["name"], told["stands_in"]) == (stand_in.name, True)

    def test_costs_the_same_however_long_the_history(self, client, town):
        case = new_case(town)
        holder = case.holder_tenure.holder
        services.accept(actor=holder, case=case, now=timezone.now())
        counts = []
        for _n in range(2):
            services.add_note(actor=holder, case=case, note="一", public=True, now=timezone.now())
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("cases:follow", args=[case.receipt_code]))
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 8


class TestTheLastWord:
    def test_unsolved_may_be_reopened_at_once(self, client, town):
        case = settled(new_case(town), town)
        url = reverse("cases:rate", args=[case.receipt_code])
        page = client.post(url, {"solved": "NO", "satisfied": "NO", "note": "还是不亮"}, follow=True).content.decode()
        assert '<details class="fold" id="reopen" open' in page
        assert "您说还没有完全解决" in page
        client.post(reverse("cases:reopen", args=[case.receipt_code]), {"reason": "还是不亮"})
        case.refresh_from_db()
        assert (case.status, case.round) == (Status.DISPATCHED, 2)

    def test_an_incomplete_rating_keeps_what_was_written(self, client, town):
        case = settled(new_case(town), town)
        response = client.post(reverse("cases:rate", args=[case.receipt_code]), {"solved": "YES", "note": "谢谢小李"})
        assert response.status_code == 422
        assert "请选择是否解决" in response.content.decode()
        assert "谢谢小李" in response.content.decode()

    def test_rating_twice_changes_nothing(self, client, town):
        case = settled(new_case(town), town)
        url = reverse("cases:rate", args=[case.receipt_code])
        client.post(url, {"solved": "YES", "satisfied": "YES"})
        again = client.post(url, {"solved": "NO", "satisfied": "NO"})
        assert again.status_code == 422
        assert case.ratings.get().solved == "YES"

    def test_reopening_asks_for_a_reason(self, client, town):
        case = settled(new_case(town), town)
        response = client.post(reverse("cases:reopen", args=[case.receipt_code]), {"reason": " "})
        assert response.status_code == 422
        assert "请写明理由" in response.content.decode()

    def test_withdrawing(self, client, town):
        case = new_case(town)
        client.post(reverse("cases:withdraw", args=[case.receipt_code]), {"reason": "自己好了"})
        case.refresh_from_db()
        assert case.status == Status.WITHDRAWN

    def test_without_the_code_nothing_moves(self, client, town):
        case = settled(new_case(town), town)
        response = client.post(reverse("cases:rate", args=[new_code()]), {"solved": "NO", "satisfied": "NO"})
        assert response.status_code == 404
        case.refresh_from_db()
        assert case.status == Status.RESOLVED


class TestSuggestion:
    def suggested(self, client, town, **fields: object) -> str:
        return client.post(reverse("cases:suggest"), {"b": town.board_code(), **fields}).content.decode()

    def test_names_the_category_of_the_words(self, client, town):
        page = self.suggested(client, town, text=STREET_LAMP)
        assert re.search(r'value="0102"[^>]* checked', page)

    def test_says_nothing_about_nothing(self, client, town):
        assert "suggested" not in self.suggested(client, town, text="你好")

    def test_keeps_what_was_picked_by_hand(self, client, town):
        text = "垃圾没人清，路灯不亮"
        codes = re.findall(r'name="suggested" value="(\d+)"', self.suggested(client, town, text=text))
        page = self.suggested(client, town, text=text, suggested=codes[1], automatic=codes[0])
        assert re.search(rf'value="{codes[1]}"[^>]* checked', page)

    def test_desk_teaches_it(self, client, town):
        for _n in range(2):
            for text, category in (("旺仔小窝吵得很", "0603"), ("转角那堆东西", "0301"), ("阿弥陀佛广场", "0602")):
                case = new_case(town, text=text, category="9901")
                desk = town.users["community"]
                services.recategorise(actor=desk, case=case, category_code=category, now=timezone.now())
        LearntWord.objects.update(count=F("count") * 40)
        versions.forget_all()
        assert 'value="0603"' in self.suggested(client, town, text="旺仔小窝吵得很")

    def test_a_word_only_one_case_contains_is_not_stored(self, town):
        learn(text="欧阳娜娜家漏水", category_code="0505")
        assert not LearntWord.objects.filter(word__contains="娜").exists()
        learn(text="楼上漏水", category_code="0505")
        assert LearntWord.objects.get(word="漏水", category_code="0505").count == 2


class TestJoining:
    def join(self, client, town, case: Case, **fields: object):
        return client.post(reverse("cases:join"), asked(town, join=case.pk, **fields))

    def test_a_neighbour_is_told_of_the_same_problem_without_words(self, client, town):
        new_case(town, text="三楼老李家门口路灯不亮")
        page = client.post(reverse("cases:suggest"), {"b": town.board_code(), "text": STREET_LAMP}).content.decode()
        assert "邻居已经反映过同样的问题" in page
        assert "老李" not in page

    def test_personal_matters_of_neighbours_are_not_told(self, client, town):
        case = new_case(town, text="夫妻吵架", category="0609")
        page = client.post(
            reverse("cases:suggest"), {"b": town.board_code(), "text": "夫妻吵架", "category": "0609"}
        ).content.decode()
        assert "邻居已经反映过" not in page
        assert self.join(client, town, case).status_code == 404

    def test_joining_adds_a_reporter_and_no_case(self, client, town):
        case = new_case(town)
        code = code_of(self.join(client, town, case, text="我家也是", name="赵", phone="13900001111"))
        assert Case.objects.count() == 1
        assert case.reporters.count() == 2
        step = case.steps.get(move="join")
        assert (step.note, step.public_note) == ("我家也是", "")
        assert code not in {case.receipt_code, ""}

    def test_joining_twice_by_double_click_is_once(self, client, town):
        case = new_case(town)
        fields = asked(town, join=case.pk)
        codes = {code_of(client.post(reverse("cases:join"), fields)) for _n in range(2)}
        assert len(codes) == 1
        assert case.reporters.count() == 2

    def test_who_joined_sees_progress_but_neither_words_nor_buttons(self, client, town):
        case = new_case(town, text="三楼老李家门口路灯不亮")
        code = code_of(self.join(client, town, case))
        settled(Case.objects.get(pk=case.pk), town)
        page = client.get(reverse("cases:follow", args=[code])).content.decode()
        assert "换了新灯泡" in page
        assert "老李" not in page
        assert case.receipt_code not in page
        assert "rate-form" not in page
        assert client.post(reverse("cases:rate", args=[code]), {"solved": "NO", "satisfied": "NO"}).status_code == 404
        case.refresh_from_db()
        assert case.status == Status.RESOLVED

    def test_a_case_elsewhere_or_long_ago_cannot_be_joined(self, client, town):
        elsewhere = new_case(town, building=1)
        assert self.join(client, town, elsewhere).status_code == 404
        old = new_case(town)
        Case.objects.filter(pk=old.pk).update(reported_at=timezone.now() - timedelta(days=60))
        assert self.join(client, town, old).status_code == 404
        assert Reporter.objects.count() == 2


def test_long_after_it_lapsed_it_can_be_rated_but_only_reported_anew(client, town):
    then = timezone.now() - timedelta(days=200)
    report = services.Report(STREET_LAMP, "0601", places.locate_board(town.board_code()))
    case = services.report_case(actor=None, report=report, now=then)
    leader = town.users["leader"]
    services.accept(actor=leader, case=case, now=then)
    services.resolve(actor=leader, case=case, result="换好了", now=then)
    tasks.lapse_unrated(then + timedelta(days=60))
    page = client.get(reverse("cases:follow", args=[case.receipt_code])).content.decode()
    assert "请再反映一次" in page
    assert reverse("cases:rate", args=[case.receipt_code]) in page
    assert reverse("cases:reopen", args=[case.receipt_code]) not in page
