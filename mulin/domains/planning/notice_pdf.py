"""The notice of another grid on paper: A4, one page per building, typst."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

TEMPLATE = Path(__file__).parent / "data" / "notice.typ"


def notices_pdf(data: Mapping[str, Any]) -> bytes:
    """Return the sheets of `pages.notices.notice_data` as a PDF."""
    return typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=[pylopdf_fonts_zh_cn.sans_path().parent],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
