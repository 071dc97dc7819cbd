"""天地图 lies under our maps where there is a key for it, and nobody is asked where there is none."""

from django.test import override_settings

from mulin.web.csp import TIANDITU_HOST, content_security_policy
from mulin.web.tiles import with_tiles

CONFIG = {
    "layers": [
        {"id": "grids", "kind": "grid"},
        {"id": "roads", "kind": "street"},
        {"id": "buildings", "kind": "building"},
    ],
    "bounds": [106.9, 27.7, 107.0, 27.8],
}


@override_settings(MULIN_TIANDITU_KEY="")
def test_without_a_key_the_map_stays_our_own() -> None:
    assert with_tiles(CONFIG) == CONFIG


@override_settings(MULIN_TIANDITU_KEY="a key&more")
def test_with_a_key_the_tiles_take_the_place_of_our_drawn_ground() -> None:
    shown = with_tiles(CONFIG)

    assert [layer["id"] for layer in shown["layers"]] == ["grids", "buildings"]
    assert shown["tiles"]["attribution"] == "天地图"
    assert all("tk=a+key%26more" in url and "TILEMATRIX={z}" in url for url in shown["tiles"]["urls"])
    assert shown["bounds"] == CONFIG["bounds"]


def test_the_page_may_load_every_one_of_them() -> None:
    policy = content_security_policy([TIANDITU_HOST])["DIRECTIVES"]
    assert TIANDITU_HOST in policy["img-src"]
    assert TIANDITU_HOST in policy["connect-src"]
    assert TIANDITU_HOST == "https://*.tianditu.gov.cn"
