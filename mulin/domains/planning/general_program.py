"""METIS, the general-purpose program for dividing graphs, on the ground of a draft: a yardstick for its figures.

It runs in a process of its own that knows nothing of us: where it is not installed (no wheel for the machine), crashes
or takes too long, there is no yardstick and nothing else is different.
"""

import importlib.util
import io
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mulin.domains.planning.rules.judging import figures_of
from mulin.domains.planning.rules.labels import living_on
from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays
from mulin.kernels.partition.problem import IMPASSABLE, Bounds, Integers, Params

LONGEST_S = 8.0
"""Less than the lease of a draft, which is not renewed meanwhile."""
SEEDS = (1, 2, 3)
IMBALANCE = 250
"""Thousandths: 400 ± 25 % is 300 to 500."""

# It imports packages, never our own code: a graph of each community comes in as arrays, the parts go out as one.
PROGRAM = """
import io
import sys
import numpy as np
import pymetis

NAMES = ("starts", "heads", "weights", "households")
given = np.load(io.BytesIO(sys.stdin.buffer.read()))


def divided(number, seed):
    starts, heads, weights, households = (given[f"{name}{number}"] for name in NAMES)
    options = pymetis.Options(contig=int(given["is_whole"][number]), ufactor=int(given["imbalance"]), seed=seed)
    return pymetis.part_graph(
        int(given["grids"][number]), adjacency=pymetis.CSRAdjacency(starts, heads), vweights=households,
        eweights=weights, recursive=False, options=options,
    )


found = []
for seed in given["seeds"].tolist():
    cuts, parts = zip(*(divided(number, seed) for number in range(len(given["grids"]))))
    found.append((sum(cuts), seed, np.concatenate([np.asarray(each, np.int64) for each in parts])))
answer = io.BytesIO()
np.save(answer, sorted(found, key=lambda one: one[:2])[len(found) // 2][2])
sys.stdout.buffer.write(answer.getvalue())
"""


def is_installed() -> bool:
    return importlib.util.find_spec("pymetis") is not None


def figures_beside(arrays: GroundArrays, grid: Integers, bounds: Bounds, params: Params) -> dict[str, Any] | None:
    """Return the figures of METIS' plan of the same ground with as many grids as a plan; None where it has none.

    Each community is divided by itself, into as many grids as it has in the plan. Grids of their own ground (a mall,
    a school) stay as they are. Of three seeds the one of the middle counts.
    """
    if not is_installed():
        return None
    whole = arrays.present.copy()
    free = np.flatnonzero(~np.isin(arrays.present, np.flatnonzero(arrays.dedicated)))
    whole[free] = len(arrays.grid_ids) + arrays.community[free]
    parted = [(rows, grids) for rows, grids in _communities(arrays, free, grid) if grids > 1]
    if not parted:
        return None
    parts = _answer(arrays, parted, params)
    if parts is None:
        return None
    first, at = len(arrays.grid_ids) + len(arrays.community_codes), 0
    for rows, grids in parted:
        whole[rows] = first + parts[at : at + len(rows)]
        first, at = first + grids, at + len(rows)
    named = living_on(whole, arrays.present, len(arrays.grid_ids), arrays.households, arrays.community)
    return figures_of(arrays, named, bounds, params)


def _communities(arrays: GroundArrays, free: Integers, grid: Integers) -> Iterator[tuple[Integers, int]]:
    """Return the buildings of each community, and its grids in the plan."""
    for community in np.unique(arrays.community[free]):
        rows = free[arrays.community[free] == community]
        yield rows, len(np.unique(grid[rows]))


def _answer(arrays: GroundArrays, parted: Sequence[tuple[Integers, int]], params: Params) -> Integers | None:
    """Return the part of every building of these communities, one community after the other."""
    asked: dict[str, Any] = {"grids": [grids for _rows, grids in parted], "seeds": SEEDS, "imbalance": IMBALANCE}
    wholeness = []
    for number, (rows, _grids) in enumerate(parted):
        graph, is_whole = _graph(arrays, rows, params)
        wholeness.append(is_whole)
        asked |= {f"starts{number}": graph.indptr, f"heads{number}": graph.indices, f"weights{number}": graph.data}
        asked[f"households{number}"] = arrays.households[rows]
    sent = io.BytesIO()
    np.savez(sent, is_whole=wholeness, **asked)
    command = [sys.executable, "-I", "-c", PROGRAM]
    try:
        done = subprocess.run(command, input=sent.getvalue(), capture_output=True, timeout=LONGEST_S, check=True)
        parts: Integers = np.load(io.BytesIO(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError, EOFError):
        return None
    return parts


def _graph(arrays: GroundArrays, rows: Integers, params: Params) -> tuple[Any, bool]:
    """Return the neighbours among some buildings weighted by what a cut costs, and whether they hang together."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    number = np.full(len(arrays), NO_GRID, np.int64)
    number[rows] = np.arange(len(rows))
    one, other = number[arrays.edges.T]
    holds = (arrays.barriers != IMPASSABLE) & (one >= 0) & (other >= 0)
    ends = (np.concatenate((one[holds], other[holds])), np.concatenate((other[holds], one[holds])))
    weights = np.array(params.cut, np.int64)[arrays.barriers[holds]]
    graph = csr_array((np.tile(weights, 2), ends), (len(rows), len(rows)))
    pieces, _label = connected_components(graph, directed=False)
    return graph, bool(pieces == 1)
