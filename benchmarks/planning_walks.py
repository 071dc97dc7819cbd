"""The walking network of the instances, and a town drawn along it: for routing, access and siting."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.building import build
from mulin.kernels.network.problem import Streets
from mulin.kernels.network.result import Network

BUILDINGS, FACILITIES, KINDS = 100_000, 1_622, 20


def load_network(data: Path) -> Network:
    import pandas as pd

    nodes = pd.read_parquet(data / "nyc_net_nodes.parquet")
    edges = pd.read_parquet(data / "nyc_net_edges.parquet")
    pairs, lengths = edges[["u", "v"]].to_numpy(np.int64), edges["w"].to_numpy(np.float64)
    return build(Streets(nodes[["x", "y"]].to_numpy(np.float64), pairs, lengths))


def along_streets(network: Network, count: int, seed: int) -> NDArray[np.float64]:
    """Places 5–40 m beside ways, as many per metre of way everywhere."""
    rng = np.random.default_rng(seed)
    way = rng.choice(len(network.edges), count, p=network.lengths_m / network.lengths_m.sum())
    low, high = network.xy[network.edges[way, 0]], network.xy[network.edges[way, 1]]
    angle = rng.uniform(0, 2 * np.pi, count)
    aside = rng.uniform(5, 40, count)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    places: NDArray[np.float64] = low + rng.random(count)[:, None] * (high - low) + aside
    return places


def kinds_of_facilities() -> NDArray[np.int64]:
    """Some kinds are frequent, some rare, as in a real town."""
    share = np.geomspace(1.0, 0.05, KINDS)
    return np.random.default_rng(3).choice(KINDS, FACILITIES, p=share / share.sum())
