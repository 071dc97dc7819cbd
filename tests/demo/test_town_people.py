"""Who holds what in the demo town, and what nobody holds on purpose."""

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mulin.demo.contact_groups import sizes_by_entrance
from mulin.demo.records import Town


def held(town: Town, post: str) -> set[int]:
    return {t.place for t in town.tenures if t.post == post}


def test_the_gaps_are_exactly_those_declared(town: Town) -> None:
    assert set(range(len(town.groups))) - held(town, "household_contact") == set(town.gaps.groups.tolist())
    assert set(range(len(town.buildings))) - held(town, "building_leader") == set(town.gaps.buildings.tolist())
    for post in ("grid_leader", "grid_worker", "first_grid_leader"):
        assert set(range(len(town.grids))) - held(town, post) == set(town.gaps.grids.tolist())
    assert town.gaps.groups.size == round(len(town.groups) * 0.02)
    assert town.gaps.buildings.size == round(len(town.buildings) * 0.01)
    assert town.gaps.grids.size == round(len(town.grids) / 40)


def test_every_desk_and_organisation_has_somebody(town: Town) -> None:
    for level, post in (("county", "county_desk"), ("street", "street_desk"), ("community", "community_desk")):
        assert held(town, post) == {i for i, a in enumerate(town.areas) if a.level == level}
    assert held(town, "department_officer") == set(range(len(town.organisations)))


def test_seats_are_numbered_and_held_once(town: Town) -> None:
    seats = Counter((t.post, t.place, t.seat) for t in town.tenures)
    assert seats.most_common(1)[0][1] == 1
    most = {"grid_worker": 2, "community_desk": 3, "street_desk": 3, "county_desk": 3, "department_officer": 3}
    assert all(t.seat <= most.get(t.post, 1) for t in town.tenures)


def test_one_desk_is_on_leave_with_a_substitute_who_is_somebody_else(town: Town) -> None:
    (leave,) = town.leaves
    tenure = town.tenures[leave.tenure]
    assert tenure.post == "community_desk"
    assert leave.substitute != tenure.person


def test_a_contact_serves_groups_of_one_grid(town: Town) -> None:
    grids = defaultdict(set)
    for tenure in town.tenures:
        if tenure.post == "household_contact":
            grids[tenure.person].add(int(town.groups.grid[tenure.place]))
    assert all(len(places) == 1 for places in grids.values())


def test_groups_are_consecutive_households_of_one_grid(town: Town) -> None:
    assert town.households.group.tolist() == sorted(town.households.group.tolist())
    assert np.bincount(town.households.group).tolist() == town.groups.households.tolist()
    building = town.entrances.building[town.dwellings.entrance[town.households.dwelling]]
    assert town.buildings.grid[building].tolist() == town.groups.grid[town.households.group].tolist()


def test_nearly_every_group_has_10_to_15_households(town: Town) -> None:
    sizes = town.groups.households
    assert ((sizes >= 10) & (sizes <= 15)).mean() > 0.98
    assert sizes.min() >= 7
    assert sizes.max() <= 17


@given(st.lists(st.integers(0, 130), max_size=12))
def test_groups_along_entrances_lose_nobody(entrances: list[int]) -> None:
    sizes = sizes_by_entrance(entrances)
    assert sum(sizes) == sum(entrances)
    assert all(size > 0 for size in sizes)


def test_a_stairwell_of_twelve_is_one_group() -> None:
    assert sizes_by_entrance([12, 12, 12]) == [12, 12, 12]
    assert sizes_by_entrance([8, 12, 12]) == [10, 10, 12]
