"""Coverage agrees with the plain count of the oracle, in any town and at any moment, in one query each."""

from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mulin.domains.accounts.models import User
from mulin.domains.duty.models import Absence, Tenure, TenureState
from mulin.domains.duty.queries import coverage
from mulin.domains.duty.queries.coverage import Ground, Tally
from mulin.domains.places.models import Grid, GridKind, GroupMembership, Household
from tests.domains.duty import coverage_oracle as oracle
from tests.factories import COUNTY_CODE, NOW, Town, make_town, make_user, staff

pytestmark = pytest.mark.django_db
COUNTY = Ground(COUNTY_CODE)


def ids(subject: str, ground: Ground = COUNTY) -> list[int]:
    return [gap.id for gap in coverage.gaps(subject, ground, now=NOW)]


def away(tenure: Tenure, substitute: User | None = None) -> Absence:
    return Absence.objects.create(
        tenure=tenure, substitute=substitute, begins_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1)
    )


def test_what_nobody_holds_is_a_gap() -> None:
    town = make_town(grids=2, buildings=3, households=4)

    assert ids("buildings") == [building.pk for building in town.buildings[1:]]
    assert ids("grids") == [town.grids[1].pk]
    assert ids("households") == [household.pk for household in town.households[4:]]


def test_an_absence_without_a_substitute_is_a_gap_and_says_so() -> None:
    town = make_town(buildings=1)
    away(town.tenures["leader"])

    (gap,) = coverage.gaps("buildings", COUNTY, now=NOW)

    assert (gap.id, gap.reason, gap.post_place_id) == (town.buildings[0].pk, coverage.ABSENT, town.buildings[0].pk)


def test_a_substitute_covers() -> None:
    town = make_town(buildings=1)
    away(town.tenures["leader"], town.users["stranger"])

    assert ids("buildings") == []


def test_one_of_leader_and_worker_is_enough_for_a_grid() -> None:
    town = make_town(grids=1)
    away(town.tenures["grid_leader"])
    assert ids("grids") == []

    away(town.tenures["grid_worker"])
    assert ids("grids") == [town.grids[0].pk]


def test_a_micro_grid_needs_nobody() -> None:
    town = make_town(grids=2)
    Grid.objects.filter(pk=town.grids[1].pk).update(grid_kind=GridKind.MICRO)

    assert ids("grids") == []


def test_a_household_in_no_group_is_a_gap_of_its_own_kind() -> None:
    town = make_town(buildings=1, households=2)
    GroupMembership.objects.filter(household=town.households[0]).update(ends_on=date(2026, 3, 4))

    (gap,) = coverage.gaps("households", COUNTY, now=NOW)
    (row,) = coverage.group_gaps(COUNTY, now=NOW)

    assert (gap.id, gap.reason, gap.post_place_id) == (town.households[0].pk, coverage.NO_GROUP, None)
    assert (row.reason, row.households, row.group_id) == (coverage.NO_GROUP, 1, None)


def test_groups_of_households_add_up_to_the_households_and_page_by_key() -> None:
    make_town(buildings=5, households=3)
    whole = coverage.group_gaps(COUNTY, now=NOW)
    first = coverage.group_gaps(COUNTY, now=NOW, limit=2)
    rest = coverage.group_gaps(COUNTY, now=NOW, after=first[-1].key)

    assert sum(row.households for row in whole) == len(ids("households")) == 12
    assert first + rest == whole


def test_tallies_by_area_and_grid_add_up_to_the_gaps() -> None:
    town = make_town(grids=2, buildings=3, households=4)
    other = make_town(community_code="520303001002", grids=1, buildings=2, households=2, staffed=False)

    by_area = coverage.tally_by_area("households", COUNTY, now=NOW)
    by_grid = coverage.tally_by_grid("households", Ground(town.community.code), now=NOW)
    by_street = coverage.sum_by_child(by_area, COUNTY_CODE)

    assert by_area == {town.community.code: Tally(12, 8), other.community.code: Tally(4, 4)}
    assert by_grid == {town.grids[0].pk: Tally(8, 4), town.grids[1].pk: Tally(4, 4)}
    assert by_street == {town.street.code: Tally(16, 12)}


def test_a_grid_is_a_ground_of_its_own() -> None:
    town = make_town(grids=2, buildings=4)
    ground = Ground(town.community.code, town.grids[1].pk)

    assert ids("buildings", ground) == [town.buildings[1].pk, town.buildings[3].pk]
    assert ids("grids", ground) == [town.grids[1].pk]
    assert len(ids("households", ground)) == 8


@pytest.mark.parametrize("subject", coverage.SUBJECTS)
def test_one_query_for_ten_and_for_twenty(subject: str) -> None:
    make_town(grids=10, buildings=10)
    assert _cost(subject) == 3
    make_town(community_code="520303001002", grids=20, buildings=20)
    assert _cost(subject) == 3


def _cost(subject: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        coverage.gaps(subject, COUNTY, now=NOW)
        coverage.tally_by_area(subject, COUNTY, now=NOW)
        coverage.tally_by_grid(subject, COUNTY, now=NOW)
    return len(seen)


class CoverageAgreesWithThePlainCount(TestCase):
    @settings(max_examples=30)
    @given(seed=st.integers(0, 10_000))
    def test_in_any_town(self, seed: int) -> None:
        town = make_town(grids=3, buildings=4, households=3, staffed=seed % 2 == 0)
        make_town(community_code="520303002001", grids=1, buildings=1, households=2)
        _muddle(town, Random(seed))

        for subject in coverage.SUBJECTS:
            for code in (COUNTY_CODE, town.street.code, town.community.code):
                found = [gap.id for gap in coverage.gaps(subject, Ground(code), now=NOW)]
                tallies = coverage.tally_by_area(subject, Ground(code), now=NOW)
                expected = oracle.gaps(subject, code, NOW)
                assert found == sorted(expected)
                assert sum(tally.gaps for tally in tallies.values()) == len(expected)


def _muddle(town: Town, random: Random) -> None:
    """Fill, empty, end, plan and interrupt tenures at random; move households out and between groups."""
    people = [make_user(f"muddle-{n}") for n in range(6)]
    seats = [("household_contact", place) for place in town.groups] + [
        ("building_leader", place) for place in town.buildings
    ]
    for post, place in random.sample(seats[1:4] + seats[5:], 4):
        staff(random.choice(people), post, place)
    for tenure in Tenure.objects.order_by("pk"):
        match random.randrange(6):
            case 0:
                Tenure.objects.filter(pk=tenure.pk).update(state=TenureState.ENDED, ends_on=date(2026, 3, 1))
            case 1:
                Tenure.objects.filter(pk=tenure.pk).update(
                    ends_on=date(2026, 3, 4) + timedelta(random.randrange(-1, 2))
                )
            case 2:
                begins = NOW + timedelta(hours=random.randrange(-3, 2))
                Absence.objects.create(
                    tenure=tenure,
                    substitute=random.choice([None, *people]),
                    begins_at=begins,
                    ends_at=begins + timedelta(hours=random.randrange(1, 4)),
                )
            case 3:
                tenure.holder.is_active = random.random() < 0.5
                tenure.holder.save()
    for household in random.sample(town.households, 4):
        day = date(2026, 3, 4) + timedelta(random.randrange(-1, 2))
        if random.random() < 0.5:
            Household.objects.filter(pk=household.pk).update(moved_out_on=day)
        else:
            GroupMembership.objects.filter(household=household).update(ends_on=day)
