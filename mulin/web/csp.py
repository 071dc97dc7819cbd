"""What a page may load: our own files only, and map tiles where the district configured a tile service."""

import os
from collections.abc import Iterable
from typing import Any

SELF = "'self'"
NONE = "'none'"
TIANDITU_HOST = "https://*.tianditu.gov.cn"


def content_security_policy(tile_hosts: Iterable[str] = ()) -> dict[str, Any]:
    """Return the setting django-csp reads; tiles are fetched as images or by script, so their hosts join both lists."""
    tiles = list(tile_hosts)
    return {
        "DIRECTIVES": {
            "default-src": [SELF],
            "script-src": [SELF],
            "style-src": [SELF, "'unsafe-inline'"],
            "img-src": [SELF, "data:", "blob:", *tiles],
            "connect-src": [SELF, *tiles],
            "worker-src": [SELF, "blob:"],
            "manifest-src": [SELF],
            "object-src": [NONE],
            "base-uri": [NONE],
            "form-action": [SELF],
            "frame-ancestors": [NONE],
        }
    }


def configured_tile_hosts() -> list[str]:
    """MULIN_TILE_HOSTS lists further hosts, separated by commas; a 天地图 key implies its host."""
    hosts = [host.strip() for host in os.environ.get("MULIN_TILE_HOSTS", "").split(",") if host.strip()]
    return [*hosts, TIANDITU_HOST] if os.environ.get("MULIN_TIANDITU_KEY") else hosts


CONTENT_SECURITY_POLICY = content_security_policy(configured_tile_hosts())
