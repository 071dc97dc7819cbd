"""The page of the three rates: figures, bars, and a table per child area, category group and tier; never per person."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mulin.core.listed import listed
from mulin.core.tables import guarded
from mulin.domains.accounts.models import User
from mulin.domains.cases import rules
from mulin.domains.cases.pages.labels import TIER_LABELS, Words, area_name, in_language
from mulin.domains.cases.queries import directory, rates
from mulin.domains.cases.queries.filters import FilterInvalid
from mulin.domains.cases.queries.rates import Definitions, Key, Period, Tally
from mulin.domains.duty import queries as duty
from mulin.domains.places import queries as places

SMALL = 5
"""Below this many a percentage would tell about single cases and says nothing."""
BARS = 12
SHOWN = (
    "RESPONSE_RATE", "SOLVED_RATE", "SATISFIED_RATE", "RATED_SHARE", "IN_TIME_RATE", "RETURN_RATE",
    "REOPEN_RATE", "FIRST_CONTACT_TIME",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A share in words, or the counts alone where there are few."""

    words: str
    counts: str
    percent: float | None
    whole: Words = ""
    """Of how many, beside a percentage."""


@dataclass(frozen=True)
class Line:
    name: Words
    url: str
    cells: tuple[Cell, ...]
    contact: Cell
    """The median, with how many were contacted."""


@dataclass(frozen=True)
class Dimension:
    code: str
    title: Words
    lines: tuple[Line, ...]
    chart: Mapping[str, object] | None


@dataclass(frozen=True)
class DefinitionView:
    name: str
    how: str
    counted: str
    source: str


@dataclass(frozen=True)
class RatesPage:
    area_code: str
    area: str
    areas: tuple[tuple[str, str], ...]
    first: date
    last: date
    months: tuple[tuple[str, str], ...]
    headings: tuple[Words, ...]
    total: Line
    dimensions: tuple[Dimension, ...]
    definitions: tuple[DefinitionView, ...]
    valid_from: date
    download_url: str
    small: int
    empty: bool


def period_of(values: Mapping[str, str], *, now: datetime) -> Period:
    """Return the month `month=2026-03`, or the days `first` to `last`, or this month. Raises FilterInvalid."""
    today = timezone.localdate(now)
    try:
        if month := values.get("month", ""):
            begins = date.fromisoformat(f"{month}-01")
            first, last = begins, _month_end(begins)
        else:
            first = date.fromisoformat(values.get("first", "") or f"{today:%Y-%m}-01")
            last = date.fromisoformat(values.get("last", "") or today.isoformat())
    except ValueError:
        raise FilterInvalid(field="month") from None
    first, last = min(first, last), max(first, last)
    if not 2000 <= first.year <= last.year <= 2100:
        raise FilterInvalid(field="first")
    return Period(first, last)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def area_of(user: User, asked: str, *, now: datetime) -> str:
    """Return the area asked for, or the first own one; what lies outside shows nothing. Raises FilterInvalid."""
    own = duty.scope_of(user, "cases.see_rates", now=now).area_codes
    if asked:
        if asked not in places.areas.get():
            raise FilterInvalid(field="area")
        return asked
    if own:
        return own[0]
    counties = places.counties()
    if not counties:
        raise FilterInvalid(field="area")
    return counties[0].code


def page(user: User, area_code: str, period: Period, *, now: datetime) -> RatesPage:
    definitions = rates.definitions(area_code, period)
    found = rates.tallies(user, area_code, period, now=now, excluded=definitions.excluded)
    total = rates.summed(found, lambda key: "").get("", Tally())
    query = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    return RatesPage(
        area_code=area_code,
        area=area_name(area_code),
        areas=tuple(_areas(user, area_code, now=now)),
        first=period.first,
        last=period.last,
        months=tuple(_months(now)),
        headings=headings(),
        total=_line(_("合计"), "", total, definitions),
        dimensions=tuple(_dimensions(found, definitions, area_code, query)),
        definitions=tuple(definitions_in_words(definitions)),
        valid_from=definitions.valid_from,
        download_url=f"{reverse('cases:rates-csv')}?{urlencode({**query, 'area': area_code})}",
        small=SMALL,
        empty=not found,
    )


def headings() -> tuple[Words, ...]:
    return (_("响应率"), _("解决率"), _("满意率"), _("评价率"), _("按期办结率"), _("退单率"), _("重办率"))


def _shares(found: rules.Rates) -> tuple[rules.Share, ...]:
    return (found.responded, found.solved, found.satisfied, found.rated, found.in_time, found.returned, found.reopened)


def _line(name: Words, url: str, tally: Tally, definitions: Definitions) -> Line:
    found = tally.rates(definitions.by_code)
    return Line(name, url, tuple(_cell(share) for share in _shares(found)), _contact(found))


def _cell(share: rules.Share) -> Cell:
    part = f"{share.part:.1f}".removesuffix(".0")
    counts = f"{part}/{share.whole}"
    if share.value is None:
        return Cell("—", "", None)
    if share.whole < SMALL:
        return Cell(counts, "", None)
    whole = _("共 %(n)s") % {"n": f"{share.whole:,}"}
    return Cell(f"{share.value * 100:.1f}%", counts, round(share.value * 100, 1), whole)


def _contact(found: rules.Rates) -> Cell:
    if found.median_minutes is None:
        return Cell("—", "", None)
    hours, minutes = divmod(round(found.median_minutes), 60)
    words = _("%(h)d 小时 %(m)d 分") % {"h": hours, "m": minutes} if hours else _("%(m)d 分钟") % {"m": minutes}
    whole = _("共 %(n)s") % {"n": f"{found.contacted:,}"}
    return Cell(words, str(found.contacted), round(found.median_minutes, 1), whole)


def _dimensions(
    found: Mapping[Key, Tally], definitions: Definitions, area_code: str, query: Mapping[str, str]
) -> Iterable[Dimension]:
    groups = {c.group_code: in_language(c.group_zh, c.group_en) for c in directory.categories()}
    by_area = rates.summed(found, lambda key: key[0].ljust(12, "0"))
    by_group = rates.summed(found, rates.group_of_category)
    by_tier = rates.summed(found, lambda key: str(key[2]))

    def area_url(code: str) -> str:
        deeper = code != area_code and places.code_prefix(code) != code
        return f"{reverse('cases:rates')}?{urlencode({**query, 'area': code})}" if deeper else ""

    areas = [_line(area_name(code), area_url(code), tally, definitions) for code, tally in sorted(by_area.items())]
    yield _dimension("area", _("按区域"), areas)
    kinds = [_line(groups.get(code, code), "", tally, definitions) for code, tally in sorted(by_group.items())]
    yield _dimension("category", _("按事项大类"), kinds)
    tiers = [_line(TIER_LABELS[int(code)], "", tally, definitions) for code, tally in sorted(by_tier.items())]
    yield _dimension("tier", _("按承办层级"), tiers)


def _dimension(code: str, title: Words, lines: list[Line]) -> Dimension:
    return Dimension(code, title, tuple(lines), _chart(lines[:BARS]))


def _chart(lines: list[Line]) -> dict[str, object] | None:
    """Bars of the three rates for the lines that have a percentage."""
    drawn = [line for line in lines if all(cell.percent is not None for cell in line.cells[:3])]
    if len(drawn) < 2:
        return None
    return {
        "kind": "bar",
        "unit": "%",
        "categories": [str(line.name) for line in drawn],
        "series": [
            {"name": str(name), "data": [line.cells[n].percent for line in drawn]}
            for n, name in enumerate(headings()[:3])
        ],
    }


def _areas(user: User, area_code: str, *, now: datetime) -> Iterable[tuple[str, str]]:
    """Own areas, the way up from the shown one, and its children."""
    own = duty.scope_of(user, "cases.see_rates", now=now).area_codes
    path = [code for code in reversed(places.ancestor_codes(area_code)) if any(_lies_in(code, top) for top in own)]
    children = [area.code for area in places.children_of(area_code)]
    for code in dict.fromkeys([*own, *path, area_code, *children]):
        depth = len(places.code_prefix(code)) // 3 - 2
        yield code, "\u3000" * max(depth, 0) + area_name(code)


def _lies_in(area_code: str, above: str) -> bool:
    return above in places.ancestor_codes(area_code)


def _months(now: datetime) -> Iterable[tuple[str, str]]:
    day = timezone.localdate(now).replace(day=1)
    for _n in range(13):
        yield f"{day:%Y-%m}", written(day, pgettext("date format", "Y年n月"))
        day = (day - timedelta(days=1)).replace(day=1)


def definitions_in_words(definitions: Definitions) -> Iterable[DefinitionView]:
    by_rating = _("期内收到的评价；每次评价都计入，重新办理不抹去原来的评价")
    by_settling = _("期内办结、现在仍为办结状态的事项")
    answers = {
        "YES": _("是"), "PARTLY": _("部分解决"), "BASICALLY": _("基本满意"), "NO": _("否"),
    }  # fmt: skip
    how = {
        "RATED_SHARE": (_("办结后已得到居民评价的事项 ÷ 办结的事项"), by_settling),
        "IN_TIME_RATE": (_("在期限内办结的事项 ÷ 办结的事项"), by_settling),
        "RETURN_RATE": (_("办理中有人退过单的事项 ÷ 办结的事项"), by_settling),
        "REOPEN_RATE": (_("经重新办理才办结的事项 ÷ 办结的事项"), by_settling),
        "FIRST_CONTACT_TIME": (
            _("从点单（或要求重新办理）到首次联系居民的自然时间，取中位数"),
            _("期内首次联系的事项"),
        ),
    }
    for code in SHOWN:
        one = definitions.by_code[code]
        weights = listed(f"{answers.get(answer, answer)} {weight:g}" for answer, weight in one.weights.items())
        words, counted = how.get(code, (_("各项回答加权之和 ÷ 评价数：%(weights)s") % {"weights": weights}, by_rating))
        yield DefinitionView(in_language(one.name_zh, one.name_en), words, counted, one.source)


def as_csv(page: RatesPage, *, mark: str) -> bytes:
    """Return the tables as one file that says who took it out; few cases stand as counts here too."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_("三率"), page.area, page.first.isoformat(), page.last.isoformat(), mark])
    names = [str(name) for name in page.headings]
    names.append(_("首次联系用时中位数"))
    writer.writerow([_("维度"), _("名称"), *(x for name in names for x in (name, _("计数")))])
    writer.writerow([_("合计"), guarded(page.area), *_csv_cells(page.total)])
    for dimension in page.dimensions:
        for line in dimension.lines:
            writer.writerow([str(dimension.title), guarded(str(line.name)), *_csv_cells(line)])
    return ("\ufeff" + buffer.getvalue()).encode()


def _csv_cells(line: Line) -> list[str]:
    return [x for cell in (*line.cells, line.contact) for x in (cell.words, cell.counts)]
