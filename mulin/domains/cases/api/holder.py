"""What a holder and a department open first: today's list and the whistles asked of them."""

from django.utils import timezone
from ninja import Router

from mulin.domains.accounts import access as accounts
from mulin.domains.accounts.models import User
from mulin.domains.cases.api.desk_schemas import Section, TodayOut, TodayRowOut, WhistleRowOut, WhistlesOut
from mulin.domains.cases.pages import holder as pages
from mulin.domains.cases.queries import directory, holding
from mulin.web.api import REFUSALS, Recognised, Word

router = Router(tags=["holder"])

Request = Recognised[User]
SECTIONS: dict[int, Section] = {
    holding.OVERDUE: "overdue",
    holding.NEW: "new",
    holding.WORKING: "working",
    holding.PAUSED: "paused",
    holding.UNRATED: "unrated",
}


@router.get("/cases/today", response={200: TodayOut, **REFUSALS})
def today(request: Request, after: Word = "") -> TodayOut:
    """今日: what you hold, most pressing first, 50 to a page; `next_key` as `after` opens the next."""
    user = accounts.require(request.user, "cases.hold")
    page, names = holding.today(user, now=timezone.now(), after=after), directory.category_names()
    return TodayOut(items=[_today(row, pages.today_row_of(row, names)) for row in page.rows], next_key=page.next_key)


def _today(row: holding.Row, shown: pages.TodayRow) -> TodayRowOut:
    return TodayRowOut(
        id=shown.case_id,
        section=SECTIONS[row["rank"]],
        number=shown.number,
        status=row["status"],
        category=shown.category,
        place=shown.place,
        excerpt=shown.text,
        due_at=shown.due_at,
        urgent=shown.urgent,
        round=shown.round,
        has_phone=shown.has_phone,
    )


@router.get("/whistles", response={200: WhistlesOut, **REFUSALS})
def whistles(request: Request, answered: bool = False, after: Word = "") -> WhistlesOut:
    """收到的哨: those that wait, by deadline, or (`answered`) those answered or returned, latest first."""
    user = accounts.require(request.user, "cases.answer_whistle")
    page = holding.whistles(user, now=timezone.now(), answered=answered, after=after)
    names = directory.category_names()
    items = [_whistle(row, pages.whistle_row_of(row, names)) for row in page.rows]
    return WhistlesOut(items=items, next_key=page.next_key)


def _whistle(row: holding.Row, shown: pages.WhistleRow) -> WhistleRowOut:
    return WhistleRowOut(
        id=shown.whistle_id,
        case_id=shown.case_id,
        number=shown.number,
        state=row["state"],
        category=shown.category,
        place=shown.place,
        organisation=shown.organisation,
        ask=row["ask"],
        caller=shown.caller,
        caller_phone=shown.caller_phone,
        called_at=shown.called_at,
        arrive_due_at=shown.due_at,
        arrived_at=row["arrived_at"],
        answered_at=row["answered_at"],
        answer=shown.answer,
    )
