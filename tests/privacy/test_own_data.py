"""A resident sees what is kept, why, until when and who looked; corrects, takes away, takes back, deletes.

Three people: who reported first, a neighbour who joined, a stranger who found the receipt or guesses.
"""

import json

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.core.audit.purposes import Purpose
from mulin.core.audit.recording import record_read
from mulin.core.encryption import keyed_hash
from mulin.core.revealing import services as revealing
from mulin.domains.cases import services
from mulin.domains.cases.engine.steps import locked, take
from mulin.domains.cases.models import Case, Photo, Reporter, Step
from mulin.domains.cases.queries import history
from mulin.domains.places import queries as places
from tests.factories import make_town

pytestmark = pytest.mark.django_db
PHONE, PROOF = "139 1234 5678", "5678"
SAID = "楼上漏水"


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seed_reference(now=timezone.now())
    return make_town()


@pytest.fixture
def case(town) -> Case:
    contact = services.Contact("王阿姨", PHONE, "2单元501")
    report = services.Report(SAID, "0601", places.locate_board(town.board_code()), contact=contact)
    return services.report_case(actor=None, report=report, now=timezone.now())


@pytest.fixture
def neighbour(case) -> Reporter:
    contact = services.Contact("李叔", "13700001111", "601")
    return services.join_case(actor=None, case=case, words="我家也漏", contact=contact, now=timezone.now())


def ask(client: Client, deed: str, code: str, **fields):
    url = reverse(f"cases:{deed}", args=[code])
    return client.post(url, {"proof": PROOF, **fields})


def see(client: Client, code: str) -> str:
    answer = client.get(reverse("cases:own-data", args=[code]))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    return answer.content.decode()


def first(case: Case) -> Reporter:
    return Reporter.objects.filter(case=case).order_by("pk")[0]


def withdrawn(case: Case) -> None:
    services.withdraw(actor=None, case=case, now=timezone.now())


def settled(case: Case, town) -> None:
    who = town.users["leader"]
    services.accept(actor=who, case=case, now=timezone.now())
    services.resolve(actor=who, case=case, result="已修好", now=timezone.now())
    services.rate(actor=None, case=case, solved="YES", satisfied="YES", note="谢谢", now=timezone.now())


def test_one_sees_what_is_kept_why_and_until_when_but_nobody_reads_the_number(client, case):
    page = see(client, case.receipt_code)
    assert "王**" in page
    assert "139****5678" in page
    assert SAID in page
    assert "个人信息保护法第十三条" in page
    assert "办结后 183 天" in page
    assert "没有人看过" in page
    assert "1234 5678" not in page
    assert "王阿姨" not in page
    assert "501" not in page


def test_one_sees_who_looked_and_what_for(client, case, town):
    leader = town.users["leader"]
    revealing.reveal(
        actor=leader, field="cases.reporters", object_id=case.pk, purpose=Purpose("CONTACT"), now=timezone.now()
    )
    page = see(client, case.receipt_code)
    assert leader.role_label in page
    assert "联系居民" in page


def test_who_joined_sees_their_own_only(client, case, neighbour):
    page = see(client, neighbour.follow_code)
    assert "李*" in page
    assert "我家也漏" in page
    assert SAID not in page
    assert "王" not in page
    assert "我家也漏" not in see(client, case.receipt_code)


def test_a_stranger_learns_nothing(client, case):
    assert client.get(reverse("cases:own-data", args=["0" * 12])).status_code == 404
    for deed in ("correct-own-data", "withdraw-own-data", "delete-own-data", "download-own-data"):
        assert ask(client, deed, "0" * 12).status_code == 404
        for wrong in ("", "0000", "13912345678"):
            assert ask(client, deed, case.receipt_code, proof=wrong, phone="13600000000").status_code in (403, 429)
    assert first(case).phone == PHONE
    assert Step.objects.filter(case=case).count() == 2


def test_the_last_four_digits_cannot_be_tried_through(client, case):
    answers = [ask(client, "download-own-data", case.receipt_code, proof=f"{n:04}").status_code for n in range(12)]
    assert answers == [403] * 10 + [429] * 2
    assert ask(client, "download-own-data", case.receipt_code).status_code == 429


def test_correcting(client, case):
    answer = ask(client, "correct-own-data", case.receipt_code, name="王芳", phone="13800002222", room="502")
    assert answer.status_code == 302
    one = first(case)
    assert (one.name, one.phone, one.room) == ("王芳", "13800002222", "502")
    assert one.phone_hash == keyed_hash("13800002222")
    step = Step.objects.get(case=case, move="add_note")
    assert (step.note, step.data) == ("", {"system_note": "CONTACT_CORRECTED"})
    assert list(history.faults()) == []


@pytest.mark.parametrize(
    ("language", "who", "words"),
    [("zh-hans", "居民", "居民更正了联系方式。"), ("en", "Resident", "The resident corrected the contact details.")],
)
def test_who_holds_the_case_is_told_in_their_language(client, case, town, language, who, words):
    ask(client, "correct-own-data", case.receipt_code, name="王芳", phone="13800002222", room="502")
    headers = {"accept-language": language}
    client.force_login(town.users["leader"])
    assert words in client.get(reverse("cases:detail", args=[case.pk]), headers=headers).content.decode()
    step = client.get(f"/api/v1/cases/{case.pk}", headers=headers).json()["steps"][-1]
    assert (step["actor_name"], step["note"]) == (who, words)


def test_what_the_system_noted_as_a_sentence_stays_readable_and_is_covered_by_the_chain(client, case, town):
    sentence = "居民更正了联系方式。"
    with transaction.atomic():
        take(locked(case), "add_note", actor=None, actor_name="居民", now=timezone.now(), note=sentence)
    client.force_login(town.users["leader"])
    assert sentence in client.get(reverse("cases:detail", args=[case.pk])).content.decode()
    assert list(history.faults()) == []
    Step.objects.filter(case=case, move="add_note").update(note="改过")
    assert len(list(history.faults())) == 1


def test_a_code_of_the_system_cannot_be_altered_unseen(client, case):
    ask(client, "correct-own-data", case.receipt_code, name="王芳", phone="13800002222", room="502")
    Step.objects.filter(case=case, move="add_note").update(data={"system_note": "CONTACT_WITHDRAWN"})
    assert len(list(history.faults())) == 1


def test_a_wrong_phone_is_refused_and_what_was_typed_stays(client, case):
    answer = ask(client, "correct-own-data", case.receipt_code, name="王芳", phone="abc")
    assert answer.status_code == 400
    assert "王芳" in answer.content.decode()
    assert first(case).phone == PHONE


def test_taking_away_for_a_program_and_for_a_person(client, case, neighbour):
    data = json.loads(ask(client, "download-own-data", case.receipt_code, **{"as": "json"}).content)
    kept = {one["what"]: one["value"] for one in data["kept"]}
    assert (kept["name"], kept["phone"], kept["room"], kept["text"]) == ("王阿姨", PHONE, "2单元501", SAID)
    assert data["case"]["number"] == case.number
    text = ask(client, "download-own-data", case.receipt_code, **{"as": "text"}).content.decode()
    assert PHONE in text
    assert "李叔" not in text


def test_taking_back_the_contact_of_an_open_case(client, case):
    assert ask(client, "withdraw-own-data", case.receipt_code).status_code == 302
    one = first(case)
    assert (one.name, one.phone, one.phone_hash, one.room) == ("", "", "", "")
    assert "王" not in see(client, case.receipt_code)
    assert list(history.faults()) == []


def test_an_open_case_is_not_deleted_and_says_why(client, case):
    answer = ask(client, "delete-own-data", case.receipt_code)
    assert answer.status_code == 409
    assert "case_still_open" in answer.content.decode()
    assert "第四十七条" in answer.content.decode()
    assert first(case).phone == PHONE


def test_a_withdrawn_case_is_deleted_whole(client, case):
    withdrawn(case)
    assert ask(client, "delete-own-data", case.receipt_code).status_code == 302
    case.refresh_from_db()
    assert (case.text, case.search_text, first(case).phone) == ("", "", "")
    assert case.erased_at is not None
    assert "没有保存您的个人信息" in see(client, case.receipt_code)
    assert list(history.faults()) == []


def test_a_settled_case_keeps_its_words_until_its_day_and_says_which(client, case, town):
    settled(case, town)
    assert "行政诉讼法第四十六条" in see(client, case.receipt_code)
    assert ask(client, "delete-own-data", case.receipt_code).status_code == 302
    case.refresh_from_db()
    assert case.text == SAID
    assert first(case).phone == ""
    assert not Photo.objects.filter(case=case).exists()


def test_who_joined_deletes_their_own_words_only(client, case, neighbour, town):
    withdrawn(case)
    assert ask(client, "delete-own-data", neighbour.follow_code, proof="1111").status_code == 302
    assert "我家也漏" not in see(client, neighbour.follow_code)
    assert first(case).phone == PHONE
    assert Case.objects.get(pk=case.pk).text == SAID
    assert list(history.faults()) == []


def test_contact_copied_to_a_merged_case_goes_too(client, case, town):
    other = services.report_case(
        actor=None,
        report=services.Report("同一件事", "0601", places.locate_board(town.board_code())),
        now=timezone.now(),
    )
    services.merge(actor=town.users["community"], case=case, into=other, now=timezone.now())
    assert "王阿姨" in {one.name for one in other.reporters.all()}
    ask(client, "withdraw-own-data", case.receipt_code)
    assert {one.name for one in other.reporters.all()} == {""}


def test_the_page_costs_the_same_however_many_joined_and_looked(client, case, town):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            see(client, case.receipt_code)
        return len(asked)

    def more(count: int) -> None:
        for _number in range(count):
            services.join_case(actor=None, case=case, words="也是", now=timezone.now())
            record_read(
                actor=town.users["leader"],
                action="cases.reporters.read",
                objects=[case],
                purpose=Purpose("CONTACT"),
                now=timezone.now(),
            )

    see(client, case.receipt_code)
    more(3)
    few = cost()
    more(6)
    assert cost() == few
