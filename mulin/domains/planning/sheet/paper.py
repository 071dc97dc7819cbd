"""The sheet as PDF: typst sets the SVG on a page of its size with our own fonts, so that it looks alike everywhere."""

from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

TEMPLATE = Path(__file__).parent / "sheet.typ"


def sheet_pdf(svg: str, *, width_mm: float, height_mm: float, title: str) -> bytes:
    """Return one page of this size with the drawing on it."""
    inputs = {"svg": svg, "title": title, "width": str(width_mm), "height": str(height_mm)}
    return typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=[pylopdf_fonts_zh_cn.sans_path().parent],
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
