"""A real Chromium on a phone and on a desk, against Django's live server. Screenshots stay out of git."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Software rendering for the map, and nothing that calls home.
ARGUMENTS = [
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

# A machine under load answers late; nothing here is a promise about time.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[[ViewportSize], Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = os.environ.get("MULIN_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium, or MULIN_CHROMIUM=/path/to/it")
    # Playwright keeps an event loop in this thread; Django would take our own synchronous queries for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.geteuid() != 0, args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Open a page of its own person; an error in the page's scripts, or a breach of its CSP, fails the test."""
    pages: list[Page] = []
    errors: list[str] = []

    def open_one(viewport: ViewportSize) -> Page:
        mobile = viewport["width"] < 600
        context = chromium.new_context(viewport=viewport, locale="zh-CN", is_mobile=mobile, has_touch=mobile)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
        pages.append(page)
        return page

    yield open_one
    SCREENSHOTS.mkdir(exist_ok=True)
    for number, page in enumerate(pages):
        page.screenshot(path=SCREENSHOTS / f"{request.node.name}-{number}.png")
        page.context.close()
    assert errors == []


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    return open_page(PHONE)


@pytest.fixture
def desk(open_page: OpenPage) -> Page:
    return open_page(DESK)
