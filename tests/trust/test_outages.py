"""The disk is full or takes no writes: a clear refusal, nothing half-written, and service again without a restart.

SQLite runs out of pages (`max_page_count`) or is told to take no writes (`query_only`); both raise what a real disk
raises. PostgreSQL cannot be given a full disk of its own here: its server raises the error of one (SQLSTATE 53100)
from a trigger, and is truly made read-only. Files meet a real limit of the system (RLIMIT_FSIZE).
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from mulin.commands.seed import seed_reference
from mulin.core import outbox, worker
from mulin.core.backup import copies, databases
from mulin.core.models import DeliveryState, OutboxMessage
from mulin.domains.accounts.services import issue_token
from mulin.domains.cases import services
from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.services import ground_imports
from tests.factories import NOW, Town, make_town

pytestmark = pytest.mark.django_db(transaction=True)
Outage = Callable[[], AbstractContextManager[None]]
MANY = 400
LIMIT_BYTES = 4_096


def execute(*statements: str) -> Any:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


@contextmanager
def full() -> Iterator[None]:
    if connection.vendor == "sqlite":
        execute("VACUUM")  # or the pages of what earlier tests deleted would hold a town
        ((pages,), (before,)) = execute("PRAGMA page_count"), execute("PRAGMA max_page_count")
        execute(f"PRAGMA max_page_count = {pages}")
        try:
            yield
        finally:
            execute(f"PRAGMA max_page_count = {before}")
        return
    execute(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$",
        *(f"CREATE TRIGGER no_room BEFORE INSERT ON {table} EXECUTE FUNCTION no_room()" for table in ("cases_step",)),
    )
    try:
        yield
    finally:
        execute("DROP FUNCTION no_room CASCADE")


@contextmanager
def read_only() -> Iterator[None]:
    on, off = (
        ("PRAGMA query_only = 1", "PRAGMA query_only = 0")
        if connection.vendor == "sqlite"
        else ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
    )
    execute(on)
    try:
        yield
    finally:
        execute(off)


@contextmanager
def no_large_files() -> Iterator[None]:
    """Every file this process writes ends at LIMIT_BYTES, as on a disk that has no more room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def town() -> Town:
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def desk(town: Town) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(town.users["community"])
    return client


@pytest.fixture
def report(town: Town) -> Callable[..., Any]:
    client = Client(raise_request_exception=False)
    token = issue_token(actor=None, user=town.users["community"], now=timezone.now(), application="test")

    def post(key: str, text: str = "楼道灯坏了三天") -> Any:
        body = {"text": text, "category": "0601", "board": town.board_code()}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return client.post("/api/v1/reports", body, content_type="application/json", headers=headers)

    return post


def case_of(town: Town) -> Case:
    location = places.locate_board(town.board_code())
    return services.report_case(actor=None, report=services.Report("路面积水", "0602", location), now=timezone.now())


def picture(name: str = "photo.png") -> BytesIO:
    """A photo that stays larger than the limit however it is encoded."""
    file = BytesIO()
    Image.effect_noise((600, 400), 90).save(file, "PNG")
    file.seek(0)
    file.name = name
    return file


def refused_report(report: Callable[..., Any]) -> tuple[str, Any]:
    """Report until there is no room left in the pages that are there."""
    for _number in range(MANY):
        key = uuid4().hex
        before = databases.row_counts()
        answer = report(key, "楼道灯坏了三天 " + "很长的一句话" * 60)
        if answer.status_code != 201:
            assert databases.row_counts() == before
            return key, answer
    raise AssertionError("the disk did not fill")


@pytest.mark.parametrize(("outage", "code"), [(full, "storage_full"), (read_only, "storage_unwritable")])
def test_a_report_is_refused_whole_and_taken_when_there_is_room(report, outage: Outage, code: str) -> None:
    with outage():
        key, answer = refused_report(report)
        assert (answer.status_code, answer.json()["code"]) == (503, code)
        assert answer.json()["message"]
        assert answer.json()["remedy"]
        assert answer.headers["Retry-After"]
    again = report(key, "楼道灯坏了三天 " + "很长的一句话" * 60)
    assert again.status_code == 201
    assert Case.objects.filter(receipt_code=again.json()["receipt_code"]).count() == 1


def test_what_is_there_can_be_read_meanwhile(town: Town, desk: Client) -> None:
    case = case_of(town)
    with read_only():
        assert case.number in desk.get(reverse("cases:detail", args=[case.pk])).content.decode()


def test_a_move_on_the_page_is_refused_in_words_and_the_case_stays(town: Town, desk: Client) -> None:
    case = case_of(town)
    before = databases.row_counts()
    with read_only():
        answer = desk.post(reverse("cases:move", args=[case.pk, "recategorise"]), {"category": "0601"})
        assert answer.status_code == 503
        assert "写不进去" in answer.content.decode()
    assert databases.row_counts() == before
    assert Case.objects.get(pk=case.pk).step_count == case.step_count


def test_signing_in_is_refused_in_words(town: Town) -> None:
    user = town.users["community"]
    user.set_password("a long enough one")
    user.save()
    client = Client(raise_request_exception=False)
    said = {"username": user.username, "password": "a long enough one"}
    with read_only():
        answer = client.post(reverse("accounts:sign-in"), said)
        assert answer.status_code == 503
        assert "data-refusal" in answer.content.decode()
    assert client.post(reverse("accounts:sign-in"), said).status_code == 302


def test_a_message_waits_for_the_disk_and_no_try_is_counted(town: Town) -> None:
    case_of(town)
    waiting = OutboxMessage.objects.filter(state=DeliveryState.PENDING)
    assert waiting.exists()
    message = outbox.claim(now=timezone.now(), limit=1)[0]
    with read_only(), pytest.raises(Exception, match="read|write"):
        outbox.deliver(message, now=timezone.now())
    message.refresh_from_db()
    assert (message.attempts, message.state) == (0, DeliveryState.PENDING)
    worker.work_once(now=timezone.now() + 2 * outbox.LEASE)
    assert not waiting.exists()


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_photos_that_do_not_fit_leave_nothing(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    small = BytesIO()
    Image.new("RGB", (8, 8), "red").save(small, "PNG")
    small.seek(0)
    with no_large_files(), pytest.raises(OSError, match="File too large"):
        photos.store_all([small, picture()])
    assert files_below(tmp_path) == []
    assert len(photos.store_all([picture()])) == 1


def test_a_report_with_a_photo_that_does_not_fit_is_refused_whole(town: Town, settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = Client(raise_request_exception=False)
    said = {"text": "楼道灯坏了三天", "board": town.board_code(), "category": "0601"}
    before = Case.objects.count()
    upload = picture()
    with no_large_files():
        answer = client.post("/api/v1/reports/with-photos", {**said, "photos": upload})
        assert answer.status_code == 503
        assert answer.json()["code"] in {"storage_full", "storage_unwritable"}
    assert (Case.objects.count(), files_below(tmp_path)) == (before, [])
    upload.seek(0)
    assert client.post("/api/v1/reports/with-photos", {**said, "photos": upload}).status_code == 201


def test_a_file_of_ground_that_does_not_fit_is_not_kept(town: Town, settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    before = databases.row_counts()
    with no_large_files(), pytest.raises(OSError, match="File too large"):
        ground_imports.stage(
            actor=None, kind=GroundKind.BUILDINGS, area_code=town.county.code, file=[b"x" * LIMIT_BYTES * 2],
            file_name="a.csv", source="", now=NOW,
        )  # fmt: skip
    assert files_below(tmp_path) == []
    assert databases.row_counts() == before


def test_a_copy_that_does_not_fit_is_refused_and_leaves_nothing(town: Town, tmp_path: Path) -> None:
    with no_large_files(), pytest.raises((copies.CopyNotWritten, databases.DumpFailed)) as refused:
        copies.take(tmp_path, now=NOW, done=lambda _files: None)
    assert refused.value.remedy
    assert list(tmp_path.iterdir()) == []
