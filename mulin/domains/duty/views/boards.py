"""The public board 公示牌 of a building, for anybody who stands at its door."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from mulin.core.errors import Invalid
from mulin.domains.duty import access
from mulin.domains.duty.board_pdf import board_pdf as pdf_of
from mulin.domains.duty.pages.boards import SUPERVISION_NUMBER, Board, board_page, boards_pages

# 36 ms a page: what is answered within one request.
MOST_BOARDS = 300


class TooManyBoards(Invalid):
    code = "too_many_boards"
    sentence = _("这个范围内的公示牌太多，一次印不完。")
    remedy = _("请按社区逐个下载。")


class NoBoards(Invalid):
    code = "no_boards"
    sentence = _("这个范围内还没有楼栋。")
    remedy = _("请先在地方目录中登记楼栋。")


@require_GET
def board(request: HttpRequest, board_code: str) -> HttpResponse:
    shown = board_page(board_code, now=timezone.now())
    return render(request, "duty/board.html", {"board": shown, "supervision_number": SUPERVISION_NUMBER})


@require_GET
def board_pdf(request: HttpRequest, board_code: str) -> HttpResponse:
    return _pdf([board_page(board_code, now=timezone.now())], name=f"board-{board_code}.pdf")


@require_GET
def boards_pdf(request: HttpRequest, area_code: str) -> HttpResponse:
    now = timezone.now()
    area = access.desk_area(request.user, area_code, now=now)
    boards = boards_pages(area, now=now, limit=MOST_BOARDS + 1)
    if len(boards) > MOST_BOARDS:
        raise TooManyBoards
    if not boards:
        raise NoBoards
    return _pdf(boards, name=f"boards-{area}.pdf")


def _pdf(boards: list[Board], *, name: str) -> HttpResponse:
    content = pdf_of(boards, public_url=settings.MULIN_PUBLIC_URL)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
