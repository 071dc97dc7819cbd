"""A page whose computation is being compiled by another process says so at once, and looks again by itself."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from mulin.domains.places.models import GroupMembership
from mulin.kernels import readiness
from tests.factories import Town, make_town

HOLD = """
import sys
from mulin.kernels import readiness

with readiness.filling():
    print("held", flush=True)
    sys.stdin.read()
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def _compiled_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process serves pages; another one fills an empty cache and does not come to an end."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    readiness.refuse_while_filling()
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        yield
        other.kill()
    readiness.refuse_while_filling(False)


@pytest.fixture
def town() -> Town:
    town = make_town(grids=1, buildings=2, households=12)
    GroupMembership.objects.all().delete()  # so that there is something to compute
    return town


@pytest.fixture
def desk(town: Town) -> Client:
    client = Client()
    client.force_login(town.users["community"])
    return client


@pytest.mark.usefixtures("_compiled_elsewhere")
class TestWhileAnotherCompiles:
    def test_a_page_says_how_far_it_is_and_looks_again(self, town: Town, desk: Client) -> None:
        answer = desk.get(reverse("planning:area-groups", args=[town.community.code]))
        assert answer.status_code == 503
        assert answer.headers["Refresh"] == answer.headers["Retry-After"]
        assert f"0/{len(readiness.COMPILED)}" in answer.content.decode()
        assert "正在准备计算程序" in answer.content.decode()

    def test_a_program_and_a_part_of_a_page_are_told_when_to_ask_again(self, town: Town, desk: Client) -> None:
        url = reverse("planning:area-groups", args=[town.community.code])
        told = desk.get(url, headers={"Accept": "application/json"})
        part = desk.get(url, headers={"HX-Request": "true"})
        assert (told.status_code, told.json()["code"]) == (503, "computing_is_prepared")
        assert part.status_code == 503
        assert "Refresh" not in part.headers
        assert part.headers["Retry-After"]

    def test_what_was_sent_is_not_done(self, town: Town, desk: Client) -> None:
        desk.force_login(town.users["street"])
        answer = desk.post(reverse("planning:micro-grids", args=[town.community.code]))
        assert answer.status_code == 503
        assert "Refresh" not in answer.headers
