import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from mulin.kernels.facts import BadProblem
from mulin.kernels.network.building import build
from mulin.kernels.network.distances import distances_m
from mulin.kernels.network.plane import on_plane
from mulin.kernels.network.problem import Streets
from mulin.kernels.network.snapping import snap
from tests.kernels.streets import exact_distances, spots, town

LINE = np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0]])


def test_of_two_ways_between_a_pair_the_shorter_is_kept():
    network = build(Streets(LINE, np.array([[0, 1], [1, 0], [1, 1], [1, 2]]), np.array([130.0, 110.0, 5.0, 100.0])))
    assert network.edges.tolist() == [[0, 1], [1, 2]]
    assert network.lengths_m.tolist() == [110.0, 100.0]
    assert network.starts.tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("code", "xy", "edges", "lengths"),
    [
        ("not_a_number", LINE * np.nan, [[0, 1]], [1.0]),
        ("not_a_number", LINE, [[0, 1]], [np.nan]),
        ("not_a_number", LINE, [[0, 1]], [np.inf]),
        ("negative_length", LINE, [[0, 1]], [-1.0]),
        ("edge_out_of_range", LINE, [[0, 3]], [1.0]),
        ("edge_out_of_range", LINE, [[-1, 0]], [1.0]),
        ("wrong_shape", LINE, [[0, 1]], [1.0, 2.0]),
        ("wrong_shape", LINE[:, :1], [[0, 1]], [1.0]),
    ],
)
def test_bad_streets_are_refused_with_their_rows(code, xy, edges, lengths):
    with pytest.raises(BadProblem) as refusal:
        build(Streets(xy, np.array(edges), np.array(lengths)))
    assert refusal.value.code == code
    assert code == "wrong_shape" or refusal.value.facts["rows"] is not None


def test_a_place_is_joined_to_the_nearest_point_of_the_nearest_way():
    network = build(Streets(LINE, np.array([[0, 1], [1, 2]]), np.array([200.0, 100.0])))
    places = snap(network, np.array([[25.0, 10.0], [-30.0, 40.0], [0.0, 900.0]]))
    assert places.edge.tolist() == [0, 0, -1]
    assert places.along_m.tolist() == [50.0, 0.0, 0.0]  # the way is twice as long as it looks
    assert places.offset_m.tolist() == [10.0, 50.0, np.inf]
    assert sorted(places.costs_m[0]) == [60.0, 260.0]  # to the two ends of the line: its middle is no junction
    assert sorted(places.costs_m[1]) == [50.0, 350.0]
    assert np.isinf(places.costs_m[2]).all()
    assert places.stranded.tolist() == [2]


def test_a_place_is_not_joined_to_a_lone_footpath_when_told_so():
    xy = np.concatenate([LINE, [[0.0, 50.0], [50.0, 50.0]]])
    network = build(Streets(xy, np.array([[0, 1], [1, 2], [3, 4]])))
    assert snap(network, np.array([[10.0, 45.0]])).edge.tolist() == [2]
    assert snap(network, np.array([[10.0, 45.0]]), smallest_piece=3).edge.tolist() == [0]


def test_places_that_are_no_numbers_are_refused():
    with pytest.raises(BadProblem) as refusal:
        snap(town(1), np.array([[0.0, 0.0], [np.nan, 0.0]]))
    np.testing.assert_array_equal(refusal.value.facts["rows"], [1])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_distances_equal_exact_dijkstra(seed, count):
    network = town(seed)
    places = snap(network, spots(seed, count))
    np.testing.assert_allclose(distances_m(network, places), exact_distances(network, places), atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(10, 600))
def test_a_limit_only_hides_what_is_beyond_it(seed, furthest):
    network = town(seed)
    places = snap(network, spots(seed, 8))
    everything = distances_m(network, places)
    np.testing.assert_array_equal(
        distances_m(network, places, furthest), np.where(everything <= furthest, everything, np.inf)
    )


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_distances_do_not_depend_on_how_nodes_are_numbered(seed):
    network, rng = town(seed), np.random.default_rng(seed)
    new = rng.permutation(network.nodes)
    xy = np.empty_like(network.xy)
    xy[new] = network.xy
    renumbered = build(Streets(xy, new[network.edges], network.lengths_m))
    where = spots(seed, 8)
    one, other = (distances_m(streets, snap(streets, where)) for streets in (network, renumbered))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_lone_ring_and_a_ring_on_a_stalk_are_walked_the_shorter_way_round():
    angle = np.arange(8) * np.pi / 4
    ring = 100.0 * np.column_stack([np.cos(angle), np.sin(angle)])
    xy = np.concatenate([ring, ring + np.array([1000.0, 0.0]), [[1500.0, 0.0]]])
    around = np.column_stack([np.arange(8), (np.arange(8) + 1) % 8])
    network = build(Streets(xy, np.concatenate([around, around + 8, [[8, 16]]])))
    places = snap(network, 1.1 * xy)
    found = distances_m(network, places)
    np.testing.assert_allclose(found, exact_distances(network, places), atol=1e-6)
    assert network.chains.junctions == 3


def test_without_ways_everybody_is_alone():
    network = build(Streets(LINE, np.empty((0, 2), np.int64)))
    found = distances_m(network, snap(network, LINE))
    assert np.isinf(found[~np.eye(3, dtype=bool)]).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_pieces_are_those_of_scipy_the_largest_first(seed):
    network = town(seed, missing=0.6)
    from scipy.sparse import csr_array

    graph = csr_array((np.ones(len(network.heads)), network.heads, network.starts), shape=(network.nodes,) * 2)
    count, label = connected_components(graph)
    sizes = np.bincount(network.component)
    assert len(sizes) == count
    assert (np.diff(sizes) <= 0).all()
    assert len({*zip(label, network.component, strict=True)}) == count


def test_a_degree_of_longitude_is_shorter_in_the_north():
    east = on_plane(np.array([[121.01, 31.0], [121.0, 31.01]]), (121.0, 31.0))
    np.testing.assert_allclose(east, [[953.1, 0.0], [0.0, 1112.0]], atol=0.2)
