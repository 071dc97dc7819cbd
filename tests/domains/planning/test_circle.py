"""The 15-minute life circle: who reaches what, what is missing, where the next one serves most, and who may look."""

import gzip
import json
from datetime import date

import numpy as np
import pytest
import shapely
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mulin.core import versions
from mulin.core.geometry import shape_fields
from mulin.domains.places.models import BaseFeature, BaseKind, Place, PlaceKind
from mulin.domains.places.queries import PLACES_VERSION, area_by_code
from mulin.domains.planning.circle.measuring import LIMITS_M, worst_kinds
from mulin.domains.planning.circle.walking import paths_of, streets_of
from mulin.domains.planning.models import Facility
from mulin.domains.planning.pages.circle import circle_answer, circle_geojson, reach_geojson
from mulin.domains.planning.queries.circle import CircleOf, circle_of
from mulin.domains.planning.queries.facility_kinds import kind_by_word, kinds_in_force
from mulin.domains.planning.queries.ground import placed_buildings
from tests.factories import COMMUNITY_CODE, NOW, SINCE, SOUTH, WEST, Town, make_town

TODAY = NOW.date()


def street(south_of_buildings: float = 0.0001) -> None:
    """A street just south of the buildings of `make_town`, as long as the community."""
    at = SOUTH + 0.001 - south_of_buildings
    line = shapely.LineString([(WEST + x * 0.0005, at) for x in range(60)])
    BaseFeature.objects.create(kind=BaseKind.ROAD, rank=3, **shape_fields(line))


def facility(kind: str, lon: float, name: str = "某处") -> Facility:
    community = Place.objects.get(code=COMMUNITY_CODE)
    place = Place.objects.create(
        kind=PlaceKind.FACILITY, code=f"{COMMUNITY_CODE}F{Place.objects.count():04}", name=name, parent=community,
        area_code=COMMUNITY_CODE, lon=lon, lat=SOUTH + 0.001, starts_on=SINCE,
    )  # fmt: skip
    versions.bump(PLACES_VERSION)
    return Facility.objects.create(place=place, kind=kind)


def measured(on: date = TODAY) -> CircleOf:
    found = circle_of(COMMUNITY_CODE, on=on)
    assert found is not None
    return found


def test_the_directory_names_a_source_and_a_lawful_limit_for_every_kind() -> None:
    kinds = kinds_in_force(on=TODAY)
    assert len(kinds) >= 20
    assert {kind.metres for kind in kinds} == set(LIMITS_M)
    assert {(kind.minutes, kind.metres) for kind in kinds} == {(5, 300.0), (10, 500.0), (15, 1_000.0)}
    assert all(kind.source and kind.name_zh and kind.name_en for kind in kinds)
    assert kind_by_word()["幼儿园"] == "kindergarten"
    assert kinds_in_force(on=date(2017, 1, 1)) == ()


def test_crossing_streets_meet_and_neighbours_are_a_makeshift() -> None:
    cross = np.array([shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(50, -50), (50, 50)])], dtype=object)
    assert len(streets_of(cross).edges) == 4
    assert len(streets_of(np.empty(0, dtype=object)).edges) == 0
    assert paths_of(np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([[0, 1]])).lengths_m.tolist() == [130.0]


def test_what_everybody_reaches_is_no_gap() -> None:
    assert worst_kinds([1.0, 0.2, 0.9, 0.0], 2) == [3, 1]
    assert worst_kinds([1.0, 1.0], 2) == []


@pytest.mark.django_db
class TestCircle:
    def test_a_kind_is_reached_within_its_own_limit(self) -> None:
        """Buildings of the two grids stand about 390 m apart."""
        town = make_town(grids=2, buildings=2, households=4)
        street()
        facility("kindergarten", town.buildings[0].lon or 0)
        facility("primary_school", town.buildings[0].lon or 0)
        circle = measured()
        kindergarten, school = circle.kind_index("kindergarten"), circle.kind_index("primary_school")
        assert circle.measured.served(kindergarten).tolist() == [True, False]
        assert circle.measured.served(school).tolist() == [True, True]
        assert circle.measured.unserved_households(kindergarten) == 4
        distance = circle.measured.result.distance_m[school]
        assert distance[1] - distance[0] == pytest.approx(0.004 * 98_600, rel=0.01)

    def test_the_next_best_site_is_where_nobody_is_served(self) -> None:
        town = make_town(grids=2, buildings=6, households=4)
        street()
        facility("kindergarten", town.buildings[0].lon or 0)
        circle = measured()
        kind = circle.kind_index("kindergarten")
        best = circle.measured.sites(kind, 3)
        assert [site.gained for site in best] == [12.0]
        assert circle.building_ids[best[0].building] in {town.buildings[n].pk for n in (1, 3, 5)}
        spot = circle.plane.to_metres(circle.lonlat[best[0].building : best[0].building + 1])
        assert circle.measured.gained_at(kind, spot) == 12.0

    def test_a_new_facility_is_seen_at_once(self) -> None:
        town = make_town(grids=2, buildings=2)
        street()
        kind = measured().kind_index("kindergarten")
        assert not measured().measured.served(kind).any()
        facility("kindergarten", town.buildings[1].lon or 0)
        assert measured().measured.served(kind).tolist() == [False, True]

    def test_without_streets_neighbours_are_walked_and_it_is_said(self) -> None:
        town = make_town(grids=1, buildings=3)
        facility("kindergarten", town.buildings[0].lon or 0)
        circle = measured()
        assert circle.measured.ground.is_makeshift
        assert circle.measured.served(circle.kind_index("kindergarten")).all()

    def test_a_facility_that_is_closed_counts_no_more(self) -> None:
        town = make_town(grids=1, buildings=2)
        street()
        closed = facility("kindergarten", town.buildings[0].lon or 0)
        Place.objects.filter(pk=closed.pk).update(ends_on=TODAY)
        assert measured().facilities == ()

    def test_scores_by_community_and_grid(self) -> None:
        town = make_town(grids=2, buildings=2)
        street()
        facility("kindergarten", town.buildings[0].lon or 0)
        answer = circle_answer(measured(), area_by_code(COMMUNITY_CODE))
        kinds = len(kinds_in_force(on=TODAY))
        assert {line["code"]: line["share"] for line in answer["kinds"]}["kindergarten"] == 0.5
        assert answer["score"] == round(100 * 0.5 / kinds)
        assert [line["score"] for line in answer["grids"]] == [0, round(100 / kinds)]
        points = json.loads(circle_geojson(measured()))["features"]
        assert [set(point["properties"]["distance_m"]) for point in points] == [{"kindergarten"}] * 2

    def test_an_area_without_buildings_has_none(self) -> None:
        town = make_town(buildings=1)
        Place.objects.filter(pk=town.buildings[0].pk).update(ends_on=TODAY)
        assert circle_of(COMMUNITY_CODE, on=TODAY) is None

    @pytest.mark.parametrize("buildings", [10, 20])
    def test_it_costs_the_same_number_of_questions_whatever_its_size(self, buildings: int) -> None:
        town = make_town(buildings=buildings)
        street()
        facility("kindergarten", town.buildings[0].lon or 0)
        with CaptureQueriesContext(connection) as asked:
            measured()
        assert len(asked) == 13


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def town(self) -> Town:
        town = make_town(grids=2, buildings=4)
        street()
        facility("kindergarten", town.buildings[0].lon or 0, "阳光幼儿园")
        return town

    @pytest.mark.parametrize(("person", "status"), [("county", 200), ("community", 200), ("stranger", 403)])
    def test_who_may_look(self, client: Client, town: Town, person: str, status: int) -> None:
        client.force_login(town.users[person])
        asked = {
            "area": COMMUNITY_CODE,
            "kind": "kindergarten",
            "lon": str(town.buildings[1].lon),
            "lat": str(SOUTH + 0.001),
        }
        for name in ("circle", "circle-reach", "circle-what-if"):
            assert client.get(reverse(f"planning:{name}"), asked).status_code == status

    def test_another_area_is_refused(self, client: Client, town: Town) -> None:
        make_town(community_code="520303002001")
        client.force_login(town.users["community"])
        assert client.get(reverse("planning:circle"), {"area": "520303002001"}).status_code == 403

    def test_the_page_says_what_is_missing_and_where_to_put_it(self, client: Client, town: Town) -> None:
        client.force_login(town.users["community"])
        page = client.get(reverse("planning:circle"), {"area": COMMUNITY_CODE, "kind": "kindergarten"}).content.decode()
        assert "还有 8 户够不着" in page
        assert "再多 8 户够得着" in page

    def test_the_map_colours_buildings(self, client: Client, town: Town) -> None:
        client.force_login(town.users["community"])
        asked = {"area": COMMUNITY_CODE, "kind": "kindergarten"}
        shapes = json.loads(gzip.decompress(client.get(reverse("planning:circle-reach"), asked).content))
        assert sorted(one["properties"]["tone"] for one in shapes["features"]) == ["good", "good", "warn", "warn"]

    def test_a_building_closed_since_the_circle_was_measured_is_left_out(self, client: Client, town: Town) -> None:
        client.force_login(town.users["community"])
        circle = measured()
        Place.objects.filter(pk=town.buildings[0].pk).update(ends_on=TODAY)
        body = reach_geojson(circle, placed_buildings(COMMUNITY_CODE, on=TODAY), "kindergarten")
        assert len(json.loads(gzip.decompress(body))["features"]) == 3

    def test_a_spot_on_the_map_is_answered_live(self, client: Client, town: Town) -> None:
        client.force_login(town.users["community"])
        asked = {"area": COMMUNITY_CODE, "kind": "kindergarten", "lat": str(SOUTH + 0.001)}
        url = reverse("planning:circle-what-if")
        assert "再多 8 户" in client.get(url, {**asked, "lon": str(town.buildings[1].lon)}).content.decode()
        assert "离道路太远" in client.get(url, {**asked, "lon": str(WEST + 0.09)}).content.decode()
        assert client.get(url, {**asked, "lon": "nan"}).status_code == 400
        assert client.get(url, {**asked, "lon": "x"}).status_code == 400
