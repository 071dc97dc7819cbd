"""Where definitions enter the burden rules hold; an exception needs emergency, reason and rule, and ends by itself."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.urls import reverse
from django.utils import timezone

from mulin.core import csv_data, versions
from mulin.core.audit.models import AuditRecord
from mulin.core.burden.linter import Burdensome, Definition, Kind
from mulin.domains.accounts.services import issue_token
from mulin.domains.cases import tasks
from mulin.domains.cases.models import BurdenException, Policy
from mulin.domains.cases.queries import burden as queries
from mulin.domains.cases.queries import rates
from mulin.domains.cases.queries.directory import DIRECTORY_VERSION
from mulin.domains.cases.services import burden, emergencies, seeding
from mulin.domains.cases.services.burden import BasisMissing, ExceptionTimes, NoEmergency, NothingForbidden
from mulin.domains.places import queries as places
from tests.factories import NOW, make_town

HOUR = timedelta(hours=1)
SHELTER = Definition("SHELTER_CHECK_IN", Kind.INDICATOR, "安置点值守签到率", "Check-ins at shelters")
RULE = "《汇川区防汛应急预案》第十二条"


@pytest.fixture
def token_of():
    return lambda user: {"Authorization": f"Bearer {issue_token(actor=user, user=user, now=timezone.now())}"}


@pytest.fixture
def emergency(town):
    return emergencies.begin(
        actor=town.users["county"], area=town.county, reason="特大暴雨", ends_at=NOW + 10 * HOUR, now=NOW
    )


def allow(town, emergency, asked=SHELTER, *, reason="转移安置要清点值守人员", basis=RULE, hours=4, now=NOW):
    return burden.allow(
        actor=town.users["county"], emergency=emergency, asked=asked, reason=reason, basis=basis,
        ends_at=now + hours * HOUR, now=now,
    )  # fmt: skip


def in_force(town, now):
    return queries.in_force(town.community.code, now=now)


def test_an_exception_holds_below_its_emergency_and_ends_by_itself(town, emergency):
    allow(town, emergency)
    assert in_force(town, NOW + HOUR) == {("SHELTER_CHECK_IN", "CHECK_IN")}
    assert in_force(town, NOW + 4 * HOUR) == set(), "without anybody ending it"
    assert BurdenException.objects.get().ended_at is None
    tasks.end_emergencies(NOW + 5 * HOUR)
    assert BurdenException.objects.get().ended_at == NOW + 4 * HOUR


def test_it_ends_with_its_emergency(town, emergency):
    allow(town, emergency, hours=10)
    emergencies.end(actor=town.users["county"], emergency=emergency, now=NOW + HOUR)
    assert in_force(town, NOW + HOUR) == set()
    assert BurdenException.objects.get().ended_at == NOW + HOUR


def test_asking_and_ending_are_in_the_audit(town, emergency):
    allow(town, emergency)
    tasks.end_emergencies(NOW + 5 * HOUR)
    rows = AuditRecord.objects.filter(action__contains="burden").order_by("pk")
    assert [(row.action, row.actor_username) for row in rows] == [
        ("cases.allow_burden", town.users["county"].username),
        ("cases.end_burden_exception", ""),
    ]


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"basis": " "}, BasisMissing),
        ({"hours": 11}, ExceptionTimes),
        ({"hours": 0}, ExceptionTimes),
        ({"asked": Definition("A", Kind.INDICATOR, "解决率")}, NothingForbidden),
        ({"asked": Definition("A", Kind.INDICATOR, "网格员轨迹")}, Burdensome),
        ({"asked": Definition("A", Kind.INDICATOR, "值守签到排名")}, Burdensome),
        ({"asked": Definition("A", Kind.FIELD, "签到照片", required=True)}, Burdensome),
    ],
)
def test_what_no_article_excepts_is_refused_also_in_an_emergency(town, emergency, more, refusal):
    with pytest.raises(refusal):
        allow(town, emergency, **more)
    assert BurdenException.objects.count() == 0


def test_without_an_emergency_there_is_no_exception(town, emergency):
    with pytest.raises(NoEmergency):
        allow(town, emergency, now=NOW + 10 * HOUR)
    emergencies.end(actor=town.users["county"], emergency=emergency, now=NOW + HOUR)
    with pytest.raises(NoEmergency):
        allow(town, emergency, now=NOW + 2 * HOUR)


def test_asked_again_it_is_the_newer_one_that_holds(town, emergency):
    allow(town, emergency, hours=1)
    allow(town, emergency, hours=5)
    assert in_force(town, NOW + 3 * HOUR) == {("SHELTER_CHECK_IN", "CHECK_IN")}
    assert BurdenException.objects.filter(ended_at=None).count() == 1


def test_it_holds_nowhere_else(town):
    neighbour = make_town(community_code="520303001002")
    here = emergencies.begin(
        actor=town.users["county"], area=town.community, reason="火灾", ends_at=NOW + 10 * HOUR, now=NOW
    )
    allow(town, here)
    assert in_force(town, NOW + HOUR)
    assert queries.in_force(neighbour.community.code, now=NOW + HOUR) == set()
    assert queries.in_force(town.county.code, now=NOW + HOUR) == set()


def with_a_check_in_rate(monkeypatch):
    """A district's own file of indicators, with one too many."""
    honest = csv_data.rows

    def rows(path):
        found = honest(path)
        if path.name == "rate_definitions.csv":
            more = {"code": SHELTER.code, "name_zh": SHELTER.name_zh, "name_en": SHELTER.name_en, "numerator": ""}
            return [*found, {**found[0], **more, "region": "520303000000"}]
        return found

    monkeypatch.setattr(csv_data, "rows", rows)


def test_loading_a_forbidden_indicator_is_refused_and_loads_nothing(town, monkeypatch):
    before = Policy.objects.count()
    with_a_check_in_rate(monkeypatch)
    with pytest.raises(Burdensome) as refused:
        seeding.seed_directory(now=NOW)
    assert "安置点值守签到率" in str(refused.value.sentence)
    assert Policy.objects.count() == before


def test_loading_it_in_an_emergency_that_excepts_it_is_allowed(town, emergency, monkeypatch):
    allow(town, emergency)
    with_a_check_in_rate(monkeypatch)
    seeding.seed_directory(now=NOW + HOUR)
    assert Policy.objects.filter(region="520303000000", name="rate_definitions").exists()


def test_a_forbidden_indicator_that_came_in_past_the_door_is_not_counted(town, emergency):
    """Rows written by hand, restored, or let in by an exception that is over."""
    policy = Policy.objects.get(name="rate_definitions")
    first = {**policy.value[0], "code": SHELTER.code, "name_zh": SHELTER.name_zh, "name_en": SHELTER.name_en}
    Policy.objects.filter(pk=policy.pk).update(value=[*policy.value, first])
    versions.bump(DIRECTORY_VERSION)
    versions.forget_all()

    def counted(days):
        day = (NOW + timedelta(days=days)).date()
        return (
            SHELTER.code
            in rates.definitions(places.area_by_code(town.county.code).code, rates.Period(day, day)).by_code
        )

    assert not counted(0)
    allow(town, emergency)
    assert counted(0)
    assert not counted(1)


def test_the_check_names_a_forbidden_indicator_and_its_article(town):
    def told():
        return [m for m in run_checks(include_deployment_checks=True, databases=["default"]) if m.id == "mulin.S033"]

    assert told() == []
    policy = Policy.objects.get(name="rate_definitions")
    first = {**policy.value[0], "code": SHELTER.code, "name_zh": SHELTER.name_zh}
    Policy.objects.filter(pk=policy.pk).update(value=[*policy.value, first])
    (warning,) = told()
    assert "安置点值守签到率" in warning.msg
    assert "禁止情形（二）" in warning.msg


def test_the_definitions_that_come_with_mulin_cost_no_question_about_exceptions(town, django_assert_num_queries):
    day = NOW.date()
    rates.definitions(town.county.code, rates.Period(day, day))
    with django_assert_num_queries(0):
        rates.definitions(town.county.code, rates.Period(day, day))


@pytest.mark.parametrize(("role", "status"), [("county", 302), ("community", 403), ("stranger", 403), (None, 403)])
def test_only_who_may_switch_an_emergency_may_ask(client, town, role, status):
    now = timezone.now()
    one = emergencies.begin(
        actor=town.users["county"], area=town.county, reason="特大暴雨", ends_at=now + 10 * HOUR, now=now
    )
    if role:
        client.force_login(town.users[role])
    ends = timezone.localtime(now + 2 * HOUR)
    said = {"name": "安置点值守签到率", "reason": "清点值守人员", "basis": RULE, "ends_at": f"{ends:%Y-%m-%dT%H:%M}"}
    answer = client.post(reverse("cases:allow-burden", args=[one.pk]), said)
    assert answer.status_code == status
    assert BurdenException.objects.count() == (1 if role == "county" else 0)
    if role == "county":
        for reader in ("county", "community"):
            client.force_login(town.users[reader])
            page = client.get(reverse("cases:emergency")).content.decode()
            assert "安置点值守签到率" in page
            assert RULE in page


def test_a_refusal_on_the_page_names_the_article_and_changes_nothing(client, town):
    now = timezone.now()
    one = emergencies.begin(
        actor=town.users["county"], area=town.county, reason="特大暴雨", ends_at=now + 10 * HOUR, now=now
    )
    client.force_login(town.users["county"])
    said = {"name": "网格员轨迹", "reason": "想看", "basis": RULE, "ends_at": "2099-01-01T00:00"}
    answer = client.post(reverse("cases:allow-burden", args=[one.pk]), said)
    assert answer.status_code == 422
    assert "禁止情形（四）" in answer.content.decode()
    assert BurdenException.objects.count() == 0


def test_the_api_asks_lists_and_refuses_like_the_page(client, town, token_of):
    now = timezone.now()
    one = emergencies.begin(
        actor=town.users["county"], area=town.county, reason="特大暴雨", ends_at=now + 10 * HOUR, now=now
    )
    said = {"code": "S", "name": "值守签到", "reason": "清点", "basis": RULE, "ends_at": (now + HOUR).isoformat()}

    def ask(role, **more):
        address = f"/api/v1/emergencies/{one.pk}/exceptions"
        headers = token_of(town.users[role])
        return client.post(address, said | more, content_type="application/json", headers=headers)

    assert [ask("community").status_code, ask("stranger").status_code] == [403, 403]
    refused = ask("county", name="网格员轨迹")
    assert (refused.status_code, refused.json()["code"]) == (422, "burdensome")
    assert refused.json()["details"]["findings"][0]["ban"] == "TRACK"
    assert BurdenException.objects.count() == 0
    assert ask("county").status_code == 201
    listed = client.get("/api/v1/emergencies/exceptions", headers=token_of(town.users["community"])).json()
    assert [(row["name"], row["is_running"]) for row in listed] == [("值守签到", True)]
    hidden = client.get("/api/v1/emergencies/exceptions", headers=token_of(town.users["department"]))
    assert hidden.status_code == 403
