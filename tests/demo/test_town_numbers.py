"""The demo town has exactly what its size promises."""

from collections import Counter

import numpy as np

from mulin.demo.divisions import read_divisions
from mulin.demo.records import Town
from mulin.demo.sizes import COUNTY_CODE, SIZES
from mulin.demo.town import build_town


def building_of_household(town: Town) -> np.ndarray:
    return town.entrances.building[town.dwellings.entrance[town.households.dwelling]]


def test_the_promised_numbers_are_exact(town: Town) -> None:
    size = SIZES[town.size]
    assert len(town.grids) == size.grids
    assert len(town.households) == size.households
    assert len({t.person for t in town.tenures}) == len(town.persons) == size.holders


def test_a_district_is_every_committee_of_the_county() -> None:
    known = read_divisions()
    committees = [d for d in known.values() if d.level == "community" and known[d.parent].parent == COUNTY_CODE]
    assert len(committees) == 139
    assert len(SIZES["district"].dedicated) + SIZES["district"].basic_grids == 518


def test_names_and_codes_are_official(town: Town) -> None:
    known = read_divisions()
    for area in town.areas:
        assert known[area.code].name == area.official_name
        assert known[area.code].parent == area.parent
    assert all(not c.name.endswith("委员会") for c in town.communities)


def test_the_same_seed_grows_the_same_town() -> None:
    one, again = build_town("street", 5), build_town("street", 5)
    assert np.array_equal(again.buildings.corners, one.buildings.corners)
    assert np.array_equal(again.households.dwelling, one.households.dwelling)
    assert np.array_equal(again.households.group, one.households.group)
    assert again.persons == one.persons
    assert again.tenures == one.tenures
    assert again.estates == one.estates


def test_another_seed_grows_another_town() -> None:
    one, other = build_town("street", 3), build_town("street", 4)
    assert [e.name for e in one.estates] != [e.name for e in other.estates]
    assert not np.array_equal(one.grids[0].outline, other.grids[0].outline)


def test_grids_hold_300_to_500_households_or_are_dedicated(town: Town) -> None:
    lived_in = np.bincount(town.buildings.grid[building_of_household(town)], minlength=len(town.grids))
    assert lived_in.tolist() == [grid.households for grid in town.grids]
    for grid in town.grids:
        assert 300 <= grid.households <= 500 if grid.kind == "basic" else grid.households == 0
    assert sum(g.kind == "dedicated" for g in town.grids) == len(SIZES[town.size].dedicated)


def test_codes_and_names_are_unique(town: Town) -> None:
    assert len({g.code for g in town.grids}) == len(town.grids)
    assert all(len(g.code) == 15 for g in town.grids)
    estates = Counter((e.name, e.community) for e in town.estates)
    assert estates.most_common(1)[0][1] == 1
    houses = Counter(zip(town.buildings.name, town.buildings.grid.tolist(), strict=True))
    assert houses.most_common(1)[0][1] == 1
    assert len({p.phone for p in town.persons}) == len(town.persons)


def test_phones_are_of_a_range_never_issued(town: Town) -> None:
    assert all(p.phone.startswith("1990000") and len(p.phone) == 11 for p in town.persons)
    assert all(o.phone.startswith("0851-2000") for o in town.organisations)


def test_doors_are_numbered_once_and_every_dwelling_has_one(town: Town) -> None:
    doors = set(zip(town.dwellings.entrance.tolist(), town.dwellings.labels(), strict=True))
    assert len(doors) == len(town.dwellings)
    assert set(town.dwellings.entrance.tolist()) == set(range(len(town.entrances)))
    assert len(set(town.households.dwelling.tolist())) == len(town.households)


def test_walk_ups_and_towers_are_as_high_as_such_houses_are(town: Town) -> None:
    kinds = np.array(town.buildings.kind)
    floors = {kind: town.buildings.floors[kinds == kind] for kind in ("walk_up", "tower")}
    assert set(floors["walk_up"].tolist()) <= {6, 7}
    assert floors["tower"].min() >= 18
    assert floors["tower"].max() <= 33
    assert town.entrances.number.min() == 1
    assert town.entrances.number.max() <= 4
