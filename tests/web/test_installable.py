"""The installable app: what a device may keep."""

import json
import re

from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse


def test_the_manifest_names_icons_that_are_there(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest").json()
    files = [icon["src"].removeprefix("/static/") for icon in manifest["icons"]]
    assert [name for name in files if finders.find(name) is None] == []
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}


def test_the_service_worker_rules_the_whole_site_and_keeps_one_page(client: Client) -> None:
    answer = client.get("/service-worker.js")
    kept = re.search(r"const KEPT = (\{.*\});", answer.content.decode())
    assert kept is not None
    assert json.loads(kept[1]) == {
        "offline": "/offline/",
        "files": ["/static/mulin/mulin.css", "/static/mulin/icon.svg"],
    }
    assert answer.headers["Content-Type"] == "text/javascript"
    assert "no-cache" in answer.headers["Cache-Control"]


def test_the_kept_page_holds_nothing_about_anybody(client: Client) -> None:
    html = BeautifulSoup(client.get(reverse("web:offline")).content, "html.parser")
    assert html.find("form") is None
    assert html.find("script") is None
    assert "没有网络" in html.text
