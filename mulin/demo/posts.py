"""Who holds which post, with the gaps left on purpose. Names are invented, phones were never issued."""

from collections.abc import Iterable, Sequence

import numpy as np
from faker import Faker

from mulin.demo.housing import Stock
from mulin.demo.plane import Random
from mulin.demo.quotas import share_out
from mulin.demo.records import (
    Gaps,
    Leave,
    PlaceKind,
    TownArea,
    TownGrid,
    TownOrganisation,
    TownPerson,
    TownTenure,
)
from mulin.demo.sizes import Size

GROUPS_UNCOVERED = 0.02
BUILDINGS_UNCOVERED = 0.01
GRIDS_UNCOVERED = 1 / 40
DESK_SEATS = 3
LARGE_BUILDING = 30
"""Households from which a building usually has a leader of its own, who is not also a contact."""
OWN_LEADER = 0.55
NEVER_ISSUED = "1990000"
"""Mobile numbers start so; four digits follow."""


def gaps(random: Random, stock: Stock, grids: Sequence[TownGrid]) -> Gaps:
    """Groups without contact, buildings without leader, basic grids without anybody."""
    basic = np.array([i for i, g in enumerate(grids) if g.kind == "basic"])
    return Gaps(
        groups=_some(random, np.arange(len(stock.groups)), round(len(stock.groups) * GROUPS_UNCOVERED)),
        buildings=_some(random, np.arange(len(stock.buildings)), round(len(stock.buildings) * BUILDINGS_UNCOVERED)),
        grids=_some(random, basic, round(len(grids) * GRIDS_UNCOVERED)),
    )


def _some(random: Random, among: np.ndarray, count: int) -> np.ndarray:
    return np.sort(random.permutation(among)[:count])


class Posts:
    """Fills the posts from the county down until exactly `size.holders` persons hold something."""

    def __init__(
        self,
        random: Random,
        size: Size,
        areas: Sequence[TownArea],
        grids: Sequence[TownGrid],
        organisations: Sequence[TownOrganisation],
        stock: Stock,
        uncovered: Gaps,
    ) -> None:
        self.random, self.size = random, size
        self.areas, self.grids, self.organisations = areas, grids, organisations
        self.stock, self.uncovered = stock, uncovered
        self.first_community = next(i for i, a in enumerate(areas) if a.level == "community")
        self.persons = 0
        self.tenures: list[TownTenure] = []
        self.leaves: list[Leave] = []
        self.desk: dict[int, list[int]] = {}
        self.secretary: dict[int, int] = {}
        self.grid_hand: dict[int, int] = {}

    def fill(self) -> None:
        self._desks()
        self._offices()
        self._grids()
        self._contacts_and_leaders()
        self._one_desk_on_leave()

    def people(self, seed: int) -> list[TownPerson]:
        fake = Faker("zh_CN")
        fake.seed_instance(seed)
        return [TownPerson(fake.name(), f"{NEVER_ISSUED}{number:04d}") for number in range(1, self.persons + 1)]

    def _new(self, count: int = 1) -> list[int]:
        self.persons += count
        return list(range(self.persons - count, self.persons))

    def _hold(self, post: str, kind: PlaceKind, place: int, persons: Iterable[int]) -> None:
        self.tenures += [TownTenure(post, kind, place, int(p), seat) for seat, p in enumerate(persons, start=1)]

    def _desks(self) -> None:
        posts = {"county": "county_desk", "street": "street_desk", "community": "community_desk"}
        for index, area in enumerate(self.areas):
            if area.level in posts:
                self.desk[index] = self._new(DESK_SEATS)
                self._hold(posts[area.level], "area", index, self.desk[index])

    def _offices(self) -> None:
        """Departments and firms have people of their own; a street's or community's bodies act through its desk."""
        for index, organisation in enumerate(self.organisations):
            own = {"PROPERTY_COMPANY": 1, "PARTNER_UNIT": 1}
            if organisation.area in self.desk and self.areas[organisation.area].level != "county":
                officers = self._new(1) if organisation.kind in own else self.desk[organisation.area][:1]
            else:
                officers = self._new(own.get(organisation.kind, self.size.departments_have))
            self._hold("department_officer", "organisation", index, officers)

    def _grids(self) -> None:
        vacant = set(self.uncovered.grids.tolist())
        for index, grid in enumerate(self.grids):
            if index in vacant:
                continue
            if grid.community not in self.secretary:
                self.secretary[grid.community] = self._new()[0]
            workers = self._new(2 if grid.households > 400 else 1)
            self.grid_hand[index] = workers[0]
            self._hold("first_grid_leader", "grid", index, [self.secretary[grid.community]])
            self._hold("grid_leader", "grid", index, self._new())
            self._hold("grid_worker", "grid", index, workers)

    def _contacts_and_leaders(self) -> None:
        own_leader = self._buildings_with_own_leader()
        left = self.size.holders - self.persons - len(own_leader)
        contact_of = self._contacts(left)
        vacant = set(self.uncovered.buildings.tolist())
        resident = self._contact_in_building(contact_of)
        for building in range(len(self.stock.buildings)):
            if building in vacant:
                continue
            holder = self._new()[0] if building in own_leader else resident.get(building)
            self._hold("building_leader", "building", building, [self._somebody(building, holder)])

    def _buildings_with_own_leader(self) -> set[int]:
        dwelling_building = self.stock.entrances.building[self.stock.dwellings.entrance]
        homes = np.bincount(dwelling_building[self.stock.households.dwelling], minlength=len(self.stock.buildings))
        large = np.setdiff1d(np.flatnonzero(homes >= LARGE_BUILDING), self.uncovered.buildings)
        return set(self.random.permutation(large)[: int(len(large) * OWN_LEADER)].tolist())

    def _contacts(self, persons: int) -> np.ndarray:
        """The contact of every group (-1: nobody); one person serves neighbouring groups of one grid."""
        groups = self.stock.groups
        covered = np.setdiff1d(np.arange(len(groups)), self.uncovered.groups)
        counts = np.unique(groups.grid[covered], return_counts=True)[1]
        contact_of = np.full(len(groups), -1)
        start = 0
        for share, count in zip(share_out(persons, counts.astype(float)), counts, strict=True):
            mine = covered[start : start + count]
            start += int(count)
            for run, person in zip(np.array_split(mine, share), self._new(share), strict=True):
                contact_of[run] = person
        for group in covered.tolist():
            self._hold("household_contact", "group", group, [contact_of[group]])
        return contact_of

    def _contact_in_building(self, contact_of: np.ndarray) -> dict[int, int]:
        """A contact who serves the building, for every building that has one: the first along the stairs."""
        households = self.stock.households
        building = self.stock.entrances.building[self.stock.dwellings.entrance[households.dwelling]]
        contact = contact_of[households.group]
        served = contact >= 0
        buildings, first = np.unique(building[served], return_index=True)
        return dict(zip(buildings.tolist(), contact[served][first].tolist(), strict=True))

    def _somebody(self, building: int, holder: int | None) -> int:
        """The grid worker, or else the community's desk, leads a building where nobody else can."""
        if holder is not None:
            return holder
        grid = int(self.stock.buildings.grid[building])
        return self.grid_hand.get(grid, self.desk[self.first_community + self.grids[grid].community][-1])

    def _one_desk_on_leave(self) -> None:
        community = self.first_community
        tenure = next(
            i for i, t in enumerate(self.tenures) if t.post == "community_desk" and t.place == community and t.seat == 1
        )
        self.leaves.append(Leave(tenure, self.desk[community][1]))
