"""The public board 公示牌 of a building, for anybody who stands at its door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from mulin.domains.duty import access
from mulin.domains.duty.board_pdf import pdf_response
from mulin.domains.duty.pages.boards import SUPERVISION_NUMBER, board_page, boards_to_print


@require_GET
def board(request: HttpRequest, board_code: str) -> HttpResponse:
    shown = board_page(board_code, now=timezone.now())
    return render(request, "duty/board.html", {"board": shown, "supervision_number": SUPERVISION_NUMBER})


@require_GET
def board_pdf(request: HttpRequest, board_code: str) -> HttpResponse:
    return pdf_response([board_page(board_code, now=timezone.now())], name=f"board-{board_code}.pdf")


@require_GET
def boards_pdf(request: HttpRequest, area_code: str) -> HttpResponse:
    now = timezone.now()
    area = access.desk_area(request.user, area_code, now=now)
    return pdf_response(boards_to_print(area, now=now), name=f"boards-{area}.pdf")
