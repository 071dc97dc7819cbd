"""Writes of duty: post kinds, tenures, absences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core import csv_data, outbox
from mulin.core.codes import new_code
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import User
from mulin.domains.duty import queries, rules
from mulin.domains.duty.events import AbsenceBegan, TenureEnded
from mulin.domains.duty.models import ORGANISATION, Absence, EndReason, PostKind, Tenure, TenureState
from mulin.domains.organisations.models import Organisation
from mulin.domains.places import queries as places
from mulin.domains.places import services as places_services
from mulin.domains.places.models import Household, Place, PlaceKind, Tier

DATA = Path(__file__).parent / "data"
GROUP_NAME = "第{number}联户组"


class SeatTaken(Conflict):
    code = "seat_taken"
    sentence = _("这个岗位已有人任职。")
    remedy = _("请先结束现任任期，或选择另一个席位。")


class PostMisplaced(Invalid):
    code = "post_misplaced"
    sentence = _("这个岗位不能设在这类地方。")
    remedy = _("请选择与岗位对应的地方，例如楼栋长对应楼栋。")


class DatesInvalid(Invalid):
    code = "dates_invalid"
    sentence = _("结束时间应晚于开始时间。")


class TenureOver(Conflict):
    code = "tenure_over"
    sentence = _("这段任期已经结束。")


class SubstituteInvalid(Invalid):
    code = "substitute_invalid"
    sentence = _("这个人不能代班。")
    remedy = _("请选择任职者以外、账号有效的人，或不设代班（期间由上一级代管）。")


class AbsenceOverlaps(Conflict):
    code = "absence_overlaps"
    sentence = _("这段时间已登记过离岗。")
    remedy = _("请先销假，或改为不重叠的时间。")


class AbsenceOver(Conflict):
    code = "absence_over"
    sentence = _("这次离岗已经结束。")


class PersonIncomplete(Invalid):
    code = "person_incomplete"
    sentence = _("任职者的姓名和工作电话不完整。")
    remedy = _("请选择一个已有账号的人，或填写姓名和工作电话；电话只能含数字、空格、+ 和 -。")


class HouseholdsNotFree(Conflict):
    code = "households_not_free"
    sentence = _("有的住户不在这栋楼，或已编入联户组。")
    remedy = _("请刷新后只选择还没有编组的住户。")


@dataclass(frozen=True)
class NewPerson:
    """Somebody who has no account yet."""

    name: str
    work_phone: str


@transaction.atomic
def seed_post_kinds(*, now: datetime) -> int:
    """Create the post kinds that come with Mulin; those already there stay as they are."""
    rows = [
        PostKind(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            place_kind=row["place_kind"],
            seats=int(row["seats"]),
            tier=Tier[row["tier"]],
            holds_cases=row["holds_cases"] == "1",
            dispatch_order=int(row["dispatch_order"]),
            on_board=row["on_board"] == "1",
            role_id=row["role"],
            valid_from=date.fromisoformat(row["valid_from"]),
            source=row["source"],
        )
        for row in csv_data.rows(DATA / "post_kinds.csv")
    ]
    return len(PostKind.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def begin_tenure(
    *,
    actor: User | None,
    post_kind: PostKind,
    holder: User,
    now: datetime,
    place: Place | None = None,
    organisation: Organisation | None = None,
    seat: int = 1,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Tenure:
    """Give a person a seat of a post, now or from a later day on.

    Raises PostMisplaced, DatesInvalid, SeatTaken, PersonIsAdministrator.
    """
    today = timezone.localdate(now)
    starts_on = starts_on or today
    where = place.kind if place else ORGANISATION
    if where != post_kind.place_kind or not 1 <= seat <= post_kind.seats:
        raise PostMisplaced
    if ends_on is not None and ends_on <= starts_on:
        raise DatesInvalid
    accounts.prepare_for_post(actor=actor, user=holder, now=now)
    draft = Tenure(
        post_kind=post_kind,
        place=place,
        organisation=organisation,
        seat=seat,
        holder=holder,
        starts_on=starts_on,
        ends_on=ends_on,
        state=TenureState.ACTIVE if starts_on <= today else TenureState.PLANNED,
    )
    for other in queries.same_seat(draft).select_for_update(of=("self",)):
        if not _ended_by_date(other, now=now) and _overlap(draft, other):
            raise SeatTaken
    return _saved(draft)


def _saved(tenure: Tenure) -> Tenure:
    """The constraint decides between two who take one seat at the same moment."""
    try:
        with transaction.atomic():
            tenure.save()
    except IntegrityError as taken:
        raise SeatTaken from taken
    return tenure


def _overlap(one: Tenure, other: Tenure) -> bool:
    starts_before = other.ends_on is None or one.starts_on < other.ends_on
    return starts_before and (one.ends_on is None or other.starts_on < one.ends_on)


@transaction.atomic
def set_last_day(*, actor: User | None, tenure: Tenure, ends_on: date, now: datetime) -> Tenure:
    """Let a tenure end on a later day; it is in force until then. Raises TenureOver, DatesInvalid."""
    tenure = Tenure.objects.select_for_update(of=("self",)).select_related("post_kind", "place").get(pk=tenure.pk)
    if tenure.state == TenureState.ENDED:
        raise TenureOver
    if ends_on <= max(timezone.localdate(now), tenure.starts_on):
        raise DatesInvalid(_("接任日期应在今天和现任上任日之后。"))
    tenure.ends_on = ends_on
    tenure.save(update_fields=["ends_on"])
    return tenure


@transaction.atomic
def plan_succession(*, actor: User | None, tenure: Tenure, successor: User, starts_on: date, now: datetime) -> Tenure:
    """Let a tenure end on the day its successor begins. Raises TenureOver, DatesInvalid, SeatTaken."""
    tenure = set_last_day(actor=actor, tenure=tenure, ends_on=starts_on, now=now)
    return begin_tenure(
        actor=actor,
        post_kind=tenure.post_kind,
        holder=successor,
        place=tenure.place,
        organisation=tenure.organisation,
        seat=tenure.seat,
        starts_on=starts_on,
        now=now,
    )


@transaction.atomic
def end_tenure(*, actor: User | None, tenure: Tenure, now: datetime, reason: str = "") -> Tenure:
    """End a tenure now; its open work goes on by the event. Raises TenureOver."""
    tenure = Tenure.objects.select_for_update().get(pk=tenure.pk)
    if tenure.state == TenureState.ENDED:
        raise TenureOver
    _end(tenure, ends_on=max(timezone.localdate(now), tenure.starts_on), reason=reason, now=now)
    return tenure


def _end(tenure: Tenure, *, ends_on: date, reason: str, now: datetime) -> None:
    """End a locked tenure. One that never began is only struck out: nothing hangs on it."""
    began = tenure.state == TenureState.ACTIVE
    tenure.state, tenure.ends_on, tenure.end_reason = TenureState.ENDED, ends_on, reason[:200]
    tenure.save(update_fields=["state", "ends_on", "end_reason"])
    if began:
        outbox.publish(TenureEnded(tenure_id=tenure.pk, ended_at=now.isoformat()), now=now)


def _ended_by_date(tenure: Tenure, *, now: datetime) -> bool:
    """End a locked tenure whose last day has passed; return whether it is over."""
    if tenure.state == TenureState.ACTIVE and tenure.ends_on and tenure.ends_on <= timezone.localdate(now):
        _end(tenure, ends_on=tenure.ends_on, reason=tenure.end_reason, now=now)
    return tenure.state == TenureState.ENDED


@transaction.atomic
def end_if_due(*, actor: User | None, tenure_id: int, now: datetime) -> bool:
    """End a tenure whose day has come or whose holder's account is closed; return whether it was still open."""
    tenure = Tenure.objects.select_for_update().get(pk=tenure_id)
    if tenure.state != TenureState.ACTIVE:
        return False
    if _ended_by_date(tenure, now=now):
        return True
    if queries.is_active_user(tenure.holder_id):
        return False
    _end(tenure, ends_on=max(timezone.localdate(now), tenure.starts_on), reason=EndReason.ACCOUNT_DISABLED, now=now)
    return True


@transaction.atomic
def start_if_due(*, actor: User | None, tenure_id: int, now: datetime) -> bool:
    """Put a planned tenure in force on its day, after ending a predecessor whose last day has passed.

    Raises SeatTaken while somebody still holds the seat: the plan stays, and the desk sees it waiting.
    """
    tenure = Tenure.objects.select_for_update().get(pk=tenure_id)
    if tenure.state != TenureState.PLANNED or tenure.starts_on > timezone.localdate(now):
        return False
    for other in queries.same_seat(tenure).filter(state=TenureState.ACTIVE).select_for_update(of=("self",)):
        if not _ended_by_date(other, now=now):
            raise SeatTaken
    tenure.state = TenureState.ACTIVE
    _saved(tenure)
    return True


@transaction.atomic
def begin_absence(
    *,
    actor: User | None,
    tenure: Tenure,
    begins_at: datetime,
    ends_at: datetime,
    now: datetime,
    substitute: User | None = None,
    reason: str = "",
) -> Absence:
    """Note that a holder is or will be away, and who stands in; AbsenceBegan follows when it begins.

    Raises DatesInvalid, TenureOver, SubstituteInvalid, PersonIsAdministrator, AbsenceOverlaps.
    """
    if ends_at <= begins_at or ends_at <= now:
        raise DatesInvalid
    if substitute is not None:
        accounts.prepare_for_post(actor=actor, user=substitute, now=now)
    tenure = Tenure.objects.select_for_update().get(pk=tenure.pk)
    if tenure.state == TenureState.ENDED:
        raise TenureOver
    if substitute is not None and (substitute.pk == tenure.holder_id or not substitute.is_active):
        raise SubstituteInvalid
    if tenure.absences.filter(begins_at__lt=ends_at, ends_at__gt=begins_at).exists():
        raise AbsenceOverlaps
    absence = Absence.objects.create(
        tenure=tenure, substitute=substitute, begins_at=begins_at, ends_at=ends_at, reason=reason[:200]
    )
    tell_absence(actor=actor, absence_id=absence.pk, now=now)
    return absence


@transaction.atomic
def tell_absence(*, actor: User | None, absence_id: int, now: datetime) -> bool:
    """Publish AbsenceBegan once, when the absence has begun; return whether that was now."""
    untold = Absence.objects.filter(pk=absence_id, told=False, begins_at__lte=now)
    if not untold.update(told=True):
        return False
    absence = Absence.objects.get(pk=absence_id)
    if absence.ends_at > now:
        outbox.publish(AbsenceBegan(tenure_id=absence.tenure_id, begins_at=absence.begins_at.isoformat()), now=now)
    return absence.ends_at > now


@transaction.atomic
def end_absence(*, actor: User | None, absence: Absence, now: datetime) -> None:
    """The holder is back, or does not leave after all. Raises AbsenceOver."""
    absence = Absence.objects.select_for_update().get(pk=absence.pk)
    if absence.ends_at <= now:
        raise AbsenceOver
    if absence.begins_at >= now:
        absence.delete()
        return
    absence.ends_at = now
    absence.save(update_fields=["ends_at"])


@transaction.atomic
def appoint(
    *,
    actor: User,
    post_kind: PostKind,
    place: Place | None,
    organisation: Organisation | None,
    seat: int,
    starts_on: date,
    ends_on: date | None,
    person: User | NewPerson,
    ends_present: bool,
    now: datetime,
) -> Tenure:
    """Give a seat to a person, who gets an account if there is none yet; `ends_present` relieves who holds it.

    Raises PersonIncomplete and what begin_tenure and plan_succession raise; nothing is left behind then.
    """
    holder = person if isinstance(person, User) else _new_holder(person, actor=actor, now=now)
    draft = Tenure(post_kind=post_kind, place=place, organisation=organisation, seat=seat)
    present = queries.same_seat(draft).filter(state=TenureState.ACTIVE).first() if ends_present else None
    if present is not None and starts_on > timezone.localdate(now):
        return plan_succession(actor=actor, tenure=present, successor=holder, starts_on=starts_on, now=now)
    if present is not None:
        end_tenure(actor=actor, tenure=present, now=now, reason=EndReason.HANDED_OVER)
    return begin_tenure(
        actor=actor,
        post_kind=post_kind,
        holder=holder,
        place=place,
        organisation=organisation,
        seat=seat,
        starts_on=starts_on,
        ends_on=ends_on,
        now=now,
    )


def _new_holder(person: NewPerson, *, actor: User, now: datetime) -> User:
    """Make an account without a password; the security administrator lets the person set one."""
    if not (person.name.strip() and person.work_phone.strip() and rules.is_work_phone(person.work_phone)):
        raise PersonIncomplete
    return accounts.create_user(
        actor=actor, username=f"u{new_code(8).lower()}", name=person.name, work_phone=person.work_phone, now=now
    )


@transaction.atomic
def put_into_group(
    *, actor: User, building: Place, household_ids: Sequence[int], group: Place | None, now: datetime
) -> Place:
    """Put households of a building that have no contact into a contact group, or into a new one.

    A handful makes a group too: neighbours are not left out because they are few.

    Raises HouseholdsNotFree, GroupSizeInvalid.
    """
    free = {one.household_id for one in places.households_in_no_group(building.pk)}
    if not free.issuperset(household_ids):
        raise HouseholdsNotFree
    if group is None:
        number = len(places.contact_groups_of(building.pk)) + 1
        name = GROUP_NAME.format(number=number)
        group = places_services.create_place(
            actor=actor, kind=PlaceKind.CONTACT_GROUP, name=name, parent=building, now=now
        )
    places_services.form_contact_group(
        actor=actor,
        group=group,
        households=[Household(pk=pk) for pk in household_ids],
        from_date=timezone.localdate(now),
        now=now,
        size=places_services.FEW_TOO,
    )
    return group


def reasons_over(*, before: datetime) -> QuerySet[Absence]:
    """Return absences long over whose reason, often somebody's health, is still written down."""
    return Absence.objects.filter(ends_at__lt=before).exclude(reason="")


def erase_reasons(*, ids: list[int], now: datetime) -> None:
    Absence.objects.filter(pk__in=ids).update(reason="")
