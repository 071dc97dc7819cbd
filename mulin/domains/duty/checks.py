"""What `mulin check --deploy` asks the database about posts."""

from typing import Any

from django.core import checks
from django.utils.translation import gettext as _

from mulin.domains.duty import triggers


@checks.register(checks.Tags.database, deploy=True)
def administrators_stay_apart(app_configs: Any, databases: Any = None, **_options: Any) -> list[checks.CheckMessage]:
    """Called by Django's check framework when databases may be asked."""
    if not databases or not (missing := triggers.missing()):
        return []
    return [
        checks.Error(
            _("数据库里少了不让管理员任职的触发器：{names}。").format(names=", ".join(missing)),
            hint=_("运行 mulin 升级（迁移）会自动补上；仍缺则联系维护者。"),
            id="mulin.S037",
        )
    ]
