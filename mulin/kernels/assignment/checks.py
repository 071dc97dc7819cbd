"""What makes an assignment problem impossible to read."""

import numpy as np

from mulin.kernels.assignment.problem import Distances, Integers, Params, Problem
from mulin.kernels.assignment.quanta import FARTHEST_M
from mulin.kernels.facts import BadProblem


def check(problem: Problem, params: Params) -> None:
    """Refuse arrays that contradict each other."""
    _check_distances(problem.distance_m)
    staff, grids = problem.distance_m.shape
    _check_seats(problem, grids)
    fixed, forbidden = pairs(problem.fixed), pairs(problem.forbidden)
    for name, chosen in (("fixed", fixed), ("forbidden", forbidden)):
        _check_range(name, chosen, staff, grids)
    _check_fixed(problem.distance_m, fixed, forbidden)
    _check_present(problem.present, staff, grids)
    _check_params(params)


def pairs(given: Integers | None) -> Integers:
    """Return the pairs as (p, 2), also where there are none."""
    return np.zeros((0, 2), np.int64) if given is None else np.asarray(given, np.int64).reshape(-1, 2)


def _check_distances(distance_m: Distances) -> None:
    if distance_m.ndim != 2 or 0 in distance_m.shape:
        raise BadProblem("nobody_or_nowhere", shape=distance_m.shape)
    bad = np.isnan(distance_m)
    if bad.any():
        raise BadProblem("not_a_number", rows=np.nonzero(bad.any(axis=1))[0].tolist())
    bad = (distance_m < 0) | ((distance_m > FARTHEST_M) & ~np.isinf(distance_m))
    if bad.any():
        raise BadProblem("distance_out_of_range", rows=np.nonzero(bad.any(axis=1))[0].tolist())


def _check_seats(problem: Problem, grids: int) -> None:
    lowest = np.zeros(grids, np.int64) if problem.lowest is None else problem.lowest
    if problem.highest.shape != (grids,) or lowest.shape != (grids,):
        raise BadProblem("wrong_shape", grids=grids, highest=problem.highest.size, lowest=lowest.size)
    bad = (lowest < 0) | (lowest > problem.highest)
    if bad.any():
        raise BadProblem("bounds_contradict", rows=np.nonzero(bad)[0].tolist())


def _check_range(name: str, chosen: Integers, staff: int, grids: int) -> None:
    outside = (chosen < 0) | (chosen >= np.array([staff, grids]))
    if outside.any():
        raise BadProblem("pair_out_of_range", kind=name, rows=np.nonzero(outside.any(axis=1))[0].tolist())


def _check_fixed(distance_m: Distances, fixed: Integers, forbidden: Integers) -> None:
    workers, times = np.unique(fixed[:, 0], return_counts=True)
    if (times > 1).any():
        raise BadProblem("fixed_twice", rows=workers[times > 1].tolist())
    both = set(map(tuple, fixed.tolist())) & set(map(tuple, forbidden.tolist()))
    if both:
        raise BadProblem("fixed_and_forbidden", rows=sorted(worker for worker, _ in both))
    impossible = np.isinf(distance_m[fixed[:, 0], fixed[:, 1]])
    if impossible.any():
        raise BadProblem("fixed_without_way", rows=fixed[impossible, 0].tolist())


def _check_present(present: Integers | None, staff: int, grids: int) -> None:
    if present is None:
        return
    if present.shape != (staff,):
        raise BadProblem("wrong_shape", staff=staff, present=present.size)
    bad = (present < -1) | (present >= grids)
    if bad.any():
        raise BadProblem("present_out_of_range", rows=np.nonzero(bad)[0].tolist())


def _check_params(params: Params) -> None:
    for name in ("change_m", "unplaced_m", "farthest_m"):
        value = getattr(params, name)
        if value is not None and not 0 <= value <= FARTHEST_M:
            raise BadProblem("bad_weight", name=name, value=value)
    if params.minimise_farthest and params.unplaced_m is not None:
        raise BadProblem("fairness_with_reserve")
