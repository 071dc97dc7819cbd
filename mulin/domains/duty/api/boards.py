"""公示牌: the board of a building for anybody, those of an area for who manages it."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from mulin.domains.accounts.models import User
from mulin.domains.duty import access
from mulin.domains.duty.board_pdf import pdf_response
from mulin.domains.duty.pages import boards as pages
from mulin.web.api import REFUSALS, AreaCode, Code, Id, Recognised, answers_file

BOARDS_PER_PAGE = 50

boards = Router(tags=["boards"])
boards_of_area = Router(tags=["duty"])


class PersonOnBoardOut(Schema):
    """A work name and a work phone; nothing else of a person is ever on a board."""

    name: str
    work_phone: str
    stands_in: bool


class LineOut(Schema):
    """A post: who acts there now, or in `vacant` what happens while nobody does."""

    post: str
    place: str
    people: list[PersonOnBoardOut]
    vacant: str


class BoardOut(Schema):
    code: str
    title: str
    address: str
    community: str
    lines: list[LineOut]
    contacts: list[LineOut]
    outside_grids: bool
    url: str
    report_url: str
    pdf_url: str


class BoardRowOut(Schema):
    building_id: int
    board: BoardOut


class BoardsOut(Schema):
    items: list[BoardRowOut]
    next_key: int | None


@boards.get("/boards/{board_code}", response={200: BoardOut, **REFUSALS})
def board(request: HttpRequest, board_code: Code) -> pages.Board:
    """公示牌 of a building by the code at its door: who is responsible and how to call them."""
    return pages.board_page(board_code, now=timezone.now())


@boards.get("/boards/{board_code}/pdf", response={200: None, **REFUSALS}, openapi_extra=answers_file("application/pdf"))
def board_pdf(request: HttpRequest, board_code: Code) -> HttpResponse:
    """The same to print, A4."""
    return pdf_response([pages.board_page(board_code, now=timezone.now())], name=f"board-{board_code}.pdf")


@boards_of_area.get("/boards", response={200: BoardsOut, **REFUSALS})
def area_boards(request: Recognised[User], area: AreaCode, after: Id | None = None) -> BoardsOut:
    """公示牌 of an area you manage, by building; `next_key` as `after` opens the next page."""
    now = timezone.now()
    managed = access.desk_area(request.user, area, now=now)
    found = pages.boards_pages(managed, now=now, limit=BOARDS_PER_PAGE + 1, after=after or 0)
    shown = found[:BOARDS_PER_PAGE]
    items = [BoardRowOut(building_id=pk, board=BoardOut.from_orm(one)) for pk, one in shown]
    return BoardsOut(items=items, next_key=shown[-1][0] if len(found) > len(shown) else None)


@boards_of_area.get("/boards-pdf", response={200: None, **REFUSALS}, openapi_extra=answers_file("application/pdf"))
def area_boards_pdf(request: Recognised[User], area: AreaCode) -> HttpResponse:
    """公示牌 of an area as one file to print, A4, a building a page, at most 300."""
    now = timezone.now()
    managed = access.desk_area(request.user, area, now=now)
    return pdf_response(pages.boards_to_print(managed, now=now), name=f"boards-{managed}.pdf")
