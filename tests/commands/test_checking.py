"""`mulin check --deploy`: each unsafe setting is numbered, with its cure; a safe installation has none."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

ROOT = Path(__file__).parents[2] / "mulin"
SAFE = {
    "DEBUG": False,
    "SECRET_KEY": "s" * 64,
    "MULIN_FIELD_KEY": "f" * 64,
    "ALLOWED_HOSTS": ["mulin.example.gov.cn"],
    "MULIN_PUBLIC_URL": "https://mulin.example.gov.cn",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "CSRF_TRUSTED_ORIGINS": ["https://mulin.example.gov.cn"],
    "MULIN_SECOND_FACTOR": "administrators",
}
UNSAFE: dict[str, dict[str, Any]] = {
    "S001": {"DEBUG": True},
    "S002": {"SECRET_KEY": "short"},
    "S003": {"MULIN_FIELD_KEY": "short"},
    "S004": {"MULIN_FIELD_KEY": "s" * 64},
    "S005": {"ALLOWED_HOSTS": ["*"]},
    "S006": {"ALLOWED_HOSTS": ["127.0.0.1"]},
    "S007": {"MULIN_PUBLIC_URL": "http://mulin.example.gov.cn"},
    "S008": {"SECURE_HSTS_SECONDS": 0},
    "S009": {"CSRF_TRUSTED_ORIGINS": ["http://mulin.example.gov.cn"]},
    "S010": {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"script-src": ["'self'", "'unsafe-eval'"]}}},
    "S011": {"MEDIA_ROOT": "/srv/static/media", "STATIC_ROOT": "/srv/static"},
    "S013": {"SESSION_COOKIE_AGE": 10**8},
    "S014": {"MIDDLEWARE": ["django.middleware.security.SecurityMiddleware"]},
    "S015": {"X_FRAME_OPTIONS": "SAMEORIGIN"},
    "S016": {"SESSION_COOKIE_HTTPONLY": False},
    "S017": {"MULIN_SMS_SIGN_IN": True, "MULIN_SMS_GATEWAY": "console"},
    "S018": {"MULIN_SECOND_FACTOR": "off"},
    "S019": {"MULIN_PASSWORD_LENGTH": 6},
    "S031": {"FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]},
    "S032": {"LOGGING": {"root": {"level": "DEBUG"}}},
    "S035": {"MULIN_SMS_RESIDENTS": True, "MULIN_SMS_GATEWAY": "console"},
    "S036": {"MULIN_OIDC_ISSUER": "http://sso.example.gov.cn"},
}


@pytest.fixture
def safe(settings, tmp_path, monkeypatch):
    for name, value in {**SAFE, "MULIN_HOME": tmp_path}.items():
        setattr(settings, name, value)
    for file in ("secret.key", "field.key"):
        (tmp_path / file).touch(mode=0o600)
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(tmp_path / "mulin.sqlite3"))
    return settings


def numbers():
    return {m.id for m in run_checks(include_deployment_checks=True) if str(m.id).startswith("mulin.")}


def test_a_safe_installation_has_nothing_to_say(safe):
    assert numbers() == set()


@pytest.mark.parametrize("number", UNSAFE)
def test_each_unsafe_setting_is_numbered_with_its_cure(safe, number):
    for name, value in UNSAFE[number].items():
        setattr(safe, name, value)
    found = {m.id: m for m in run_checks(include_deployment_checks=True)}
    assert f"mulin.{number}" in found
    assert str(found[f"mulin.{number}"].hint)


def test_a_database_over_there_is_reached_encrypted(safe, monkeypatch):
    away = {"ENGINE": "mulin.core.postgresql", "HOST": "db.example.gov.cn", "OPTIONS": {}}
    for name, value in away.items():
        monkeypatch.setitem(safe.DATABASES["default"], name, value)
    assert numbers() == {"mulin.S020"}
    monkeypatch.setitem(safe.DATABASES["default"], "OPTIONS", {"sslmode": "verify-full"})
    assert numbers() == set()


def test_every_number_is_given_once():
    """A number in a ticket or a manual means one thing for good."""
    source = "".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("checks.py"))
    given = re.findall(r'"(?:mulin\.)?(S\d{3})"', source)
    assert sorted(given) == sorted(set(given))
    assert set(UNSAFE) <= set(given)


def test_a_key_others_can_read_is_found(safe):
    (Path(safe.MULIN_HOME) / "field.key").chmod(0o644)
    assert numbers() == {"mulin.S012"}


@pytest.mark.django_db
def test_the_command_tells_them_and_fails(safe, run):
    safe.DEBUG = True
    result = run("check", "--deploy")
    assert result.exit_code == 1
    assert "mulin.S001" in result.output
    assert "MULIN_DEBUG" in result.output


@pytest.mark.django_db
def test_a_safe_installation_passes(safe, run):
    result = run("check", "--deploy")
    assert result.exit_code == 0, result.output
