"""Refusal of arrays that contradict each other, with the rows at fault. Nothing is mended here."""

import numpy as np

from mulin.kernels.facts import BadProblem
from mulin.kernels.partition.grouping import group_leaders
from mulin.kernels.partition.problem import IMPASSABLE, SAME_BLOCK, Flags, Integers, Params, Problem

ROWS_NAMED = 100  # a refusal names this many rows at most; `count` tells how many there are
LARGEST_BOUND = 1_000_000


def refuse(code: str, at_fault: Flags | np.bool_, **facts: object) -> None:
    """Raise `BadProblem` if any row is at fault."""
    rows = np.flatnonzero(at_fault)
    if len(rows):
        raise BadProblem(code, rows=rows[:ROWS_NAMED].tolist(), count=len(rows), **facts)


def check(problem: Problem, params: Params) -> None:
    """Raise `BadProblem` if the problem cannot be computed."""
    _check_sizes(problem)
    _check_bounds(problem)
    _check_params(params)
    _check_buildings(problem)
    _check_edges(problem)
    _check_pieces(problem)
    _check_apart(problem)


def _check_sizes(problem: Problem) -> None:
    buildings = len(problem.households)
    if buildings == 0:
        raise BadProblem("empty_town")
    shapes = {
        "households": (buildings,), "xy": (buildings, 2), "community": (buildings,), "edges": (len(problem.edges), 2),
        "barriers": (len(problem.edges),), "piece": (buildings,), "present": (buildings,),
    }  # fmt: skip
    for name, shape in shapes.items():
        array = getattr(problem, name)
        if array is not None and array.shape != shape:
            raise BadProblem("wrong_shape", array=name, shape=array.shape, expected=shape)
    if problem.apart is not None and problem.apart.shape[1:] != (2,):
        raise BadProblem("wrong_shape", array="apart", shape=problem.apart.shape, expected=(len(problem.apart), 2))


def _check_bounds(problem: Problem) -> None:
    lowest, highest = problem.bounds.lowest, problem.bounds.highest
    if not np.isfinite([lowest, highest]).all():
        raise BadProblem("not_a_number", array="bounds")
    if lowest <= 0 or highest < lowest or highest > LARGEST_BOUND:
        raise BadProblem("bounds_contradict", lowest=lowest, highest=highest)


def _check_params(params: Params) -> None:
    weights = (*params.cut, params.balance, params.compactness, params.straddling, params.change)
    if np.shape(params.cut) != (3,) or not np.isfinite(weights).all() or min(weights) < 0:
        raise BadProblem("bad_weight", weights=weights)


def _check_buildings(problem: Problem) -> None:
    refuse("not_a_number", ~np.isfinite(problem.xy[:, 0] + problem.xy[:, 1]), array="xy")
    refuse("not_a_number", ~np.isfinite(problem.households), array="households")
    refuse("negative_households", problem.households < 0)
    if not np.any(problem.households > 0):
        raise BadProblem("no_households", buildings=len(problem.households))


def _check_edges(problem: Problem) -> None:
    edges, buildings = problem.edges, len(problem.households)
    one, other = edges[:, 0], edges[:, 1]
    refuse(
        "edge_out_of_range", (one < 0) | (one >= buildings) | (other < 0) | (other >= buildings), buildings=buildings
    )
    refuse("self_loop", one == other)
    refuse("unknown_barrier", (problem.barriers < SAME_BLOCK) | (problem.barriers > IMPASSABLE))
    refuse("duplicate_edge", _repeated(np.minimum(one, other) * buildings + np.maximum(one, other)))


def _repeated(key: Integers) -> Flags:
    """Mark what came before."""
    repeated = np.zeros(len(key), np.bool_)
    ordered = np.sort(key)
    if np.any(ordered[1:] == ordered[:-1]):
        order = np.argsort(key, kind="stable")
        repeated[order[1:]] = key[order[1:]] == key[order[:-1]]
    return repeated


def _check_pieces(problem: Problem) -> None:
    if problem.sealed is not None and len(problem.sealed):
        known = np.zeros(0, np.int64) if problem.piece is None else problem.piece
        refuse("sealed_piece_unknown", (problem.sealed < 0) | ~np.isin(problem.sealed, known))
    if problem.piece is None or not np.any(problem.piece >= 0):
        return
    members = np.flatnonzero(problem.piece >= 0)
    members = members[np.argsort(problem.piece[members], kind="stable")]
    one, other = members[:-1], members[1:]
    same = problem.piece[one] == problem.piece[other]
    refuse(
        "piece_across_communities", _rows(same & (problem.community[one] != problem.community[other]), other, problem)
    )
    leader = _leaders_within_pieces(problem)
    sealed = np.zeros(0, np.int64) if problem.sealed is None else problem.sealed
    asked = same & ~np.isin(problem.piece[one], sealed)
    refuse("piece_disconnected", _rows(asked & (leader[one] != leader[other]), other, problem))


def _rows(fault: Flags, rows: Integers, problem: Problem) -> Flags:
    """Mark the buildings of the faulty pairs."""
    marked = np.zeros(len(problem.households), np.bool_)
    marked[rows[fault]] = True
    return marked


def _leaders_within_pieces(problem: Problem) -> Integers:
    """One building for each connected group of a piece."""
    piece = problem.piece if problem.piece is not None else np.full(len(problem.households), -1)
    free = piece < 0
    label = np.where(free, -1 - np.arange(len(piece)), piece)
    return group_leaders(problem, problem.barriers != IMPASSABLE, label)


def _check_apart(problem: Problem) -> None:
    if problem.apart is None or len(problem.apart) == 0:
        return
    apart, buildings = problem.apart, len(problem.households)
    refuse("apart_out_of_range", ((apart < 0) | (apart >= buildings)).any(axis=1), buildings=buildings)
    refuse("apart_from_itself", apart[:, 0] == apart[:, 1])
    if problem.piece is not None:
        piece = problem.piece[apart]
        refuse("apart_within_piece", (piece[:, 0] >= 0) & (piece[:, 0] == piece[:, 1]))
