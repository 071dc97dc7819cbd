"""Near atoms joined into clusters, which a search moves as one before it looks at the atoms.

Heavy-edge clustering as in Karypis & Kumar, "A fast and high quality multilevel scheme for partitioning irregular
graphs", SIAM J. Sci. Comput. 20 (1998).
"""

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.partition.engine.arrays import NONE, Large, Town


@compiled
def _best_neighbour(town: Town, atom: int, cluster: Large, households: Large, sizes: Large, cap: int, most: int) -> int:
    """Neighbour of an atom over the heaviest edge within the same block of streets whose cluster has room for it."""
    heaviest, chosen = 0.0, NONE
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        other = town.edges[edge].neighbour
        if not town.edges[edge].walkable or town.atoms[other].apart_end > town.atoms[other].apart_start:
            continue
        together, size = town.atoms[other].households, 1
        if cluster[other] != NONE:
            together, size = households[cluster[other]], sizes[cluster[other]]
        together += town.atoms[atom].households
        weight = town.edges[edge].weight + 1.0 / (2.0 + together)
        if together <= cap and size < most and weight > heaviest:
            heaviest, chosen = weight, other
    return chosen


@compiled
def clusters(town: Town, cap: int, most: int) -> tuple[Large, int]:
    """Join every atom to its best neighbour, in the order of the atoms. O(n + m).

    Parameters
    ----------
    cap
        Households of a cluster.
    most
        Atoms of a cluster.

    Returns
    -------
    cluster of each atom (n,), their number
    """
    atoms = len(town.atoms)
    cluster = np.full(atoms, NONE, np.int64)
    households, sizes = np.zeros(atoms, np.int64), np.zeros(atoms, np.int64)
    found = 0
    for atom in range(atoms):
        if cluster[atom] != NONE:
            continue
        other = NONE
        if town.atoms[atom].apart_end == town.atoms[atom].apart_start:
            other = _best_neighbour(town, atom, cluster, households, sizes, cap, most)
        if other == NONE or cluster[other] == NONE:
            cluster[atom] = found
            if other != NONE:
                cluster[other] = found
                households[found], sizes[found] = town.atoms[other].households, 1
            found += 1
        else:
            cluster[atom] = cluster[other]
        households[cluster[atom]] += town.atoms[atom].households
        sizes[cluster[atom]] += 1
    return cluster, found
