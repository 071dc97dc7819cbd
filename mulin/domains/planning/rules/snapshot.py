"""The ground of a draft as arrays, packed into a few bytes per building, and plans packed beside it."""

import hashlib
import io
import zlib
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.partition.problem import Bounds, Integers, Problem

NO_GRID = -1


@dataclass(frozen=True)
class GroundArrays:
    """What a partition works on, and what its numbers stand for.

    `present` gives today's grid of each building as an index of `grid_ids`, -1 for none; `dedicated` says which of
    those grids serve one mall, school or park: they are no dwelling grids and stay as they are.
    """

    building_ids: Integers
    households: Integers
    xy: NDArray[np.float64]
    lonlat: NDArray[np.float64]
    edges: Integers
    barriers: Integers
    community: Integers
    community_codes: NDArray[np.str_]
    present: Integers
    grid_ids: Integers
    dedicated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.building_ids)

    @property
    def digest(self) -> str:
        """SHA-256 of the content: two snapshots of an unchanged ground are one."""
        told = hashlib.sha256()
        for field in fields(self):
            array = np.ascontiguousarray(getattr(self, field.name))
            told.update(f"{field.name}{array.shape}{array.dtype}".encode())
            told.update(array.tobytes())
        return told.hexdigest()

    def packed(self) -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{field.name: getattr(self, field.name) for field in fields(self)})
        return buffer.getvalue()

    @classmethod
    def unpacked(cls, packed: bytes | memoryview) -> "GroundArrays":
        with np.load(io.BytesIO(bytes(packed)), allow_pickle=False) as arrays:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})

    def problem(
        self,
        bounds: Bounds,
        *,
        present: Integers | None = None,
        locked: tuple[int, ...] = (),
        grid: Integers | None = None,
    ) -> Problem:
        """Return the partition problem; of `grid`, the locked grids and the dedicated ones are whole already."""
        sealed = set(locked) | set(np.flatnonzero(self.dedicated).tolist())
        whole = self.present if grid is None else grid
        piece = np.where(np.isin(whole, sorted(sealed)), whole, NO_GRID).astype(np.int64)
        return Problem(
            households=self.households,
            xy=self.xy,
            edges=self.edges,
            barriers=self.barriers,
            community=self.community,
            bounds=bounds,
            piece=piece,
            sealed=np.unique(piece[piece >= 0]),
            present=present,
        )


def pack_plan(grid: Integers) -> bytes:
    return zlib.compress(np.asarray(grid, dtype=np.int32).tobytes(), 3)


def unpack_plan(packed: bytes | memoryview) -> Integers:
    return np.frombuffer(zlib.decompress(bytes(packed)), dtype=np.int32).astype(np.int64)
