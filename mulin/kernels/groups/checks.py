"""What makes a groups problem impossible to read."""

import numpy as np

from mulin.kernels.facts import BadProblem
from mulin.kernels.groups.problem import GOALS, Integers, Params, Problem


def check(problem: Problem, params: Params) -> None:
    """Refuse arrays that contradict each other."""
    households, entrances = problem.entrance.size, problem.building.size
    _check_lengths(problem, households, entrances)
    bad = (problem.entrance < 0) | (problem.entrance >= entrances)
    if bad.any():
        raise BadProblem("entrance_out_of_range", rows=np.nonzero(bad)[0].tolist())
    if problem.xy is not None and not np.isfinite(problem.xy).all():
        raise BadProblem("not_a_number", rows=np.nonzero(~np.isfinite(problem.xy).all(axis=1))[0].tolist())
    if not 1 <= problem.bounds.lowest <= problem.bounds.highest:
        raise BadProblem("bounds_contradict", lowest=problem.bounds.lowest, highest=problem.bounds.highest)
    if problem.area is not None:
        _check_areas(problem.building, problem.area)
    if sorted(params.goals) != sorted(GOALS):
        raise BadProblem("goals_incomplete", goals=",".join(params.goals))
    if not params.join_within_m >= 0:
        raise BadProblem("bad_weight", name="join_within_m", value=params.join_within_m)


def _check_lengths(problem: Problem, households: int, entrances: int) -> None:
    per_household = [problem.floor, problem.door, *([] if problem.present is None else [problem.present])]
    if any(array.shape != (households,) for array in per_household):
        raise BadProblem("wrong_shape", households=households)
    per_entrance = [] if problem.area is None else [problem.area]
    if any(array.shape != (entrances,) for array in per_entrance):
        raise BadProblem("wrong_shape", entrances=entrances)
    if problem.xy is not None and problem.xy.shape != (entrances, 2):
        raise BadProblem("wrong_shape", entrances=entrances)


def _check_areas(building: Integers, area: Integers) -> None:
    """A building lies in one area."""
    order = np.argsort(building, kind="stable")
    same = building[order][1:] == building[order][:-1]
    split = same & (area[order][1:] != area[order][:-1])
    if split.any():
        raise BadProblem("building_in_two_areas", rows=np.unique(building[order][1:][split]).tolist())
