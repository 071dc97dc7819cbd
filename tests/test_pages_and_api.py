"""Everything a page can do a program can do, or the document says why it cannot.

A table kept by hand cannot prove that two addresses do the same; it sees to it that nobody forgets to think of the
API. What each address does is tested beside it, in tests/api.
"""

import re
from pathlib import Path

from tests.page_table import API_OF_PAGES, OTHER_PERMISSION, READS_BY_POST
from tests.permission_table import MORE_NEEDED, PERMISSION_TABLE, methods

DOCUMENT = Path(__file__).parent.parent / "docs" / "api.md"
PAGES = {name for name in PERMISSION_TABLE if not name.startswith("api:")}


def only_in_a_browser() -> dict[str, str]:
    """Return the pages of the document's table with the reason of each."""
    section = DOCUMENT.read_text(encoding="utf-8").split("## Only in a browser\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \| (.+?) \|$", section, re.MULTILINE)
    return {name: reason for names, reason in rows for name in re.findall(r"`([^`]+)`", names)}


def api_of(page: str) -> set[str]:
    return {f"api:{name}" for name in API_OF_PAGES[page]}


def needed(name: str, method: str) -> str:
    return MORE_NEEDED.get((name, method), PERMISSION_TABLE[name])


def test_every_page_has_its_api_or_a_reason_for_none() -> None:
    """And neither table names a page or an address that is gone."""
    browser = only_in_a_browser()
    assert all(browser.values())
    assert sorted(PAGES - set(API_OF_PAGES) - set(browser)) == []
    assert sorted((set(API_OF_PAGES) | set(browser)) - PAGES) == []
    assert sorted(set(API_OF_PAGES) & set(browser)) == []
    assert sorted({name for page in API_OF_PAGES for name in api_of(page)} - set(PERMISSION_TABLE)) == []


def test_what_a_page_writes_the_api_writes() -> None:
    writing = [page for page in API_OF_PAGES if "POST" in methods(page) and page not in READS_BY_POST]
    assert [page for page in writing if not any("POST" in methods(name) for name in api_of(page))] == []


def test_the_api_asks_for_what_the_page_asks_for() -> None:
    other = {
        page
        for page in API_OF_PAGES
        for method in methods(page)
        if needed(page, method) not in {needed(name, way) for name in api_of(page) for way in methods(name)}
    }
    assert other == set(OTHER_PERMISSION)
