"""When everything in an order happens: as early as it can."""

from dataclasses import dataclass, field

import numpy as np

from mulin.kernels.routing.items import Items
from mulin.kernels.routing.problem import ANYWHERE
from mulin.kernels.routing.result import Route


@dataclass
class _Walker:
    """Where the worker is, and when."""

    at: int
    now: int
    walk_s: int = 0
    waits_s: int = 0
    lunch_s: int | None = None
    lunch_after: int = 0
    times: list[tuple[int, int, int]] = field(default_factory=list)

    def go(self, items: Items, there: int) -> None:
        step = int(items.travel[self.at, there])
        self.at, self.now, self.walk_s = there, self.now + step, self.walk_s + step

    def stay(self, items: Items, item: int) -> None:
        arrives, begins = self.now, max(self.now, int(items.early[item]))
        self.now = begins + int(items.service[item])
        if item < items.visits:
            self.waits_s += begins - arrives
            self.times.append((arrives, begins, self.now))
        else:
            self.lunch_s, self.lunch_after = begins, len(self.times)


def route(items: Items, shift: int, order: list[int]) -> Route:
    """The timetable of one shift's order of items."""
    walker = _Walker(int(items.start[shift]), int(items.begins[shift]))
    for item in order:
        if items.place[item] != ANYWHERE:
            walker.go(items, int(items.place[item]))
        walker.stay(items, item)
    walker.go(items, int(items.end[shift]))
    times = np.array(walker.times, np.int64).reshape(-1, 3)
    return Route(
        visits=np.array([item for item in order if item < items.visits], np.int64),
        arrives_s=times[:, 0],
        begins_s=times[:, 1],
        leaves_s=times[:, 2],
        walk_s=walker.walk_s,
        waits_s=walker.waits_s,
        lunch_s=walker.lunch_s,
        lunch_after=walker.lunch_after,
        home_s=walker.now,
    )
