"""天地图 tiles as the background of our maps, where a district has a key for them; without one no map asks anybody.

The web Mercator tiles (`_w`) lie in CGCS2000, which for a map is WGS-84: nothing has to be shifted.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

HOSTS = tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8))
DRAWN_THERE = frozenset({"block", "water", "green", "street"})
"""What the tiles show anyway and our own drawing would cover."""


def with_tiles(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of a map with 天地图 under its areas and buildings, if there is a key."""
    if not settings.MULIN_TIANDITU_KEY or "tiles" in config:
        return dict(config)
    layers = [layer for layer in config.get("layers", ()) if layer.get("kind") not in DRAWN_THERE]
    return {**config, "layers": layers, "tiles": {"urls": _urls(settings.MULIN_TIANDITU_KEY), "attribution": "天地图"}}


def _urls(key: str) -> list[str]:
    asked = {
        "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": "vec", "STYLE": "default",
        "TILEMATRIXSET": "w", "FORMAT": "tiles", "tk": key,
    }  # fmt: skip
    place = "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
    return [f"{host}/vec_w/wmts?{urlencode(asked)}{place}" for host in HOSTS]
