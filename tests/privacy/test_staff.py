"""Who works here sees what is kept about them, and nothing about anybody else."""

import json

import pytest
from django.urls import reverse

from mulin.commands.seed import seed_reference
from mulin.domains.accounts.models import ApiToken
from mulin.domains.accounts.services import issue_token
from mulin.domains.cases import services
from mulin.domains.places import queries as places
from tests.factories import NOW, make_town

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


@pytest.fixture
def town(db):
    seed_reference(now=NOW)
    town = make_town()
    contact = services.Contact("王阿姨", PHONE, "501")
    report = services.Report("漏水", "0601", places.locate_board(town.board_code()), contact=contact)
    case = services.report_case(actor=None, report=report, now=NOW)
    services.accept(actor=town.users["leader"], case=case, now=NOW)
    issue_token(actor=None, user=town.users["leader"], now=NOW, application="x")
    return town


def test_one_sees_why_and_until_when(client, town):
    client.force_login(town.users["leader"])
    page = client.get(reverse("accounts:own-data")).content.decode()
    assert "任职和履职记录" in page
    assert "个人信息保护法第十三条" in page


def test_the_copy_is_of_oneself_without_secrets_and_without_residents(client, town):
    leader = town.users["leader"]
    client.force_login(leader)
    text = client.get(reverse("accounts:download-own-data")).content.decode()
    copy = json.loads(text)
    assert [row["username"] for row in copy["accounts.user"]] == [leader.username]
    assert {row["holder"] for row in copy["duty.tenure"]} == {leader.pk}
    assert {row["actor"] for row in copy["cases.step"]} == {leader.pk}
    assert leader.password not in text
    assert ApiToken.objects.get(user=leader).key_hash not in text
    assert PHONE not in text
    assert town.users["community"].username not in text


def test_nobody_sees_it_without_signing_in(client, town):
    for name in ("own-data", "download-own-data"):
        answer = client.get(reverse(f"accounts:{name}"))
        assert answer.status_code == 302
        assert "漏水" not in answer.content.decode()
