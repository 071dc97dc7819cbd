"""What the content security policy forbids must not stand in any template."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent / "mulin"
TEMPLATES = sorted(path for path in ROOT.rglob("templates/**/*") if path.suffix in {".html", ".svg", ".txt"})
SPRITE = (ROOT / "web/static/vendor/tabler-icons/icons.svg").read_text(encoding="utf-8")
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>", re.IGNORECASE),
    "handler attribute": re.compile(r"<[a-z][^>]*\s(on[a-z]+|hx-on[\w:-]*)\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "foreign file": re.compile(r"""<(script|link|img)[^>]*(src|href)=["'](https?:)?//""", re.IGNORECASE),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_keeps_to_the_content_security_policy(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    found = {name: pattern.search(source) for name, pattern in FORBIDDEN.items()}
    assert {name: match.group() for name, match in found.items() if match} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_uses_only_icons_of_the_sprite(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    used = {
        name
        for names in re.findall(r"""\{% icon ["']([\w-]+)["']|\bicon=["']([\w-]+)["']""", source)
        for name in names
        if name
    }
    assert used - ICONS == set()


def test_the_scan_finds_what_it_looks_for() -> None:
    bad = (
        '<script>x()</script><a onclick="x()"><a href="javascript:x()"><script src="https://cdn.example/x.js"></script>'
    )
    assert all(pattern.search(bad) for pattern in FORBIDDEN.values())
    assert len(TEMPLATES) > 20
