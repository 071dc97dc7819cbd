"""What is registered already, as far as a check of a file has to know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.importing.reading import Geometries

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shapes:
    """Registered places with their outlines in a search tree."""

    ids: Sequence[int] = ()
    codes: Sequence[str] = ()
    names: Sequence[str] = ()
    geometries: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    tree: shapely.STRtree = field(default_factory=lambda: shapely.STRtree([]))

    @classmethod
    def of(cls, rows: Sequence[tuple[int, str, str, bytes]]) -> "Shapes":
        """Take id, code, name and WKB of each."""
        geometries = np.asarray(shapely.from_wkb(np.array([row[3] for row in rows], dtype=object)), dtype=object)
        ids, codes, names = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
        return cls(ids, codes, names, geometries, shapely.STRtree(geometries))

    def covering(self, points: Geometries) -> NDArray[np.int64]:
        """Return the lowest place that covers each point as an index, -1 for none."""
        found = np.full(len(points), -1, dtype=np.int64)
        if len(self.ids) and len(points):
            point, place = self.tree.query(points, predicate="intersects")
            for one, other in sorted(zip(point.tolist(), place.tolist(), strict=True), reverse=True):
                found[one] = other
        return found


@dataclass(frozen=True)
class Registered:
    """What the database says of a district.

    `standing` is what a row of this kind must not lie on; `known` the keys of rows imported before with the hash of
    what they said; `buildings_by_name` what a building may be called in a file: its code, the key it was imported
    under, its address; AMBIGUOUS where several are meant.
    """

    kind: GroundKind
    district: Box
    communities: Shapes = field(default_factory=Shapes)
    community_names: Mapping[str, int] = field(default_factory=dict)
    grids: Shapes = field(default_factory=Shapes)
    standing: Shapes = field(default_factory=Shapes)
    known: Mapping[str, str] = field(default_factory=dict)
    buildings_by_name: Mapping[str, int] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    facility_kinds: Mapping[str, str] = field(default_factory=dict)


AMBIGUOUS = -1
