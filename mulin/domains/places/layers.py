"""Shapes as GeoJSON for the map: made once per process and kind of layer, cut out by area and box.

Only geometry and names leave here; the layers are public.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from gzip import compress

import numpy as np
import shapely
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
DECIMALS = 6  # about a decimetre
GZIP_LEVEL = 6
ANSWERS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the database says about one shape of a layer."""

    id: int
    label: str
    code: str = ""
    area_code: str = ""
    kind: str = ""
    rank: int | None = None

    def properties(self) -> dict[str, object]:
        known = {"label": self.label, "code": self.code, "kind": self.kind, "rank": self.rank}
        return {name: value for name, value in known.items() if value not in ("", None)}


@dataclass
class Layer:
    """The shapes of one layer in a search tree, and the answers given lately."""

    drawn: list[Drawn]
    geometries: NDArray[np.object_]
    tree: shapely.STRtree
    codes: NDArray[np.str_]
    answers: "OrderedDict[object, bytes]" = field(default_factory=OrderedDict)

    @classmethod
    def build(cls, rows: Iterable[tuple[bytes | memoryview | None, Drawn]]) -> "Layer":
        """Take each shape (WKB) with what is said of it; rows without a shape are left out."""
        shaped = [(bytes(wkb), one) for wkb, one in rows if wkb]
        drawn = [one for _, one in shaped]
        shapes = shapely.from_wkb([wkb for wkb, _ in shaped])
        geometries = shapely.transform(np.asarray(shapes, dtype=object), lambda at: np.round(at, DECIMALS))
        codes = np.array([row.area_code for row in drawn], dtype="U12")
        return cls(drawn, geometries, shapely.STRtree(geometries), codes)

    def geojson(self, *, within: tuple[str, str] | None = None, box: Box | None = None) -> bytes:
        """Return a gzipped FeatureCollection of what lies in the area (a range of codes) and meets the box."""
        key = (within, box)
        if key in self.answers:
            self.answers.move_to_end(key)
            return self.answers[key]
        answer = self.answers[key] = self._draw(self._chosen(within, box))
        if len(self.answers) > ANSWERS_KEPT:
            self.answers.popitem(last=False)
        return answer

    def count(self, *, within: tuple[str, str] | None = None, box: Box | None = None) -> int:
        return len(self._chosen(within, box))

    def _chosen(self, within: tuple[str, str] | None, box: Box | None) -> NDArray[np.intp]:
        if box is None:
            found = np.arange(len(self.drawn), dtype=np.intp)
        else:
            found = np.sort(self.tree.query(shapely.box(*box)))
        if within is not None:
            codes = self.codes[found]
            found = found[(codes >= within[0]) & (codes <= within[1])]
        return found

    def _draw(self, chosen: NDArray[np.intp]) -> bytes:
        geometries = shapely.to_geojson(self.geometries[chosen])
        features = ",".join(
            f'{{"type":"Feature","id":{self.drawn[i].id},"properties":{_json(self.drawn[i].properties())},'
            f'"geometry":{geometry}}}'
            for i, geometry in zip(chosen.tolist(), geometries, strict=True)
        )
        return compress(f'{{"type":"FeatureCollection","features":[{features}]}}'.encode(), GZIP_LEVEL, mtime=0)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def snapped(box: Box, step: float) -> Box:
    """Return the box widened to multiples of `step` degrees, so that people looking at one place share an answer."""
    west, south, east, north = box
    return (
        round(float(np.floor(west / step)) * step, DECIMALS),
        round(float(np.floor(south / step)) * step, DECIMALS),
        round(float(np.ceil(east / step)) * step, DECIMALS),
        round(float(np.ceil(north / step)) * step, DECIMALS),
    )
