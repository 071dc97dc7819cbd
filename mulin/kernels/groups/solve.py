"""Households into contact groups."""

import time

import numpy as np

from mulin.kernels.groups.checks import check
from mulin.kernels.groups.problem import GOALS, Integers, Params, Problem
from mulin.kernels.groups.result import Figures, Result
from mulin.kernels.readiness import require
from mulin.kernels.stop import Stop


def solve(problem: Problem, *, stop: Stop | None = None, seed: int = 0, params: Params | None = None) -> Result:
    """Cut the line of doors into groups, best goal by goal.

    Exact for the order in which the doors stand (see `order.doors`); nothing is drawn by lot and the work is done
    before anybody could ask to stop, so `seed` and `stop` have no effect. Time O(n log n + n · highest), memory O(n).
    Method: dynamic programme over the line with lexicographic costs, see `division`.

    Raises
    ------
    BadProblem
        Where the arrays contradict each other.
    """
    started = time.monotonic()
    params = params or Params()
    check(problem, params)
    if not problem.entrance.size:
        return Result(np.zeros(0, np.int64), Figures(0, 0, 0, 0, 0, 0, 0, 0), (), np.zeros(0, np.int64), 0.0)
    require("groups")
    return _solve_line(problem, params, started)


def _solve_line(problem: Problem, params: Params, started: float) -> Result:
    from mulin.kernels.groups.counting import certificates
    from mulin.kernels.groups.division import Line, divide
    from mulin.kernels.groups.order import CLOSED, doors

    line = doors(problem, params)
    labels, present, size = _present(problem, line.household)
    starts = divide(Line(line.gap, present, size, problem.bounds.lowest, problem.bounds.highest), _ranks(params))
    numbers = _numbers(starts, labels, present, size)
    group = np.empty(problem.entrance.size, np.int64)
    group[line.household] = np.repeat(numbers, np.diff(np.append(starts, group.size)))
    moved = _moved(problem.present, group)
    stretches = np.split(problem.entrance[line.household], np.nonzero(line.gap == CLOSED)[0][1:])
    return Result(
        group=group,
        figures=_figures(problem, line.gap, starts, moved.size),
        certificates=certificates(problem, stretches),
        moved=moved,
        seconds=time.monotonic() - started,
    )


def _ranks(params: Params) -> Integers:
    """Return the order of goals as `division` counts costs: the bounds first."""
    return np.array([0, *(GOALS.index(goal) + 1 for goal in params.goals)], np.int64)


def _present(problem: Problem, household: Integers) -> tuple[Integers, Integers, Integers]:
    """Return the labels of present groups, the index of the label at each place (-1: none) and the groups' sizes."""
    if problem.present is None:
        return np.zeros(0, np.int64), np.full(household.size, -1, np.int64), np.zeros(0, np.int64)
    given = problem.present[household]
    labels, size = np.unique(given[given >= 0], return_counts=True)
    return labels, np.where(given >= 0, np.searchsorted(labels, given), -1), size


def _numbers(starts: Integers, labels: Integers, present: Integers, size: Integers) -> Integers:
    """Number the groups: the present number where more than half of a present group stays together, else a new one."""
    numbers = np.empty(starts.size, np.int64)
    new = int(labels[-1]) + 1 if labels.size else 0
    for index, there in enumerate(np.split(present, starts[1:])):
        known, count = np.unique(there[there >= 0], return_counts=True)
        kept = 2 * count > size[known]
        if kept.any():
            numbers[index] = labels[known[np.argmax(np.where(kept, count, 0))]]
        else:
            numbers[index] = new
            new += 1
    return numbers


def _moved(present: Integers | None, group: Integers) -> Integers:
    if present is None:
        return np.zeros(0, np.int64)
    return np.nonzero((present >= 0) & (present != group))[0]


def _figures(problem: Problem, gap: Integers, starts: Integers, changed: int) -> Figures:
    """Count what people compare divisions by."""
    from mulin.kernels.groups.order import NEXT_BUILDING, NEXT_ENTRANCE, SAME_FLOOR

    sizes = np.diff(np.append(starts, gap.size))
    inside = np.ones(gap.size, np.bool_)
    inside[starts] = False
    return Figures(
        groups=sizes.size,
        smallest=int(sizes.min()),
        largest=int(sizes.max()),
        outside=int(((sizes < problem.bounds.lowest) | (sizes > problem.bounds.highest)).sum()),
        buildings_crossed=int((gap[inside] == NEXT_BUILDING).sum()),
        entrances_crossed=int((gap[inside] == NEXT_ENTRANCE).sum()),
        floors_cut=int((gap[starts] == SAME_FLOOR).sum()),
        changed=changed,
    )
