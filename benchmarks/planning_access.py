"""The life circle of 100,000 buildings and 20 kinds within 1,200 m: ours beside pandana and SciPy, equal to both."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.planning_child import in_child
from benchmarks.planning_rows import Row, peak_memory_mb
from benchmarks.planning_walks import BUILDINGS, FACILITIES, KINDS, along_streets, kinds_of_facilities, load_network
from mulin.kernels.access.live import LiveAccess
from mulin.kernels.access.problem import Params, Problem
from mulin.kernels.access.solve import solve
from mulin.kernels.network.result import Snapped
from mulin.kernels.network.snapping import snap
from mulin.kernels.stop import Stop

BOUND_M = 1_200.0
PARAMS = Params(speed_m_per_s=BOUND_M / 900.0, threads=2)
REPEATS = 5


def rows(data: Path) -> Iterator[Row]:
    network = load_network(data)
    homes, sites = along_streets(network, BUILDINGS, 1), along_streets(network, FACILITIES, 2)
    problem = Problem(network, snap(network, homes), snap(network, sites), kinds_of_facilities(), KINDS)
    ours = _fastest(lambda: solve(problem, stop=Stop(rounds=KINDS), params=PARAMS))
    memory = peak_memory_mb()
    (theirs, build_s), their_memory = in_child(pandana_seconds, data, homes, sites, problem.kind)
    name = f"access {BUILDINGS:,} × {KINDS}"
    note = f"two threads each; pandana {their_memory:.0f} MB, {build_s:.1f} s to build; snapped beforehand for both"
    yield Row(f"{name}: pandana", _ms(ours), _ms(theirs), ours / theirs, 1 / 50, memory, note)
    exact_s, exact = _exact(problem)
    yield Row(f"{name}: SciPy", _ms(ours), _ms(exact_s), ours / exact_s, 1.0, memory, "one limited search per kind")
    yield _agreement(problem, exact, memory)
    yield from _live(problem, ours)


def _fastest(run: object) -> float:
    assert callable(run)
    run()
    return min(_seconds(run) for _ in range(REPEATS))


def _seconds(run: object) -> float:
    assert callable(run)
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.1f} ms"


def pandana_seconds(
    data: Path, homes: NDArray[np.float64], sites: NDArray[np.float64], kind: NDArray[np.int64]
) -> tuple[float, float]:
    """Seconds of pandana for all kinds (the best of two), and for building its network."""
    import pandana
    import pandas as pd

    network = load_network(data)
    begun = time.perf_counter()
    x, y = pd.Series(network.xy[:, 0]), pd.Series(network.xy[:, 1])
    ends, lengths = pd.DataFrame(network.edges), pd.DataFrame({"m": network.lengths_m})
    rival = pandana.Network(x, y, ends[0], ends[1], lengths)
    build_s = time.perf_counter() - begun
    nodes = rival.get_node_ids(pd.Series(homes[:, 0]), pd.Series(homes[:, 1]))

    def run() -> None:
        for each in range(KINDS):
            mine = pd.DataFrame(sites[kind == each])
            rival.set_pois(str(each), BOUND_M, 1, mine[0], mine[1])
            rival.nearest_pois(BOUND_M, str(each), num_pois=1)[1].reindex(nodes)

    return min(_seconds(run) for _ in range(2)), build_s


def _exact(problem: Problem) -> tuple[float, NDArray[np.float64]]:
    """SciPy's Dijkstra from a node joined to all facilities of a kind; its seconds and the distances."""
    found, seconds = np.full((KINDS, len(problem.buildings)), np.inf), 0.0
    nodes, costs = _to_nodes(problem, problem.buildings)
    for kind in range(KINDS):
        mine = problem.facilities.take(np.flatnonzero(problem.kind == kind))
        begun = time.perf_counter()
        at_node = _from_all(problem, mine)
        found[kind] = (at_node[nodes] + costs).min(axis=1)
        seconds += time.perf_counter() - begun
        _along_one_way(problem.buildings, mine, found[kind])
    return seconds, np.where(found <= BOUND_M, found, np.inf)


def _to_nodes(problem: Problem, places: Snapped) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The two nodes of each place's way, and the distances to them."""
    low = places.offset_m + places.along_m
    high = places.offset_m + problem.network.lengths_m[places.edge] - places.along_m
    return problem.network.edges[places.edge], np.column_stack([low, high])


def _from_all(problem: Problem, mine: Snapped) -> NDArray[np.float64]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    network, n = problem.network, problem.network.nodes
    seed = np.full(n, np.inf)
    nodes, costs = _to_nodes(problem, mine)
    np.minimum.at(seed, nodes.ravel(), costs.ravel())  # SciPy would add up two ways to one node
    seeds = np.flatnonzero(np.isfinite(seed))
    lengths = np.concatenate([network.steps_m, seed[seeds]])
    heads = np.concatenate([network.heads, seeds])
    graph = csr_array((lengths, heads, np.append(network.starts, len(lengths))), shape=(n + 1, n + 1))
    reached: NDArray[np.float64] = dijkstra(graph, indices=n, limit=BOUND_M)[:n]
    return reached


def _along_one_way(homes: Snapped, mine: Snapped, row: NDArray[np.float64]) -> None:
    order = np.argsort(mine.edge)
    low, high = (np.searchsorted(mine.edge[order], homes.edge, side=side) for side in ("left", "right"))
    for home in np.flatnonzero(high > low):
        for site in order[low[home] : high[home]]:
            along = abs(homes.along_m[home] - mine.along_m[site])
            row[home] = min(row[home], homes.offset_m[home] + mine.offset_m[site] + along)


def _agreement(problem: Problem, exact: NDArray[np.float64], memory: float) -> Row:
    result = solve(problem, stop=Stop(rounds=KINDS), params=PARAMS)
    wrong = int((np.isfinite(result.distance_m) != np.isfinite(exact)).sum())
    near = np.isfinite(exact) & np.isfinite(result.distance_m)
    wrong += int((np.abs(result.distance_m[near] - exact[near]) > 0.001).sum())
    note = f"of {int(near.sum()):,} pairs within reach, more than 1 mm from exact"
    return Row("access: pairs that differ from Dijkstra", str(wrong), "0", float(wrong), 0.0, memory, note)


def _live(problem: Problem, whole_s: float) -> Iterator[Row]:
    live = LiveAccess(problem, PARAMS)
    sites = snap(problem.network, along_streets(problem.network, 50, 4))
    live.would_add(sites.take(np.array([0])), 0)
    adding = [_seconds(lambda i=i: live.add(sites.take(np.array([i])), i % KINDS)) for i in range(50)]
    closing = [_seconds(lambda i=i: live.remove(FACILITIES + i)) for i in range(50)]
    for what, times in (("opens", adding), ("closes", closing)):
        middle, worst = float(np.median(times)), max(times)
        note = f"median of 50, worst {_ms(worst)}; rival: all anew"
        yield Row(
            f"access: one facility {what}", _ms(middle), _ms(whole_s), middle / whole_s, 1.0, peak_memory_mb(), note
        )
