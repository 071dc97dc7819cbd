"""The demo town in the database: everything that was grown, exact gaps, people who can work, cases in every state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from mulin.commands.seed import seed_reference
from mulin.core import versions
from mulin.demo.load import NotEmpty, load_town
from mulin.demo.load_cases import CASES
from mulin.demo.load_people import SignIn, find_home
from mulin.demo.records import Town
from mulin.demo.town import build_town
from mulin.domains.accounts.models import Grant, User
from mulin.domains.cases.models import Case, Step
from mulin.domains.cases.states import OPEN, Status
from mulin.domains.duty.models import Absence, Tenure
from mulin.domains.duty.queries import coverage, scope_of
from mulin.domains.organisations.models import DutyItem, Organisation
from mulin.domains.places.models import (
    BaseFeature,
    Building,
    Dwelling,
    GridBoundary,
    GridMembership,
    GroupMembership,
    Household,
    Place,
    PlaceKind,
)
from mulin.domains.places.queries import locate_board, locate_point

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
SEED = 7
COUNTY = "520303000000"


@dataclass
class Loaded:
    town: Town
    sign_ins: dict[str, SignIn]
    told: list[tuple[str, int, int]]

    def user(self, username: str) -> User:
        return User.objects.get(username=self.sign_ins[username].username)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("street", id="street"),
        pytest.param(
            "district", id="district", marks=[pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.any_database]
        ),
    ],
)
def loaded(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Loaded]:
    """One load for all tests of the module, each of which is rolled back; emptied at the end."""
    told: list[tuple[str, int, int]] = []
    with django_db_blocker.unblock():
        seed_reference(now=NOW)
        rows = load_town(size=request.param, seed=SEED, now=NOW, progress=lambda *step: told.append(step))
    yield Loaded(build_town(request.param, SEED), {row.username: row for row in rows}, told)
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
    versions.forget_all()


def test_everything_grown_is_there(loaded: Loaded) -> None:
    town = loaded.town
    kinds = {kind: Place.objects.filter(kind=kind).count() for kind in PlaceKind.values}
    assert sum(kinds[k] for k in ("PROVINCE", "PREFECTURE", "COUNTY", "STREET", "COMMUNITY")) == len(town.areas)
    assert kinds["GRID"] == GridBoundary.objects.count() == len(town.grids)
    assert kinds["ESTATE"] == len(town.estates)
    assert kinds["BUILDING"] == Building.objects.count() == GridMembership.objects.count() == len(town.buildings)
    assert kinds["ENTRANCE"] == len(town.entrances)
    assert kinds["CONTACT_GROUP"] == len(town.groups)
    assert kinds["FACILITY"] == len(town.facilities)
    assert Dwelling.objects.count() == len(town.dwellings)
    assert Household.objects.count() == GroupMembership.objects.count() == len(town.households)
    assert Organisation.objects.count() == len(town.organisations)
    assert Tenure.objects.values("holder").distinct().count() == len(town.persons)
    assert Tenure.objects.count() == len(town.tenures)
    assert Absence.objects.count() == 1
    assert {"ROAD", "WATER", "GREEN", "BLOCK"} <= set(BaseFeature.objects.values_list("kind", flat=True))


def test_coverage_finds_exactly_the_gaps_left_on_purpose(loaded: Loaded) -> None:
    town, ground = loaded.town, coverage.Ground(COUNTY)
    without_contact = int(np.isin(town.households.group, town.gaps.groups).sum())
    expected = {
        coverage.HOUSEHOLDS: (len(town.households), without_contact),
        coverage.BUILDINGS: (len(town.buildings), town.gaps.buildings.size),
        coverage.GRIDS: (len(town.grids), town.gaps.grids.size),
    }
    for subject, (total, gaps) in expected.items():
        tallies = coverage.tally_by_area(subject, ground, now=NOW).values()
        assert (sum(t.total for t in tallies), sum(t.gaps for t in tallies)) == (total, gaps)


def test_a_building_is_found_by_its_board_and_by_its_spot(loaded: Loaded) -> None:
    town = loaded.town
    for index in range(0, len(town.buildings), max(1, len(town.buildings) // 25)):
        lon, lat = float(town.buildings.lon[index]), float(town.buildings.lat[index])
        grid = town.grids[int(town.buildings.grid[index])]
        found = locate_point(lon, lat)
        assert found.grid_id == Place.objects.get(code=grid.code).pk
        board = Building.objects.get(pk=found.building_id or 0)
        assert locate_board(board.board_code).grid_id == found.grid_id


def test_one_person_of_every_kind_can_sign_in(loaded: Loaded) -> None:
    wanted = {
        "contact", "leader", "grid", "gridleader", "firstleader", "community", "street", "county", "department",
        "system", "security", "audit",
    }  # fmt: skip
    assert set(loaded.sign_ins) == wanted
    one = loaded.sign_ins["community"]
    assert authenticate(username=one.username, password=one.password) == loaded.user("community")
    assert authenticate(username=one.username, password="mulin-wrong") is None
    hashes = User.objects.exclude(username__in=wanted).values_list("password", flat=True).distinct()
    assert all(hashed.startswith("!") for hashed in hashes)


def test_sign_ins_work_on_the_same_ground(loaded: Loaded) -> None:
    home = find_home(loaded.town)
    community = loaded.town.communities[home.community].code
    assert scope_of(loaded.user("community"), now=NOW).area_codes == (community,)
    (street,) = scope_of(loaded.user("street"), now=NOW).area_codes
    assert street[:9] == community[:9]
    grid = Place.objects.get(code=loaded.town.grids[home.grid].code)
    assert scope_of(loaded.user("grid"), now=NOW).grid_ids == (grid.pk,)
    led = scope_of(loaded.user("leader"), now=NOW).building_ids
    assert GridMembership.objects.filter(building__in=led, grid=grid.pk).count() == len(led) >= 1
    groups = Place.objects.filter(pk__in=scope_of(loaded.user("contact"), now=NOW).group_ids)
    assert {group.area_code for group in groups} == {community}
    assert len({loaded.user(name).pk for name in loaded.sign_ins}) == len(loaded.sign_ins)


def test_the_three_administrators_hold_no_post(loaded: Loaded) -> None:
    for name in ("system", "security", "audit"):
        user = loaded.user(name)
        assert list(Grant.objects.filter(user=user).values_list("role_id", flat=True)) == [f"{name}_admin"]
        assert not Tenure.objects.filter(holder=user).exists()


def test_there_are_cases_in_every_state(loaded: Loaded) -> None:
    assert Case.objects.filter(merged_into=None).count() == CASES
    assert set(Case.objects.values_list("status", flat=True)) == set(Status.values) - {Status.REPORTED}
    for case in Case.objects.filter(status__in=OPEN):
        assert case.holder_tenure_id or case.holder_organisation_id


def test_the_pages_of_the_sign_ins_are_not_empty(loaded: Loaded) -> None:
    home = find_home(loaded.town)
    community = loaded.town.communities[home.community].code
    assert Case.objects.filter(area_code=community, status__in=OPEN).count() >= 5
    for name in ("contact", "leader", "grid"):
        assert Case.objects.filter(holder_tenure__holder=loaded.user(name)).exists()


def test_no_step_was_taken_before_the_one_before_it_or_in_the_future(loaded: Loaded) -> None:
    last: dict[int, datetime] = {}
    for case, taken_at in Step.objects.order_by("case", "sequence").values_list("case_id", "taken_at"):
        assert last.get(case, taken_at) <= taken_at <= NOW
        last[case] = taken_at


def test_duties_name_the_departments_of_the_directory(loaded: Loaded) -> None:
    listed = DutyItem.objects.filter(organisation__kind="URBAN_MANAGEMENT", role="LEAD")
    assert listed.filter(category_code="0101").count() == 1


def test_progress_counts_every_row_to_the_end(loaded: Loaded) -> None:
    label, done, total = loaded.told[-1]
    assert (label, done) == ("事项", total)


def test_a_second_load_is_refused_and_changes_nothing(loaded: Loaded) -> None:
    before = User.objects.count(), Place.objects.count(), Case.objects.count()
    with pytest.raises(NotEmpty) as refusal:
        load_town(size="street", seed=SEED, now=NOW)
    assert refusal.value.remedy
    assert (User.objects.count(), Place.objects.count(), Case.objects.count()) == before


def test_the_database_goes_on_numbering_where_the_load_ended(loaded: Loaded) -> None:
    user = User.objects.create(username="newcomer", name="新来的", password="!", created_at=NOW)
    assert user.pk == max(User.objects.values_list("pk", flat=True))
