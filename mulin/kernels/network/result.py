"""The network ready for searching, and places on it."""

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Coordinates, Integers, Metres

if TYPE_CHECKING:
    from shapely import STRtree

    from mulin.kernels.network.chains import Chains


@dataclass(frozen=True)
class Network:
    """An undirected graph in compressed rows, made by `building.build`.

    Parameters
    ----------
    xy : (n, 2) float64
        Position of each node in m, numbered as in `Streets`.
    edges : (m, 2) int64
        The ways kept, lower node first, each pair once, in ascending order.
    lengths_m : (m,) float64
        Their lengths in m.
    starts : (n + 1,) int64
        The ways out of node i are `heads[starts[i]:starts[i + 1]]`.
    heads : (2 m,) int32
        The node each of them leads to.
    steps_m : (2 m,) float64
        Their lengths in m.
    """

    xy: Coordinates
    edges: Integers
    lengths_m: Metres
    starts: Integers
    heads: NDArray[np.int32]
    steps_m: Metres
    _trees: "dict[int, tuple[Integers, STRtree]]" = field(default_factory=dict, repr=False, compare=False)

    @property
    def nodes(self) -> int:
        return len(self.xy)

    @cached_property
    def component(self) -> Integers:
        """The connected piece of each node, 0 being the largest."""
        from mulin.kernels.network.components import components

        return components(self.starts, self.heads)

    @cached_property
    def chains(self) -> "Chains":
        """The network between its junctions: what searches run on."""
        from mulin.kernels.network.chains import chains
        from mulin.kernels.readiness import require

        require("network")

        return chains(self.xy, self.edges, self.lengths_m)

    def ways(self, smallest_piece: int) -> tuple[Integers, "STRtree"]:
        """The ways of pieces with at least so many nodes, and a tree of them in that order; built once."""
        found = self._trees.get(smallest_piece)
        if found is None:
            from shapely import STRtree, linestrings

            size = np.bincount(self.component, minlength=1)[self.component]
            rows = np.flatnonzero(size[self.edges[:, 0]] >= smallest_piece)
            found = rows, STRtree(linestrings(self.xy[self.edges[rows]]))
            self._trees[smallest_piece] = found
        return found


@dataclass(frozen=True)
class Snapped:
    """Places joined to the nearest way of a network, made by `snapping.snap`.

    Parameters
    ----------
    edge : (p,) int64
        The way each place is joined to; -1 where none is near enough.
    along_m : (p,) float64
        Where on that way, in m from its lower node.
    offset_m : (p,) float64
        Straight distance from the place to the way, in m; inf where no way is near enough.
    chain : (p,) int64
        The chain (`Network.chains`) that way is part of; -1 for none.
    position_m : (p,) float64
        Where on that chain, in m from its beginning.
    ends : (p, 2) int64
        The two junctions through which a walk leaves the chain; -1 where it cannot.
    costs_m : (p, 2) float64
        Distance from the place to each of the two, `offset_m` included; inf where it cannot be reached.
    """

    edge: Integers
    along_m: Metres
    offset_m: Metres
    chain: Integers
    position_m: Metres
    ends: Integers
    costs_m: Metres

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def stranded(self) -> Integers:
        """Indices of the places with no way near enough."""
        return np.flatnonzero(~np.isfinite(self.offset_m))

    def take(self, rows: Integers) -> "Snapped":
        """The places of these rows."""
        return Snapped(*(getattr(self, each.name)[rows] for each in fields(self)))
