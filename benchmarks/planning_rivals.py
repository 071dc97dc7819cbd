"""METIS on a problem of the partition, and its labels matched to today's grids."""

import numpy as np
import pymetis
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.planning_clock import timed
from mulin.kernels.partition.problem import IMPASSABLE, Integers, Params, Problem

IMBALANCE = 250  # thousandths: METIS keeps 400 ± 25 % at best


def metis(problem: Problem, grids: int, seed: int = 1) -> tuple[Integers, float]:
    """K-way METIS with 25 % imbalance, contiguous where it accepts that: the grids and the processor seconds in METIS.

    METIS refuses `contig` where the graph is in several pieces.
    """
    holds = problem.barriers != IMPASSABLE
    edges = problem.edges[holds]
    weights = np.array(Params().cut, np.int64)[problem.barriers[holds]]
    buildings = len(problem.households)
    rows, columns = np.concatenate((edges, edges[:, ::-1])).T
    graph = csr_array((np.tile(weights, 2), (rows, columns)), (buildings, buildings))
    adjacency = pymetis.CSRAdjacency(graph.indptr, graph.indices)
    pieces, _ = connected_components(graph, directed=False)
    options = pymetis.Options(contig=int(pieces == 1), ufactor=IMBALANCE, seed=seed)
    (_, parts), seconds = timed(
        lambda: pymetis.part_graph(
            grids,
            adjacency=adjacency,
            vweights=problem.households,
            eweights=graph.data,
            recursive=False,
            options=options,
        )
    )
    return np.array(parts, np.int64), seconds


def matched(problem: Problem, grid: Integers) -> Integers:
    """Rename grids so that most households keep the number of their present grid (Hungarian method)."""
    assert problem.present is not None
    had = problem.present >= 0
    size = int(max(grid.max(), problem.present.max())) + 1
    kept = np.zeros((size, size))
    np.add.at(kept, (grid[had], problem.present[had]), problem.households[had])
    ours, theirs = linear_sum_assignment(-kept)
    name = np.empty(size, np.int64)
    name[ours] = theirs
    return name[grid]
