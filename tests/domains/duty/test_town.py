"""The town the other tests stand on."""

import pytest

from mulin.domains.duty import queries
from mulin.domains.places import queries as places
from tests.factories import NOW, make_town

pytestmark = pytest.mark.django_db


def test_the_first_building_is_staffed_at_every_tier() -> None:
    town = make_town()

    chain = places.locate_board(town.board_code()).chain
    seats = queries.case_seats([town.groups[0].pk, *chain], now=NOW)

    holders = ["contact", "leader", "grid_worker", "grid_leader", "community", "street", "county"]
    assert [seat.acting_id for seat in seats] == [town.users[role].pk for role in holders]
    assert chain == (town.buildings[0].pk, town.grids[0].pk, town.community.pk, town.street.pk, town.county.pk)


def test_a_point_inside_a_building_finds_it() -> None:
    town = make_town()
    third = town.buildings[2]
    assert third.lon
    assert third.lat

    assert places.locate_point(third.lon, third.lat).building_id == third.pk


def test_neighbouring_towns_share_their_street() -> None:
    first, second = make_town(), make_town(community_code="520303001002")

    assert first.street == second.street
    assert first.community != second.community
    assert second.tenures["county"].seat == 2
