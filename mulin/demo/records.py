"""What a demo town is made of: arrays for what is many, small records for what is few. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mulin.demo.sizes import SizeName

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Ring = npt.NDArray[np.float64]
"""Corners of a closed outline as longitude and latitude, first corner repeated at the end."""

GridKind = Literal["basic", "dedicated"]
BuildingKind = Literal["walk_up", "tower", "farmhouse", "public"]
PlaceKind = Literal["area", "grid", "building", "group", "organisation"]
BlockUse = Literal["housing", "green", "public", "fields", "commerce"]


@dataclass(frozen=True, slots=True)
class TownArea:
    """One area of the tree; `outline` is None above the county, whose extent the town does not draw."""

    code: str
    name: str
    official_name: str
    level: str
    parent: str
    outline: Ring | None


@dataclass(frozen=True, slots=True)
class TownGrid:
    """A grid: code of 15 digits (area 12 + sequence 3), kind, outline and how many households live in it."""

    code: str
    name: str
    kind: GridKind
    community: int
    outline: Ring
    households: int
    use: str


@dataclass(frozen=True, slots=True)
class TownBlock:
    """Ground between roads: `outline` reaches the road's middle line, `land` is what is seen between the roads."""

    grid: int
    use: BlockUse
    outline: Ring
    land: Ring


@dataclass(frozen=True, slots=True)
class TownEstate:
    """A residential estate or a hamlet within one community."""

    name: str
    kind: BuildingKind
    community: int
    address: str
    property_firm: int | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class TownFacility:
    kind: str
    name: str
    community: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Buildings:
    """One row per building."""

    name: list[str]
    kind: list[BuildingKind]
    estate: Ints
    """-1 for a public building, which belongs to no estate."""
    grid: Ints
    number: Ints
    floors: Ints
    entrances: Ints
    lon: Floats
    lat: Floats
    corners: Floats
    """Four corners each: shape (n, 4, 2)."""

    def __len__(self) -> int:
        return len(self.name)

    def outline(self, index: int) -> Ring:
        return np.vstack((self.corners[index], self.corners[index][:1]))


@dataclass(frozen=True, slots=True)
class Entrances:
    """One row per entrance (单元)."""

    building: Ints
    number: Ints
    per_floor: Ints

    def __len__(self) -> int:
        return len(self.building)


@dataclass(frozen=True, slots=True)
class Dwellings:
    """One row per dwelling, in walking order: building, entrance, floor, door."""

    entrance: Ints
    floor: Ints
    door: Ints

    def __len__(self) -> int:
        return len(self.entrance)

    def labels(self) -> list[str]:
        """Room numbers as painted on the door: floor and two digits."""
        return [str(n) for n in (self.floor * 100 + self.door).tolist()]


@dataclass(frozen=True, slots=True)
class Households:
    """One row per household, in walking order; an empty dwelling has none."""

    dwelling: Ints
    group: Ints

    def __len__(self) -> int:
        return len(self.dwelling)


@dataclass(frozen=True, slots=True)
class ContactGroups:
    """One row per 联户组; its households are consecutive."""

    grid: Ints
    number: Ints
    first_household: Ints
    households: Ints

    def __len__(self) -> int:
        return len(self.grid)


@dataclass(frozen=True, slots=True)
class TownPerson:
    """A holder of posts: an invented name and a work phone that was never issued. No identity number, ever."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class TownTenure:
    """Who holds what post where. `place` is an index into the list `place_kind` names."""

    post: str
    place_kind: PlaceKind
    place: int
    person: int
    seat: int


@dataclass(frozen=True, slots=True)
class Leave:
    """A holder on leave with the person who stands in."""

    tenure: int
    substitute: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """What nobody holds, on purpose, so that coverage has something to find."""

    groups: Ints
    buildings: Ints
    grids: Ints


@dataclass(frozen=True, slots=True)
class TownOrganisation:
    kind: str
    name: str
    area: int
    phone: str
    estates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MapLine:
    kind: str
    name: str
    points: Floats


@dataclass(frozen=True, slots=True)
class MapPatch:
    kind: str
    name: str
    outline: Ring


@dataclass(frozen=True, slots=True)
class MapBase:
    """What the map draws below the town's own things."""

    roads: list[MapLine]
    water: list[MapPatch]
    green: list[MapPatch]


@dataclass(frozen=True, slots=True)
class Town:
    """Everything; lists are indexed from 0 and refer to each other by these indices."""

    size: SizeName
    seed: int
    areas: list[TownArea]
    first_community: int
    """Index in `areas` of community 0: communities are the last areas of the list."""
    grids: list[TownGrid]
    blocks: list[TownBlock]
    estates: list[TownEstate]
    buildings: Buildings
    entrances: Entrances
    dwellings: Dwellings
    households: Households
    groups: ContactGroups
    facilities: list[TownFacility]
    organisations: list[TownOrganisation]
    persons: list[TownPerson]
    tenures: list[TownTenure]
    leaves: list[Leave]
    gaps: Gaps
    map_base: MapBase

    @property
    def communities(self) -> Sequence[TownArea]:
        return self.areas[self.first_community :]
