"""What a walking network is made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Metres = NDArray[np.float64]
Coordinates = NDArray[np.float64]


@dataclass(frozen=True)
class Streets:
    """Ways a person can walk, in both directions.

    Parameters
    ----------
    xy : (n, 2) float64
        Crossings and bends, in m on a local plane (`plane.on_plane` makes one of longitude and latitude).
    edges : (m, 2) int64
        Pairs of nodes joined by a way. Of several ways between one pair the shortest is kept; a way from a node to
        itself is dropped.
    lengths_m : (m,) float64
        Length of each way in m; `None` takes the straight line.
    """

    xy: Coordinates
    edges: Integers
    lengths_m: Metres | None = None
