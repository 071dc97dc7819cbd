import os
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.pytest.plugin import SchemathesisFunction

# Two shared cores: a slow example is no failure. CI must give the same verdict twice.
hypothesis_settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("ci", parent=hypothesis_settings.get_profile("here"), derandomize=True)
hypothesis_settings.load_profile("ci" if os.environ.get("MULIN_TEST_STRICT") else "here")

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "django_db_setup"}
E2E = Path(__file__).parent / "e2e"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    _name_apart(items)
    for item in items:
        if item.path.is_relative_to(E2E):
            item.add_marker(pytest.mark.e2e)
        elif not _uses_database(item):
            item.add_marker(pytest.mark.pure)
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)  # else one process waits for the other's longest file


def _name_apart(items: list[pytest.Item]) -> None:
    """Of tests with one id, several processes together run only one; schemathesis gives one id to all operations."""
    for item in items:
        if isinstance(item, SchemathesisFunction):
            item._id = item.id.with_params(item.operation_label)
    twice = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if twice:
        raise pytest.UsageError(f"tests with one id: {twice[:5]}")


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    is_django_case = getattr(getattr(item, "cls", None), "databases", None) is not None
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES) or is_django_case


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What a process remembers of the database is of the test before, and the language of its last page too."""
    from mulin.core import versions

    versions.forget_all()
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a real file: in memory, two threads share one cache, and neither WAL nor waiting is real."""
    default = settings.DATABASES["default"]
    if default["ENGINE"].endswith("sqlite3"):
        default.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("sqlite") / "test.sqlite3")
