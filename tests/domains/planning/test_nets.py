"""Departments' nets: read with what is wrong in them, made one with least change, old codes that go on answering."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import shapely
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mulin.core.tables import write_table
from mulin.domains.places.models import Grid, GridMembership
from mulin.domains.places.queries import stored_points
from mulin.domains.places.services import move_building_to_grid
from mulin.domains.planning.models import CrossWalk, DepartmentNet, Draft
from mulin.domains.planning.nets.reading import NetFileUnusable, read_nets
from mulin.domains.planning.queries import nets as queries
from mulin.domains.planning.services import nets as services
from mulin.domains.planning.states import DraftState
from mulin.kernels.partition.problem import Bounds
from tests.factories import GRID_DEGREES, NOW, SOUTH, WEST, Town, make_town

TODAY = date(2026, 3, 4)
BOUNDS = Bounds(4, 40)


@pytest.fixture
def town(db: None) -> Town:
    return make_town(grids=3, buildings=9, households=4)


def box(first: float, last: float) -> shapely.Geometry:
    """From one grid's west edge to another's, a little wider than the community."""
    return shapely.box(
        WEST + first * GRID_DEGREES, SOUTH - 0.001, WEST + last * GRID_DEGREES, SOUTH + GRID_DEGREES + 0.001
    )


def geojson(path: Path, grids: dict[str, shapely.Geometry], department: str = "城管") -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"部门": department, "编码": code, "名称": f"{code}网格"},
            "geometry": shapely.geometry.mapping(shape),
        }
        for code, shape in grids.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def laid(town: Town, *paths: Path) -> services.LaidNets:
    return services.lay_files(actor=None, area_code=town.community.code, paths=paths, crs="WGS84", now=NOW)


def kept(town: Town, *paths: Path) -> services.LaidNets:
    found = laid(town, *paths)
    services.keep_nets(actor=None, laid=found, now=NOW)
    return found


def test_outlines_and_lists_of_buildings_are_read_by_department(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "党建.xlsx"
    rows = [["D1", "一", "、".join(b.code for b in town.buildings[:4])], ["D2", "二", "不存在的楼"]]
    write_table(table, ["网格编码", "网格名称", "楼栋"], rows)

    found = laid(town, geojson(tmp_path / "a.geojson", {"C1": box(0, 1.5), "C2": box(1.5, 3)}), table)

    drawn, listed = found.laid
    assert (drawn.net.department, listed.net.department) == ("城管", "党建")
    assert [grid.code for grid in drawn.net.grids] == ["C1", "C2"]
    assert int((drawn.grid >= 0).sum()) == 9
    assert int((listed.grid == 0).sum()) == 4
    assert listed.unknown == ("不存在的楼",)


def test_rows_that_cannot_be_used_are_named_and_mended_only_when_told(tmp_path: Path) -> None:
    crossed = shapely.Polygon([(106.9, 27.7), (106.91, 27.71), (106.91, 27.7), (106.9, 27.71)])
    path = geojson(tmp_path / "a.geojson", {"A": box(0, 1), "B": crossed, "": box(1, 2)})

    strict = read_nets([path], crs="WGS84", shift=stored_points)
    mended = read_nets([path], crs="WGS84", shift=stored_points, repair=True)

    assert [grid.code for grid in strict.nets[0].grids] == ["A"]
    assert len(strict.problems) == 2
    assert [grid.code for grid in mended.nets[0].grids] == ["A", "B"]
    assert all(grid.outline.is_valid for grid in mended.nets[0].grids)


def test_a_file_without_codes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("楼栋\n1栋\n", encoding="utf-8")
    with pytest.raises(NetFileUnusable):
        read_nets([path], crs="WGS84", shift=stored_points)


def test_one_net_keeps_every_building_once_and_every_old_code_has_one_main_successor(
    town: Town, tmp_path: Path
) -> None:
    one = geojson(tmp_path / "a.geojson", {"C1": box(0, 1), "C2": box(1, 2), "C3": box(2, 3)})
    two = geojson(tmp_path / "b.geojson", {"E1": box(0, 1.5), "E2": box(1.5, 3)}, "应急")
    found = laid(town, one, two)

    merged = services.merge_laid(actor=None, laid=found, bounds=BOUNDS, seconds=1.0)

    assert sorted(found.arrays.building_ids.tolist()) == sorted(building.pk for building in town.buildings)
    assert (merged.result.grid >= 0).all()
    mains = [(row.net, row.old_grid) for row in merged.result.successors if row.is_main]
    assert sorted(mains) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


def test_the_one_net_becomes_a_draft_ready_to_be_changed(town: Town, tmp_path: Path) -> None:
    found = laid(town, geojson(tmp_path / "a.geojson", {"C1": box(0, 1.5), "C2": box(1.5, 3)}))
    merged = services.merge_laid(actor=None, laid=found, bounds=BOUNDS, seconds=1.0)

    draft = services.draft_of_merge(
        actor=None, area_code=town.community.code, merged=merged, bounds=BOUNDS, name="并网", now=NOW
    )

    assert draft.state == DraftState.READY
    assert draft.head.figures["grids"] == len(set(merged.result.grid.tolist()))


def test_an_old_code_answers_on_its_day_also_after_grids_have_changed(town: Town, tmp_path: Path) -> None:
    kept(town, geojson(tmp_path / "a.geojson", {"C1": box(0, 1), "C2": box(1, 3)}))
    (before,) = queries.old_codes(None, department="城管", code="C1", on=TODAY)
    move_building_to_grid(
        actor=None, building=town.buildings[0].building, grid=Grid.objects.get(pk=town.grids[1].pk),
        from_date=TODAY, now=NOW,
    )  # fmt: skip

    (after,) = queries.old_codes(None, department="城管", code="C1", on=TODAY)
    (yesterday,) = queries.old_codes(None, department="城管", code="C1", on=TODAY - timedelta(days=1))

    assert [one.grid_id for one in before.successors] == [town.grids[0].pk]
    assert before.successors[0].share_households == 1
    assert {one.grid_id: one.households for one in after.successors} == {town.grids[0].pk: 8, town.grids[1].pk: 4}
    assert [one.is_main for one in after.successors] == [True, False]
    assert yesterday.successors == before.successors


def test_importing_a_department_again_replaces_its_net(town: Town, tmp_path: Path) -> None:
    kept(town, geojson(tmp_path / "a.geojson", {"C1": box(0, 3)}))
    kept(town, geojson(tmp_path / "a.geojson", {"C9": box(0, 3)}))

    assert DepartmentNet.objects.count() == 1
    assert CrossWalk.objects.count() == 9
    assert queries.old_codes(None, department="城管", code="C1", on=TODAY) == []


def test_ten_codes_and_twenty_cost_the_same_queries(town: Town, tmp_path: Path) -> None:
    costs = []
    for count in (10, 20):
        grids = {f"C{n}": box(n * 3 / count, (n + 1) * 3 / count) for n in range(count)}
        kept(town, geojson(tmp_path / "a.geojson", grids))
        with CaptureQueriesContext(connection) as seen:
            assert len(queries.old_codes(None, department="城管", code="", on=TODAY)) == count
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6
    assert GridMembership.objects.count() == 9


def test_a_street_takes_nets_in_and_makes_them_one_on_the_page(client: Client, town: Town, tmp_path: Path) -> None:
    client.force_login(town.users["street"])
    file = geojson(tmp_path / "a.geojson", {"C1": box(0, 1.5), "C2": box(1.5, 3)})
    with file.open("rb") as sent:
        page = client.post(
            reverse("planning:nets-add"),
            {"area": town.community.code, "crs": "CGCS2000", "files": [sent]},
            follow=True,
        ).content.decode()
    assert "城管" in page

    made = client.post(reverse("planning:nets-merge"), {"area": town.community.code})

    assert made.status_code == 302
    assert Draft.objects.get().state == DraftState.READY
    answer = client.get(reverse("planning:crosswalk"), {"department": "城管", "code": "C1"}).content.decode()
    assert town.grids[0].code in answer


def test_who_may_only_look_takes_nothing_in_and_a_stranger_sees_nothing(
    client: Client, town: Town, tmp_path: Path
) -> None:
    file = geojson(tmp_path / "a.geojson", {"C1": box(0, 3)})
    for who, expected in {"community": 200, "stranger": 403}.items():
        client.force_login(town.users[who])
        assert client.get(reverse("planning:nets")).status_code == expected
        with file.open("rb") as sent:
            asked = {"area": town.community.code, "crs": "CGCS2000", "files": [sent]}
            assert client.post(reverse("planning:nets-add"), asked).status_code == 403
        assert client.post(reverse("planning:nets-merge"), {"area": town.community.code}).status_code == 403
    assert not DepartmentNet.objects.exists()


def test_the_api_answers_an_old_code_to_whoever_is_signed_in(client: Client, town: Town, tmp_path: Path) -> None:
    kept(town, geojson(tmp_path / "a.geojson", {"C1": box(0, 1), "C2": box(1, 3)}))
    asked = {"department": "城管", "code": "C1"}
    assert client.get("/api/v1/planning/crosswalk", asked).status_code == 401

    client.force_login(town.users["department"])
    (answer,) = client.get("/api/v1/planning/crosswalk", asked).json()

    assert (answer["code"], [one["grid_id"] for one in answer["successors"]]) == ("C1", [town.grids[0].pk])
    assert client.get("/api/v1/planning/crosswalk", {"code": "C9"}).json() == []
