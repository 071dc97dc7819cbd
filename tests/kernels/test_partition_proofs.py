"""Where no plan keeps the bounds: a proof that trying everything confirms, or a refusal that says what to change."""

import dataclasses
import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.towns import town
from mulin.kernels.facts import BadProblem
from mulin.kernels.partition import Bounds, Params, Problem, solve
from mulin.kernels.partition.problem import IMPASSABLE, MINOR_STREET
from mulin.kernels.stop import Stop
from tests.kernels.partition_towns import broken, can_be_lawful, hamlets, islands, with_wishes

NOT_A_NUMBER: Any = float("nan")
ONE_SHORT: Any = (1.0, 2.0)

SHORT = Stop(rounds=3)


def place(households, edges, **rest):
    """Buildings in a row; neighbours as listed."""
    count = len(households)
    given_barriers = rest.pop("barriers", [MINOR_STREET] * len(edges))
    return Problem(
        households=np.array(households, np.int64),
        xy=np.column_stack([np.arange(count) * 20.0, np.zeros(count)]),
        edges=np.array(edges, np.int64).reshape(-1, 2),
        barriers=np.array(given_barriers, np.int64),
        community=rest.pop("community", np.zeros(count, np.int64)),
        **rest,
    )


def row(households, **rest):
    return place(households, [(at, at + 1) for at in range(len(households) - 1)], **rest)


@settings(max_examples=300 if os.environ.get("MULIN_FULL") else 100, deadline=None)
@given(hamlets(), st.integers(0, 3), st.integers(0, 3))
def test_a_certificate_is_given_only_where_trying_everything_finds_no_lawful_plan(problem, pieces, apart):
    problem = with_wishes(problem, pieces, apart)
    result = solve(problem, stop=Stop(rounds=1))
    for certificate in result.certificates:
        assert certificate.buildings
        assert not can_be_lawful(problem, certificate.buildings)


@settings(max_examples=150, deadline=None)
@given(hamlets())
def test_in_a_hamlet_every_island_without_a_lawful_plan_has_its_proof(problem):
    named = [set(certificate.buildings) for certificate in solve(problem, stop=Stop(rounds=3)).certificates]
    for island in islands(problem):
        assert any(buildings <= island for buildings in named) != can_be_lawful(problem, island)


@st.composite
def stars(draw):
    """A building in the middle and short rows of others that touch nothing but it."""
    arms = draw(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=2), min_size=2, max_size=4))
    households, edges = [draw(st.integers(1, 6))], []
    for arm in arms:
        first = len(households)
        households += arm
        edges += [(0, first), *([(first, first + 1)] if len(arm) == 2 else [])]
    lowest = draw(st.integers(4, 7))
    return place(households, edges, bounds=Bounds(lowest, lowest + draw(st.integers(0, 4))))


@settings(max_examples=150, deadline=None)
@given(stars())
def test_around_one_articulation_building_every_proof_holds(problem):
    result = solve(problem, stop=Stop(rounds=2))
    lawful = can_be_lawful(problem, range(len(problem.households)))
    assert lawful == (result.figures.outside == 0)
    for certificate in result.certificates:
        assert not can_be_lawful(problem, certificate.buildings)


def test_one_building_of_a_lawful_size_is_a_grid():
    result = solve(place([400], []), stop=SHORT)
    assert result.grid.tolist() == [0]
    assert result.certificates == result.unexplained == ()


def test_one_small_building_alone_is_counted():
    result = solve(place([120], []), stop=SHORT)
    (certificate,) = result.certificates
    assert (certificate.code, certificate.facts["households"], certificate.buildings) == ("counting", 120, (0,))


def test_a_community_of_550_households_is_too_many_for_one_grid_and_too_few_for_two():
    result = solve(row([55] * 10), stop=SHORT)
    (certificate,) = result.certificates
    assert certificate.code == "counting"
    assert certificate.facts["households"] == 550
    assert (certificate.facts["too_many_for"], certificate.facts["too_few_for"]) == (1, 2)
    assert len(certificate.buildings) == 10
    assert result.unexplained == ()
    assert result.figures.outside == 1


def test_a_block_of_900_is_named_and_the_rest_of_the_community_is_lawful():
    result = solve(row([100, 100, 100, 100, 900, 150, 150, 100]), stop=SHORT)
    (certificate,) = result.certificates
    assert (certificate.code, certificate.buildings) == ("building_above_bound", (4,))
    assert certificate.facts == {"households": 900, "highest": 500}
    assert result.unexplained == ()
    assert np.bincount(result.grid, minlength=3).tolist() == [4, 1, 3]


def test_a_piece_that_is_too_large_is_named_with_its_buildings():
    problem = row([200, 200, 200, 350], piece=np.array([7, 7, 7, -1]))
    result = solve(problem, stop=SHORT)
    assert [(one.code, one.buildings) for one in result.certificates] == [("piece_above_bound", (0, 1, 2))]
    assert broken(problem, result.grid) == []


def test_what_a_river_cuts_off_is_a_closed_area():
    problem = row([200, 200, 100, 50], barriers=[MINOR_STREET, IMPASSABLE, MINOR_STREET])
    result = solve(problem, stop=SHORT)
    (certificate,) = result.certificates
    assert (certificate.code, certificate.buildings) == ("closed_area", (2, 3))
    assert certificate.facts["households"] == 150


def test_communities_without_a_way_between_their_buildings_are_islands():
    problem = place([100, 400, 310, 30], [])
    result = solve(problem, stop=SHORT)
    assert len(np.unique(result.grid)) == 4
    assert sorted(one.buildings for one in result.certificates) == [(0,), (3,)]
    assert all(one.code == "closed_area" for one in result.certificates)


def test_what_can_only_leave_through_one_building_is_shown_at_it():
    """Three courts of 200 behind one gatehouse: 610 would do for two grids, were there another way."""
    problem = place([10, 200, 200, 200], [(0, 1), (0, 2), (0, 3)])
    result = solve(problem, stop=SHORT)
    (certificate,) = result.certificates
    assert certificate.code == "articulation"
    assert certificate.facts["building"] == 0
    assert certificate.facts["pieces"] == (200, 200, 200)
    assert certificate.facts["at_least"] == 610
    assert len(result.unexplained) == result.figures.outside - 1


def test_a_gate_with_a_large_town_behind_it_proves_nothing_about_the_town():
    streets = [(at, at + 1) for at in range(3, 22)]
    problem = place([100, 250, 250, *[100] * 20], [(0, 1), (0, 2), (0, 3), *streets])
    result = solve(problem, stop=SHORT)
    (certificate,) = result.certificates
    assert (certificate.code, certificate.buildings) == ("articulation", (0, 1, 2))
    assert result.figures.outside == 1


def test_a_building_between_others_too_large_for_it_is_hemmed_in():
    result = solve(row([400, 100, 100, 450, 350]), stop=SHORT)
    (certificate,) = result.certificates
    assert (certificate.code, certificate.buildings) == ("hemmed_in", (2,))
    assert certificate.facts["households"] == 100
    assert result.unexplained == ()


def test_two_who_must_be_apart_where_one_grid_is_all_there_can_be():
    result = solve(row([200, 200], apart=np.array([(0, 1)])), stop=SHORT)
    codes = [one.code for one in result.certificates]
    assert codes == ["apart_in_one_grid"]
    assert len(np.unique(result.grid)) == 2


def test_empty_buildings_join_their_neighbours():
    result = solve(row([0, 150, 0, 200, 0]), stop=SHORT)
    assert result.grid.tolist() == [0] * 5
    assert result.certificates == ()


GOOD = town(1, buildings=20)
N = len(GOOD.households)


def changed(**fields):
    return dataclasses.replace(GOOD, **fields)


def with_value(array, at, value):
    array = array.astype(type(value)) if isinstance(value, float) else array.copy()
    array[at] = value
    return array


@pytest.mark.parametrize(
    ("code", "facts", "problem"),
    [
        ("empty_town", {}, place([], [])),
        ("no_households", {"buildings": 20}, changed(households=np.zeros(N, np.int64))),
        ("negative_households", {"rows": [3]}, changed(households=with_value(GOOD.households, 3, -1))),
        ("not_a_number", {"array": "xy"}, changed(xy=with_value(GOOD.xy, 4, float("nan")))),
        ("not_a_number", {"array": "xy"}, changed(xy=with_value(GOOD.xy, 4, float("inf")))),
        ("not_a_number", {"rows": [2]}, changed(households=with_value(GOOD.households, 2, float("nan")))),
        ("not_a_number", {"array": "bounds"}, changed(bounds=Bounds(300, NOT_A_NUMBER))),
        ("bounds_contradict", {"lowest": 500, "highest": 300}, changed(bounds=Bounds(500, 300))),
        ("bounds_contradict", {"lowest": 0}, changed(bounds=Bounds(0, 300))),
        (
            "duplicate_edge",
            {"count": 1},
            changed(
                edges=np.concatenate((GOOD.edges, GOOD.edges[:1, ::-1])),
                barriers=np.concatenate((GOOD.barriers, GOOD.barriers[:1])),
            ),
        ),
        ("self_loop", {"rows": [0]}, changed(edges=with_value(GOOD.edges, 0, 5))),
        ("edge_out_of_range", {"buildings": 20}, changed(edges=with_value(GOOD.edges, (0, 0), N))),
        ("edge_out_of_range", {"rows": [0]}, changed(edges=with_value(GOOD.edges, (0, 0), -1))),
        ("unknown_barrier", {"rows": [1]}, changed(barriers=with_value(GOOD.barriers, 1, 4))),
        ("wrong_shape", {"array": "community"}, changed(community=GOOD.community[:-1])),
        ("wrong_shape", {"array": "apart"}, changed(apart=np.zeros((2, 3), np.int64))),
        ("piece_disconnected", {}, row([100, 100, 100], piece=np.array([1, -1, 1]))),
        ("piece_across_communities", {}, row([200, 200], piece=np.array([1, 1]), community=np.array([0, 1]))),
        ("sealed_piece_unknown", {"rows": [0]}, changed(sealed=np.array([3]))),
        ("apart_from_itself", {"rows": [0]}, changed(apart=np.array([(1, 1)]))),
        ("apart_out_of_range", {"rows": [0]}, changed(apart=np.array([(1, 99)]))),
        ("apart_within_piece", {}, row([100, 200], piece=np.array([0, 0]), apart=np.array([(0, 1)]))),
    ],
)
def test_arrays_that_contradict_each_other_are_refused_with_the_rows_at_fault(code, facts, problem):
    with pytest.raises(BadProblem) as refusal:
        solve(problem, stop=SHORT)
    assert refusal.value.code == code
    assert {name: refusal.value.facts[name] for name in facts} == facts


@pytest.mark.parametrize(
    "params", [Params(change=-1.0), Params(cut=(1.0, 2.0, float("nan"))), Params(cut=ONE_SHORT), Params(balance=1e400)]
)
def test_weights_that_are_no_weights_are_refused(params):
    with pytest.raises(BadProblem, match="bad_weight"):
        solve(GOOD, stop=SHORT, params=params)


def test_no_certificate_where_every_island_is_lawful():
    problem = town(2, buildings=120, river=True)
    result = solve(problem, stop=Stop(rounds=10))
    assert len(list(islands(problem))) >= 1
    assert (result.certificates, result.unexplained) == ((), ())
