"""`mulin export cases`: what one person may see, without who reported it, as the page gives it."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from mulin.core.audit.models import AuditRecord
from mulin.core.exports import queries
from mulin.core.exports import services as exports
from mulin.core.exports.models import ExportFile
from mulin.core.tables import read_table
from mulin.domains.cases import services
from mulin.domains.places import queries as places
from tests.factories import NOW, make_town


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path):
    settings.MULIN_EXPORT_ROOT = tmp_path / "exports"


def filed(town, text, **contact):
    report = services.Report(text, "0601", places.locate_board(town.board_code()), contact=services.Contact(**contact))
    return services.report_case(actor=None, report=report, now=NOW)


def written(asked: Path) -> Path:
    """Return where the file lies: its name says until when."""
    (found,) = asked.parent.glob(f"{asked.stem}-until-*{asked.suffix}")
    return found


def test_a_desk_exports_its_own_area_without_reporters_and_without_formulas(town, run, tmp_path):
    neighbours = make_town(community_code="520303002001")
    case = filed(town, "=HYPERLINK(1)", name="王小明", phone="13912345678", room="2单元301")
    filed(neighbours, "别处的事")
    for name in ("out.csv", "out.xlsx"):
        path = tmp_path / name
        result = run("export", "cases", path, "--purpose", "VERIFY", "--as", town.users["community"].username)
        assert result.exit_code == 0, result.output
        lines = read_table(written(path)).lines
        assert [line.cells["编号"] for line in lines] == [case.number]
        assert [line.cells["内容"] for line in lines] == ["=HYPERLINK(1)"]
        assert not {"王小明", "13912345678", "2单元301"} & set(map(str, lines[0].cells.values()))
        assert written(path).stat().st_mode & 0o077 == 0
    with written(tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["内容"] == "'=HYPERLINK(1)"


def test_days_are_days_of_shanghai(town, run, tmp_path):
    filed(town, "三月四日的事")
    path, desk = tmp_path / "out.csv", town.users["county"].username
    run("export", "cases", path, "--purpose", "VERIFY", "--as", desk, "--from", "2026-03-04", "--to", "2026-03-04")
    assert len(read_table(written(path)).lines) == 1
    path = tmp_path / "later.csv"
    run("export", "cases", path, "--purpose", "VERIFY", "--as", desk, "--from", "2026-03-05")
    assert len(read_table(written(path)).lines) == 0


def test_who_may_not_export_gets_no_file_and_an_unwritable_place_is_told(town, run, tmp_path):
    filed(town, "事项")
    path, desk = tmp_path / "out.csv", town.users["county"].username
    assert run("export", "cases", path, "--purpose", "VERIFY", "--as", town.users["stranger"].username).exit_code == 2
    assert run("export", "cases", path, "--purpose", "VERIFY", "--as", "nobody").exit_code == 2
    assert run("export", "cases", tmp_path / "out.pdf", "--purpose", "VERIFY", "--as", desk).exit_code == 1
    assert run("export", "cases", tmp_path / "nowhere" / "out.csv", "--purpose", "VERIFY", "--as", desk).exit_code == 1
    assert run("export", "cases", path, "--purpose", "VERIFY", "--as", desk, "--area", "999999999999").exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_the_rates_command_tells_what_the_rating_said(town, run):
    import json

    case = filed(town, "楼道灯坏了")
    holder = case.holder_tenure.holder
    services.accept(actor=holder, case=case, now=NOW)
    services.resolve(actor=holder, case=case, result="已修", now=NOW)
    services.rate(actor=None, case=case, solved="YES", satisfied="BASICALLY", now=NOW)
    arguments = (
        "rates",
        "--area",
        town.county.code,
        "--as",
        town.users["county"].username,
        "--from",
        "2026-03-01",
    )
    found = json.loads(run(*arguments, "--to", "2026-03-31", "--json").output)
    assert set(found) == {town.county.code, town.street.code}
    assert found[town.county.code]["solved"] == {"part": 1.0, "whole": 1}
    assert found[town.county.code]["satisfied"] == {"part": 0.8, "whole": 1}
    assert "100.0%" in run(*arguments, "--to", "2026-03-31").output
    assert run("rates", "--area", town.county.code, "--as", town.users["contact"].username).exit_code == 2


def test_the_file_says_who_took_it_out_and_it_is_written_down(town, run, tmp_path):
    filed(town, "楼道灯不亮")
    desk, path = town.users["community"], tmp_path / "out.csv"
    run("export", "cases", path, "--purpose", "OTHER", "--note", "年度核对", "--as", desk.username)
    (line,) = read_table(written(path)).lines
    assert desk.name in str(line.cells["导出水印"])
    assert "年度核对" in str(line.cells["导出水印"])
    row = AuditRecord.objects.get(action="cases.list.export")
    assert (row.actor_username, row.purpose, row.purpose_note) == (desk.username, "OTHER", "年度核对")


def test_no_purpose_and_a_public_folder_are_refused(town, run, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    desk = town.users["community"].username
    assert run("export", "cases", tmp_path / "out.csv", "--as", desk).exit_code == 2
    assert run("export", "cases", tmp_path / "out.csv", "--purpose", "OTHER", "--as", desk).exit_code == 1
    assert run("export", "cases", settings.MEDIA_ROOT / "o.csv", "--purpose", "LAW", "--as", desk).exit_code == 1
    assert [path.name for path in tmp_path.rglob("*.*")] == []


@pytest.fixture
def exported(town, run, tmp_path) -> ExportFile:
    filed(town, "楼道灯不亮")
    run("export", "cases", tmp_path / "out.csv", "--purpose", "VERIFY", "--as", town.users["community"].username)
    return ExportFile.objects.get()


def test_it_says_until_when_and_is_deleted_then(exported, settings):
    path = Path(exported.path)
    ends_at = exported.made_at + timedelta(hours=settings.MULIN_EXPORT_HOURS)
    local = timezone.localtime(ends_at)
    assert exported.expires_at == ends_at
    assert path.name == f"out-until-{local:%Y%m%d-%H%M}.csv"
    assert f"{local:%Y-%m-%d %H:%M} 自动删除" in str(read_table(path).lines[0].cells["导出水印"])
    assert exports.delete_expired(now=ends_at - timedelta(seconds=1)) == 0
    assert path.is_file()
    assert exports.delete_expired(now=ends_at) == 1
    assert not path.exists()
    assert ExportFile.objects.get().deleted_at == ends_at


def test_what_somebody_changed_or_moved_is_theirs(exported, tmp_path):
    path = Path(exported.path)
    path.write_text("我改过的", encoding="utf-8")
    assert exports.delete_expired(now=exported.expires_at) == 1
    assert path.read_text(encoding="utf-8") == "我改过的"
    assert exports.delete_expired(now=exported.expires_at) == 0
    ExportFile.objects.update(deleted_at=None, path=str(tmp_path / "moved.csv"))
    assert exports.delete_expired(now=exported.expires_at) == 1


def test_what_a_killed_command_left_goes_with_its_end(exported):
    path = Path(exported.path)
    left = path.with_name(f".{exported.key}.csv")
    path.rename(left)
    ExportFile.objects.update(sha256="", rows=0)
    exports.delete_expired(now=exported.expires_at)
    assert list(path.parent.glob("*")) == []


def test_what_cannot_be_deleted_is_tried_again(exported, monkeypatch):
    def refuse(_path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError("not yours")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        assert exports.delete_expired(now=exported.expires_at) == 0
    assert ExportFile.objects.get().deleted_at is None
    assert exports.delete_expired(now=exported.expires_at) == 1


def test_it_is_shown_to_its_maker_and_downloaded_by_nobody(exported, town, client):
    for role in ("community", "street"):
        client.force_login(town.users[role])
        page = client.get("/exports/").content.decode()
        assert (exported.path in page) == (role == "community")
        assert client.get(f"/exports/{exported.pk}/file").status_code == 404
    with pytest.raises(queries.ExportUnknown):
        queries.export_for(town.users["community"], exported.pk, now=exported.made_at)


def test_below_a_web_root_nothing_is_written_by_whatever_way(town, run, tmp_path, settings):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    (tmp_path / "innocent").symlink_to(settings.STATIC_ROOT)
    desk = town.users["community"].username
    for folder in (settings.STATIC_ROOT, tmp_path / "innocent", tmp_path / "x" / ".." / "static"):
        assert run("export", "cases", folder / "o.csv", "--purpose", "LAW", "--as", desk).exit_code == 1
    assert list(settings.STATIC_ROOT.iterdir()) == []
    assert not ExportFile.objects.exists()
