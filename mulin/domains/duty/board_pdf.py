"""The public board as a sheet of paper: A4, one page per building, typst."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from mulin.domains.duty.pages.boards import SUPERVISION_NUMBER, Board

TEMPLATE = Path(__file__).parent / "data" / "board.typ"
ENGLISH = "Scan to see who is responsible and to report a problem. No sign-up. Supervision line: 12345."


def board_pdf(boards: Sequence[Board], *, public_url: str) -> bytes:
    """Return a PDF with one page per board; its QR codes lead to the boards below `public_url`."""
    data = {
        "words": _words(),
        "number": SUPERVISION_NUMBER,
        "boards": [_sheet(board, public_url) for board in boards],
    }
    return typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=[pylopdf_fonts_zh_cn.sans_path().parent],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


def pdf_response(boards: Sequence[Board], *, name: str) -> HttpResponse:
    content = board_pdf(boards, public_url=settings.MULIN_PUBLIC_URL)
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _sheet(board: Board, public_url: str) -> dict[str, Any]:
    svg = io.BytesIO()
    segno.make(public_url.rstrip("/") + board.url, error="m").save(svg, kind="svg", border=2, dark="#20242a")
    return {**asdict(board), "qr": svg.getvalue().decode()}


def _words() -> dict[str, str]:
    return {
        "board": _("睦邻 · 公示牌"),
        "report": _("我要点单"),
        "how": _("手机扫一扫，说出您的难处。"),
        "free": _("不用注册，也不用下载。"),
        "supervision": _("监督电话"),
        "contacts": _("联户长"),
        "stands_in": _("代班"),
        "vacant_short": _("空缺，社区代管"),
        "code": _("楼栋编码"),
        "english": ENGLISH,
    }
