"""A resident may confirm the number they left by a code; nobody has to, and a receipt alone tells nobody the number."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.domains.accounts.models import PhoneCode
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Reporter
from mulin.domains.cases.services import Contact
from mulin.domains.places import queries as places
from tests.domains.accounts.test_phone_codes import Inbox, inbox
from tests.factories import Town

pytestmark = pytest.mark.django_db
PHONE = "13912345678"
__all__ = ["inbox"]


@pytest.fixture
def case(town: Town, inbox: Inbox, settings) -> Case:
    settings.MULIN_SMS_RESIDENTS = True
    return reported(town, phone="139 1234-5678")


def reported(town: Town, *, phone: str) -> Case:
    where = places.locate_board(town.board_code())
    report = services.Report("楼道灯不亮", "0601", where, contact=Contact("王翠翠", phone, "8-801"))
    return services.report_case(actor=None, report=report, now=timezone.now())


def follow_of(case: Case) -> str:
    return reverse("cases:follow", args=[case.receipt_code])


def confirm(case: Case, **sent: str):
    return Client().post(reverse("cases:confirm-phone", args=[case.receipt_code]), sent)


def is_confirmed(case: Case) -> bool:
    return Reporter.objects.filter(case=case).exclude(phone_confirmed_at=None).exists()


def test_a_code_that_comes_back_confirms_the_number(case, inbox, town):
    assert "确认我留的手机号" in Client().get(follow_of(case)).content.decode()
    assert confirm(case).headers["Location"] == follow_of(case)
    code = inbox.code()
    assert inbox.messages[-1]["phone"] == PHONE
    assert 'name="phone_code"' in Client().get(follow_of(case)).content.decode()
    assert confirm(case, phone_code=f" {code[:3]} {code[3:]}").status_code == 302
    assert is_confirmed(case)
    page = Client().get(follow_of(case)).content.decode()
    assert ("手机号已确认" in page, "给我发验证码" in page) == (True, False)
    desk = Client()
    desk.force_login(town.users["community"])
    assert "号码已确认" in desk.get(reverse("cases:detail", args=[case.pk])).content.decode()


def test_a_wrong_code_says_so_and_the_fifth_is_the_last(case, inbox):
    confirm(case)
    code = inbox.code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    answers = [confirm(case, phone_code=wrong) for _try in range(5)]
    assert {answer.status_code for answer in answers} == {422}
    assert "验证码不对或已过期" in answers[0].content.decode()
    assert confirm(case, phone_code=code).status_code == 422
    assert not is_confirmed(case)


def test_few_codes_for_one_number(case, inbox):
    assert [confirm(case).status_code for _time in range(4)] == [302, 302, 302, 429]
    assert PhoneCode.objects.count() == 3


def test_a_code_for_one_number_confirms_no_other(case, inbox, town):
    other = reported(town, phone="13800000009")
    confirm(case)
    assert confirm(other, phone_code=inbox.code()).status_code == 422
    assert not is_confirmed(other)


def test_the_page_by_a_code_shows_no_digit_of_the_number(case, inbox):
    confirm(case)
    page = Client().get(follow_of(case)).content.decode()
    assert [part in page for part in (PHONE, PHONE[-4:])] == [False, False]


def test_another_number_has_to_be_confirmed_anew(case, inbox):
    confirm(case)
    confirm(case, phone_code=inbox.code())
    reporter = Reporter.objects.get(case=case)
    for phone, stays in ((PHONE, True), ("13700000001", False)):
        contact = Contact(reporter.name, phone, reporter.room)
        services.correct_contact(actor=None, case=case, reporter=reporter, contact=contact, now=timezone.now())
        assert is_confirmed(case) is stays


@pytest.mark.parametrize("phone", ["", "0851-2871234"])
def test_nobody_is_asked_for_a_number_or_has_to_confirm_one(town, inbox, settings, phone):
    settings.MULIN_SMS_RESIDENTS = True
    case = reported(town, phone=phone)
    assert "确认我留的手机号" not in Client().get(follow_of(case)).content.decode()
    assert confirm(case).status_code == 409
    assert case.holder_tenure is not None


def test_without_a_gateway_nothing_is_offered(case, settings):
    settings.MULIN_SMS_RESIDENTS = False
    assert "确认我留的手机号" not in Client().get(follow_of(case)).content.decode()
