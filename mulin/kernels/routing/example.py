"""A morning's visits of two people: every compiled function of the kernel runs once."""

import numpy as np

from mulin.kernels.routing.problem import Lunch, Params, Problem, Shift, Visits
from mulin.kernels.routing.solve import solve
from mulin.kernels.stop import Stop

PLACES, HOUR_S = 12, 3_600


def run() -> None:
    places = np.arange(PLACES)
    travel = 120 * np.abs(places[:, None] - places)
    visits = Visits(places[1:], np.full(PLACES - 1, 600), worth_s=np.where(places[1:] % 4, -1, 900))
    shifts = (
        Shift(0, 0, 8 * HOUR_S, 12 * HOUR_S, first=0),
        Shift(0, 0, 9 * HOUR_S, 14 * HOUR_S, Lunch(11 * HOUR_S, 13 * HOUR_S, HOUR_S)),
    )
    solve(Problem(travel, visits, shifts), stop=Stop(rounds=50), params=Params(solver="own"))
