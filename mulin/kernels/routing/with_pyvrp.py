"""The search of PyVRP (Wouda, Lan & Kool, INFORMS Journal on Computing 36, 2024) on the same problem.

Equal shifts become one kind of vehicle. What a shift forbids (visits of other days, anything before the visit locked
first) is a way of its profile that no working day can hold.
"""

import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from mulin.kernels.network.problem import Integers
from mulin.kernels.routing.items import LEFT_OUT_S, Items
from mulin.kernels.routing.problem import ANYWHERE, NOBODY, UNREACHABLE
from mulin.kernels.stop import Stop

Orders = list[list[int]]


def is_installed() -> bool:
    return find_spec("pyvrp") is not None


def can_express(items: Items) -> bool:
    """Everything but a lunch wherever the worker happens to be."""
    lunches = items.allowed[items.visits :].any(axis=1)
    return not (lunches & (items.place[items.visits :] == ANYWHERE)).any()


def search(items: Items, start: Orders, *, stop: Stop, seed: int, rounds: int) -> tuple[Orders | None, int]:
    """The best orders from these, and the rounds done; `None` where no plan keeps every visit that must be made.

    Where `start` leaves out such a visit, the search begins anew and looks for a plan that keeps all of them.
    """
    import pyvrp
    from pyvrp.exceptions import PenaltyBoundWarning
    from pyvrp.stop import MaxIterations, MultipleCriteria

    model = _Model.of(items)
    limit = MultipleCriteria([MaxIterations(rounds), _Asked(stop)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)  # a day that cannot be kept is not a mistake here
        result = pyvrp.solve(model.data, limit, seed=seed, collect_stats=False, initial_solution=model.solution(start))
    return model.orders(result.best) if result.is_feasible() else None, int(result.num_iterations)


class _Asked:
    """`Stop` as PyVRP asks it."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop

    def __call__(self, best_cost: float) -> bool:
        return self._stop.is_due(0)


@dataclass(frozen=True)
class _Model:
    """PyVRP's data, the item of each of its clients, and the shifts of each kind of vehicle."""

    data: Any
    items: Items
    clients: Integers
    kinds: list[list[int]]

    @classmethod
    def of(cls, items: Items) -> "_Model":
        import pyvrp

        clients = np.flatnonzero(items.allowed.any(axis=1))
        kinds = _alike(items)
        matrices = [_matrix(items, clients, kinds, shifts[0]) for shifts in kinds]
        places = range(len(matrices[0]))
        data = pyvrp.ProblemData(
            [pyvrp.Location(0, 0) for _ in places],
            [_client(items, row, int(item)) for row, item in enumerate(clients)],
            [pyvrp.Depot(row) for row in places[len(clients) :]],
            [_vehicles(items, number, shifts) for number, shifts in enumerate(kinds)],
            matrices,
            matrices,
        )
        return cls(data, items, clients, kinds)

    def solution(self, orders: Orders) -> Any:
        """The orders as PyVRP's solution; `None` where a visit that must be made is missing."""
        import pyvrp

        row = {int(item): number for number, item in enumerate(self.clients)}
        must = {item for item in row if self.items.worth[item] >= LEFT_OUT_S}
        if must - {item for order in orders for item in order}:
            return None
        routes = [
            pyvrp.Route(self.data, [row[item] for item in orders[shift]], number)
            for number, shifts in enumerate(self.kinds)
            for shift in shifts
            if orders[shift]
        ]
        return pyvrp.Solution(self.data, routes)

    def orders(self, solution: Any) -> Orders:
        """PyVRP's solution as orders of items, one for each shift."""
        orders: Orders = [[] for shifts in self.kinds for _ in shifts]
        free = [list(shifts) for shifts in self.kinds]
        for route in solution.routes():
            orders[free[route.vehicle_type()].pop(0)] = [
                int(self.clients[stop.idx]) for stop in route.schedule() if stop.is_client()
            ]
        return orders


def _alike(items: Items) -> list[list[int]]:
    """Shifts with the same hours, places, lunches, locks and allowed visits together."""
    kinds: dict[tuple[object, ...], list[int]] = {}
    for d in range(len(items.start)):
        own = [int(getattr(items, name)[d]) for name in ("start", "end", "begins", "ends", "most", "first", "last")]
        kinds.setdefault((*own, items.allowed[:, d].tobytes()), []).append(d)
    return list(kinds.values())


def _matrix(items: Items, clients: Integers, kinds: list[list[int]], shift: int) -> Any:
    """Walks of one kind of shift between clients and the start and end of every kind."""
    ends = [place[shifts[0]] for shifts in kinds for place in (items.start, items.end)]
    at = np.concatenate([items.place[clients], np.array(ends, np.int64)])
    walk = np.minimum(items.travel[np.ix_(at, at)], UNREACHABLE)
    forbidden = np.zeros(walk.shape, bool)
    other = np.flatnonzero(~items.allowed[clients, shift])
    forbidden[other], forbidden[:, other] = True, True
    kind = next(number for number, shifts in enumerate(kinds) if shift in shifts)
    start, end = len(clients) + 2 * kind, len(clients) + 2 * kind + 1
    for item, only in ((items.first[shift], (start, slice(None))), (items.last[shift], (slice(None), end))):
        if item != NOBODY:
            forbidden[only] = True
            row = int(np.searchsorted(clients, item))
            if item == items.first[shift]:
                forbidden[:, row], forbidden[start, row] = True, False
            if item == items.last[shift]:
                forbidden[row, :], forbidden[row, end] = True, False
    walk[forbidden] = UNREACHABLE
    np.fill_diagonal(walk, 0)
    return np.ascontiguousarray(walk, dtype=np.int64)


def _client(items: Items, row: int, item: int) -> Any:
    import pyvrp

    must = bool(items.worth[item] >= LEFT_OUT_S)
    return pyvrp.Client(
        row,
        delivery=[1 if item < items.visits else 0],
        service_duration=int(items.service[item]),
        tw_early=int(items.early[item]),
        tw_late=int(items.late[item]),
        prize=0 if must else int(items.worth[item]),
        required=must,
    )


def _vehicles(items: Items, number: int, shifts: list[int]) -> Any:
    import pyvrp

    d = shifts[0]
    return pyvrp.VehicleType(
        num_available=len(shifts),
        capacity=[int(items.most[d])],
        start_depot=2 * number,
        end_depot=2 * number + 1,
        tw_early=int(items.begins[d]),
        tw_late=int(items.ends[d]),
        profile=number,
    )
