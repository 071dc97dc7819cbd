import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from tests.web.test_templates import ICONS, TEMPLATES

STATIC = Path(__file__).parent.parent.parent / "mulin/web/static"
VENDOR = STATIC / "vendor"
LIBRARIES = sorted(path for path in VENDOR.iterdir() if path.is_dir())
NAMED = re.compile(r"""\{% static ["']([^"'{}]+)["'] %\}""")
MOST_BYTES = 4_500_000


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda path: path.name)
def test_a_library_comes_with_its_licence(library: Path) -> None:
    licence = (library / "LICENSE.txt").read_text(encoding="utf-8")
    assert re.search(r"MIT|Apache License|BSD|Redistribution|Permission", licence)
    assert f"({library.name}/LICENSE.txt)" in (VENDOR / "LICENSES.md").read_text(encoding="utf-8")


def test_every_static_file_a_template_names_is_there() -> None:
    named = {name for path in TEMPLATES for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert "mulin/mulin.css" in named
    assert [name for name in sorted(named) if finders.find(name) is None] == []


def test_the_libraries_stay_small() -> None:
    assert sum(path.stat().st_size for path in VENDOR.rglob("*") if path.is_file()) < MOST_BYTES


def test_the_icons_of_the_navigation_are_in_the_sprite() -> None:
    assert {entry["icon"] for entry in settings.MULIN_NAVIGATION} - ICONS == set()


def test_files_can_be_collected_under_hashed_names(tmp_path: Path) -> None:
    """Fails on a reference to a file that is not there, such as a source map."""
    storages: dict[str, Any] = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert list(tmp_path.glob("vendor/maplibre/maplibre-gl-worker.*.js"))


def test_nothing_records_where_packages_were_fetched() -> None:
    frontend = STATIC.parent.parent.parent / "frontend"
    assert not (frontend / "package-lock.json").exists()
