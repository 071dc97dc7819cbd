"""Whatever file comes in by whatever entrance: no crash, no endless wait, and never half of it.

MULIN_FULL=1 sends more than 5,000 files, else a few of each kind. A failure names the file, which is kept.
"""

import os
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.commands.seed import seed_reference
from mulin.core.calendar_models import CalendarDay
from mulin.core.tables import write_table
from mulin.domains.cases.models import Case, Photo, Step
from mulin.domains.places.models import Building, Household, Place
from mulin.domains.planning.ground_importing import carry_on
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import DepartmentNet, GroundImport, ImportState
from tests.domains.planning.ground_files import geojson, house, layer, zipped_shapefile
from tests.factories import COMMUNITY_CODE, NOW, Town, make_town
from tests.trust import fuzzing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.django_db]

FULL = bool(os.environ.get("MULIN_FULL"))
LONGEST_S = 60.0 if FULL else 30.0
ROUNDS = {"cases": 1400, "ground": 1500, "nets": 700, "calendar": 500, "photos": 900} if FULL else dict.fromkeys(
    ("cases", "ground", "nets", "calendar", "photos"), 12
)  # fmt: skip
TAKEN = re.compile(r"(?<!早已)导入 (\d+) 件")
Entrance = Callable[[Path], None]


@pytest.fixture
def town(settings, tmp_path: Path) -> Town:
    settings.MEDIA_ROOT = tmp_path / "media"
    seed_reference(now=NOW)
    return make_town()


@contextmanager
def undone() -> Iterator[None]:
    """What a file did is taken back before the next one."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def rows() -> tuple[int, ...]:
    models = (Case, Step, Place, Building, Household, DepartmentNet, CalendarDay, Photo)
    return tuple(model.objects.count() for model in models)


def media() -> list[str]:
    root = Path(django_settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def seeds_to_files(seeds: dict[str, bytes], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield each seed as it is, then broken ones, now and then under the suffix of another."""
    yield from seeds.items()
    chance, names = random.Random(seed), sorted(seeds)
    for number in range(count):
        name = names[number % len(names)]
        suffix = Path(name).suffix
        raw = fuzzing.broken(chance, suffix, seeds[name])
        called = Path(chance.choice(names)).suffix if chance.random() < 0.05 else suffix
        yield f"{number}-{Path(name).stem}{called}", raw


def send(files: Iterator[tuple[str, bytes]], folder: Path, enter: Entrance) -> int:
    """Bring every file in; return how many. What fails is named with its file, which is kept."""
    count, faults = 0, []
    kept = folder.parent / "kept"
    kept.mkdir(exist_ok=True)
    for name, raw in files:
        path = folder / name
        path.write_bytes(raw)
        began = time.monotonic()
        try:
            with undone():
                enter(path)
            assert time.monotonic() - began < LONGEST_S, "it took too long"
        except Exception as failure:
            faults.append(f"{shutil.copy(path, kept)}: {type(failure).__name__}: {str(failure)[:300]}")
        for left in folder.glob("*"):  # the file, and reports beside it
            left.unlink()
        count += 1
    assert faults == []
    return count


def command(*arguments: object) -> tuple[int, str]:
    """Run the command in this process; any failure that is no refusal is raised."""
    result = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    made = tmp_path / "seeds"
    made.mkdir()
    return made


def case_seeds(folder: Path) -> dict[str, bytes]:
    columns = ["留言编号", "标题", "内容", "时间", "答复", "答复时间", "地址", "电话"]
    lines = [
        ["101", "路灯", "小区门口路灯不亮", "2019-04-25 09:32:09", "已经更换灯泡", "2019/5/10 14:56", "", ""],
        ["102", "", "楼上漏水，天花板都湿了", "2026-03-03 20:00", "", "", "测试路1号1栋", "13912345678"],
        ["103", "噪音", "半夜施工", "2025-01-02", "", "", "不知道在哪", ""],
    ]
    for suffix in (".csv", ".xlsx"):
        write_table(folder / f"cases{suffix}", columns, lines)
    return {path.name: path.read_bytes() for path in sorted(folder.glob("cases.*"))}


def enter_cases(path: Path) -> None:
    before = rows()
    code, output = command("import", "cases", path, "--desk", COMMUNITY_CODE, "--source", "fuzz")
    taken = sum(map(int, TAKEN.findall(output)))
    assert code in (0, 1, 2, 3), (code, output)
    assert Case.objects.count() - before[0] == (taken if code in (0, 3) else 0), output
    assert rows()[2:] == before[2:]


def test_cases_from_tables(town: Town, seeds: Path, folder: Path) -> None:
    harmful = fuzzing.harmful_tables()
    assert send(iter(harmful.items()), folder, enter_cases) == len(harmful)
    files = seeds_to_files(case_seeds(seeds), ROUNDS["cases"], 1)
    assert send(files, folder, enter_cases) >= ROUNDS["cases"]


GROUND = {
    GroundKind.BUILDINGS: [(house(n), {"编号": f"N{n}", "名称": f"{n}栋", "户数": 20 + n}) for n in range(3)],
    GroundKind.HOUSEHOLDS: [(house(n), {"楼栋": f"N{n}", "门牌": f"{n}01", "户数": 3}) for n in range(2)],
}


def ground_seeds(folder: Path) -> dict[str, bytes]:
    made = GROUND[GroundKind.BUILDINGS]
    paths = [
        geojson(folder / "g.geojson", made),
        zipped_shapefile(folder / "s.zip", made, crs="EPSG:4490"),
        layer(folder / "p.gpkg", made, crs="EPSG:4490"),
    ]
    for suffix in (".csv", ".xlsx"):
        paths.append(folder / f"t{suffix}")
        write_table(paths[-1], ["楼栋", "门牌", "户数", "编号"], [["N0", "101", "3", "1"], ["N1", "=1+1", "x", "2"]])
    return {path.name: path.read_bytes() for path in paths}


class GroundDesk:
    """The pages of ground truth, and what the worker does between them."""

    def __init__(self, town: Town) -> None:
        self.client = Client()
        self.client.force_login(town.users["county"])
        self.kinds = sorted(GroundKind.values)
        self.number = 0

    def enter(self, path: Path) -> None:
        self.number += 1
        kind = self.kinds[self.number % len(self.kinds)] if self.number % 2 else GroundKind.BUILDINGS.value
        before, files = rows(), media()
        upload = SimpleUploadedFile(path.name, path.read_bytes())
        answer = self.client.post(reverse("planning:ground-new"), {"kind": kind, "file": upload, "source": "fuzz"})
        assert answer.status_code in (302, 400, 413, 422), answer.status_code
        if answer.status_code != 302:
            assert (rows(), media()) == (before, files)
            return
        job = GroundImport.objects.latest("pk")
        carry_on(job.pk)
        job.refresh_from_db()
        assert rows() == before
        if job.state == ImportState.READ and "columns" in job.sample:
            self._go_on(job, before)
        page = self.client.get(answer.headers["Location"])
        assert page.status_code == 200
        self._end(job)

    def _go_on(self, job: GroundImport, before: tuple[int, ...]) -> None:
        asked = {"crs": "CGCS2000", **{f"column-{field}": column for field, column in job.columns.items()}}
        answer = self.client.post(reverse("planning:ground-check", args=[job.pk]), asked)
        assert answer.status_code in (302, 422), answer.status_code
        carry_on(job.pk)
        job.refresh_from_db()
        assert rows() == before
        if job.state == ImportState.CHECKED:
            self.client.post(reverse("planning:ground-let-in", args=[job.pk]))
            carry_on(job.pk)
            job.refresh_from_db()
            assert job.state in (ImportState.DONE, ImportState.CHECKED, ImportState.FAILED), job.state
            grown = Building.objects.count() - before[3]
            assert grown == (job.applied if job.kind == GroundKind.BUILDINGS else grown), "buildings nobody counted"
            assert job.applied or rows() == before, "rows nobody counted"

    def _end(self, job: GroundImport) -> None:
        if job.stored:
            (Path(django_settings.MEDIA_ROOT) / "ground" / job.stored).unlink(missing_ok=True)


def test_ground_through_the_pages(town: Town, seeds: Path, folder: Path) -> None:
    desk, harmful = GroundDesk(town), {**fuzzing.harmful_ground(), **fuzzing.harmful_tables()}
    assert send(iter(harmful.items()), folder, desk.enter) == len(harmful)
    files = seeds_to_files(ground_seeds(seeds), ROUNDS["ground"], 2)
    assert send(files, folder, desk.enter) >= ROUNDS["ground"]


def test_nets_through_the_page(town: Town, seeds: Path, folder: Path) -> None:
    client = Client()
    client.force_login(town.users["county"])

    def enter(path: Path) -> None:
        before, files = rows(), media()
        said = {"area": town.community.code, "crs": "CGCS2000", "repair": "1", "department": "城管"}
        upload = SimpleUploadedFile(path.name, path.read_bytes())
        answer = client.post(reverse("planning:nets-add"), {**said, "files": upload})
        assert answer.status_code in (302, 400, 409, 413, 422), answer.status_code
        taken = answer.status_code == 302
        assert DepartmentNet.objects.count() - before[5] == (1 if taken else 0) or taken
        assert (rows()[:5], media()) == (before[:5], files)

    made = [(house(n).buffer(0.001), {"部门": "城管", "编码": f"C{n}", "名称": f"{n}网格"}) for n in range(3)]
    paths = [geojson(seeds / "n.geojson", made), layer(seeds / "n.gpkg", made, crs="EPSG:4490")]
    for suffix in (".csv", ".xlsx"):
        paths.append(seeds / f"t{suffix}")
        write_table(
            paths[-1], ["网格编码", "网格名称", "楼栋"], [["D1", "一", town.buildings[0].code], ["D2", "二", "无"]]
        )
    harmful = {**fuzzing.harmful_ground(), **fuzzing.harmful_tables()}
    assert send(iter(harmful.items()), folder, enter) == len(harmful)
    files = seeds_to_files({path.name: path.read_bytes() for path in paths}, ROUNDS["nets"], 3)
    assert send(files, folder, enter) >= ROUNDS["nets"]


def test_a_calendar_from_a_file(town: Town, folder: Path) -> None:
    lines = ["date,status,name_zh,name_en", "2030-01-01,off,元旦,New Year", "2030-02-03,off,春节,Spring Festival"]

    def enter(path: Path) -> None:
        before = CalendarDay.objects.count()
        code, output = command("calendar", "import", 2030, path)
        assert code in (0, 1), (code, output)
        told = int(found[1]) if (found := re.search(r"共 (\d+) 天|(\d+) days", output)) and found[1] else 0
        assert CalendarDay.objects.count() - before == (told if code == 0 else 0), output

    seed = {"2030.csv": "\n".join(lines).encode()}
    tables = {name: raw for name, raw in fuzzing.harmful_tables().items() if name.endswith(".csv")}
    assert send(iter(tables.items()), folder, enter) == len(tables)
    assert send(seeds_to_files(seed, ROUNDS["calendar"], 4), folder, enter) >= ROUNDS["calendar"]


def photo_seeds() -> dict[str, bytes]:
    found = {}
    for kind, mode in (
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "I;16"),
        ("WEBP", "RGB"),
    ):
        file = BytesIO()
        exif = Image.Exif()
        exif[0x0112], exif[0x010E] = 6, "GPS"
        picture = Image.new(mode, (64, 48))
        picture.save(file, kind, **({"exif": exif} if kind != "PNG" else {}))
        found[f"{mode.replace(';', '')}.{kind.lower()}"] = file.getvalue()
    return found


def test_photos_of_a_report(town: Town, folder: Path) -> None:
    client = Client()
    client.force_login(town.users["community"])

    def enter(path: Path) -> None:
        before, files = rows(), media()
        said = {"text": "楼道灯坏了三天", "board": town.board_code(), "category": "0601"}
        upload = SimpleUploadedFile(path.name, path.read_bytes(), "image/png")
        answer = client.post("/api/v1/reports/with-photos", {**said, "photos": upload})
        assert answer.status_code in (201, 400, 413, 422), answer.content
        grown = (1, 1) if answer.status_code == 201 else (0, 0)
        assert (Case.objects.count() - before[0], Photo.objects.count() - before[7]) == grown
        fresh = set(media()) - set(files)
        assert len(fresh) == grown[0], fresh
        for name in fresh:
            stored = Path(django_settings.MEDIA_ROOT) / name
            raw = stored.read_bytes()
            assert raw.startswith(b"\xff\xd8")
            assert b"<script" not in raw
            assert b"<?php" not in raw
            assert b"GPS" not in raw
            stored.unlink()

    harmful = fuzzing.harmful_photos()
    assert send(iter(harmful.items()), folder, enter) == len(harmful)
    assert send(seeds_to_files(photo_seeds(), ROUNDS["photos"], 5), folder, enter) >= ROUNDS["photos"]
