"""What cases do when something happens elsewhere, and after their own steps."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from mulin.core.outbox import on
from mulin.core.revealing.events import RevealAsked, RevealDecided
from mulin.domains.accounts import services as accounts
from mulin.domains.cases.events import CaseMoved
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import notices, open_cases_at, open_cases_of, open_cases_on_ground
from mulin.domains.cases.services import handover
from mulin.domains.duty.events import AbsenceBegan, TenureEnded
from mulin.domains.places import queries as places
from mulin.domains.places.events import BuildingMoved, GridRedrawn


@on(CaseMoved)
def tell_who_has_it(happened: CaseMoved) -> None:
    """One notice to whoever must act after the step; told once however often the message is delivered."""
    told = notices.of_move(happened.case_id, happened.move, now=datetime.fromisoformat(happened.moved_at))
    if told is None:
        return
    accounts.notify(
        actor=None,
        user_ids=told.user_ids,
        source=f"case:{happened.case_id}:{happened.sequence}",
        kind=happened.move,
        facts={"move": happened.move, "number": told.number, "category_id": told.category_id},
        link=reverse("cases:detail", args=[happened.case_id]),
        now=datetime.fromisoformat(happened.moved_at),
    )


@on(RevealAsked)
def tell_who_may_approve(asked: RevealAsked) -> None:
    """Tell the nearest desk that has somebody else who may approve."""
    now = datetime.fromisoformat(asked.asked_at)
    if asked.field.startswith("cases."):
        accounts.notify(
            actor=None,
            user_ids=notices.approvers(asked.object_id, asker_id=asked.asker_id, now=now),
            source=f"reveal:{asked.approval_id}:{asked.asked_at}",
            kind="reveal_asked",
            facts={},
            link=reverse("web:approvals"),
            now=now,
        )


@on(RevealDecided)
def tell_who_asked(decided: RevealDecided) -> None:
    if decided.field.startswith("cases."):
        accounts.notify(
            actor=None,
            user_ids=(decided.asker_id,),
            source=f"reveal:{decided.approval_id}:{decided.decided_at}",
            kind="reveal_decided",
            facts={"granted": decided.granted},
            link=reverse("cases:detail", args=[decided.object_id]),
            now=datetime.fromisoformat(decided.decided_at),
        )


@on(TenureEnded)
def hand_cases_on(happened: TenureEnded) -> None:
    _hand_on(happened.tenure_id)


@on(AbsenceBegan)
def hand_cases_of_absent_holder_on(happened: AbsenceBegan) -> None:
    _hand_on(happened.tenure_id)


@on(BuildingMoved)
def take_cases_to_the_new_grid(happened: BuildingMoved) -> None:
    now = timezone.now()
    for case_id in open_cases_at(happened.building_id, grid_id=happened.from_grid_id):
        handover.move_to_grid(
            case=Case(pk=case_id), from_grid_id=happened.from_grid_id, to_grid_id=happened.to_grid_id, now=now
        )


@on(GridRedrawn)
def take_cases_to_the_grid_of_their_spot(happened: GridRedrawn) -> None:
    """What was reported at a spot without a building goes to whoever coordinates that spot now."""
    now = timezone.now()
    for case_id, lon, lat in open_cases_on_ground(happened.grid_id):
        grid_id = places.grid_at(lon, lat)
        if grid_id is not None and grid_id != happened.grid_id:
            handover.move_to_grid(case=Case(pk=case_id), from_grid_id=happened.grid_id, to_grid_id=grid_id, now=now)


def _hand_on(tenure_id: int) -> None:
    now = timezone.now()
    for case_id in open_cases_of(tenure_id):
        handover.hand_over(case=Case(pk=case_id), tenure_id=tenure_id, now=now)
