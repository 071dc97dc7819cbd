"""Writes of duty: post kinds, tenures, absences."""

from datetime import date, datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core import csv_data, outbox
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.duty.events import AbsenceBegan, TenureEnded
from mulin.domains.duty.models import ORGANISATION, Absence, PostKind, Tenure, TenureState
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import Place, Tier

DATA = Path(__file__).parent / "data"


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
    """Give a person a seat of a post. Raises PostMisplaced, DatesInvalid, SeatTaken."""
    today = timezone.localdate(now)
    starts_on = starts_on or today
    where = place.kind if place else ORGANISATION
    if where != post_kind.place_kind or not 1 <= seat <= post_kind.seats:
        raise PostMisplaced
    if ends_on is not None and ends_on <= starts_on:
        raise DatesInvalid
    try:
        with transaction.atomic():
            return Tenure.objects.create(
                post_kind=post_kind,
                place=place,
                organisation=organisation,
                seat=seat,
                holder=holder,
                starts_on=starts_on,
                ends_on=ends_on,
                state=TenureState.ACTIVE if starts_on <= today else TenureState.PLANNED,
            )
    except IntegrityError as taken:
        raise SeatTaken from taken


@transaction.atomic
def end_tenure(*, actor: User | None, tenure: Tenure, now: datetime, reason: str = "") -> Tenure:
    """End a tenure now; its open work goes on by the event. Raises TenureOver."""
    tenure = Tenure.objects.select_for_update().get(pk=tenure.pk)
    if tenure.state == TenureState.ENDED:
        raise TenureOver
    tenure.state = TenureState.ENDED
    tenure.ends_on = max(timezone.localdate(now), tenure.starts_on)
    tenure.end_reason = reason[:200]
    tenure.save(update_fields=["state", "ends_on", "end_reason"])
    outbox.publish(TenureEnded(tenure_id=tenure.pk, ended_at=now.isoformat()), now=now)
    return tenure


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
    """Note that a holder is away, and who stands in. Raises DatesInvalid."""
    if ends_at <= begins_at or ends_at <= now:
        raise DatesInvalid
    absence = Absence.objects.create(
        tenure=tenure, substitute=substitute, begins_at=begins_at, ends_at=ends_at, reason=reason[:200]
    )
    outbox.publish(AbsenceBegan(tenure_id=tenure.pk, begins_at=begins_at.isoformat()), now=now)
    return absence
