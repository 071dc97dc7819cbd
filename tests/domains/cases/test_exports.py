"""The list as a file: marked, for its maker, with a purpose, gone when its time is over."""

import csv
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from mulin.core.audit.models import AuditRecord
from mulin.core.exports import queries, services
from mulin.core.exports.models import ExportFile
from mulin.domains.accounts.models import User
from mulin.domains.cases import services as cases

ASKED = {"kind": "csv", "purpose": "VERIFY"}
CONTACT = cases.Contact("王小明", "13912345678", "201")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MULIN_EXPORT_ROOT = tmp_path / "exports"
    return settings.MULIN_EXPORT_ROOT


@pytest.fixture
def browse(town):
    def browse(role="community"):
        client = Client()
        client.force_login(town.users[role])
        return client

    return browse


def export(client, **more):
    answer = client.post(reverse("cases:export"), {**ASKED, **more})
    return ExportFile.objects.latest("pk") if answer.status_code == 302 else answer


def content(client, one):
    return b"".join(client.get(reverse("web:export-file", args=[one.pk])).streaming_content)


def test_the_file_holds_the_narrowed_list_with_a_watermark_and_no_contacts(town, report, browse):
    report("=cmd|' /C calc'!A0", contact=CONTACT, address_text="2单元301")
    report("我的电话13912345678", category="0301")
    client, desk = browse(), town.users["community"]
    rows = list(csv.reader(io.StringIO(content(client, export(client)).decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:]] == ["我的电话＊", "'=cmd|' /C calc'!A0"]
    assert {row[-1] for row in rows[1:]} == {rows[1][-1]}
    assert desk.name in rows[1][-1]
    assert "核实情况" in rows[1][-1]
    assert not [word for word in (CONTACT.name, CONTACT.phone, "301") if word in str(rows)]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content(client, export(client, kind="xlsx", filters="kind=g03"))))
    assert [row[4] for row in sheet.get_sheet_by_index(0).to_python()[1:]] == ["我的电话＊"]
    assert export(client, kind="pdf").status_code == 400


def test_making_and_every_download_are_written_down(town, report, browse):
    report()
    client = browse()
    one = export(client, purpose="OTHER", purpose_note="区里核对")
    content(client, one)
    found = AuditRecord.objects.filter(object_kind="core.exportfile", object_id=one.pk).order_by("pk")
    assert list(found.values_list("action", "purpose_note")) == [
        ("cases.list.export", "区里核对"), ("cases.list.download", "区里核对"),
    ]  # fmt: skip


def test_it_is_its_makers_alone_and_lies_in_no_public_folder(report, browse, folder, settings):
    report()
    one = export(browse())
    url = reverse("web:export-file", args=[one.pk])
    for role in ("street", "county", "leader", "stranger"):
        assert browse(role).get(url).status_code == 404
        assert one.name not in browse(role).get(reverse("web:exports")).content.decode()
    assert Client().get(url).status_code == 302
    assert one.name in browse().get(reverse("web:exports")).content.decode()
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    settings.MULIN_EXPORT_ROOT = settings.MEDIA_ROOT / "exports"
    with pytest.raises(SystemCheckError, match="S025"):
        call_command("check", deploy=True, databases=["default"], tags=["database"], fail_level="ERROR")


def test_who_may_not_or_does_not_say_why_gets_nothing(report, browse, folder):
    report()
    for client, data, status in (
        (browse("leader"), {}, 403), (browse("stranger"), {}, 403), (Client(), {}, 403),
        (browse(), {"purpose": ""}, 400), (browse(), {"purpose": "OTHER"}, 400),
    ):  # fmt: skip
        assert client.post(reverse("cases:export"), {**ASKED, **data}).status_code == status
    assert ExportFile.objects.count() == 0
    assert not folder.exists()


def test_its_time_ends_and_the_worker_deletes_it(report, browse, folder, settings):
    report()
    client, now = browse(), timezone.now()
    one = export(client)
    assert services.delete_expired(now=now) == 0
    over = one.made_at + timedelta(hours=settings.MULIN_EXPORT_HOURS)
    with pytest.raises(queries.ExportUnknown):
        queries.export_for(User.objects.get(pk=one.maker_id), one.pk, now=over)
    assert services.delete_expired(now=over) == 1
    assert services.delete_expired(now=over) == 0
    assert list(folder.iterdir()) == []
    assert client.get(reverse("web:export-file", args=[one.pk])).status_code == 404


def test_one_person_cannot_fill_the_disk(report, browse, folder, monkeypatch):
    monkeypatch.setattr(services, "MOST_KEPT", 2)
    report()
    client = browse()
    export(client)
    export(client)
    assert export(client).status_code == 429
    assert len(list(folder.iterdir())) == ExportFile.objects.count() == 2
    services.delete_expired(now=timezone.now() + timedelta(days=2))
    export(client)
    assert len(list(folder.iterdir())) == 1


def test_what_a_killed_process_left_is_swept(report, browse, folder):
    report()
    export(browse())
    left, fresh = folder / ".abc.csv.1.part", folder / "def.csv"
    for path in (left, fresh):
        path.write_text("x")
    long_ago = (timezone.now() - timedelta(days=1)).timestamp()
    os.utime(left, (long_ago, long_ago))
    assert services.delete_expired(now=timezone.now()) == 1
    assert not left.exists()
    assert len(list(Path(folder).iterdir())) == 2


def test_the_rates_say_who_took_them_out(town, browse):
    answer = browse().get(reverse("cases:rates-csv"))
    assert town.users["community"].name in answer.content.decode().splitlines()[0]
    assert AuditRecord.objects.get(action="cases.rates.export").object_kind == "cases.rates"
