"""What a process remembers of the directory goes when the directory changes."""

from datetime import date

import pytest

from mulin.core import versions
from mulin.domains.cases.models import Category, CategoryRule
from mulin.domains.cases.queries import directory
from mulin.domains.cases.services import seeding
from tests.factories import COUNTY_CODE, NOW

pytestmark = pytest.mark.django_db


def test_a_reloaded_directory_never_answers_with_rules_of_the_old_one():
    for _ in range(8):
        CategoryRule.objects.all().delete()
        Category.objects.all().delete()
        seeding.seed_directory(now=NOW)
        versions.forget_all()
        for day in (date(2026, 3, 4), date(2026, 3, 5)):
            kinds = directory.kinds(on=day, area_code=COUNTY_CODE)
            assert {kind.rule_id for kind in kinds.values()} <= set(directory.rules_by_id())


def test_many_days_are_worked_out_alike():
    seeding.seed_directory(now=NOW)
    versions.forget_all()
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(directory.MOST_DAYS_KEPT + 5)]
    first = {day: directory.kinds(on=day, area_code=COUNTY_CODE) for day in days}
    assert all(directory.kinds(on=day, area_code=COUNTY_CODE) == first[day] for day in days)
