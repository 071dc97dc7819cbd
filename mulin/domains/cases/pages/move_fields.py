"""The fields of a move's dialog, drawn from `moving.FIELDS`: labels, choices of the dated lists, holders."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from mulin.core.clocks import ClockKind
from mulin.core.clocks.sentences import KIND_LABELS
from mulin.domains.cases import moving, rules
from mulin.domains.cases.models import Case
from mulin.domains.cases.pages.desk import seat_groups
from mulin.domains.cases.pages.labels import Words, in_language
from mulin.domains.cases.queries import directory, holders

Options = tuple[tuple[Words, tuple[tuple[str, str], ...]], ...]
ASKED = {"verify", "return", "refuse_return", "escalate", "whistle", "extend", "add_note"}
"""Moves that are refused without a note."""
DEFAULT_PAUSE = timedelta(days=3)


@dataclass(frozen=True)
class Field:
    """A field of a move's dialog: `kind` is note, text, amount, moment, flag, photos or select."""

    name: str
    label: Words
    kind: str
    required: bool
    help: Words = ""
    value: str = ""
    options: tuple[tuple[Words, tuple[tuple[str, str], ...]], ...] = ()
    most: int = 0


def fields_for(
    case: Case, kind: directory.Kind | None, moves: Sequence[str], *, now: datetime
) -> dict[str, tuple[Field, ...]]:
    """Return move → fields; holders and departments are asked for once, and only when a move needs them."""
    lists = _Lists(case, kind, now)
    return {move: tuple(_fields(move, lists)) for move in moves}


class _Lists:
    """Choices of one case, made when first asked for."""

    def __init__(self, case: Case, kind: directory.Kind | None, now: datetime) -> None:
        self.case, self.kind, self.now = case, kind, now

    @cached_property
    def seats(self) -> Options:
        groups = seat_groups(holders.along_the_chain(self.case, now=self.now))
        return tuple(
            (label, tuple((value.partition(":")[2], words) for value, words in found)) for label, found in groups
        )

    @cached_property
    def departments(self) -> Options:
        words: dict[str, Words] = {"LEAD": _("主责单位"), "ASSIST": _("协办单位"), "": _("其他单位")}
        found: dict[str, list[tuple[str, str]]] = {}
        for choice in holders.departments_for(self.case.area_code, self.kind, now=self.now):
            found.setdefault(choice.role, []).append((str(choice.organisation_id), choice.name))
        return tuple((words[role], tuple(choices)) for role, choices in found.items())

    def reasons(self, name: str) -> Options:
        entries = directory.policy(name, now=self.now, area_code=self.case.area_code)
        return (("", tuple((e["code"], in_language(e.get("name_zh"), e.get("name_en"))) for e in entries)),)

    @cached_property
    def categories(self) -> Options:
        on = timezone.localdate(self.case.reported_at)
        groups = directory.groups(on=on, area_code=self.case.area_code)
        return tuple((group.name, tuple((kind.code, kind.name) for kind in group.kinds)) for group in groups)

    @property
    def extension(self) -> tuple[Words, int]:
        """Return the unit and how much the rule in force still allows."""
        clock = self.case.rule.resolve_clock
        entries = directory.policy("extension_rules", now=self.now, area_code=self.case.area_code)
        limit = next((int(e["most_amount"]) for e in entries if e["resolve_clock"] == clock), 0)
        unit = _("工作日") if clock == ClockKind.WORKING_DAYS.name else _("分钟")
        left = max(limit - self.case.extension_amount, 0)
        return _("单位：%(unit)s（%(clock)s），最多还可延 %(left)d") % {
            "unit": unit, "clock": KIND_LABELS[ClockKind[clock]], "left": left,
        }, left  # fmt: skip


def _fields(move: str, lists: _Lists) -> Iterable[Field]:
    for name in moving.FIELDS[move]:
        yield _MAKERS[name](move, lists)


def _note(move: str, lists: _Lists) -> Field:
    labels = {"whistle": _("请部门做什么"), "verify": _("核查结果"), "contact": _("联系情况"), "add_note": _("说明")}
    asked = move in ASKED
    label = labels.get(move, _("理由") if asked else _("说明"))
    return Field("note", label, "note", asked, most=1000)


def _select(name: str, label: Words, options: Options, *, required: bool, empty: str) -> Field:
    return Field(name, label, "select", required, value=empty, options=options)


def _tenure(move: str, lists: _Lists) -> Field:
    empty = _("按规则派给能解决的最低一级")
    return _select("tenure", _("派给岗位"), lists.seats, required=False, empty=empty)


def _organisation(move: str, lists: _Lists) -> Field:
    if move == "whistle":
        return _select("organisation", _("吹哨单位"), lists.departments, required=True, empty=_("请选择"))
    return _select("organisation", _("或派给单位"), lists.departments, required=False, empty=_("不派给单位"))


def _until(move: str, lists: _Lists) -> Field:
    value = f"{timezone.localtime(lists.now + DEFAULT_PAUSE):%Y-%m-%dT%H:%M}"
    return Field("until", _("最迟恢复时间"), "moment", True, value=value)


def _amount(move: str, lists: _Lists) -> Field:
    words, left = lists.extension
    return Field("amount", _("延长多少"), "amount", True, help=words, most=left)


_MAKERS: dict[str, Callable[[str, _Lists], Field]] = {
    "note": _note,
    "tenure": _tenure,
    "organisation": _organisation,
    "until": _until,
    "amount": _amount,
    "return_reason": lambda move, lists: _select(
        "return_reason", _("退单理由"), lists.reasons("return_reasons"), required=True, empty=_("请选择")
    ),
    "pause_reason": lambda move, lists: _select(
        "pause_reason", _("暂停理由"), lists.reasons("pause_reasons"), required=True, empty=_("请选择")
    ),
    "reject_reason": lambda move, lists: _select(
        "reject_reason", _("不予受理的理由"), lists.reasons("reject_reasons"), required=True, empty=_("请选择")
    ),
    "category": lambda move, lists: _select("category", _("分类"), lists.categories, required=True, empty=_("请选择")),
    "text": lambda move, lists: Field("text", _("拆出的内容"), "note", True, most=rules.LONGEST_TEXT),
    "result": lambda move, lists: Field(
        "result", _("办理结果"), "note", True, help=_("居民会看到：做了什么、什么时候完成。"), most=2000
    ),
    "photos": lambda move, lists: Field("photos", _("照片"), "photos", False),
    "into": lambda move, lists: Field("into", _("并入"), "amount", True),
    "public": lambda move, lists: Field("public", _("居民也能看到"), "flag", False),
}
