"""点单 and 派单 in one transaction: at no moment has a case nobody who holds it."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.audit import doors
from mulin.core.audit.recording import record_write
from mulin.core.codes import new_code
from mulin.core.errors import Invalid
from mulin.core.history import FIRST
from mulin.core.inserting import insert, together
from mulin.core.rows import new_row
from mulin.domains.accounts.models import User
from mulin.domains.cases import rules
from mulin.domains.cases.engine import clocks, dispatching
from mulin.domains.cases.engine.photos import StoredPhoto, add_photos
from mulin.domains.cases.engine.steps import RESIDENT_NAME, announce, next_step
from mulin.domains.cases.models import Case, Channel, Reporter, Step
from mulin.domains.cases.queries import directory
from mulin.domains.cases.redaction import search_text
from mulin.domains.cases.states import Status
from mulin.domains.places import queries as places
from mulin.domains.places.models import Tier
from mulin.domains.places.queries import Location

CLOCK_TOLERANCE = timedelta(minutes=5)


class TextMissing(Invalid):
    code = "text_missing"
    sentence = _("请写明发生了什么。")
    remedy = _("一句话就可以，例如：三单元二楼楼道灯不亮。")


class TextTooLong(Invalid):
    code = "text_too_long"
    sentence = _("内容太长，最多 2000 字。")
    remedy = _("请保留要点，其余可在接单后补充。")


class TimeInFuture(Invalid):
    code = "time_in_future"
    sentence = _("时间晚于现在。")
    remedy = _("请核对日期和时间。")


class TooManyPhotos(Invalid):
    code = "too_many_photos"
    sentence = _("最多上传 6 张照片。")


@dataclass(frozen=True)
class Contact:
    """How to reach a reporter; all of it optional."""

    name: str = ""
    phone: str = ""
    room: str = ""


@dataclass(frozen=True)
class Report:
    """What is said, about where, by whom."""

    text: str
    category_code: str
    location: Location
    channel: Channel = Channel.RESIDENT
    address_text: str = ""
    contact: Contact = field(default_factory=Contact)
    photos: Sequence[StoredPhoto] = ()
    external_key: str = ""
    reported_at: datetime | None = None
    origin: Mapping[str, str] = field(default_factory=dict)
    """Where an imported case comes from, for its first step."""


def _check(report: Report, *, now: datetime) -> str:
    text = "".join(c for c in report.text.strip() if c >= " " or c in "\n\t")
    if not text:
        raise TextMissing
    if len(text) > rules.LONGEST_TEXT and report.channel != Channel.IMPORT:
        raise TextTooLong(length=len(text), most=rules.LONGEST_TEXT)
    if len(report.photos) > rules.MOST_PHOTOS:
        raise TooManyPhotos
    if report.reported_at is not None and report.reported_at > now + CLOCK_TOLERANCE:
        raise TimeInFuture
    return text


def report_case(*, actor: User | None, report: Report, now: datetime) -> Case:
    """File a case and dispatch it to the lowest capable tier that is filled.

    Everything that can be refused is refused before the first write, so the writes need no savepoint of their own.
    Raises TextMissing, TextTooLong, CategoryUnknown, TimeInFuture, TooManyPhotos, NobodyAtAll.
    """
    text = _check(report, now=now)
    at = report.reported_at or now
    kind = directory.kind(report.category_code, on=timezone.localdate(at), area_code=report.location.area_code)
    location = _located(report, kind)
    case = _new_case(report, text, kind, location, at=at)
    rule = directory.rules_by_id()[kind.rule_id]
    provisional = clocks.set_deadlines(case, rule)
    steps = [_reported(case, report, actor=actor, at=at, provisional=provisional)]
    holder = dispatching.find_holder(location, kind, now=now, spread=zlib.crc32(case.receipt_code.encode()))
    dispatching.give(case, holder)
    case.accept_due_at = case.respond_due_at
    data = {**holder.data(), "gaps": dispatching.gap_data(holder.gaps)}
    steps.append(next_step(case, "dispatch", to_status=Status.DISPATCHED, actor=None, now=at, data=data))
    _write(case, steps, report, holder.gaps, actor=actor, at=at)
    return case


@together()
def _write(
    case: Case, steps: list[Step], report: Report, gaps: tuple[rules.Gap, ...], *, actor: User | None, at: datetime
) -> None:
    insert(case)
    for step in steps:
        step.case = case
    insert(*steps)
    insert(new_reporter(case=case, contact=report.contact, at=at), keyed=False)
    dispatching.record_gaps(case, gaps, now=at)
    add_photos(case, report.photos, at=at)
    if actor is not None and not doors.is_inside():  # a resident's own report is its first, hash-chained step
        record_write(actor=actor, action="cases.report_case", one=case, now=at)
    announce(steps[-1])


def _located(report: Report, kind: directory.Kind) -> Location:
    """Return where it is, down to the contact group when the kind is settled there and a known room was written."""
    if kind.lowest_tier > Tier.CONTACT_GROUP:
        return report.location
    return places.at_room(report.location, report.contact.room, report.address_text)


def _new_case(report: Report, text: str, kind: directory.Kind, location: Location, *, at: datetime) -> Case:
    return new_row(
        Case,
        receipt_code=new_code(),
        channel=report.channel,
        text=text,
        category_id=kind.category_id,
        rule_id=kind.rule_id,
        status=Status.REPORTED,
        place_id=location.place_id,
        area_code=location.area_code,
        grid_id=location.grid_id,
        building_id=location.building_id,
        contact_group_id=location.group_id,
        address_text=report.address_text.strip()[:200],
        search_text=search_text(text, report.address_text.strip()[:200]),
        lon=location.lon,
        lat=location.lat,
        outside_grids=location.outside_grids,
        tier=kind.lowest_tier,
        reported_at=at,
        clock_started_at=at,
        emergency=directory.emergency_at(location.area_code, now=at) is not None,
        external_key=report.external_key,
        last_hash=FIRST,
    )


def _reported(case: Case, report: Report, *, actor: User | None, at: datetime, provisional: bool) -> Step:
    data: dict[str, object] = {"channel": report.channel, "photos": len(report.photos), "rule": case.rule_id}
    if report.origin:
        data["origin"] = dict(report.origin)
    if provisional:
        data["provisional_calendar"] = True
    name = actor.name if actor else RESIDENT_NAME
    return next_step(case, "report", to_status=Status.REPORTED, actor=actor, actor_name=name, now=at, data=data)


def new_reporter(*, case: Case, contact: Contact, at: datetime) -> Reporter:
    """Return the unsaved row of somebody who asked."""
    return new_row(
        Reporter,
        case=case,
        name=contact.name.strip()[:60],
        phone=contact.phone.strip()[:30],
        room=contact.room.strip()[:30],
        created_at=at,
    )
