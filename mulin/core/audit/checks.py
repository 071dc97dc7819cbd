"""What `mulin check --deploy` asks the database about the audit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection
from django.utils.translation import gettext as _

from mulin.core.audit import triggers
from mulin.core.exports import queries as exports

SHORTEST_KEY = 43  # 32 random bytes in base64


@checks.register(checks.Tags.database, deploy=True)
def audit_is_kept(app_configs: Any, databases: Any = None, **_options: Any) -> list[checks.CheckMessage]:
    """Called by Django's check framework when databases may be asked."""
    return list(_found()) if databases else []


def _found() -> Iterator[checks.CheckMessage]:
    if missing := triggers.missing():
        yield checks.Error(
            _("审计表缺少防改触发器：{names}。").format(names=", ".join(missing)),
            hint=_("用迁移重建：mulin 升级会自动补上；仍缺则联系维护者。"),
            id="mulin.S021",
        )
    if len(settings.MULIN_AUDIT_KEY) < SHORTEST_KEY or settings.MULIN_AUDIT_KEY == settings.SECRET_KEY:
        yield checks.Error(
            _("审计密钥太短，或与会话密钥相同。"),
            hint=_("删去自己写的 MULIN_AUDIT_KEY，让系统生成。"),
            id="mulin.S022",
        )
    if settings.MULIN_AUDIT_DAYS < triggers.LEAST_DAYS:
        yield checks.Error(
            _("审计记录保存不足六个月。"),
            hint=_("MULIN_AUDIT_DAYS 至少为 183（网络安全法第二十三条）。"),
            id="mulin.S023",
        )
    if exports.is_public(Path(settings.MULIN_EXPORT_ROOT)):
        yield checks.Error(
            _("导出的文件存放在网页能读到的文件夹里。"),
            hint=_("MULIN_EXPORT_ROOT 换到 MULIN_STATIC_ROOT 和 MULIN_MEDIA_ROOT 之外。"),
            id="mulin.S025",
        )
    if connection.vendor == "postgresql" and _may_erase():
        yield checks.Warning(
            _("网页进程的数据库用户能删改审计表。"),
            hint=_("按 docs/postgresql-audit-grants.sql 给网页进程单独的数据库用户。"),
            id="mulin.S024",
        )


def _may_erase() -> bool:
    asked = " OR ".join(
        f"has_table_privilege('{table}', '{right}')"
        for table in triggers.TABLES
        for right in ("UPDATE", "DELETE", "TRUNCATE")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return bool(cursor.fetchone()[0])
