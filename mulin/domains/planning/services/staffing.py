"""Drafts of staffing: made, changed by hand, computed anew, published as tenures.

A rough starting point is used for one purpose, the distance in this draft, and erased when the draft ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid, NotFound
from mulin.domains.accounts.models import User
from mulin.domains.duty import services as duty
from mulin.domains.duty.models import EndReason, PostKind, Tenure
from mulin.domains.places.models import Place
from mulin.domains.planning.models import StaffingBan, StaffingDraft, StaffingPerson, StaffingState
from mulin.domains.planning.queries import staffing
from mulin.domains.planning.rules.staffing import Candidate, Rules, Spot, propose

FARTHEST_ALLOWED_M = 50_000


class StaffingRulesInvalid(Invalid):
    code = "staffing_rules_invalid"
    sentence = _("人员安排的要求有误。")
    remedy = _("每格人数的下限不大于上限，上限不超过岗位的席位数；距离在 0 到 50000 米之间。")


class StaffingClosed(Conflict):
    code = "staffing_closed"
    sentence = _("这份人员草案已经发布或作废，不能再改。")
    remedy = _("请新建一份草案。")


class NobodyToPlace(Invalid):
    code = "staffing_nobody"
    sentence = _("没有可安排的人，或者没有网格。")
    remedy = _("请先划定网格，或在草案里加入人员。")


class GridNotHere(NotFound):
    code = "staffing_grid_unknown"
    sentence = _("这份草案里没有这个网格。")
    remedy = _("请从列表中选择网格。")


class GridFull(Conflict):
    code = "staffing_grid_full"
    sentence = _("这个网格指定的人已满。")
    remedy = _("请先把指定在那里的人改为自动，或提高每格人数上限。")


class PersonThereAlready(Conflict):
    code = "staffing_person_twice"
    sentence = _("这个人已在草案里。")


class SeatHeldMeanwhile(Conflict):
    code = "staffing_seat_held"
    sentence = _("有的席位刚刚有了别人，什么都没有发布。")
    remedy = _("请按“重新读取现任”后再看一遍。")


class StaffingStale(Conflict):
    code = "staffing_stale"
    sentence = _("有人的现任岗位在起草之后变了，什么都没有发布。")
    remedy = _("请按“重新读取现任”后再看一遍。")


class StaffingDateInvalid(Invalid):
    code = "staffing_date_invalid"
    sentence = _("生效日期不能早于今天。")


@dataclass(frozen=True)
class StaffingWish:
    """What a desk asks of a staffing draft."""

    lowest: int = 1
    highest: int = 1
    change_m: int = 300
    farthest_m: int | None = None
    is_fairest: bool = False

    def check(self, post: PostKind) -> None:
        """Raise StaffingRulesInvalid."""
        seats = 0 <= self.lowest <= self.highest <= post.seats and self.highest > 0
        ways = all(0 <= way <= FARTHEST_ALLOWED_M for way in (self.change_m, self.farthest_m or 0))
        if not (seats and ways):
            raise StaffingRulesInvalid(seats=post.seats)


@transaction.atomic
def make_staffing(
    *,
    actor: User | None,
    area_code: str,
    post: PostKind,
    wish: StaffingWish,
    now: datetime,
    others: Iterable[User] = (),
) -> StaffingDraft:
    """Draft the staffing of an area's grids with who holds the post now, and others. Raises NobodyToPlace."""
    wish.check(post)
    draft = StaffingDraft.objects.create(
        area_code=area_code, post_kind=post, made_by=actor, made_at=now, **asdict(wish)
    )
    present = staffing.holders(area_code, post, now=now)
    rows = {
        tenure.holder_id: StaffingPerson(draft=draft, person_id=tenure.holder_id, tenure=tenure) for tenure in present
    }
    for other in others:
        rows.setdefault(other.pk, StaffingPerson(draft=draft, person=other))
    StaffingPerson.objects.bulk_create(rows.values())
    _compute(draft, now=now)
    return draft


@transaction.atomic
def change_rules(*, actor: User | None, draft: StaffingDraft, wish: StaffingWish, now: datetime) -> StaffingDraft:
    """Compute a draft under other rules. Raises StaffingClosed, StaffingRulesInvalid."""
    draft = _open(draft)
    wish.check(draft.post_kind)
    for name, value in asdict(wish).items():
        setattr(draft, name, value)
    draft.save(update_fields=list(asdict(wish)))
    _compute(draft, now=now)
    return draft


@transaction.atomic
def add_person(
    *, actor: User | None, draft: StaffingDraft, person: User, near: Place | None, now: datetime
) -> StaffingPerson:
    """Let somebody take part; `near` is a rough starting point, for this draft only. Raises PersonThereAlready."""
    draft = _open(draft)
    if StaffingPerson.objects.filter(draft=draft, person=person).exists():
        raise PersonThereAlready
    row = StaffingPerson.objects.create(draft=draft, person=person, near=near)
    _compute(draft, now=now)
    return row


@transaction.atomic
def remove_person(*, actor: User | None, row: StaffingPerson, now: datetime) -> None:
    """Leave somebody out of the draft: nothing about them changes by it. Raises StaffingClosed."""
    draft = _open(row.draft)
    StaffingPerson.objects.filter(pk=row.pk).delete()
    _compute(draft, now=now)


@transaction.atomic
def set_near(*, actor: User | None, row: StaffingPerson, near: Place | None, now: datetime) -> None:
    """Name or erase a person's rough starting point. Raises StaffingClosed."""
    draft = _open(row.draft)
    StaffingPerson.objects.filter(pk=row.pk).update(near=near)
    _compute(draft, now=now)


@transaction.atomic
def choose_grid(*, actor: User | None, row: StaffingPerson, grid_id: int | None, now: datetime) -> None:
    """Decide by hand: a grid, or the reserve (None). Raises StaffingClosed, GridNotHere, GridFull."""
    draft = _open(row.draft)
    if grid_id is not None:
        _check_grid(draft, grid_id, now=now)
        others = StaffingPerson.objects.filter(draft=draft, is_chosen=True, chosen=grid_id).exclude(pk=row.pk)
        if others.count() >= draft.highest:
            raise GridFull
        StaffingBan.objects.filter(person=row, grid=grid_id).delete()
    StaffingPerson.objects.filter(pk=row.pk).update(is_chosen=True, chosen=grid_id)
    _compute(draft, now=now)


@transaction.atomic
def let_compute(*, actor: User | None, row: StaffingPerson, now: datetime) -> None:
    """Take back what was decided by hand, refusals of grids too. Raises StaffingClosed."""
    draft = _open(row.draft)
    StaffingPerson.objects.filter(pk=row.pk).update(is_chosen=False, chosen=None)
    StaffingBan.objects.filter(person=row).delete()
    _compute(draft, now=now)


@transaction.atomic
def ban_grid(*, actor: User | None, row: StaffingPerson, grid_id: int, now: datetime) -> None:
    """This person does not go to this grid. Raises StaffingClosed, GridNotHere."""
    draft = _open(row.draft)
    _check_grid(draft, grid_id, now=now)
    StaffingPerson.objects.filter(pk=row.pk, chosen=grid_id).update(is_chosen=False, chosen=None)
    StaffingBan.objects.get_or_create(person=row, grid_id=grid_id)
    _compute(draft, now=now)


@transaction.atomic
def read_present(*, actor: User | None, draft: StaffingDraft, now: datetime) -> StaffingDraft:
    """Take over who holds the post today: new holders join, those who left it stay as candidates."""
    draft = _open(draft)
    held = {tenure.holder_id: tenure for tenure in staffing.holders(draft.area_code, draft.post_kind, now=now)}
    rows = {row.person_id: row for row in StaffingPerson.objects.filter(draft=draft)}
    for person, row in rows.items():
        row.tenure = held.get(person)
    StaffingPerson.objects.bulk_update(rows.values(), ["tenure"])
    joining = [StaffingPerson(draft=draft, person_id=one, tenure=held[one]) for one in held.keys() - rows.keys()]
    StaffingPerson.objects.bulk_create(sorted(joining, key=lambda row: row.person_id))
    _compute(draft, now=now)
    return draft


@transaction.atomic
def discard_staffing(*, actor: User | None, draft: StaffingDraft, now: datetime) -> None:
    """Give a draft up; what was said for it only is erased. Raises StaffingClosed."""
    draft = _open(draft)
    draft.state = StaffingState.DISCARDED
    draft.save(update_fields=["state"])
    _forget_points(draft)


@transaction.atomic
def publish_staffing(*, actor: User | None, draft: StaffingDraft, from_date: date, now: datetime) -> StaffingDraft:
    """Make tenures of the draft from a day on: who leaves ends that day, who comes begins. All of it or nothing.

    Asked for twice it is done once. Raises StaffingClosed, StaffingDateInvalid, StaffingStale, SeatHeldMeanwhile.
    """
    draft = _locked(draft)
    if draft.state == StaffingState.PUBLISHED and draft.from_date == from_date:
        return draft
    if draft.state != StaffingState.OPEN:
        raise StaffingClosed
    if from_date < timezone.localdate(now):
        raise StaffingDateInvalid
    people = staffing.people_of(draft)
    _check_unchanged(draft, people, now=now)
    moving = [row for row in people if row.grid_id != _present_grid(row)]
    for row in moving:
        if row.tenure is not None:
            _leave(row.tenure, actor=actor, from_date=from_date, now=now)
    _arrive(draft, [row for row in moving if row.grid], actor=actor, from_date=from_date, now=now)
    draft.state, draft.from_date = StaffingState.PUBLISHED, from_date
    draft.published_by, draft.published_at = actor, now
    draft.save(update_fields=["state", "from_date", "published_by", "published_at"])
    _forget_points(draft)
    return draft


def _present_grid(row: StaffingPerson) -> int | None:
    return row.tenure.place_id if row.tenure else None


def _check_unchanged(draft: StaffingDraft, people: Sequence[StaffingPerson], *, now: datetime) -> None:
    """Everybody still holds what they held when the draft was computed, and nothing more."""
    held = {tenure.holder_id: tenure.pk for tenure in staffing.holders(draft.area_code, draft.post_kind, now=now)}
    changed = [row.person.name for row in people if held.get(row.person_id) != row.tenure_id]
    if changed:
        raise StaffingStale(people=changed)


def _leave(tenure: Tenure, *, actor: User | None, from_date: date, now: datetime) -> None:
    if from_date > timezone.localdate(now):
        duty.set_last_day(actor=actor, tenure=tenure, ends_on=from_date, now=now)
    else:
        duty.end_tenure(actor=actor, tenure=tenure, now=now, reason=EndReason.RESTAFFED)


def _arrive(
    draft: StaffingDraft, coming: Sequence[StaffingPerson], *, actor: User | None, from_date: date, now: datetime
) -> None:
    """Give everybody who comes the first free seat of their grid. Raises SeatHeldMeanwhile."""
    grids = {row.grid_id for row in coming if row.grid_id}
    taken: dict[int, dict[int, str]] = {}
    for tenure in staffing.seats_held(draft.post_kind, grids, from_date=from_date):
        taken.setdefault(tenure.place_id or 0, {})[tenure.seat] = tenure.holder.name
    for row in coming:
        if row.grid is None:
            continue
        seats = taken.setdefault(row.grid_id or 0, {})
        free = next((seat for seat in range(1, draft.post_kind.seats + 1) if seat not in seats), None)
        if free is None:
            raise SeatHeldMeanwhile(grid=row.grid.place.name, holders=list(seats.values()))
        seats[free] = row.person.name
        try:
            duty.begin_tenure(
                actor=actor, post_kind=draft.post_kind, holder=row.person, place=row.grid.place, seat=free,
                starts_on=from_date, now=now,
            )  # fmt: skip
        except duty.SeatTaken as held:
            raise SeatHeldMeanwhile(grid=row.grid.place.name) from held


def _forget_points(draft: StaffingDraft) -> None:
    given = StaffingPerson.objects.filter(draft=draft, near__isnull=False)
    given.update(near=None, before_m=None, after_m=None)


def _locked(draft: StaffingDraft) -> StaffingDraft:
    return StaffingDraft.objects.select_for_update(of=("self",)).select_related("post_kind").get(pk=draft.pk)


def _open(draft: StaffingDraft) -> StaffingDraft:
    draft = _locked(draft)
    if draft.state != StaffingState.OPEN:
        raise StaffingClosed
    return draft


def _check_grid(draft: StaffingDraft, grid_id: int, *, now: datetime) -> None:
    grids = staffing.grids_of(draft.area_code, on=timezone.localdate(now))
    if grid_id not in {grid.id for grid in grids}:
        raise GridNotHere


def _compute(draft: StaffingDraft, *, now: datetime) -> None:
    """Propose anew and keep it. Raises NobodyToPlace."""
    people = staffing.people_of(draft)
    grids = staffing.grids_of(draft.area_code, on=timezone.localdate(now))
    if not people or not grids:
        raise NobodyToPlace
    points = staffing.starting_points(people, now=now)
    candidates = [_candidate(row, points.get(row.person_id)) for row in people]
    rules = Rules(draft.lowest, draft.highest, draft.change_m, draft.farthest_m, draft.is_fairest)
    proposal = propose(candidates, [Spot(grid.id, grid.lon, grid.lat) for grid in grids], rules)
    for row in people:
        placed = proposal.people[row.person_id]
        row.grid_id, row.before_m, row.after_m = placed.grid, placed.before_m, placed.after_m
    StaffingPerson.objects.bulk_update(people, ["grid", "before_m", "after_m"])
    draft.figures = dict(proposal.figures)
    draft.save(update_fields=["figures"])


def _candidate(row: StaffingPerson, point: tuple[float, float] | None) -> Candidate:
    banned = frozenset(ban.grid_id for ban in row.bans.all())
    return Candidate(row.person_id, point, _present_grid(row), row.is_chosen, row.chosen_id, banned)
