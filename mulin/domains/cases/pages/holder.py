"""What a holder sees on the phone: today's list, one case with its buttons, a department's whistles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mulin.core.errors import Refused
from mulin.core.revealing.queries import Mask
from mulin.domains.accounts.models import User
from mulin.domains.cases import moving
from mulin.domains.cases.models import Case, Whistle, WhistleState
from mulin.domains.cases.pages import desk_detail
from mulin.domains.cases.pages.labels import (
    STATUS_TONES,
    WHISTLE_LABELS,
    WHISTLE_TONES,
    Words,
    case_number,
    in_language,
    place_words,
)
from mulin.domains.cases.pages.move_fields import Field, fields_for
from mulin.domains.cases.queries import directory, holding, may_hold
from mulin.domains.cases.queries.holding import NEW, OVERDUE, PAUSED, UNRATED, WORKING, Row
from mulin.domains.cases.redaction import without_numbers
from mulin.domains.cases.states import LIFECYCLE, Status
from mulin.domains.places import queries as places

Said = Mapping[str, Any]
EXCERPT_LETTERS = 80


@dataclass(frozen=True)
class TodayRow:
    case_id: int
    number: str
    category: str
    place: str
    text: str
    status: Words
    tone: str
    due_at: datetime | None
    started_at: datetime
    paused: bool
    waiting: bool
    urgent: bool
    round: int
    has_phone: bool
    can_accept: bool


@dataclass(frozen=True)
class Section:
    title: str
    tone: str
    rows: tuple[TodayRow, ...]


@dataclass(frozen=True)
class Today:
    sections: tuple[Section, ...]
    next_key: str | None


def today(user: User, *, now: datetime, after: str = "") -> Today:
    page = holding.today(user, now=now, after=after)
    names = directory.category_names()
    titles = {
        OVERDUE: (_("已超时"), "bad"),
        NEW: (_("新派来的"), "info"),
        WORKING: (_("办理中"), "progress"),
        PAUSED: (_("已暂停"), "neutral"),
        UNRATED: (_("等居民评价"), "good"),
    }
    sections = []
    for rank, (title, tone) in titles.items():
        rows = tuple(today_row_of(row, names) for row in page.rows if row["rank"] == rank)
        if rows:
            sections.append(Section(title, tone, rows))
    return Today(tuple(sections), page.next_key)


def today_row(user: User, case_id: int, *, now: datetime) -> TodayRow | None:
    """Return one row as it is after a move, or None when the case has left the list."""
    row = holding.one_of_today(user, case_id, now=now)
    return today_row_of(row, directory.category_names()) if row else None


def today_row_of(row: Row, names: Mapping[int, str]) -> TodayRow:
    status = Status(row["status"])
    place = places.building_name(row["building__building__estate__name"], row["place__name"])
    return TodayRow(
        case_id=row["pk"],
        number=case_number(row["pk"], row["reported_at"]),
        category=names.get(row["category_id"], ""),
        place=place_words(row["area_code"], place, row["address_text"]),
        text=_excerpt(row["text"]),
        status=status.label,
        tone="bad" if row["rank"] == OVERDUE else STATUS_TONES[status],
        due_at=row["due"],
        started_at=row["clock_started_at"],
        paused=status == Status.PAUSED,
        waiting=status == Status.RESOLVED,
        urgent=bool(row["rule__urgent"] or row["emergency"]),
        round=row["round"],
        has_phone=row["has_phone"],
        can_accept=status == Status.DISPATCHED,
    )


def _excerpt(text: str) -> str:
    words = " ".join(without_numbers(text).split())
    return words if len(words) <= EXCERPT_LETTERS else f"{words[:EXCERPT_LETTERS]}…"


@dataclass(frozen=True)
class FilledField:
    """A field of a dialog with what was typed, so that nothing is lost by a refusal."""

    field: Field
    said: str


@dataclass(frozen=True)
class MoveForm:
    """A dialog: its fields, what was typed, and why it was refused."""

    name: str
    label: Words
    why: Words
    icon: str
    url: str
    fields: tuple[FilledField, ...]
    tone: str = ""
    refusal: Refused | None = None
    calls: Mask | None = None
    """The mask of the number to call before the move."""

    @property
    def dialog(self) -> str:
        return f"move-{self.name}"


BIG = ("accept", "resolve", "resume")
"""What the holder is there to do stands wide on top."""
DESK_ONLY = {"dispatch", "reassign", "verify", "refuse_return", "extend", "reject", "split", "merge", "recategorise"}


@dataclass(frozen=True)
class PhoneDetail:
    detail: desk_detail.Detail
    case_id: int
    is_holder: bool
    forms: tuple[MoveForm, ...]
    whistles: tuple["AskedWhistle", ...] = ()

    @property
    def steps(self) -> list[tuple[desk_detail.Entry, str]]:
        """Return the history, latest first, each step with all that was written about it."""
        entries = reversed(self.detail.timeline)
        return [(entry, "\n".join(filter(None, (entry.holder, entry.text, entry.inner)))) for entry in entries]

    @property
    def big(self) -> list[MoveForm]:
        return [form for form in self.forms if form.name in BIG]

    @property
    def others(self) -> list[MoveForm]:
        return [form for form in self.forms if form.name not in BIG]


def phone_detail(user: User, case: Case, *, now: datetime) -> PhoneDetail:
    """A case for who holds it or may see it."""
    detail = desk_detail.page(user, case, now=now)
    is_holder = may_hold(user, case, now=now)
    mask = detail.reporters_mask
    calls = mask if mask and mask.may_reveal and any(one.phone for one in detail.reporters) else None
    buttons = [b for b in (*detail.buttons, *detail.more_buttons) if b.name not in DESK_ONLY]
    forms = tuple(
        MoveForm(
            button.name,
            button.label,
            button.why,
            button.icon,
            button.url,
            _filled(button.fields, {}),
            "danger" if button.grave else "primary" if button.name in BIG else "",
            calls=calls if button.name == "contact" else None,
        )
        for button in sorted(buttons, key=_order)
    )
    asked = tuple(_asked(whistle, now=now) for whistle in holding.asked_of(user, case, now=now))
    return PhoneDetail(detail, case.pk, is_holder, forms, asked)


_ORDER = ("accept", "resolve", "resume", "contact", "escalate", "whistle", "pause", "add_note", "return")


def _order(button: desk_detail.Button) -> int:
    return _ORDER.index(button.name) if button.name in _ORDER else len(_ORDER)


def _filled(fields: Iterable[Field], said: Said) -> tuple[FilledField, ...]:
    return tuple(FilledField(f, str(said.get(f.name, "" if f.kind == "select" else f.value))) for f in fields)


def refused_move(case: Case, move: str, said: Said, refusal: Refused, *, now: datetime) -> MoveForm:
    """Return the dialog of a move that was refused, with everything typed still in it."""
    kind = directory.kinds(on=case.reported_at.date(), area_code=case.area_code).get(_code(case))
    fields = fields_for(case, kind, [move], now=now)[move] if move in moving.FIELDS else ()
    entry = LIFECYCLE.move(move)
    url = reverse("cases:move", args=[case.pk, move])
    return MoveForm(move, entry.label, entry.why, "", url, _filled(fields, said), "primary", refusal)


def _code(case: Case) -> str:
    return next((c.code for c in directory.categories() if c.pk == case.category_id), "")


@dataclass(frozen=True)
class AskedWhistle:
    """A whistle in the eyes of the department that is asked."""

    whistle_id: int
    organisation: str
    state: Words
    tone: str
    ask: str
    caller: str
    caller_phone: str
    called_at: datetime
    arrive_due_at: datetime
    can_arrive: bool
    forms: tuple[MoveForm, ...] = ()


def _asked(whistle: Whistle, *, now: datetime) -> AskedWhistle:
    state = WhistleState(whistle.state)
    return AskedWhistle(
        whistle.pk,
        whistle.organisation.name,
        WHISTLE_LABELS[state],
        WHISTLE_TONES[state],
        whistle.ask,
        whistle.called_by.name,
        whistle.called_by.work_phone,
        whistle.called_at,
        whistle.arrive_due_at,
        state == WhistleState.CALLED,
        tuple(whistle_form(whistle, move, {}, None, now=now) for move in ("joint_result", "return_whistle")),
    )


def whistle_form(whistle: Whistle, move: str, said: Said, refusal: Refused | None, *, now: datetime) -> MoveForm:
    """Return the dialog by which a department answers or returns a whistle."""
    fields = []
    if move == "return_whistle":
        entries = directory.policy("return_reasons", now=now, area_code=whistle.case.area_code)
        options = tuple((e["code"], in_language(e.get("name_zh"), e.get("name_en"))) for e in entries)
        fields.append(
            Field("return_reason", _("退哨理由"), "select", True, value=_("请选择"), options=(("", options),))
        )
        fields.append(Field("note", _("说明依据"), "note", True, most=1000))
    if move == "joint_result":
        hint = _("居民会看到：你们做了什么。")
        fields.append(Field("note", _("办理结果"), "note", True, help=hint, most=1000))
    entry = LIFECYCLE.move(move)
    icons = {"joint_result": "clipboard-check", "return_whistle": "arrow-back-up", "arrive": "user-check"}
    tones = {"joint_result": "primary", "return_whistle": "danger", "arrive": "primary"}
    url = reverse("cases:answer-whistle", args=[whistle.pk, move])
    filled = _filled(fields, said)
    name = f"{move}-{whistle.pk}"
    return MoveForm(name, entry.label, entry.why, icons[move], url, filled, tones[move], refusal)


@dataclass(frozen=True)
class WhistleRow:
    whistle_id: int
    case_id: int
    number: str
    category: str
    place: str
    ask: str
    organisation: str
    caller: str
    caller_phone: str
    called_at: datetime
    due_at: datetime
    state: Words
    tone: str
    answer: str
    can_arrive: bool
    is_waiting: bool


@dataclass(frozen=True)
class Whistles:
    rows: Sequence[WhistleRow] = field(default_factory=tuple)
    next_key: str | None = None
    answered: bool = False


def whistles(user: User, *, now: datetime, answered: bool, after: str = "") -> Whistles:
    page = holding.whistles(user, now=now, answered=answered, after=after)
    names = directory.category_names()
    return Whistles(tuple(whistle_row_of(row, names) for row in page.rows), page.next_key, answered)


def whistle_row_of(row: Row, names: Mapping[int, str]) -> WhistleRow:
    state = WhistleState(row["state"])
    place = places.building_name(row["case__building__building__estate__name"], row["case__place__name"])
    return WhistleRow(
        whistle_id=row["pk"],
        case_id=row["case_id"],
        number=case_number(row["case_id"], row["case__reported_at"]),
        category=names.get(row["case__category_id"], ""),
        place=place_words(row["case__area_code"], place, row["case__address_text"]),
        ask=_excerpt(row["ask"]),
        organisation=row["organisation__name"],
        caller=row["called_by__name"],
        caller_phone=row["called_by__work_phone"],
        called_at=row["called_at"],
        due_at=row["arrive_due_at"],
        state=WHISTLE_LABELS[state],
        tone=WHISTLE_TONES[state],
        answer=row["answer"],
        can_arrive=state == WhistleState.CALLED,
        is_waiting=state in (WhistleState.CALLED, WhistleState.ARRIVED),
    )
