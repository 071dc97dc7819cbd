"""Routing problems whose arrays contradict each other are refused."""

import numpy as np

from mulin.kernels.facts import BadProblem
from mulin.kernels.routing.problem import ANYWHERE, MUST, NOBODY, Problem, Shift


def check(problem: Problem) -> None:
    """Refuse what cannot be computed.

    Raises
    ------
    BadProblem
        `wrong_shape`, `not_whole_numbers`, `negative`, `place_out_of_range`, `window_contradicts` (a visit's window
        ends before it begins), `no_shifts`, `shift_contradicts`, `lunch_does_not_fit`, `visit_out_of_range`,
        `locked_twice`, `lock_not_allowed`.
    """
    _check_travel(problem)
    _check_visits(problem)
    if not problem.shifts:
        raise BadProblem("no_shifts")
    for row, shift in enumerate(problem.shifts):
        _check_shift(problem, row, shift)
    _check_locks(problem)


def _check_travel(problem: Problem) -> None:
    travel = np.asarray(problem.travel_s)
    if travel.ndim != 2 or travel.shape[0] != travel.shape[1]:
        raise BadProblem("wrong_shape", travel_s=travel.shape)
    _whole_numbers("travel_s", travel)


def _check_visits(problem: Problem) -> None:
    visits, v = problem.visits, len(problem.visits)
    columns = {
        "place": visits.place,
        "service_s": visits.service_s,
        "earliest_s": visits.earliest_s,
        "latest_s": visits.latest_s,
        "worth_s": visits.worth_s,
    }
    for name, column in columns.items():
        if column is None:
            continue
        if np.shape(column) != (v,):
            raise BadProblem("wrong_shape", what=name, shape=np.shape(column), wanted=(v,))
        _whole_numbers(name, np.asarray(column), least=MUST if name == "worth_s" else 0)
    _places("place", np.asarray(visits.place), len(problem.travel_s))
    if visits.earliest_s is not None and visits.latest_s is not None:
        _rows("window_contradicts", np.asarray(visits.earliest_s) > np.asarray(visits.latest_s))
    if visits.allowed is not None and np.shape(visits.allowed) != (v, len(problem.shifts)):
        raise BadProblem("wrong_shape", what="allowed", shape=np.shape(visits.allowed), wanted=(v, len(problem.shifts)))


def _check_shift(problem: Problem, row: int, shift: Shift) -> None:
    places = [shift.start, shift.end]
    if shift.lunch and shift.lunch.place != ANYWHERE:
        places.append(shift.lunch.place)
    _places("shift", np.array(places), len(problem.travel_s))
    if shift.begins_s + problem.travel_s[shift.start, shift.end] > shift.ends_s:
        raise BadProblem("shift_contradicts", shift=row, begins_s=shift.begins_s, ends_s=shift.ends_s)
    if shift.lunch and not _lunch_fits(problem, shift):
        raise BadProblem("lunch_does_not_fit", shift=row)


def _lunch_fits(problem: Problem, shift: Shift) -> bool:
    lunch, travel = shift.lunch, problem.travel_s
    assert lunch is not None
    at = shift.start if lunch.place == ANYWHERE else lunch.place
    begins = max(lunch.earliest_s, shift.begins_s + int(travel[shift.start, at]))
    return begins <= lunch.latest_s and begins + lunch.lasting_s + int(travel[at, shift.end]) <= shift.ends_s


def _check_locks(problem: Problem) -> None:
    locks = [(row, lock) for row, shift in enumerate(problem.shifts) for lock in {shift.first, shift.last}]
    locks = [(row, lock) for row, lock in locks if lock != NOBODY]
    visits = [lock for _, lock in locks]
    if any(not 0 <= lock < len(problem.visits) for lock in visits):
        raise BadProblem("visit_out_of_range", visits=visits)
    if len(set(visits)) < len(visits):
        raise BadProblem("locked_twice", visits=visits)
    allowed = problem.visits.allowed
    for row, lock in locks:
        if allowed is not None and not allowed[lock, row]:
            raise BadProblem("lock_not_allowed", shift=row, visit=lock)


def _whole_numbers(what: str, numbers: np.ndarray, least: int = 0) -> None:
    if not np.issubdtype(numbers.dtype, np.integer):
        raise BadProblem("not_whole_numbers", what=what, dtype=str(numbers.dtype))
    if (numbers < least).any():
        raise BadProblem("negative", what=what, rows=np.argwhere(numbers < least))


def _places(what: str, places: np.ndarray, count: int) -> None:
    if ((places < 0) | (places >= count)).any():
        raise BadProblem("place_out_of_range", what=what, rows=np.flatnonzero((places < 0) | (places >= count)))


def _rows(code: str, wrong: np.ndarray) -> None:
    if wrong.any():
        raise BadProblem(code, rows=np.flatnonzero(wrong))
