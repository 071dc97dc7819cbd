"""What is kept about a resident, why, until when, who looked; and all of it to take away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mulin.core.audit.searching import Look
from mulin.core.listed import listed
from mulin.core.privacy.classes import fields
from mulin.core.privacy.periods import Period, periods
from mulin.core.revealing import masks
from mulin.domains.cases.access import Own
from mulin.domains.cases.queries import own_data as queries
from mulin.domains.cases.redaction import without_numbers
from mulin.domains.cases.states import OPEN, Status


@dataclass(frozen=True)
class Kept:
    """One thing that is kept: shown so that its owner knows it again, and nobody else learns it."""

    key: str
    label: str
    shown: str
    whole: Any
    purpose: str
    basis: str
    until: str


@dataclass(frozen=True)
class OwnDataPage:
    code: str
    number: str
    joined: bool
    is_open: bool
    kept: tuple[Kept, ...]
    looks: tuple[Look, ...]
    name: str
    room: str
    needs_proof: bool
    """Whether the last four digits of the phone are asked before anything is changed or handed out."""
    has_contact: bool
    deletion: str
    """What a request for deletion would do now, and what the law keeps."""

    @property
    def groups(self) -> list[list[Kept]]:
        """Return what is kept for the same reason and as long together."""
        return [list(alike) for _why, alike in groupby(self.kept, key=lambda one: (one.purpose, one.basis, one.until))]


def own_data_page(own: Own, *, now: datetime) -> OwnDataPage:
    case, reporter = own.case, own.reporter
    return OwnDataPage(
        code=own.code,
        number=case.number,
        joined=own.joined,
        is_open=case.status in OPEN,
        kept=tuple(_kept(own, now=now)),
        looks=tuple(queries.looks_at(case)),
        name=masks.name(reporter.name),
        room=masks.room(reporter.room),
        needs_proof=bool(reporter.phone),
        has_contact=bool(reporter.name or reporter.phone or reporter.room),
        deletion=_deletion(own, now=now),
    )


def _kept(own: Own, *, now: datetime) -> Iterator[Kept]:
    case, reporter = own.case, own.reporter
    contact = (
        ("name", _("姓名"), "cases.reporter.name", masks.name(reporter.name), reporter.name),
        ("phone", _("电话"), "cases.reporter.phone", masks.phone(reporter.phone), reporter.phone),
        ("room", _("房号"), "cases.reporter.room", masks.room(reporter.room), reporter.room),
    )
    said = own.joined_words if own.joined else case.text
    words: list[tuple[str, str, str, str, Any]] = [
        ("text", _("您反映的内容"), "cases.case.text", without_numbers(said), said)
    ]
    if not own.joined:
        photos, ratings = queries.photo_count(case), queries.rating_notes(case)
        words += [
            ("address", _("您写的地址"), "cases.case.address_text", masks.note(case.address_text), case.address_text),
            ("ratings", _("您的评价"), "cases.rating.note", without_numbers(listed(ratings)), ratings),
            ("photos", _("照片"), "cases.photo.file_name", _("{n} 张").format(n=photos) if photos else "", photos),
        ]
        if queries.has_care_note(case):
            words.append(("care", _("健康与照护（由工作人员填写）"), "cases.care.note", masks.note("*"), ""))
    for key, label, field, shown, whole in (*contact, *words):
        if shown:
            yield _thing(key, label, field, shown, whole, own, now=now)


def _thing(key: str, label: str, field: str, shown: str, whole: Any, own: Own, *, now: datetime) -> Kept:
    one = fields()[field]
    assert one.purpose is not None, "personal data has a purpose"
    until = _until(_period(one.retention, now=now), own)
    return Kept(key, label, shown, whole, str(one.purpose.name), str(one.purpose.basis), until)


def _period(code: str, *, now: datetime) -> Period:
    return periods(on=timezone.localdate(now))[code]


def _until(period: Period, own: Own) -> str:
    if period.days is None:
        return _("长期")
    if own.case.ended_at is None or own.case.status in OPEN:
        return _("办结后 {days} 天").format(days=period.days)
    end = period.until(own.case.ended_at)
    assert end is not None, "a period with days ends"
    return f"{timezone.localtime(end):%Y-%m-%d}"


def _deletion(own: Own, *, now: datetime) -> str:
    case = own.case
    if case.status in OPEN:
        return _("事项还在办理，内容暂时不能删除；联系方式可以随时撤回。")
    if own.joined:
        return _("会立即删除您的联系方式和您补充的话。")
    if case.status == Status.WITHDRAWN or case.erased_at is not None:
        return _("会立即删除联系方式、照片和您写的全部内容，只留下没有个人内容的办理记录。")
    until = _until(_period("CASE_WORDS", now=now), own)
    return _(
        "会立即删除联系方式和照片。文字内容要保存到 {day}，供复议、诉讼和监督时核对"
        "（行政诉讼法第四十六条、个人信息保护法第四十七条），到期自动擦除。"
    ).format(day=until)


def as_data(own: Own, *, now: datetime) -> dict[str, Any]:
    """Return everything in full, for a program to read (PIPL Art 45)."""
    page = own_data_page(own, now=now)
    return {
        "case": {
            "number": page.number,
            "status": own.case.status,
            "reported_at": own.case.reported_at.isoformat(),
            "place": own.case.place.name,
            "result": own.case.result_text,
        },
        "kept": [
            {"what": one.key, "value": one.whole, "purpose": one.purpose, "basis": one.basis, "until": one.until}
            for one in page.kept
        ],
        "looked_at": [
            {"at": one.at.isoformat(), "by": f"{one.role} {one.name}", "what": one.what, "why": one.why}
            for one in page.looks
        ],
        "made_at": now.isoformat(),
    }


def as_text(own: Own, *, now: datetime) -> str:
    """Return everything in full, for a person to read."""
    page = own_data_page(own, now=now)
    lines = [_("事项 {number} 保存的您的个人信息").format(number=page.number), ""]
    for one in page.kept:
        whole = listed(one.whole) if isinstance(one.whole, list) else one.whole or one.shown
        lines += [
            _("{label}：{text}").format(label=one.label, text=whole),
            _("  {purpose}（{basis}）").format(purpose=one.purpose, basis=one.basis),
            _("  保存到：{until}").format(until=one.until),
        ]
    lines += ["", _("谁看过您的联系方式")]
    lines += [f"{timezone.localtime(one.at):%Y-%m-%d %H:%M}  {one.role} {one.name}  {one.why}" for one in page.looks]
    if not page.looks:
        lines.append(_("没有人看过。"))
    return "\n".join(lines) + "\n"
