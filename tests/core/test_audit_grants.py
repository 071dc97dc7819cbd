"""The web process's database user adds to the audit trail and can neither change nor shorten it (PostgreSQL)."""

import re
from pathlib import Path

import pytest
from django.core import checks
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from mulin.core.audit import checks as audit_checks
from mulin.core.audit import retention, sealing
from mulin.core.audit.models import AuditRecord, AuditSeal
from mulin.core.audit.recording import record_write

pytestmark = pytest.mark.django_db
GRANTS = Path(__file__).parents[2] / "docs" / "postgresql-audit-grants.sql"


def found() -> set[str]:
    return {str(one.id) for one in audit_checks.audit_is_kept(None, ["default"])}


def run_grants(web: str) -> None:
    sql = re.sub(r"^--.*$", "", GRANTS.read_text(encoding="utf-8"), flags=re.MULTILINE).replace(':"web"', web)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {web}")
        cursor.execute(sql)


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_the_web_users_right_ends_at_adding() -> None:
    run_grants("mulin_web_of_a_test")
    sealing.seal_all(now=timezone.now())
    assert "mulin.S024" in found()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE mulin_web_of_a_test")
    record_write(actor=None, action="tests.write", one=None, now=timezone.now())
    assert "mulin.S024" not in found()
    for forbidden in (
        lambda: AuditRecord.objects.update(action="x"),
        lambda: AuditRecord.objects.all().delete(),
        lambda: sealing.seal_all(now=timezone.now()),
        lambda: AuditSeal.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE core_auditrecord"),
        lambda: connection.cursor().execute("DROP TRIGGER core_auditrecord_kept ON core_auditrecord"),
    ):
        with pytest.raises(DatabaseError, match="permission denied|must be owner"), transaction.atomic():
            forbidden()
    assert AuditRecord.objects.filter(action="tests.write").count() == 1


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("MULIN_AUDIT_DAYS", 182, "S023"), ("MULIN_AUDIT_KEY", "short", "S022"),
        ("MULIN_EXPORT_ROOT", "MEDIA", "S025"), ("MULIN_EXPORT_ROOT", "STATIC", "S025"),
    ],
)  # fmt: skip
def test_a_setting_that_weakens_the_audit_is_numbered(settings, name: str, value: object, code: str) -> None:
    number = f"mulin.{code}"
    assert number not in found()
    roots = {"MEDIA": settings.MEDIA_ROOT, "STATIC": settings.STATIC_ROOT}
    setattr(settings, name, roots[str(value)] / "exports" if value in roots else value)
    assert number in found()
    assert checks.registry.registry.deployment_checks
    assert retention.days_kept() > 183


def test_a_lost_trigger_is_numbered() -> None:
    from tests.core.test_audit import without_triggers

    assert "mulin.S021" not in found()
    with without_triggers():
        assert "mulin.S021" in found()
