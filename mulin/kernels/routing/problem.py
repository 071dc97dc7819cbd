"""Visits to make, and the days on which somebody walks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers

MUST = -1
NOBODY = -1
ANYWHERE = -1
WHOLE_DAY_S = 86_400


@dataclass(frozen=True)
class Visits:
    """The v visits of all shifts together. Times are seconds of the day.

    Parameters
    ----------
    place : (v,) int64
        Row of `Problem.travel_s` each visit is at; several may share one.
    service_s : (v,) int64
        How long each takes, in s.
    earliest_s, latest_s : (v,) int64
        Between which times each must begin; `None` is the whole day.
    worth_s : (v,) int64
        `MUST`: the visit has to be made. Otherwise the walk, in s, it is worth; `None` is `MUST` for all.
    allowed : (v, d) bool
        On which of the d shifts each may be made: its worker, its days, its due date (nothing after it); `None` is
        any.
    """

    place: Integers
    service_s: Integers
    earliest_s: Integers | None = None
    latest_s: Integers | None = None
    worth_s: Integers | None = None
    allowed: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True)
class Lunch:
    """A break of `lasting_s` that begins between two times, at one place or wherever the worker is."""

    earliest_s: int
    latest_s: int
    lasting_s: int
    place: int = ANYWHERE


@dataclass(frozen=True)
class Shift:
    """One day of one worker.

    Parameters
    ----------
    start, end
        Rows of `Problem.travel_s` where the day begins and ends.
    begins_s, ends_s
        The working day: leaving `start` no earlier, back at `end` no later.
    lunch
        A break that must be kept.
    first, last
        Visits locked to the beginning and the end of this shift; `NOBODY` for none.
    most_visits
        How many visits fit into the day besides the time they take; `None` for any number.
    """

    start: int
    end: int
    begins_s: int
    ends_s: int
    lunch: Lunch | None = None
    first: int = NOBODY
    last: int = NOBODY
    most_visits: int | None = None


@dataclass(frozen=True)
class Problem:
    """Visits, shifts and the walks between places. One shift is one day's order; five are a week.

    Workers with rounds of their own are problems of their own: a problem of d shifts and v visits holds 100 d (v + d)
    bytes, and its search slows down with their number.

    Parameters
    ----------
    travel_s : (p, p) int64
        Walk from place to place in s, along streets (`network.distances`) or straight; it need not be symmetric.
        `UNREACHABLE` where there is no way.
    """

    travel_s: Integers
    visits: Visits
    shifts: tuple[Shift, ...]


UNREACHABLE = 10**7


@dataclass(frozen=True)
class Params:
    """How the search is spent.

    Parameters
    ----------
    solver
        `both`: our own search, then PyVRP from its result; `own` or `pyvrp`: one of them. Where PyVRP is not
        installed, or the problem has what it cannot express (lunch anywhere), our own is used; the result says so.
    own_rounds, pyvrp_rounds
        Rounds of each; `None` chooses by the number of visits (about 0.1 s for a day of 40). `Stop.rounds` limits
        both, `Stop.seconds` cuts both short.
    """

    solver: str = "both"
    own_rounds: int | None = None
    pyvrp_rounds: int | None = None
