"""Cases a desk may merge: alike in words, kind, place and time, and nothing hidden among them."""

from datetime import timedelta

import pytest

from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import duplicates
from tests.factories import NOW, make_town

pytestmark = pytest.mark.django_db

LAMP = "三单元楼道灯坏了三天，老人上下楼看不见"


def found(user, case):
    return [one.pk for one in duplicates.duplicates_of(user, case, now=NOW)]


@pytest.fixture
def desk(town):
    return town.users["community"]


def test_the_likeliest_stands_first(desk, report):
    case = report(LAMP)
    other_words = report("垃圾桶满了，味道很大", category="0601")
    same = report("三单元楼道的灯坏了好几天，老人看不见路")
    assert found(desk, case)[0] == same.pk
    assert case.pk not in found(desk, case)
    scores = {one.pk: one.score for one in duplicates.duplicates_of(desk, case, now=NOW)}
    assert scores[same.pk] > scores.get(other_words.pk, 0)
    assert all(0 <= score <= 1 for score in scores.values())


def test_only_open_cases_of_the_time_and_place_are_looked_at(desk, report):
    case = report(LAMP)
    twin = report(LAMP)
    assert found(desk, case) == [twin.pk]
    for change in (
        {"reported_at": NOW - timedelta(days=15)},
        {"status": "CLOSED"},
        {"lon": (case.lon or 0) + 0.02, "building": None},
        {"area_code": "520303001002"},
    ):
        kept = {name: getattr(twin, f"{name}_id" if name == "building" else name) for name in change}
        Case.objects.filter(pk=twin.pk).update(**change)
        assert found(desk, case) == [], change
        Case.objects.filter(pk=twin.pk).update(**kept)


def test_the_same_building_counts_wherever_the_point_is(desk, report):
    case, twin = report(LAMP), report(LAMP)
    Case.objects.filter(pk=twin.pk).update(lon=(case.lon or 0) + 0.02)
    one = duplicates.duplicates_of(desk, case, now=NOW)[0]
    assert (one.pk, one.same_building) == (twin.pk, True)


def test_what_a_person_may_not_see_is_not_shown(town, report):
    case = report(LAMP)
    report(LAMP)
    neighbours = make_town(community_code="520303001002")
    assert found(neighbours.users["community"], case) == []
    assert found(town.users["stranger"], case) == []


def test_it_is_one_query_however_many_there_are(desk, report, django_assert_num_queries):
    case = report(LAMP)
    found(desk, case)
    for _ in range(2):
        for _ in range(5):
            report(LAMP)
        with django_assert_num_queries(1):
            found(desk, case)


def test_a_merged_case_answers_both_reporters(town, desk, report):
    case = report(LAMP, contact=services.Contact("王", "13900000001"))
    into = report(LAMP, contact=services.Contact("李", "13900000002"))
    assert into.pk in found(desk, case)
    services.merge(actor=desk, case=case, into=into, now=NOW)
    assert into.reporters.count() == 2
    assert found(desk, into) == []
