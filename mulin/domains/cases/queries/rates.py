"""响应率 解决率 满意率 and what stands beside them: counted by the database, worked out by `rules`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from mulin.domains.accounts.models import User
from mulin.domains.cases import rules
from mulin.domains.cases.models import Case, Rating, Satisfied, Solved, Step
from mulin.domains.cases.queries import burden, directory
from mulin.domains.cases.queries.filters import day_starts_at
from mulin.domains.cases.queries.lists import visible_to
from mulin.domains.cases.states import SETTLED, Status
from mulin.domains.places import queries as places

NOT_SETTLED = [status for status in Status if status not in SETTLED]
Key = tuple[str, int, int]
"""Child area, category, tier of the holder."""


@dataclass(frozen=True)
class Period:
    """Days of Asia/Shanghai, both included."""

    first: date
    last: date

    @property
    def begins_at(self) -> datetime:
        return day_starts_at(self.first)

    @property
    def ends_at(self) -> datetime:
        return day_starts_at(self.last + timedelta(days=1))

    def holds(self, field_name: str) -> Q:
        return Q(**{f"{field_name}__gte": self.begins_at, f"{field_name}__lt": self.ends_at})


@dataclass
class Tally:
    """What was counted for one row of the page."""

    rated: int = 0
    responded: int = 0
    solved: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    satisfied: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    settled: int = 0
    settled_rated: int = 0
    in_time: int = 0
    returned: int = 0
    reopened: int = 0
    minutes: list[float] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        for name in ("rated", "responded", "settled", "settled_rated", "in_time", "returned", "reopened"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("solved", "satisfied"):
            for answer, count in getattr(other, name).items():
                getattr(self, name)[answer] += count
        self.minutes += other.minutes

    def rates(self, definitions: Mapping[str, rules.RateDefinition]) -> rules.Rates:
        return rules.rates(
            definitions,
            rated=self.rated,
            responded=self.responded,
            solved=self.solved,
            satisfied=self.satisfied,
            settled=self.settled,
            settled_rated=self.settled_rated,
            in_time=self.in_time,
            returned=self.returned,
            reopened=self.reopened,
            minutes=self.minutes,
        )


@dataclass(frozen=True)
class Definitions:
    """The definitions in force at the end of a period, with the day they hold from."""

    by_code: Mapping[str, rules.RateDefinition]
    valid_from: date
    region: str

    @property
    def excluded(self) -> frozenset[str]:
        """Statuses left out by every measure."""
        return frozenset().union(*(one.excluded for one in self.by_code.values()))


def definitions(area_code: str, period: Period) -> Definitions:
    """Return the definitions in force on the last day of the period. Raises PolicyMissing."""
    policy = directory.policy_in_force("rate_definitions", now=day_starts_at(period.last), area_code=area_code)
    rows = burden.lawful(policy.value, area_code, period.begins_at, period.ends_at)
    by_code = {row["code"]: rules.rate_definition(row) for row in rows}
    return Definitions(by_code, policy.valid_from, policy.region)


def tallies(user: User, area_code: str, period: Period, *, now: datetime, excluded: Iterable[str]) -> dict[Key, Tally]:
    """Return what happened in the period below the area, by child area, category and tier; three queries.

    Each measure counts when its own event falls into the period: the rating, the settling, the first contact.
    A rating that led to reopening stays counted.
    """
    seen = (
        visible_to(user, now=now, to="cases.see_rates")
        .filter(places.within(area_code))
        .exclude(status__in=list(excluded))
    )
    length = _child_length(area_code)
    found: dict[Key, Tally] = defaultdict(Tally)
    for row in _ratings(seen, period, length):
        _add_ratings(found[_key(row)], row)
    for row in _settled(seen, period, length):
        tally = found[_key(row)]
        tally.settled, tally.settled_rated = row["settled"], row["settled_rated"]
        tally.in_time, tally.returned, tally.reopened = row["in_time"], row["returned"], row["reopened"]
    contacted = seen.filter(period.holds("first_contact_at")).annotate(child=Substr("area_code", 1, length))
    columns = ("child", "category_id", "tier", "clock_started_at", "first_contact_at")
    for child, category_id, tier, started_at, contact_at in contacted.values_list(*columns).iterator(chunk_size=5_000):
        minutes = (contact_at - started_at) / timedelta(minutes=1) if contact_at else 0.0
        found[child, category_id, tier].minutes.append(minutes)
    return dict(found)


def _child_length(area_code: str) -> int:
    """Return how many digits of a code tell the children of an area apart; all of them for a community."""
    length = len(places.code_prefix(area_code))
    return next((longer for longer in places.CODE_LENGTHS if longer > length), length)


def _key(row: Mapping[str, Any]) -> Key:
    return row["child"], row["kind"], row["at_tier"]


def _ratings(seen: QuerySet[Case], period: Period, length: int) -> Iterable[Mapping[str, Any]]:
    answers = {f"solved_{a}": Count("pk", filter=Q(solved=a)) for a in Solved.values}
    answers |= {f"satisfied_{a}": Count("pk", filter=Q(satisfied=a)) for a in Satisfied.values}
    rows = Rating.objects.filter(period.holds("rated_at")).filter(Exists(seen.filter(pk=OuterRef("case"))))
    grouped = rows.annotate(child=Substr("case__area_code", 1, length)).values(
        "child", kind=F("case__category_id"), at_tier=F("case__tier")
    )
    was_responded = Count("pk", filter=Q(responded=True))
    return grouped.annotate(rated=Count("pk"), was_responded=was_responded, **answers).order_by()


def _add_ratings(tally: Tally, row: Mapping[str, Any]) -> None:
    tally.rated, tally.responded = row["rated"], row["was_responded"]
    for answer in Solved.values:
        tally.solved[answer] = row[f"solved_{answer}"]
    for answer in Satisfied.values:
        tally.satisfied[answer] = row[f"satisfied_{answer}"]


def _settled(seen: QuerySet[Case], period: Period, length: int) -> Iterable[Mapping[str, Any]]:
    has_rating = Exists(Rating.objects.filter(case=OuterRef("pk"), round=OuterRef("round")))
    was_returned = Exists(Step.objects.filter(case=OuterRef("pk"), move="return"))
    # Said by what is left out: the period decides which rows are read, not the status nearly all of them have.
    settled = seen.filter(period.holds("resolved_at")).exclude(status__in=NOT_SETTLED)
    asked = settled.annotate(child=Substr("area_code", 1, length), has_rating=has_rating, was_returned=was_returned)
    grouped = asked.values("child", kind=F("category_id"), at_tier=F("tier"))
    return grouped.annotate(
        settled=Count("pk"),
        settled_rated=Count("pk", filter=Q(has_rating=True)),
        in_time=Count("pk", filter=Q(resolved_at__lte=F("resolve_due_at"))),
        returned=Count("pk", filter=Q(was_returned=True)),
        reopened=Count("pk", filter=Q(round__gt=1)),
    ).order_by()


def summed(found: Mapping[Key, Tally], by: Callable[[Key], str]) -> dict[str, Tally]:
    """Return the tallies added up by what `by` makes of their key."""
    sums: dict[str, Tally] = defaultdict(Tally)
    for key, tally in found.items():
        sums[by(key)].add(tally)
    return dict(sums)


def group_of_category(key: Key) -> str:
    return next((c.group_code for c in directory.categories() if c.pk == key[1]), "")
