"""A routing problem as plain arrays: visits and lunches become items, shifts become rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers
from mulin.kernels.routing.problem import ANYWHERE, MUST, NOBODY, WHOLE_DAY_S, Problem

LEFT_OUT_S = 10**7
"""What a visit that must be made costs when it is left out: more than any walk, so that the fewest are."""


@dataclass(frozen=True)
class Items:
    """Visits 0 … v-1, then the lunch of each shift at v + shift (with `allowed` nowhere where there is none).

    `place` is -1 for a lunch wherever the worker is; `worth` what an item costs when left out; shifts have `start`,
    `end`, `begins`, `ends`, `most`, and the items locked `first` and `last` (-1 for none).
    """

    visits: int
    travel: Integers
    place: Integers
    service: Integers
    early: Integers
    late: Integers
    worth: Integers
    allowed: NDArray[np.bool_]
    start: Integers
    end: Integers
    begins: Integers
    ends: Integers
    most: Integers
    first: Integers
    last: Integers


def items_of(problem: Problem) -> Items:
    """Pack a problem that has been checked."""
    visits, shifts = problem.visits, problem.shifts
    v, d = len(visits), len(shifts)
    lunches = [shift.lunch for shift in shifts]
    allowed = np.ones((v, d), bool) if visits.allowed is None else visits.allowed
    of_shift = {
        name: np.array([getattr(shift, name) for shift in shifts], np.int64)
        for name in ("start", "end", "first", "last")
    }
    return Items(
        visits=v,
        travel=np.ascontiguousarray(problem.travel_s, dtype=np.int64),
        place=_joined(visits.place, [lunch.place if lunch else ANYWHERE for lunch in lunches]),
        service=_joined(visits.service_s, [lunch.lasting_s if lunch else 0 for lunch in lunches]),
        early=_joined(_or(visits.earliest_s, v, 0), [lunch.earliest_s if lunch else 0 for lunch in lunches]),
        late=_joined(_or(visits.latest_s, v, WHOLE_DAY_S), [lunch.latest_s if lunch else 0 for lunch in lunches]),
        worth=_joined(_worth(problem), [LEFT_OUT_S * (v + 1) if lunch else 0 for lunch in lunches]),
        allowed=np.concatenate([allowed, np.eye(d, dtype=bool) & np.array([bool(lunch) for lunch in lunches])]),
        begins=np.array([shift.begins_s for shift in shifts], np.int64),
        ends=np.array([shift.ends_s for shift in shifts], np.int64),
        most=np.array([v if shift.most_visits is None else shift.most_visits for shift in shifts], np.int64),
        **of_shift,
    )


def locked(items: Items) -> Integers:
    """Items whose position is given."""
    both = np.concatenate([items.first, items.last])
    return np.unique(both[both != NOBODY])


def _worth(problem: Problem) -> Integers:
    worth = _or(problem.visits.worth_s, len(problem.visits), MUST)
    return np.where(worth == MUST, LEFT_OUT_S, worth)


def _or(given: Integers | None, length: int, default: int) -> Integers:
    return np.full(length, default, np.int64) if given is None else np.asarray(given, np.int64)


def _joined(visits: Integers, lunches: list[int]) -> Integers:
    return np.concatenate([np.asarray(visits, np.int64), np.array(lunches, np.int64)])
