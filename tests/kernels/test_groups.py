"""Contact groups: lawful where the count allows, exact beside trying everything, plain where it does not."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mulin.kernels.facts import BadProblem
from mulin.kernels.groups.counting import is_possible, nearest_choices
from mulin.kernels.groups.order import CLOSED, NEXT_ENTRANCE, SAME_FLOOR, doors
from mulin.kernels.groups.problem import GOALS, Bounds, Params, Problem
from mulin.kernels.groups.solve import solve


def block(entrances, floors, doors_a_floor, **rest):
    """One building of equal stairwells."""
    households = entrances * floors * doors_a_floor
    index = np.arange(households)
    return Problem(
        entrance=index // (floors * doors_a_floor),
        floor=index // doors_a_floor % floors + 1,
        door=index % doors_a_floor,
        building=np.zeros(entrances, np.int64),
        **rest,
    )


def sizes(result):
    return sorted(np.unique(result.group, return_counts=True)[1].tolist())


def compositions(count, longest):
    if count == 0:
        yield ()
    for first in range(1, min(count, longest) + 1):
        for rest in compositions(count - first, longest):
            yield (first, *rest)


def cost_of(problem, line, cut):
    """Deviation, entrances crossed, floors cut and unevenness of one way to cut the line."""
    bounds = problem.bounds
    starts = np.concatenate([[0], np.cumsum(cut)[:-1]])
    inside = np.setdiff1d(np.arange(line.gap.size), starts)
    if (line.gap[inside] == CLOSED).any():
        return None
    deviation = sum(max(0, bounds.lowest - size, size - bounds.highest) for size in cut)
    uneven = sum((2 * size - bounds.lowest - bounds.highest) ** 2 for size in cut)
    return (
        deviation,
        int((line.gap[inside] == NEXT_ENTRANCE).sum()),
        int((line.gap[starts] == SAME_FLOOR).sum()),
        uneven,
    )


@st.composite
def small_towns(draw):
    entrances = draw(st.integers(1, 3))
    count = draw(st.integers(1, 11))
    whole = st.lists(st.integers(0, entrances - 1), min_size=count, max_size=count)
    floors = draw(st.lists(st.integers(-1, 3), min_size=count, max_size=count))
    lowest = draw(st.integers(1, 4))
    return Problem(
        entrance=np.array(draw(whole), np.int64),
        floor=np.array(floors, np.int64),
        door=np.array(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)), np.int64),
        building=np.array(draw(st.lists(st.integers(0, 1), min_size=entrances, max_size=entrances)), np.int64),
        bounds=Bounds(lowest, lowest + draw(st.integers(0, 2))),
    )


@settings(max_examples=120, deadline=None)
@given(small_towns())
def test_no_other_cut_of_the_line_is_better(problem):
    result = solve(problem)
    line = doors(problem, Params())
    costs = (cost_of(problem, line, cut) for cut in compositions(line.gap.size, 11))
    best = min(cost for cost in costs if cost is not None)
    numbers = result.group[line.household]
    lengths = np.diff(np.concatenate([[0], np.nonzero(np.diff(numbers))[0] + 1, [numbers.size]]))
    assert cost_of(problem, line, tuple(lengths)) == best
    assert (best[0] > 0) == bool(result.certificates)


@settings(max_examples=60, deadline=None)
@given(small_towns(), st.randoms())
def test_renumbering_households_changes_no_group(problem, random):
    keys = list(zip(problem.entrance, problem.floor, problem.door, strict=True))
    assume(len(set(keys)) == len(keys))
    order = random.sample(range(len(keys)), len(keys))
    other = Problem(
        problem.entrance[order], problem.floor[order], problem.door[order], problem.building, bounds=problem.bounds
    )
    assert solve(other).group.tolist() == solve(problem).group[order].tolist()


@settings(max_examples=60, deadline=None)
@given(small_towns())
def test_an_unchanged_town_keeps_every_group(problem):
    before = solve(problem).group
    again = Problem(
        problem.entrance, problem.floor, problem.door, problem.building, bounds=problem.bounds, present=before
    )
    result = solve(again)
    assert result.group.tolist() == before.tolist()
    assert result.moved.size == result.figures.changed == 0


@given(st.integers(0, 400), st.integers(1, 20), st.integers(0, 10))
def test_possible_is_what_some_number_of_groups_holds(households, lowest, room):
    held = any(groups * lowest <= households <= groups * (lowest + room) for groups in range(households + 1))
    assert is_possible(households, Bounds(lowest, lowest + room)) == held


def test_the_impossible_counts_are_those_people_know():
    impossible = [count for count in range(1, 400) if not is_possible(count, Bounds())]
    assert impossible == [*range(1, 10), *range(16, 20)]


@pytest.mark.parametrize(
    ("households", "chosen"),
    [(7, (7,)), (16, (16,)), (17, (17,)), (18, (9, 9)), (19, (9, 10))],
)
def test_the_nearest_choice_of_an_impossible_count(households, chosen):
    assert nearest_choices(households, Bounds())[0][1] == chosen
    assert sizes(solve(block(1, households, 1))) == list(chosen)


def test_whole_floors_stay_together():
    result = solve(block(1, 18, 4))
    assert result.figures.floors_cut == 0
    assert sizes(result) == [12] * 6


def test_a_stairwell_of_seventeen_is_told_its_choices_and_its_neighbour():
    one, other = np.zeros(17, np.int64), np.ones(12, np.int64)
    problem = Problem(
        entrance=np.concatenate([one, other]),
        floor=np.concatenate([np.arange(17), np.arange(12)]),
        door=np.zeros(29, np.int64),
        building=np.array([0, 1]),
        xy=np.array([[0.0, 0.0], [30.0, 40.0]]),
    )
    (certificate,) = solve(problem).certificates
    assert certificate.buildings == (0,)
    assert certificate.facts["chosen"] == "17"
    assert certificate.facts["deviation"] == 2
    assert certificate.facts["other"] == "8+9"
    assert certificate.facts["join_building"] == 1
    assert certificate.facts["join_distance_m"] == 50


def test_stairwells_of_one_building_may_share_a_group_at_neighbouring_floors():
    result = solve(block(2, 7, 1))
    assert result.certificates == ()
    assert sizes(result) == [14]
    apart = solve(block(2, 7, 1), params=Params(join_entrances=False))
    assert sizes(apart) == [7, 7]
    assert len(apart.certificates) == 2


def test_goals_can_be_asked_in_another_order():
    floors_first = ("change", "buildings", "floors", "entrances", "evenness")
    problem = block(3, 8, 4)
    assert solve(problem).figures.entrances_crossed == 0
    assert solve(problem, params=Params(goals=floors_first)).figures.floors_cut == 0


def test_village_houses_are_joined_along_the_lane():
    along = np.arange(24)
    problem = Problem(
        entrance=along,
        floor=np.ones(24, np.int64),
        door=np.zeros(24, np.int64),
        building=np.random.default_rng(1).permutation(24),
        area=np.zeros(24, np.int64),
        xy=np.column_stack([along * 12.0, np.zeros(24)]),
    )
    result = solve(problem, params=Params(join_within_m=20))
    assert sizes(result) == [12, 12]
    assert all(abs(one - other) == 1 for one, other in pairwise(np.nonzero(result.group == result.group[0])[0]))
    assert solve(problem).figures.outside == 24


def test_no_group_reaches_into_another_area_or_over_a_wide_gap():
    along = np.arange(24)
    problem = Problem(
        along, along * 0, along * 0, along,
        area=along // 12,
        xy=np.column_stack([along * 12.0 + 100 * (along >= 18), np.zeros(24)]),
    )  # fmt: skip
    result = solve(problem, params=Params(join_within_m=20))
    assert sizes(result) == [6, 6, 12]
    assert len(set(result.group[:12])) == 1


def test_one_more_household_moves_as_few_as_possible():
    floors = np.concatenate([np.arange(1, 25), [13]])
    doors_on_floor = np.concatenate([np.zeros(24), [1]]).astype(np.int64)
    present = np.concatenate([np.repeat([5, 9], 12), [-1]])
    result = solve(Problem(np.zeros(25, np.int64), floors, doors_on_floor, np.zeros(1, np.int64), present=present))
    assert result.moved.size == 0
    assert set(result.group) == {5, 9}
    crowded = solve(
        Problem(np.zeros(16, np.int64), np.arange(16), np.zeros(16, np.int64), np.zeros(1, np.int64),
                present=np.zeros(16, np.int64), bounds=Bounds(5, 15))
    )  # fmt: skip
    assert crowded.moved.size == 5
    assert set(crowded.group) == {0, 1}


def test_nobody_gives_no_group():
    nobody = np.zeros(0, np.int64)
    result = solve(Problem(nobody, nobody, nobody, np.zeros(1, np.int64)))
    assert result.figures.groups == 0


ONE = np.zeros(1, np.int64)


@pytest.mark.parametrize(
    ("code", "problem", "params"),
    [
        ("entrance_out_of_range", Problem(ONE + 1, ONE, ONE, ONE), Params()),
        ("wrong_shape", Problem(ONE, np.zeros(2, np.int64), ONE, ONE), Params()),
        ("wrong_shape", Problem(ONE, ONE, ONE, ONE, xy=np.zeros((2, 2))), Params()),
        ("not_a_number", Problem(ONE, ONE, ONE, ONE, xy=np.array([[0.0, np.nan]])), Params()),
        ("bounds_contradict", Problem(ONE, ONE, ONE, ONE, bounds=Bounds(15, 10)), Params()),
        ("bounds_contradict", Problem(ONE, ONE, ONE, ONE, bounds=Bounds(0, 10)), Params()),
        ("building_in_two_areas", Problem(ONE, ONE, ONE, np.zeros(2, int), area=np.array([0, 1])), Params()),
        ("goals_incomplete", Problem(ONE, ONE, ONE, ONE), Params(goals=GOALS[:4])),
        ("bad_weight", Problem(ONE, ONE, ONE, ONE), Params(join_within_m=float("nan"))),
    ],
)
def test_bad_arrays_are_refused(code, problem, params):
    with pytest.raises(BadProblem) as refusal:
        solve(problem, params=params)
    assert refusal.value.code == code
