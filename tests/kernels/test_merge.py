"""Several nets into one: differences that can be counted, a bound that holds, an answer for every old code."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mulin.kernels.facts import BadProblem
from mulin.kernels.merge.comparing import Overlap, answering, changed_households
from mulin.kernels.merge.consensus import consensus
from mulin.kernels.merge.problem import Net, Problem
from mulin.kernels.merge.reading import read
from mulin.kernels.merge.solve import solve
from mulin.kernels.merge.voting import voted, weighted_change
from mulin.kernels.partition.problem import SAME_BLOCK
from mulin.kernels.partition.problem import Problem as Ground
from mulin.kernels.stop import Stop

ROUNDS = Stop(rounds=200)


def street(buildings, households=100):
    """Buildings in a row, 20 m apart."""
    along = np.arange(buildings)
    return Ground(
        households=np.full(buildings, households),
        xy=np.column_stack([along * 20.0 + 10, np.full(buildings, 10.0)]),
        edges=np.column_stack([along[:-1], along[1:]]),
        barriers=np.full(max(buildings - 1, 0), SAME_BLOCK),
        community=np.zeros(buildings, np.int64),
    )


def town(side=8, households=50, seed=1):
    """A square of buildings with chequered neighbours."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    number = np.arange(side * side).reshape(side, side)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    down = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    edges = np.concatenate([across, down])
    lived_in = np.random.default_rng(seed).integers(households // 2, households * 3 // 2, side * side)
    return Ground(
        lived_in, np.column_stack([x, y]) * 30.0 + 15, edges, np.zeros(len(edges), np.int64),
        np.zeros(side * side, np.int64),
    )  # fmt: skip


def bands(*cuts, high=20.0):
    """Outlines that cut the street at these metres."""
    return tuple(shapely.box(west, 0, east, high) for west, east in itertools.pairwise(cuts))


def merge(ground, *nets, stop=ROUNDS):
    return solve(Problem(ground, nets), stop=stop, seed=1)


labels = st.lists(st.integers(-1, 3), min_size=7, max_size=7).map(lambda found: np.array(found, np.int64))


def most_in_common(one, other, households):
    """Households kept by the best one-to-one answer, by trying all."""
    best = 0
    for image in itertools.permutations(range(4)):
        answer = np.append(np.array(image), -2)[one]
        best = max(best, households[(one >= 0) & (answer == other)].sum())
    return best


@settings(deadline=None)
@given(labels, labels, st.lists(st.integers(0, 9), min_size=7, max_size=7).map(np.array))
def test_changed_households_are_the_least_any_renaming_leaves(old, new, households):
    covered = households[(old >= 0) & (new >= 0)].sum()
    assert changed_households(old, new, households) == covered - most_in_common(old, new, households)


@settings(deadline=None)
@given(labels, labels)
def test_grids_answer_one_to_one(old, new):
    both = (old >= 0) & (new >= 0)
    pairs, counts = np.unique(np.column_stack([old, new])[both], axis=0, return_counts=True)
    overlap = Overlap(pairs, counts.astype(float))
    chosen = pairs[answering(overlap)]
    assert len(set(chosen[:, 0])) == len(set(chosen[:, 1])) == len(chosen)


@settings(max_examples=100, deadline=None)
@given(labels, labels, labels, labels)
def test_the_bound_holds_for_any_net(one, two, three, any_net):
    from mulin.kernels.merge.comparing import differences, least_cost

    households = np.array([3, 1, 4, 1, 5, 9, 2])
    ground = street(7)
    weights = (1.0, 2.0, 1.0)
    nets = read(
        Problem(ground, tuple(Net(grid=grid, weight=w) for grid, w in zip((one, two, three), weights, strict=True)))
    )
    new = any_net + 1
    cost = sum(net.weight * changed_households(net.grid, new, households) for net in nets)
    bound = least_cost([net.weight for net in nets], differences(nets, (), households))
    assert bound <= cost + 1e-6


@settings(max_examples=100, deadline=None)
@given(st.lists(labels, min_size=1, max_size=4), labels)
def test_voting_never_makes_a_net_dearer(departments, start):
    ground = street(7)
    nets = read(Problem(ground, tuple(Net(grid=grid) for grid in departments)))
    whole = start + 1
    after = voted(nets, whole, ground.households)
    assert (after >= 0).all()
    before = weighted_change(nets, whole, ground.households)
    assert weighted_change(nets, after, ground.households) <= before


def test_equal_nets_are_their_own_merger():
    ground = town()
    columns = (ground.xy[:, 0] // 60).astype(np.int64) * 2 + (ground.xy[:, 1] // 120).astype(np.int64)
    result = merge(ground, Net(grid=columns), Net(grid=columns[::1] + 0, weight=2.0))
    assert result.bound == 0
    assert result.differences[0].households == 0
    assert result.proposals[0].cost == 0
    assert changed_households(columns, result.grid, ground.households) == 0


def test_two_of_three_departments_outvote_the_third():
    ground = street(12)
    together, apart = np.arange(12) // 4, np.minimum((np.arange(12) + 2) // 4, 2)
    result = merge(ground, Net(grid=apart), Net(grid=together), Net(grid=together))
    assert changed_households(together, result.grid, ground.households) == 0
    assert result.proposals[0].changed[1:] == (0, 0)
    assert result.proposals[0].cost >= result.bound > 0


def test_weight_can_outvote_numbers():
    ground = street(12)
    together, apart = np.arange(12) // 4, np.array([0] * 5 + [1] * 4 + [2] * 3)
    result = merge(ground, Net(grid=apart, weight=5.0), Net(grid=together), Net(grid=together))
    assert result.proposals[0].changed[0] == 0


def test_the_new_net_is_lawful_where_old_ones_are_not():
    ground = street(12)
    tiny = np.arange(12) // 2
    result = merge(ground, Net(grid=tiny), Net(grid=np.zeros(12, np.int64)))
    assert [net.outside for net in result.nets] == [6, 1]
    households = np.bincount(result.grid, ground.households)
    assert ((households >= 300) & (households <= 500)).all()


def test_differences_are_measured_in_households_and_ground():
    ground = street(8)
    result = merge(ground, Net(bands(0, 80, 160)), Net(bands(0, 100, 160)))
    (difference,) = result.differences
    assert difference.households == 100
    assert difference.area_m2 == pytest.approx(20 * 20)


def test_faults_of_a_net_are_counted():
    ground = street(8)
    outlines = (shapely.box(0, 0, 100, 20), shapely.box(80, 0, 140, 20))
    scattered = np.array([0, 1, 0, 1, 1, 1, 0, 0])
    result = merge(ground, Net(outlines), Net(grid=scattered))
    faults = result.nets[0]
    assert (faults.without_grid, faults.in_several) == (1, 1)
    assert faults.overlap_m2 == pytest.approx(20 * 20)
    assert result.nets[1].broken == 2


def test_every_old_code_has_one_main_successor_and_all_partial_ones():
    ground = street(12)
    old = bands(0, 60, 120, 180, 240)
    result = merge(ground, Net(old), Net(bands(0, 80, 160, 240)), Net(bands(0, 80, 160, 240)))
    for net, grids in enumerate((4, 3, 3)):
        rows = [row for row in result.successors if row.net == net]
        assert [row.old_grid for row in rows if row.is_main] == list(range(grids))
        for label in range(grids):
            mine = [row for row in rows if row.old_grid == label]
            assert sum(row.share_households for row in mine) == pytest.approx(1)
            assert sum(row.share_area for row in mine) == pytest.approx(1)
            assert mine[0].is_main
            assert mine[0].households == max(row.households for row in mine)
    split = [row for row in result.successors if row.net == 0 and row.old_grid == 1]
    assert {row.share_households for row in split} == {1 / 3, 2 / 3}


def test_an_old_grid_without_a_building_is_answered_by_its_neighbour():
    ground = street(8)
    old = (*bands(0, 80, 160), shapely.box(170, 0, 190, 20))
    result = merge(ground, Net(old))
    (row,) = [row for row in result.successors if row.old_grid == 2]
    assert row.is_main
    assert row.new_grid == result.grid[-1]
    assert np.isnan(row.share_households)


def test_an_old_grid_without_anything_is_answered_by_nobody():
    labels_only = np.array([0] * 4 + [2] * 4)
    result = merge(street(8), Net(grid=labels_only))
    (row,) = [row for row in result.successors if row.old_grid == 1]
    assert (row.new_grid, row.is_main) == (-1, True)


def test_lines_stay_where_nothing_changed():
    ground = street(8)
    crooked = shapely.Polygon([(0, 0), (85, 0), (75, 20), (0, 20)])
    other = shapely.box(0, 0, 160, 20).difference(crooked)
    result = merge(ground, Net((crooked, other)))
    assert result.outlines[result.grid[0]].equals(crooked)
    assert result.outlines[result.grid[-1]].equals(other)


def test_the_new_ground_has_no_gap_and_no_overlap():
    ground = town()
    nets = (
        Net(bands(0, 100, 200, 240, high=240.0)),
        Net(tuple(shapely.box(0, low, 240, low + 60) for low in range(0, 240, 60))),
    )
    result = merge(ground, *nets)
    assert shapely.union_all(result.outlines).area == pytest.approx(240 * 240)
    assert sum(outline.area for outline in result.outlines) == pytest.approx(240 * 240)
    for label, outline in enumerate(result.outlines):
        assert shapely.distance(shapely.points(ground.xy[result.grid == label]), outline).max() == 0


def test_the_overlay_numbers_what_lies_together_in_every_net():
    result = merge(street(8), Net(bands(0, 80, 160)), Net(bands(0, 100, 160)))
    assert [len(set(result.cell[part])) for part in (slice(0, 4), slice(4, 5), slice(5, 8))] == [1, 1, 1]
    assert len(set(result.cell)) == 3


def test_consensus_joins_where_most_weight_is_for_it():
    ground = street(6)
    nets = read(Problem(ground, tuple(Net(grid=np.array(grid)) for grid in ([0, 0, 0, 1, 1, 1],) * 2 + ([0] * 6,))))
    assert consensus(nets, ground).tolist() == [0, 0, 0, 1, 1, 1]


def test_the_same_seed_gives_the_same_net():
    ground = town()
    first = Net(grid=(ground.xy[:, 0] // 80).astype(np.int64))
    second = Net(grid=(ground.xy[:, 1] // 80).astype(np.int64))
    assert merge(ground, first, second).grid.tolist() == merge(ground, first, second).grid.tolist()


SQUARE = (shapely.box(0, 0, 80, 20),)


@pytest.mark.parametrize(
    ("code", "nets"),
    [
        ("no_nets", ()),
        ("net_without_grids", (Net(),)),
        ("bad_weight", (Net(SQUARE, weight=float("nan")),)),
        ("no_weight", (Net(SQUARE, weight=0.0),)),
        ("outline_invalid", (Net((shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),)),)),
        ("outline_invalid", (Net((shapely.Point(0, 0),)),)),
        ("wrong_shape", (Net(grid=np.zeros(3, np.int64)),)),
        ("grid_out_of_range", (Net(SQUARE, grid=np.ones(4, np.int64)),)),
        ("grid_out_of_range", (Net(grid=np.full(4, -2)),)),
    ],
)
def test_bad_nets_are_refused(code, nets):
    with pytest.raises(BadProblem) as refusal:
        merge(street(4), *nets)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("code", "ground"),
    [("empty_town", street(0)), ("edge_out_of_range", replace(street(4), edges=np.array([[0, 9]] * 3)))],
)
def test_ground_that_cannot_be_read_is_refused(code, ground):
    with pytest.raises(BadProblem) as refusal:
        merge(ground, Net(SQUARE))
    assert refusal.value.code == code
