"""Why visits cannot be kept: arguments a person can check by counting.

Walks are the shortest through any places (also of visits not made), so that leaving out a visit never helps.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from mulin.kernels.facts import Certificate
from mulin.kernels.network.problem import Integers
from mulin.kernels.routing.items import LEFT_OUT_S, Items
from mulin.kernels.routing.problem import NOBODY

Facts: TypeAlias = dict[str, float | int | str | tuple[int, ...]]


def certificates(items: Items) -> tuple[Certificate, ...]:
    """Every proof found that the visits that must be made cannot all be kept; O(v³) for v visits of one shift."""
    return tuple(_Proofs(items).all())


class _Proofs:
    def __init__(self, items: Items) -> None:
        from scipy.sparse.csgraph import shortest_path

        self.items = items
        self.walk = shortest_path(items.travel.astype(np.float64)) if len(items.travel) else items.travel
        self.must = np.flatnonzero(items.worth[: items.visits] >= LEFT_OUT_S)
        self.fits = np.stack([self._alone(d) for d in range(len(items.start))], axis=1)

    def all(self) -> Iterator[Certificate]:
        lost = self.must[~self.fits[self.must].any(axis=1)]
        nowhere = lost[~self.items.allowed[lost].any(axis=1)]
        for visit in lost:
            yield Certificate("not_allowed" if visit in nowhere else "out_of_reach", (int(visit),), self._day(visit))
        rest = np.setdiff1d(self.must, lost)
        yield from self._too_much_work(rest)
        for d in range(len(self.items.start)):
            only = rest[self.fits[rest, d] & (self.fits[rest].sum(axis=1) == 1)]
            yield from self._exclude(only, d)
            yield from self._too_full(only, d)

    def _alone(self, d: int) -> np.ndarray:
        """Whether each visit fits into a shift that has nothing else but its locked visits elsewhere."""
        it, v = self.items, self.items.visits
        place = it.place[:v]
        begins = np.maximum(it.begins[d] + self.walk[it.start[d], place], it.early[:v])
        home = begins + it.service[:v] + self.walk[place, it.end[d]]
        fits: np.ndarray = (begins <= it.late[:v]) & (home <= it.ends[d]) & it.allowed[:v, d]
        return fits

    def _day(self, visit: int) -> Facts:
        return {"earliest_s": int(self.items.early[visit]), "latest_s": int(self.items.late[visit])}

    def _too_much_work(self, rest: Integers) -> Iterator[Certificate]:
        """Visits that may be made on the same days only, against the hours and the numbers of these days."""
        for days in np.unique(self.fits[rest], axis=0):
            inside = rest[~(self.fits[rest] & ~days).any(axis=1)]
            has, most = self._hours(days), int(self.items.most[days].sum())
            needs = np.sort(self.items.service[inside] + self._least_walk_to(inside, days))
            fewest_out = int(len(inside) - np.searchsorted(np.cumsum(needs), has, side="right"))
            facts: Facts = {"needs_s": int(needs.sum()), "has_s": has, "shifts": int(days.sum())}
            if fewest_out > 0:
                yield Certificate("too_much_work", _numbers(inside), {**facts, "least_left_out": fewest_out})
            elif len(inside) > most:
                facts = {"visits": len(inside), "most": most, "least_left_out": len(inside) - most}
                yield Certificate("too_many_visits", _numbers(inside), facts)

    def _hours(self, days: np.ndarray) -> int:
        """Working hours of the days without lunch."""
        it = self.items
        lunch = np.where(it.allowed[it.visits :].any(axis=1), it.service[it.visits :], 0)
        return int((it.ends - it.begins - lunch)[days].sum())

    def _least_walk_to(self, visits: Integers, days: np.ndarray) -> np.ndarray:
        """The shortest walk by which each visit can be reached from another visit or a start."""
        it = self.items
        walk = self.walk[np.ix_(it.place[visits], it.place[visits])].T.copy()
        np.fill_diagonal(walk, np.inf)
        others = np.setdiff1d(np.arange(it.visits), visits)
        sources = np.concatenate([it.start[days], it.place[others], self._lunch_places(days)])
        from_elsewhere = self.walk[np.ix_(sources, it.place[visits])].min(axis=0)
        least: np.ndarray = np.minimum(walk.min(axis=1, initial=np.inf), from_elsewhere)
        return least

    def _lunch_places(self, days: np.ndarray) -> Integers:
        places = self.items.place[self.items.visits :][days]
        known: Integers = places[places >= 0]
        return known

    def _exclude(self, only: Integers, d: int) -> Iterator[Certificate]:
        """Pairs for the same day of which neither can come before the other."""
        fits = self._one_after_other(only, d)
        for a, b in np.argwhere(np.triu(~fits & ~fits.T, 1)):
            yield Certificate("windows_exclude", (int(only[a]), int(only[b])), {"shift": d})

    def _one_after_other(self, only: Integers, d: int) -> np.ndarray:
        """Whether the row's visit and then the column's fit into the day."""
        it, place = self.items, self.items.place[only]
        first = np.maximum(it.begins[d] + self.walk[it.start[d], place], it.early[only])
        then = (first + it.service[only])[:, None] + self.walk[np.ix_(place, place)]
        then = np.maximum(then, it.early[only])
        home = then + it.service[only] + self.walk[place, it.end[d]]
        fits: np.ndarray = (then <= it.late[only]) & (home <= it.ends[d])
        for item, rows in ((it.first[d], (slice(None), only == it.first[d])), (it.last[d], (only == it.last[d],))):
            if item != NOBODY:
                fits[rows] = False
        return fits

    def _too_full(self, only: Integers, d: int) -> Iterator[Certificate]:
        """A span of the day into which more has to fit than it is long; the fullest one."""
        it = self.items
        days = np.arange(len(it.start)) == d
        ends = it.late[only] + it.service[only]
        need = it.service[only] + self._least_walk_to(only, days)
        worst, found = 0.0, None
        for begin in np.unique(it.early[only]):
            for end in np.unique(ends[ends > begin]):
                inside = (it.early[only] >= begin) & (ends <= end)
                excess = need[inside].sum() - self._first_walk(only[inside]) - (end - begin)
                if inside.any() and excess > worst:
                    worst, found = excess, (int(begin), int(end), only[inside])
        if found:
            begin, end, inside = found
            facts: Facts = {"shift": d, "from_s": begin, "to_s": end, "excess_s": int(worst)}
            yield Certificate("span_too_full", _numbers(inside), facts)

    def _first_walk(self, inside: Integers) -> float:
        """The walk to the first visit of a span may lie before it."""
        days = np.ones(len(self.items.start), bool)
        return float(self._least_walk_to(inside, days).max(initial=0.0))


def _numbers(visits: Integers) -> tuple[int, ...]:
    return tuple(int(visit) for visit in visits)
