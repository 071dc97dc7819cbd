"""Orders of visits with their times, what was left out, and why."""

from dataclasses import dataclass

from mulin.kernels.facts import Certificate
from mulin.kernels.network.problem import Integers


@dataclass(frozen=True)
class Route:
    """One shift's order. All arrays run along the order; times are seconds of the day.

    Parameters
    ----------
    visits : (k,) int64
        The visits in order.
    arrives_s, begins_s, leaves_s : (k,) int64
        Arrival at each, beginning of its service (later than arrival where one waits), and departure.
    walk_s
        Walking of the whole shift, both ends included.
    waits_s
        Standing in front of closed windows.
    lunch_s
        When lunch begins, `None` without lunch.
    lunch_after
        How many visits are made before lunch.
    home_s
        Arrival at the end place.
    """

    visits: Integers
    arrives_s: Integers
    begins_s: Integers
    leaves_s: Integers
    walk_s: int
    waits_s: int
    lunch_s: int | None
    lunch_after: int
    home_s: int


@dataclass(frozen=True)
class Result:
    """The best plan found; every visit is in exactly one route or left out.

    Parameters
    ----------
    routes
        One for each shift, in the order of `Problem.shifts`.
    left_out : (l,) int64
        Visits in no route: with `MUST`, because they cannot be kept or the search found no way; others also because
        they are not worth the walk.
    certificates
        Proofs that visits cannot be kept (`buildings` holds visit indices): `out_of_reach` (alone already too late),
        `windows_exclude` (two visits, neither order works), `too_much_work` (service and the least walking exceed
        the shifts). Empty when every `MUST` visit is kept.
    unexplained : (u,) int64
        `MUST` visits left out without such a proof: a limit of the search, said openly.
    walk_s
        Walking of all shifts in s.
    solver
        `own`, `pyvrp` or `own+pyvrp`: which searches ran.
    rounds
        Rounds of our own search and of PyVRP together.
    """

    routes: tuple[Route, ...]
    left_out: Integers
    certificates: tuple[Certificate, ...]
    unexplained: Integers
    walk_s: int
    solver: str
    rounds: int
    seconds: float
