"""What `mulin check --deploy` asks the database about the rules of cases."""

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.db import connection
from django.utils.translation import gettext as _

from mulin.domains.cases.models import Policy
from mulin.domains.cases.queries import burden


@checks.register(checks.Tags.database, deploy=True)
def nothing_burdens(app_configs: Any, databases: Any = None, **_options: Any) -> list[checks.CheckMessage]:
    """Called by Django's check framework when databases may be asked."""
    is_there = bool(databases) and Policy._meta.db_table in connection.introspection.table_names()
    return list(_found()) if is_there else []


def _found() -> Iterator[checks.CheckMessage]:
    for one, finding in burden.forbidden_indicators():
        yield checks.Warning(
            _("指标“{name}”属于{ban}，不会被统计。{article}。").format(
                name=one.name_zh or one.code, ban=finding.ban.name, article=finding.ban.article
            ),
            hint=_("从指标定义里删去这一行；只有急时状态内申请过例外的那几天才会统计。"),
            id="mulin.S033",
        )
