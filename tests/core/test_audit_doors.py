"""The writes of whole rooms are recorded once each: who, what, when, on which object."""

import importlib

import pytest
from django.conf import settings
from django.utils import timezone

from mulin.core import calendar_services
from mulin.core.audit import doors
from mulin.core.audit.models import AuditRecord
from mulin.core.errors import Refused
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def administrator() -> User:
    return User.objects.create(username="anna", name="安娜", created_at=NOW)


def records() -> list[tuple[str, str, str, str]]:
    rows = AuditRecord.objects.order_by("pk")
    return list(rows.values_list("actor_username", "action", "object_kind", "object_id"))


def test_every_service_that_takes_the_time_is_recorded_or_named_as_left_out() -> None:
    open_doors = [
        doors.recorded_name(service)
        for room in settings.MULIN_AUDITED_SERVICES
        for module in doors._modules(room)
        for _name, service in doors.services_of(module)
        if not doors.is_recorded(service)
    ]
    assert set(open_doors) == set(settings.MULIN_UNRECORDED_SERVICES)
    assert doors.is_recorded(importlib.import_module("mulin.domains.duty.services").appoint)


def test_a_write_is_recorded_once_with_its_object(administrator: User) -> None:
    token_of = User.objects.create(username="ben", name="本", created_at=NOW)
    accounts.issue_token(actor=administrator, user=token_of, now=NOW)
    assert records() == [("anna", "accounts.issue_token", "accounts.user", str(token_of.pk))]
    row = AuditRecord.objects.get()
    assert (row.actor_id, row.actor_name, row.kind, row.at) == (administrator.pk, "安娜", "WRITE", NOW)


def test_a_service_that_calls_others_is_one_record(administrator: User) -> None:
    user, _password = accounts.add_with_first_password(
        actor=administrator, username="carl", name="卡尔", work_phone="", now=NOW
    )
    assert records() == [("anna", "accounts.add_with_first_password", "", "")]
    assert user.username == "carl"


def test_a_refused_write_leaves_no_record(administrator: User) -> None:
    for _number in range(accounts.MOST_TOKENS):
        accounts.issue_token(actor=administrator, user=administrator, now=NOW)
    with pytest.raises(Refused):
        accounts.issue_token(actor=administrator, user=administrator, now=NOW)
    assert ApiToken.objects.count() == len(records()) == accounts.MOST_TOKENS


def test_the_calendar_keeps_the_name_of_who_changed_it() -> None:
    calendar_services.seed_calendar(actor="root", now=NOW, years=[2026])
    assert records()[-1] == ("root", "core.seed_calendar", "", "")
