"""The category directory and the dated policies in force, remembered per process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mulin.core.clocks import Allowance, ClockKind
from mulin.core.errors import Invalid
from mulin.core.versions import Remembered
from mulin.domains.cases.models import Category, CategoryRule, Emergency, Policy
from mulin.domains.places import queries as places

DIRECTORY_VERSION = "cases.directory"
EMERGENCY_VERSION = "cases.emergency"
EVERYWHERE = "CN"
OTHER = "9901"
MOST_DAYS_KEPT = 64


class CategoryUnknown(Invalid):
    code = "category_unknown"
    sentence = _("没有这个事项分类。")
    remedy = _("请从分类目录中选择，拿不准时选“其他”。")


class PolicyMissing(Invalid):
    code = "policy_missing"
    sentence = _("缺少这一天有效的规则数据。")
    remedy = _("请系统管理员补充带日期的规则。")


@dataclass(frozen=True)
class Kind:
    """A category with the rule in force, as values."""

    code: str
    group_code: str
    group_zh: str
    group_en: str
    name_zh: str
    name_en: str
    category_id: int
    rule_id: int
    lowest_tier: int
    lead_kinds: tuple[str, ...]
    assist_kinds: tuple[str, ...]
    urgent: bool
    respond: Allowance
    resolve: Allowance

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    @property
    def group(self) -> str:
        return self.group_en if (get_language() or "").startswith("en") else self.group_zh


@dataclass(frozen=True)
class Group:
    code: str
    name: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class _Book:
    categories: Sequence[Category]
    rules: Sequence[CategoryRule]
    policies: Sequence[Policy]
    kinds_of_day: dict[tuple[date, str], Mapping[str, Kind]] = field(default_factory=dict)
    """Worked out so far; kept with the rows they come from, so that they are forgotten with them."""

    @cached_property
    def names_zh(self) -> dict[int, str]:
        return {c.pk: c.name_zh for c in self.categories}

    @cached_property
    def names_en(self) -> dict[int, str]:
        return {c.pk: c.name_en for c in self.categories}

    @cached_property
    def rules_by_id(self) -> dict[int, CategoryRule]:
        return {rule.pk: rule for rule in self.rules}


def _load() -> _Book:
    return _Book(
        list(Category.objects.order_by("code", "-valid_from")),
        list(CategoryRule.objects.order_by("-valid_from")),
        list(Policy.objects.order_by("-valid_from")),
    )


_book = Remembered[_Book](DIRECTORY_VERSION, _load)


def _valid(row: Category | CategoryRule | Policy, on: date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or row.valid_to > on)


def allowance(clock: str, amount: int) -> Allowance:
    return Allowance(amount, ClockKind[clock])


def _regions(area_code: str) -> list[str]:
    """Regions whose rows apply to an area, nearest first; the country last."""
    return [*places.ancestor_codes(area_code), EVERYWHERE]


def kinds(*, on: date, area_code: str) -> Mapping[str, Kind]:
    """Return code → category with the rule of the nearest region in force on a day."""
    book = _book.get()
    county = places.code_prefix(area_code)[:6].ljust(12, "0")
    found = book.kinds_of_day.get((on, county))
    if found is None:
        found = _kinds(book, on=on, area_code=county)
        if len(book.kinds_of_day) >= MOST_DAYS_KEPT:
            book.kinds_of_day.clear()
        book.kinds_of_day[on, county] = found
    return found


def _kinds(book: _Book, *, on: date, area_code: str) -> Mapping[str, Kind]:
    nearness = {region: n for n, region in enumerate(_regions(area_code))}
    rules: dict[int, CategoryRule] = {}
    for rule in book.rules:
        if rule.region not in nearness or not _valid(rule, on):
            continue
        known = rules.get(rule.category_id)
        if known is None or nearness[rule.region] < nearness[known.region]:
            rules[rule.category_id] = rule
    valid = [c for c in book.categories if _valid(c, on) and c.pk in rules]
    return {c.code: _kind(c, rules[c.pk]) for c in sorted(valid, key=lambda c: c.code)}


def _kind(category: Category, rule: CategoryRule) -> Kind:
    return Kind(
        category.code,
        category.group_code,
        category.group_zh,
        category.group_en,
        category.name_zh,
        category.name_en,
        category.pk,
        rule.pk,
        rule.lowest_tier,
        tuple(rule.lead_kinds),
        tuple(rule.assist_kinds),
        rule.urgent,
        allowance(rule.respond_clock, rule.respond_amount),
        allowance(rule.resolve_clock, rule.resolve_amount),
    )


def kind(code: str, *, on: date, area_code: str) -> Kind:
    """Return the category `code` as in force; raise CategoryUnknown."""
    try:
        return kinds(on=on, area_code=area_code)[code]
    except KeyError:
        raise CategoryUnknown from None


def groups(*, on: date, area_code: str) -> list[Group]:
    """Return the directory by group, for choosing."""
    found: dict[str, list[Kind]] = {}
    for one in kinds(on=on, area_code=area_code).values():
        found.setdefault(one.group_code, []).append(one)
    return [Group(code, members[0].group, tuple(members)) for code, members in found.items()]


def categories() -> Sequence[Category]:
    return _book.get().categories


def category_names() -> dict[int, str]:
    """Return category id → name in the language of the page, for lists that read values."""
    book = _book.get()
    return book.names_en if (get_language() or "").startswith("en") else book.names_zh


def rules_by_id() -> dict[int, CategoryRule]:
    return _book.get().rules_by_id


def policy_in_force(name: str, *, now: datetime, area_code: str) -> Policy:
    """Return the dated policy of the nearest region with its source and dates; raise PolicyMissing."""
    on = timezone.localdate(now)
    valid = {p.region: p for p in reversed(_book.get().policies) if p.name == name and _valid(p, on)}
    for region in _regions(area_code):
        if region in valid:
            return valid[region]
    raise PolicyMissing(name=name)


def policy(name: str, *, now: datetime, area_code: str) -> Any:
    """Return the value of a dated policy of the nearest region; raise PolicyMissing."""
    return policy_in_force(name, now=now, area_code=area_code).value


@dataclass(frozen=True)
class EmergencyNow:
    id: int
    area_code: str
    began_at: datetime
    ends_at: datetime


def _load_emergencies() -> tuple[EmergencyNow, ...]:
    rows = Emergency.objects.filter(ended_at=None).values_list("pk", "area__area_code", "began_at", "ends_at")
    return tuple(EmergencyNow(*row) for row in rows)


_emergencies = Remembered[tuple[EmergencyNow, ...]](EMERGENCY_VERSION, _load_emergencies)


def emergency_at(area_code: str, *, now: datetime) -> EmergencyNow | None:
    """Return the emergency in force in the area or one above it; an end that has passed ends it by itself."""
    above = set(places.ancestor_codes(area_code))
    running = (e for e in _emergencies.get() if e.area_code in above and e.began_at <= now < e.ends_at)
    return next(running, None)
