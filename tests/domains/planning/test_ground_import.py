"""Ground truth out of other people's files: what goes in, what is kept out and why, once and only once."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.utils import translation
from pyproj import Transformer

from mulin.core.tables import write_table
from mulin.domains.places import crs
from mulin.domains.places.models import BaseFeature, BaseKind, Building, Grid, GridMembership, Place, PlaceKind
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import Facility, GroundImport, HouseholdCount, ImportState
from mulin.domains.planning.pages.ground_imports import refusal_words
from mulin.domains.planning.queries import ground
from mulin.domains.planning.services import ground_applying, ground_imports
from mulin.kernels.partition.problem import MAIN_ROAD
from tests.domains.planning import ground_files as files
from tests.domains.planning.ground_files import bow_tie, checked, codes_of, geojson, house, imported, staged
from tests.factories import COMMUNITY_CODE, NOW, SOUTH, WEST, make_town
from tests.test_english_pages import HAN

pytestmark = pytest.mark.django_db
BUILDINGS = GroundKind.BUILDINGS


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def row(number: int, **more: object) -> dict[str, object]:
    return {"编号": f"N{number}", "名称": f"新{number}栋", "地址": f"新路{number}号", "层数": 6, "户数": 24, **more}


def kept_files() -> list[Path]:
    return list(ground_imports.folder().iterdir())


def new_buildings() -> list[Building]:
    return list(Building.objects.filter(address__startswith="新路").select_related("place").order_by("address"))


def test_buildings_go_in_with_what_is_known_of_them(tmp_path: Path) -> None:
    town = make_town(grids=1)
    path = geojson(tmp_path / "楼栋.geojson", [(house(column), row(column)) for column in range(3)])
    job = imported(path, BUILDINGS)
    assert (job.state, job.rows, job.applied, job.refused) == (ImportState.DONE, 3, 3, 0)
    first = new_buildings()[0]
    assert (first.place.name, first.floors, first.place.area_code) == ("新0栋", 6, COMMUNITY_CODE)
    assert first.place.parent_id == town.community.pk
    assert shapely.from_wkb(bytes(first.place.shape or b"")).equals_exact(house(0), 1e-9)
    counts = HouseholdCount.objects.filter(building=first)
    assert [(c.households, c.is_estimate, c.ends_on) for c in counts] == [(24, False, None)]
    arrays = ground.problem_of(COMMUNITY_CODE, on=NOW.date())
    assert sorted(arrays.households.tolist()) == [4, 4, 4, 24, 24, 24]


def test_a_building_belongs_to_the_grid_it_stands_in(tmp_path: Path) -> None:
    town = make_town(grids=2)
    inside = house(0, west=WEST + 0.0045, south=SOUTH + 0.003)
    imported(geojson(tmp_path / "a.geojson", [(inside, row(1)), (house(0), row(2))]), BUILDINGS)
    grids = {b.place.name: [m.grid_id for m in b.memberships.all()] for b in new_buildings()}
    assert grids == {"新1栋": [town.grids[1].pk], "新2栋": []}


def test_the_file_is_gone_once_its_rows_are_in(tmp_path: Path) -> None:
    make_town()
    path = geojson(tmp_path / "a.geojson", [(house(0), row(0))])
    job = checked(path, BUILDINGS)
    assert [stat.stat().st_mode & 0o777 for stat in kept_files()] == [0o600]
    ground_applying.begin(actor=None, job=job, now=NOW)
    assert ground_applying.apply_portion(actor=None, job_id=job.pk, now=NOW) == 1
    assert ground_applying.apply_portion(actor=None, job_id=job.pk, now=NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_a_file_given_up_leaves_nothing(tmp_path: Path) -> None:
    make_town()
    job = checked(geojson(tmp_path / "a.geojson", [(house(0), row(0))]), BUILDINGS)
    ground_imports.abandon(actor=None, job=job, now=NOW)
    assert kept_files() == []
    assert (job.staged.count(), len(new_buildings())) == (0, 0)


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    make_town()
    path = geojson(tmp_path / "a.geojson", [(house(column), row(column)) for column in range(3)])
    imported(path, BUILDINGS)
    again = imported(path, BUILDINGS)
    assert (again.known, again.ready, again.applied, again.refused) == (3, 0, 0, 0)
    assert len(new_buildings()) == 3


def test_the_same_file_without_keys_again_changes_nothing(tmp_path: Path) -> None:
    make_town()
    path = geojson(tmp_path / "a.geojson", [(house(column), {"地址": f"新路{column}号"}) for column in range(3)])
    imported(path, BUILDINGS)
    assert (imported(path, BUILDINGS).known, len(new_buildings())) == (3, 3)


def test_a_portion_at_a_time_and_on_from_there(tmp_path: Path) -> None:
    """As if the process had been killed between two portions."""
    make_town()
    job = checked(geojson(tmp_path / "a.geojson", [(house(column), row(column)) for column in range(5)]), BUILDINGS)
    ground_applying.begin(actor=None, job=job, now=NOW)
    assert ground_applying.apply_portion(actor=None, job_id=job.pk, now=NOW, most=2) == 2
    assert len(new_buildings()) == 2
    while ground_applying.apply_portion(actor=None, job_id=job.pk, now=NOW, most=2):
        pass
    job.refresh_from_db()
    assert (job.applied, len(new_buildings()), len({b.place.code for b in new_buildings()})) == (5, 5, 5)


DIRTY = [
    (house(0), row(0)),
    (bow_tie(1), row(1)),
    (None, row(2)),
    (house(0), row(3)),
    (house(4), row(4)),
    (shapely.box(house(4).bounds[0], house(4).bounds[1], house(4).bounds[2] + 0.0001, house(4).bounds[3]), row(5)),
    (house(6), row(6, 户数=-3)),
    (house(7), row(7, 户数=None)),
    (house(8), row(8, 层数="很多")),
    (shapely.Point(WEST + 0.05, SOUTH + 0.0045), row(9)),
    (shapely.Point(121.47, 31.23), row(10)),
    (shapely.LineString([(WEST, SOUTH), (WEST + 0.01, SOUTH)]), row(11)),
    (house(12), row(0)),
]
FAULTS = {
    2: ["self_crossing"],
    3: ["geometry_empty"],
    4: ["duplicate"],
    6: ["overlap"],
    7: ["count_invalid"],
    8: ["count_missing"],
    9: ["floors_invalid"],
    10: ["outside_communities"],
    11: ["outside_district"],
    12: ["geometry_kind"],
    13: ["key_repeated"],
}


def test_dirty_rows_are_kept_out_with_a_reason_and_the_others_go_in(tmp_path: Path) -> None:
    make_town()
    job = imported(geojson(tmp_path / "a.geojson", DIRTY), BUILDINGS)
    assert codes_of(job) == FAULTS
    assert (job.applied, job.refused) == (2, len(FAULTS))
    assert [b.place.name for b in new_buildings()] == ["新0栋", "新4栋"]


def test_repairs_are_made_when_told_to_and_only_then(tmp_path: Path) -> None:
    make_town()
    repairs = ["MAKE_VALID", "DROP_DUPLICATES", "CLIP_OVERLAPS", "ESTIMATE_COUNTS", "NEAREST_COMMUNITY", "ONE_FLOOR"]
    job = imported(geojson(tmp_path / "a.geojson", DIRTY), BUILDINGS, repairs=repairs)
    assert job.applied == 8
    names = {b.place.name: b for b in new_buildings()}
    assert set(names) == {f"新{number}栋" for number in (0, 1, 4, 5, 6, 7, 8, 9)}
    counts = {c.building_id: c for c in HouseholdCount.objects.filter(ends_on=None)}
    assert counts[names["新6栋"].pk].is_estimate
    assert counts[names["新6栋"].pk].households == pytest.approx(0.0002 * 98_600 * 0.0001 * 110_800 * 6 / 100, rel=0.02)
    assert names["新8栋"].floors == 1
    outlines = [shapely.from_wkb(bytes(b.place.shape or b"")) for b in names.values()]
    assert all(shapely.is_valid(outlines))
    tree = shapely.STRtree(outlines)
    left, right = tree.query(outlines, predicate="overlaps")
    assert shapely.area(shapely.intersection(np.array(outlines)[left], np.array(outlines)[right])).sum() < 1e-12


def test_what_lies_on_a_registered_building_is_kept_out(tmp_path: Path) -> None:
    town = make_town()
    standing = shapely.from_wkb(bytes(town.buildings[0].shape or b""))
    beside = shapely.transform(standing, lambda at: at + np.array([0.00025, 0.0]))
    job = imported(geojson(tmp_path / "a.geojson", [(standing, row(1)), (beside, row(2))]), BUILDINGS)
    assert codes_of(job) == {1: ["already_there"], 2: ["overlap_existing"]}
    assert town.buildings[0].name in job.staged.get(number=1).findings[0]["details"]["name"]


def test_a_changed_row_changes_nothing_registered(tmp_path: Path) -> None:
    make_town()
    imported(geojson(tmp_path / "a.geojson", [(house(0), row(0))]), BUILDINGS)
    job = imported(geojson(tmp_path / "b.geojson", [(house(0), row(0, 名称="改名"))]), BUILDINGS)
    assert codes_of(job) == {1: ["changed"]}
    assert [b.place.name for b in new_buildings()] == ["新0栋"]


@pytest.mark.parametrize("system", [crs.Crs.GCJ02, crs.Crs.BD09])
def test_shifted_coordinates_are_set_right(tmp_path: Path, system: crs.Crs) -> None:
    make_town()
    shifted = shapely.transform(house(0), lambda at: crs.convert(at, source=crs.Crs.WGS84, target=system))
    imported(geojson(tmp_path / "a.geojson", [(shifted, row(0))]), BUILDINGS, crs=system.value)
    assert shapely.from_wkb(bytes(new_buildings()[0].place.shape or b"")).hausdorff_distance(house(0)) < 1e-7


def gauss_kruger(shape: shapely.Geometry, epsg: int) -> shapely.Geometry:
    there = Transformer.from_crs(4490, epsg, always_xy=True)
    return shapely.transform(shape, lambda at: np.column_stack(there.transform(at[:, 0], at[:, 1])))


@pytest.mark.parametrize("epsg", [4524, 4545])
@pytest.mark.parametrize("asked", ["FILE", "CGCS2000"])
def test_a_projected_shapefile_says_where_it_is(tmp_path: Path, epsg: int, asked: str) -> None:
    make_town()
    rows = [(gauss_kruger(house(column), epsg), row(column)) for column in range(2)]
    path = files.zipped_shapefile(tmp_path / "楼栋.zip", rows, crs=f"EPSG:{epsg}")
    imported(path, BUILDINGS, crs=asked)
    assert shapely.from_wkb(bytes(new_buildings()[1].place.shape or b"")).hausdorff_distance(house(1)) < 1e-7


def test_a_projected_file_that_says_nothing_is_asked(tmp_path: Path) -> None:
    make_town()
    path = files.zipped_shapefile(tmp_path / "a.zip", [(gauss_kruger(house(0), 4545), row(0))], crs=None)
    job = checked(path, BUILDINGS)
    assert (job.state, job.refusal["code"]) == (ImportState.READ, "crs_contradicted")
    ground_imports.ask_check(actor=None, job=job, crs="EPSG:4545", columns=job.columns, repairs=[], now=NOW)
    assert ground_imports.check(actor=None, job_id=job.pk, now=NOW).ready == 1


def test_no_coordinate_system_is_guessed(tmp_path: Path) -> None:
    make_town()
    job = staged(geojson(tmp_path / "a.geojson", [(house(0), row(0))]), BUILDINGS)
    with pytest.raises(Exception, match="坐标系"):
        ground_imports.ask_check(actor=None, job=job, crs="", columns=job.columns, repairs=[], now=NOW)


def test_of_several_layers_one_is_chosen(tmp_path: Path) -> None:
    make_town()
    path = files.layer(tmp_path / "a.gpkg", [(house(0), row(0))], crs="EPSG:4490", name="楼栋")
    files.layer(path, [(shapely.Point(1, 1), {"x": 1})], crs="EPSG:4490", name="别的", append=True)
    job = staged(path, BUILDINGS)
    assert (job.sample["layers"], "columns" in job.sample) == (["楼栋", "别的"], False)
    ground_imports.choose_layer(actor=None, job=job, layer="楼栋", now=NOW)
    job = ground_imports.read(actor=None, job_id=job.pk, now=NOW)
    ground_imports.ask_check(actor=None, job=job, crs="FILE", columns=job.columns, repairs=[], now=NOW)
    assert ground_imports.check(actor=None, job_id=job.pk, now=NOW).ready == 1


def test_a_spreadsheet_of_points(tmp_path: Path) -> None:
    make_town()
    lines = [(f"N{n}", f"新{n}栋", f"新路{n}号", WEST + 0.02 + n * 0.001, SOUTH + 0.001) for n in range(3)]
    path = tmp_path / "楼栋.xlsx"
    write_table(path, ["编号", "名称", "地址", "经度", "纬度"], [*lines, ("N9", "坏", "新路9号", "一百零六", 27.7)])
    job = imported(path, BUILDINGS)
    assert (job.applied, codes_of(job)) == (3, {5: ["coordinates_unreadable"]})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b""),
        ("a.geojson", b"{"),
        ("a.geojson", b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>"),
        ("a.gpkg", b"not a database"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 4000),
        ("a.zip", b"PK\x03\x04 broken"),
        ("a.xlsx", b"PK\x03\x04 broken"),
    ],
)
def test_a_file_nobody_can_read_is_refused_and_not_kept(tmp_path: Path, name: str, content: bytes) -> None:
    make_town()
    path = tmp_path / name
    path.write_bytes(content)
    job = staged(path, BUILDINGS)
    assert job.state == ImportState.FAILED
    told = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            told[language] = (refusal_words(job) or {})["sentence"]
    assert HAN.search(told["zh-hans"])
    assert told["en"]
    assert not HAN.search(told["en"])
    assert str(ground_imports.folder()) not in str(told)


def test_names_inside_an_archive_are_no_paths(tmp_path: Path) -> None:
    make_town()
    path = files.zipped_shapefile(tmp_path / "a.zip", [(house(0), row(0))], crs="EPSG:4490", inside="../../evil")
    assert checked(path, BUILDINGS).ready == 1
    assert not (tmp_path.parent.parent / "evil.shp").exists()


def test_an_archive_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_town()
    monkeypatch.setattr("mulin.domains.planning.importing.reading.MOST_UNPACKED_BYTES", 100)
    path = files.zipped_shapefile(tmp_path / "a.zip", [(house(0), row(0))], crs="EPSG:4490")
    assert staged(path, BUILDINGS).refusal["code"] == "archive_too_large"


def test_an_unknown_kind_of_file_is_not_taken(tmp_path: Path) -> None:
    make_town()
    path = tmp_path / "a.dwg"
    path.write_bytes(b"AC1032")
    with pytest.raises(ground_imports.SuffixUnknown):
        staged(path, BUILDINGS)
    assert not GroundImport.objects.exists()


def test_households_are_counted_anew_from_the_day_on(tmp_path: Path) -> None:
    town = make_town(buildings=2)
    path = tmp_path / "户数.csv"
    write_table(
        path, ["楼栋", "户数"], [(town.buildings[0].code, 40), ("测试路2号", 41), ("没有的楼", 1), ("测试路2号", 9)]
    )
    job = imported(path, GroundKind.HOUSEHOLDS, crs="")
    assert (job.applied, codes_of(job)) == (2, {4: ["building_unknown"], 5: ["key_repeated"]})
    write_table(path, ["楼栋", "户数"], [(town.buildings[0].code, 50), ("测试路2号", 41)])
    later = NOW + timedelta(days=30)
    job = imported(path, GroundKind.HOUSEHOLDS, crs="", now=later)
    assert (job.applied, job.known) == (1, 1)
    counts = HouseholdCount.objects.filter(building=town.buildings[0].pk).order_by("pk")
    assert [(c.households, c.ends_on) for c in counts] == [(40, later.date()), (50, None)]


def test_entrances_stand_under_their_building(tmp_path: Path) -> None:
    town = make_town(buildings=1)
    point = shapely.Point(WEST + 0.0005, SOUTH + 0.001)
    rows = [(point, {"楼栋": "测试路1号", "名称": "2单元"}), (point, {"楼栋": "??", "名称": "3单元"})]
    job = imported(geojson(tmp_path / "a.geojson", rows), GroundKind.ENTRANCES)
    assert codes_of(job) == {2: ["building_unknown"]}
    assert Place.objects.get(kind=PlaceKind.ENTRANCE, name="2单元").parent_id == town.buildings[0].pk


def test_roads_rails_and_water_become_barriers(tmp_path: Path) -> None:
    make_town(buildings=2)
    middle = WEST + 0.004 / 2 + 0.0004
    line = shapely.LineString([(middle, SOUTH - 0.01), (middle, SOUTH + 0.01)])
    tunnel = shapely.LineString([(WEST, SOUTH), (WEST + 0.1, SOUTH)])
    rows = [
        (line, {"隧道": "", "名称": "大街", "等级": "主干路"}),
        (line.segmentize(0.005), {"隧道": "", "名称": "小路", "等级": "什么路"}),
        (tunnel, {"隧道": "是", "名称": "隧道", "等级": "主干路"}),
    ]
    job = imported(geojson(tmp_path / "a.geojson", rows), GroundKind.ROADS)
    assert codes_of(job) == {2: ["class_unknown"], 3: ["underground"]}
    assert list(BaseFeature.objects.values_list("kind", "rank", "name")) == [(BaseKind.ROAD, 1, "大街")]
    arrays = ground.problem_of(COMMUNITY_CODE, on=NOW.date(), reach=ground.Reach(near_m=1_000))
    assert arrays.barriers.tolist() == [MAIN_ROAD]


def test_communities_get_their_boundary_and_new_ones_are_made(tmp_path: Path) -> None:
    town = make_town()
    old = shapely.box(WEST, SOUTH, WEST + 0.05, SOUTH + 0.004)
    new = shapely.box(WEST + 0.05, SOUTH, WEST + 0.1, SOUTH + 0.004)
    rows = [
        (old, {"编码": COMMUNITY_CODE, "名称": "测试社区"}),
        (new, {"编码": "520303001009", "名称": "新社区"}),
        (shapely.box(WEST, SOUTH + 0.01, WEST + 0.01, SOUTH + 0.02), {"编码": "520303999001", "名称": "没有街道"}),
        (shapely.box(WEST, SOUTH + 0.03, WEST + 0.01, SOUTH + 0.04), {"编码": "52030", "名称": "错"}),
    ]
    job = imported(geojson(tmp_path / "a.geojson", rows), GroundKind.COMMUNITIES)
    assert codes_of(job) == {3: ["refused"], 4: ["code_invalid"]}
    town.community.refresh_from_db()
    assert town.community.max_lon == pytest.approx(WEST + 0.05)
    assert Place.objects.get(code="520303001009").parent_id == town.street.pk


def test_present_grids_take_in_the_buildings_on_their_ground(tmp_path: Path) -> None:
    town = make_town(grids=1, buildings=1)
    imported(geojson(tmp_path / "b.geojson", [(house(0), row(0))]), BUILDINGS)
    ground_of_new = shapely.box(WEST + 0.019, SOUTH, WEST + 0.03, SOUTH + 0.004)
    rows = [
        (ground_of_new, {"编码": f"{COMMUNITY_CODE}007", "名称": "第七网格"}),
        (shapely.box(WEST + 0.05, SOUTH, WEST + 0.06, SOUTH + 0.004), {"编码": town.grids[0].code, "名称": "旧"}),
    ]
    job = imported(geojson(tmp_path / "a.geojson", rows), GroundKind.GRIDS)
    assert codes_of(job) == {2: ["code_taken"]}
    grid = Grid.objects.get(place__code=f"{COMMUNITY_CODE}007")
    assert [m.building_id for m in GridMembership.objects.filter(grid=grid)] == [new_buildings()[0].pk]
    assert grid.boundaries.count() == 1


def test_facilities_have_a_kind_of_the_directory(tmp_path: Path) -> None:
    make_town()
    rows = [
        (shapely.Point(WEST + 0.02, SOUTH + 0.001), {"名称": "一小", "类别": "小学"}),
        (shapely.Point(WEST + 0.03, SOUTH + 0.001), {"名称": "谜", "类别": "火箭发射场"}),
    ]
    job = imported(geojson(tmp_path / "a.geojson", rows), GroundKind.FACILITIES)
    assert codes_of(job) == {2: ["facility_unknown"]}
    assert [(f.kind, f.place.name) for f in Facility.objects.select_related("place")] == [("primary_school", "一小")]
