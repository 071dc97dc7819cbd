"""From rows of a file to rows that may go in, and what keeps the others out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mulin.domains.planning.ground.plane import Plane
from mulin.domains.planning.importing.context import Registered
from mulin.domains.planning.importing.findings import KINDS, Finding, Repair
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.importing.reading import Geometries, Source

Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]
Details = Callable[[int], Mapping[str, Any]]

SHAPELESS = frozenset({GroundKind.HOUSEHOLDS})
UPDATING = frozenset({GroundKind.HOUSEHOLDS, GroundKind.COMMUNITIES})
"""What a file may say anew of a place that is registered."""
KEY_FIELDS = {
    GroundKind.HOUSEHOLDS: "building",
    GroundKind.COMMUNITIES: "code",
    GroundKind.GRIDS: "code",
}


@dataclass(frozen=True)
class ReadyRow:
    """A row that may go in: what it is known by, a hash of what the file says of it, plain values, its shape."""

    index: int
    key: str
    fingerprint: str
    values: Mapping[str, Any]
    shape: shapely.Geometry | None


@dataclass(frozen=True)
class Checked:
    """The result of a check: every row is ready, known from before, or kept out by a finding."""

    ready: list[ReadyRow]
    known: int
    findings: list[Finding]
    shapes: Geometries
    refused: Flags


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _outline(shape: shapely.Geometry | None) -> str:
    return "" if shape is None or shape.is_empty else shape_hash(shape)


@dataclass
class Check:
    """The state of a check while its steps run: shapes change by repairs, rows fall out by findings."""

    source: Source
    columns: Mapping[str, str]
    shapes: Geometries
    registered: Registered
    repairs: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    known: int = 0
    written_keys: Sequence[str] = ()
    outlines: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    refused: Flags = field(init=False)
    dropped: Flags = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.source)
        self.refused, self.dropped = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        self.values = [{} for _row in range(count)]
        self.written_keys = self.cells(KEY_FIELDS.get(self.kind, "key"))
        self.outlines = outlines = [_outline(shape) for shape in self.shapes]
        said = [self.cells(name) for name in sorted(self.columns)]
        self.fingerprints = [
            _hash("\x1f".join([outlines[row], *(cells[row] for cells in said)])) for row in range(count)
        ]
        self.keys = [
            _hash(self.written_keys[row]) if self.written_keys[row] else outlines[row] or self.fingerprints[row]
            for row in range(count)
        ]

    @property
    def kind(self) -> GroundKind:
        return self.registered.kind

    @property
    def plane(self) -> Plane:
        west, south, east, north = self.registered.district
        return Plane((west + east) / 2.0, (south + north) / 2.0)

    def cells(self, field_name: str) -> Sequence[str]:
        """Return a field of every row as text, empty where it is not mapped."""
        column = self.columns.get(field_name)
        return self.source.cells[column] if column is not None else [""] * len(self.source)

    def number(self, index: int) -> int:
        return self.source.numbers[index]

    def open_rows(self) -> Indices:
        """Return the rows nothing keeps out so far."""
        return np.flatnonzero(~(self.refused | self.dropped)).astype(np.int64)

    def repairs_are(self, repair: Repair | None) -> bool:
        return repair is not None and repair.value in self.repairs

    def find(self, rows: Indices | Sequence[int], code: str, details: Details = lambda _index: {}) -> bool:
        """Note a fault of these rows; return whether its repair was asked for. Else they are kept out."""
        is_repaired = self.repairs_are(KINDS[code].repair)
        for index in map(int, rows):
            self.findings.append(Finding(index, code, details(index), is_repaired))
            self.refused[index] |= not is_repaired
        return is_repaired

    def keep_out(self, index: int) -> None:
        """A repair that was asked for could not be made."""
        self.refused[index] = True
        self.findings = [
            Finding(one.index, one.code, one.details) if one.index == index else one for one in self.findings
        ]


def shape_hash(shape: shapely.Geometry) -> str:
    """Return a hash of the ground a shape covers; vertices closer than a centimetre are the same."""
    rounded = shapely.transform(shape, lambda at: np.round(at, 7) + 0.0)
    return hashlib.sha256(shapely.to_wkb(shapely.normalize(rounded))).hexdigest()


def recognise(check: Check) -> None:
    """Tell the rows that went in before, by their own key or else their shape; find keys that are used twice."""
    seen: dict[str, int] = {}
    for index in range(len(check.source)):
        key, said = check.keys[index], check.fingerprints[index]
        before = check.registered.known.get(key)
        if before == said:
            check.dropped[index] = True
            check.known += 1
        elif before is not None and check.kind not in UPDATING:
            check.find([index], "changed")
        elif check.written_keys[index] and (first := seen.setdefault(key, index)) != index:
            _find_again(check, index, first)


def _find_again(check: Check, index: int, first: int) -> None:
    same = check.fingerprints[first] == check.fingerprints[index]
    if check.find([index], "duplicate" if same else "key_repeated", lambda _index: {"row": check.number(first)}):
        check.dropped[index] = True


def finished(check: Check) -> Checked:
    """Return what may go in."""
    ready = [
        ReadyRow(
            index,
            check.keys[index],
            check.fingerprints[index],
            check.values[index] | {"key": check.written_keys[index]},
            check.shapes[index],
        )
        for index in check.open_rows().tolist()
    ]
    return Checked(ready, check.known, check.findings, check.shapes, check.refused)
