"""A large town seen from afar: clusters of near buildings as its atoms."""

import numpy as np

from mulin.kernels.partition.atoms import Atoms, edge_records
from mulin.kernels.partition.engine.arrays import ATOM, COMPONENT, town_with
from mulin.kernels.partition.engine.clustering import clusters
from mulin.kernels.partition.engine.graphs import adjacency, components
from mulin.kernels.partition.problem import Integers

FEWEST_ATOMS = 2_000  # a smaller town is searched as it is
PARTS_OF_A_GRID = 6  # clusters at least, so that there is a choice
ATOMS_OF_A_CLUSTER = 4
LARGEST_SHARE = 0.8  # clusters of all atoms; more say nothing that the atoms do not


def coarsened(atoms: Atoms, seed: int) -> tuple[Atoms, Integers] | None:
    """The town of clusters, and the cluster of each atom; None where that is no help."""
    fine = atoms.town
    if len(fine.atoms) < FEWEST_ATOMS:
        return None
    cluster, count = clusters(fine, atoms.rules.highest // PARTS_OF_A_GRID, ATOMS_OF_A_CLUSTER)
    if count > LARGEST_SHARE * len(fine.atoms):
        return None
    one, other = cluster[fine.edges["source"]], cluster[fine.edges["neighbour"]]
    between = one != other
    start, source, neighbour, weight, walkable = adjacency(
        one[between], other[between], fine.edges["weight"][between], fine.edges["walkable"][between] > 0, count
    )
    records = np.zeros(count, ATOM)
    sizes = np.bincount(cluster, minlength=count)
    for field in ("households", "sealed"):
        records[field] = np.bincount(cluster, fine.atoms[field], count)
    for axis in ("x", "y"):
        records[axis] = np.bincount(cluster, fine.atoms[axis], count) / sizes
    records["home"] = -1
    records["start"], records["end"] = start[:-1], start[1:]
    records["component"], part_start, records["listed"] = components(start, neighbour)
    parts = np.zeros(len(part_start) - 1, COMPONENT)
    parts["start"], parts["end"] = part_start[:-1], part_start[1:]
    edges = edge_records(atoms.full_weight, source, neighbour, weight, walkable)
    apart = _apart(atoms, cluster, records)
    town = town_with(records, edges, parts, apart, seed)
    return Atoms(town, atoms.rules, cluster[atoms.of_building], atoms.home_numbers, atoms.full_weight), cluster


def _apart(atoms: Atoms, cluster: Integers, records: np.ndarray) -> np.ndarray:
    """Rows of forbidden pairs; an atom that has any is a cluster of its own."""
    fine = atoms.town.atoms
    alone = np.flatnonzero(fine["apart_end"] > fine["apart_start"])
    records["apart_start"][cluster[alone]] = fine["apart_start"][alone]
    records["apart_end"][cluster[alone]] = fine["apart_end"][alone]
    return cluster[atoms.town.apart].astype(np.int32)
