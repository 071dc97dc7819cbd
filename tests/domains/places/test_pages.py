import json
from gzip import decompress

import pytest
import shapely
from django.urls import reverse

from mulin.core import versions
from mulin.core.geometry import shape_fields
from mulin.domains.places import services
from mulin.domains.places.models import BaseFeature, BaseKind, Place, PlaceKind
from tests.factories import COMMUNITY_CODE, NOW, SOUTH, WEST, make_town

pytestmark = pytest.mark.django_db
STREET_CODE = "520303001000"


@pytest.fixture
def town():
    return make_town(staffed=False)


def layer(client, name: str, **query):
    return client.get(reverse("places:layer", args=[name]), query)


def features(response) -> list[dict]:
    assert response.status_code == 200, response.content
    collection = json.loads(decompress(response.content))
    assert collection["type"] == "FeatureCollection"
    return collection["features"]


def labels(response) -> list[str]:
    return [feature["properties"]["label"] for feature in features(response)]


@pytest.mark.parametrize(
    ("area", "expected"),
    [("", "汇川区"), ("520303000000", "测试街道001"), (STREET_CODE, "测试社区001"), (COMMUNITY_CODE, "测试社区001")],
)
def test_areas_below_an_area(client, town, area, expected):
    assert labels(layer(client, "areas", area=area)) == [expected]


def test_grids_and_buildings_carry_geometry_and_names_only(client, town):
    grids = features(layer(client, "grids", area=COMMUNITY_CODE))
    assert [f["properties"] for f in grids] == [
        {"label": f"第{n}网格", "code": f"{COMMUNITY_CODE}00{n}", "kind": "BASIC"} for n in (1, 2)
    ]
    buildings = features(layer(client, "buildings", area=COMMUNITY_CODE))
    assert [f["id"] for f in buildings] == [place.pk for place in town.buildings]
    assert {key for f in buildings for key in f["properties"]} == {"label", "code"}
    shape = shapely.geometry.shape(buildings[0]["geometry"])
    assert shape.centroid.distance(shapely.Point(town.buildings[0].lon, town.buildings[0].lat)) < 1e-6


def test_coordinates_have_six_decimals(client, town):
    ring = features(layer(client, "buildings"))[0]["geometry"]["coordinates"][0]
    assert all(round(value, 6) == value for corner in ring for value in corner)


def test_a_box_cuts_out_what_it_meets(client, town):
    make_town(community_code="520303001009", staffed=False)
    versions.forget_all()
    assert len(labels(layer(client, "grids"))) == 4
    near = f"{WEST + 0.001},{SOUTH + 0.001},{WEST + 0.002},{SOUTH + 0.002}"
    assert len(labels(layer(client, "grids", bbox=near))) == 2
    assert labels(layer(client, "grids", bbox="100,20,100.1,20.1")) == []
    assert labels(layer(client, "grids", area="520303001009", bbox=near)) == []


def test_the_ground_below_the_map(client, town):
    road = shapely.LineString([(WEST, SOUTH), (WEST + 0.01, SOUTH)])
    river = shapely.box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.01)
    BaseFeature.objects.create(kind=BaseKind.ROAD, name="上海路", rank=2, **shape_fields(road))
    BaseFeature.objects.create(kind=BaseKind.WATER, name="湘江河", **shape_fields(river))
    versions.forget_all()
    (feature,) = features(layer(client, "roads", area=COMMUNITY_CODE))
    assert feature["properties"] == {"label": "上海路", "kind": "ROAD", "rank": 2}
    assert labels(layer(client, "water")) == ["湘江河"]
    assert labels(layer(client, "green")) == labels(layer(client, "blocks")) == []


def test_the_browser_asks_again_only_what_has_changed(client, town):
    first = layer(client, "buildings", area=COMMUNITY_CODE)
    url, etag = reverse("places:layer", args=["buildings"]), first.headers["ETag"]
    again = client.get(url, {"area": COMMUNITY_CODE}, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    outline = shapely.box(WEST, SOUTH, WEST + 1e-4, SOUTH + 1e-4)
    services.create_building(actor=None, community=town.community, name="新楼", address="路1号", shape=outline, now=NOW)
    versions.forget_all()
    changed = client.get(url, {"area": COMMUNITY_CODE}, headers={"If-None-Match": etag})
    assert "新楼" in labels(changed)
    assert changed.headers["ETag"] != etag


def test_a_layer_asked_for_twice_costs_no_query(client, town, django_assert_num_queries):
    layer(client, "buildings")
    with django_assert_num_queries(0):
        assert len(labels(layer(client, "buildings"))) == 3


def test_what_is_closed_is_not_drawn(client, town):
    Place.objects.filter(pk=town.buildings[0].pk).update(ends_on="2026-01-01")
    versions.forget_all()
    assert labels(layer(client, "buildings")) == ["2栋", "3栋"]


@pytest.mark.parametrize(
    ("name", "query", "status", "code"),
    [
        ("households", {}, 404, "layer_unknown"),
        ("areas", {"area": "110101001001"}, 404, "place_unknown"),
        ("grids", {"area": "x' OR 1=1"}, 404, "place_unknown"),
        ("grids", {"bbox": "1,2,3"}, 400, "bbox_invalid"),
        ("grids", {"bbox": "a,b,c,d"}, 400, "bbox_invalid"),
        ("grids", {"bbox": "nan,nan,nan,nan"}, 400, "bbox_invalid"),
        ("grids", {"bbox": "107,27,106,28"}, 400, "bbox_invalid"),
        ("grids", {"bbox": "1,2,3,inf"}, 400, "bbox_invalid"),
    ],
)
def test_a_bad_request_is_refused_with_a_code(client, town, name, query, status, code):
    response = client.get(reverse("places:layer", args=[name]), query, headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_too_many_buildings_at_once_are_refused(client, town, monkeypatch):
    monkeypatch.setattr("mulin.domains.places.views.MOST_BUILDINGS", 2)
    response = client.get(reverse("places:layer", args=["buildings"]), headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "map_cut_too_large")
    assert layer(client, "buildings", bbox=f"{WEST + 0.005},{SOUTH},{WEST + 0.006},{SOUTH + 0.003}").status_code in (
        200,
        400,
    )


def test_an_address_is_answered_as_json_and_as_choices(client, town):
    url = reverse("places:find")
    found = client.get(url, {"q": "测试路二号 501"}).json()["buildings"]
    assert found[0]["place_id"] == town.buildings[1].pk
    assert set(found[0]) == {"place_id", "name", "address", "score", "unit", "room"}
    part = client.get(url, {"address_text": "ceshilu"}, headers={"HX-Request": "true"}).content.decode()
    assert f'name="place_id" value="{town.buildings[0].pk}"' in part
    assert "<html" not in part
    nothing = client.get(url, {"q": "月球基地"}, headers={"HX-Request": "true"}).content.decode()
    assert "没有找到这栋楼" in nothing


def test_an_address_within_an_area_only(client, town):
    make_town(community_code="520303001002", staffed=False)
    versions.forget_all()
    found = client.get(reverse("places:find"), {"q": "测试路1号", "area": "520303001002"}).json()["buildings"]
    assert len(found) == 1
    assert not {hit["place_id"] for hit in found} & {place.pk for place in town.buildings}


def test_finding_an_address_costs_at_most_the_version_and_the_count_of_questions(
    client, town, django_assert_max_num_queries
):
    client.get(reverse("places:find"), {"q": "测试路1号"})
    with django_assert_max_num_queries(5):
        client.get(reverse("places:find"), {"q": "测试路2号"})


def test_kinds_of_places_have_layers():
    from mulin.domains.places.queries import LAYER_OF_AREA_KIND, layers

    assert set(LAYER_OF_AREA_KIND.values()) <= set(layers)
    assert PlaceKind.PROVINCE not in LAYER_OF_AREA_KIND
