"""The empty system, seen for the first time."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_front_page_fits_a_phone_and_a_desk(phone: Page, desk: Page, live_server) -> None:
    for page in (phone, desk):
        answer = page.goto(f"{live_server.url}/")
        assert answer is not None
        assert answer.ok
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.get_by_role("main").is_visible()
