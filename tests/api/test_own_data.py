"""A resident's own data through the API: who reported, a neighbour who joined, a stranger who guesses."""

import pytest
from django.utils import timezone

from mulin.core.models import IdempotencyKey
from mulin.domains.cases import access, services
from mulin.domains.cases.models import Case, Reporter, Step
from mulin.domains.places import queries as places
from tests.domains.accounts.test_phone_codes import inbox

pytestmark = pytest.mark.django_db
PHONE, PROOF, SAID = "139 1234 5678", "5678", "楼上漏水"
__all__ = ["inbox"]


@pytest.fixture
def case(town, settings, tmp_path) -> Case:
    settings.MEDIA_ROOT = tmp_path
    contact = services.Contact("王阿姨", PHONE, "2单元501")
    report = services.Report(SAID, "0601", places.locate_board(town.board_code()), contact=contact)
    return services.report_case(actor=None, report=report, now=timezone.now())


@pytest.fixture
def neighbour(case) -> Reporter:
    contact = services.Contact("李叔", "13700001111", "601")
    return services.join_case(actor=None, case=case, words="我家也漏", contact=contact, now=timezone.now())


def first(case) -> Reporter:
    return Reporter.objects.filter(case=case).order_by("pk")[0]


def data_of(call, code):
    answer = call(None, "GET", f"/follow/{code}/data")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    return answer.json()


def test_each_sees_their_own_masked_with_why_and_until_when(call, case, neighbour):
    mine, theirs = data_of(call, case.receipt_code), data_of(call, neighbour.follow_code)
    shown = {one["key"]: one["shown"] for one in mine["kept"]}
    assert (shown["name"], shown["phone"], shown["text"]) == ("王**", "139****5678", SAID)
    assert all(one["purpose"] and one["basis"] and one["until"] for one in mine["kept"])
    assert (mine["needs_proof"], mine["joined"], mine["looks"]) == (True, False, [])
    assert (theirs["joined"], {one["shown"] for one in theirs["kept"] if one["key"] == "text"}) == (True, {"我家也漏"})
    assert SAID not in str(theirs)


def test_who_proves_it_corrects_takes_away_takes_back_and_deletes(call, case):
    url, proof = f"/follow/{case.receipt_code}/data", {"proof": PROOF}
    copy = call(None, "POST", f"{url}/copy", **proof)
    assert (copy.status_code, copy["Cache-Control"]) == (200, "private, no-store")
    assert {one["what"]: one["value"] for one in copy.json()["kept"]}["phone"] == PHONE
    wrong = call(None, "POST", f"{url}/correction", **proof, phone="12")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "phone_invalid")
    changed = {**proof, "name": "王女士", "phone": "13600000001"}
    answers = [call(None, "POST", f"{url}/correction", key="c1", **changed).json() for _n in range(2)]
    assert answers == [{"number": case.number, "status": case.status}] * 2
    assert (first(case).name, first(case).phone) == ("王女士", "13600000001")
    assert call(None, "POST", f"{url}/deletion", proof="0001").json()["code"] == "case_still_open"
    assert call(None, "POST", f"{url}/withdrawal", proof="0001").status_code == 200
    assert (first(case).name, first(case).phone) == ("", "")
    services.withdraw(actor=None, case=case, now=timezone.now())
    assert call(None, "POST", f"{url}/deletion", key="d1").json() == {"whole": True}
    assert SAID not in str(data_of(call, case.receipt_code))
    assert SAID not in "".join(map(str, IdempotencyKey.objects.values_list("answer", flat=True)))


def test_a_stranger_with_the_receipt_alone_changes_nothing(call, case):
    for deed in ("copy", "correction", "withdrawal", "deletion"):
        assert call(None, "POST", f"/follow/{'0' * 12}/data/{deed}").status_code == 404
        refused = call(None, "POST", f"/follow/{case.receipt_code}/data/{deed}", proof="0000")
        assert (refused.status_code, refused.json()["code"]) == (403, "proof_wrong")
    assert first(case).phone == PHONE
    assert [step.move for step in Step.objects.filter(case=case).order_by("pk")] == ["report", "dispatch"]


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [("data/correction", {"proof": "0000"}, access.MOST_PROOFS), ("rating", {"solved": "YES", "satisfied": "YES"}, 20)],
)
def test_guesses_under_an_idempotency_key_are_counted_too(call, case, path, body, most):
    """The key's transaction is rolled back by a refusal; the count of the guess is not."""
    code = case.receipt_code if path.startswith("data") else "0" * 12
    codes = [call(None, "POST", f"/follow/{code}/{path}", key=f"g{n}", **body).status_code for n in range(most + 1)]
    assert codes[-1] == 429
    assert 429 not in codes[:-1]


class TestConfirmingThePhone:
    @pytest.fixture
    def asked(self, call, case, inbox, settings):
        settings.MULIN_SMS_RESIDENTS = True
        assert call(None, "POST", f"/follow/{case.receipt_code}/phone/code", key="p1").json() == {"asked": True}
        return inbox.code()

    def test_the_code_that_came_confirms_it(self, call, case, asked):
        url = f"/follow/{case.receipt_code}"
        assert call(None, "GET", url).json()["phone"] == {"is_confirmed": False, "is_asked": True}
        answers = [call(None, "POST", f"{url}/phone/confirmation", key="p2", phone_code=asked) for _n in range(2)]
        assert [answer.json() for answer in answers] == [{"confirmed": True}] * 2
        assert call(None, "GET", url).json()["phone"]["is_confirmed"] is True

    def test_the_fifth_wrong_one_is_the_last_with_and_without_a_key(self, call, case, asked):
        url, wrong = f"/follow/{case.receipt_code}/phone/confirmation", f"{(int(asked) + 1) % 10**6:06}"
        for number in range(5):
            refused = call(None, "POST", url, key=f"w{number}" if number % 2 else "", phone_code=wrong)
            assert (refused.status_code, refused.json()["code"]) == (400, "phone_code_wrong")
        assert call(None, "POST", url, phone_code=asked).json()["code"] == "phone_code_wrong"
        assert first(case).phone_confirmed_at is None

    def test_nobody_is_sent_one_where_there_are_no_messages(self, call, case, settings):
        settings.MULIN_SMS_RESIDENTS = False
        assert call(None, "GET", f"/follow/{case.receipt_code}").json()["phone"] is None
        assert call(None, "POST", f"/follow/{case.receipt_code}/phone/code").status_code == 409
