"""`mulin administrators`: the three administrators (三员) of a new installation, three separate people."""

import secrets
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.domains.accounts import queries, services

PASSWORD_BYTES = 12
ONCE = _("请立即交给三个不同的人保管，密码不会再次显示")

SignIn = tuple[str, str, str]  # kind of user, user name, password


def administrators() -> None:
    """建立系统、安全、审计三个管理员，密码只显示这一次。 Create the three administrators."""
    console = Console()
    made = create_missing(now=timezone.now())
    if made:
        show(console, ONCE, made)
    else:
        console.print(_("三个管理员都已存在，没有改动。"))


def create_missing(*, now: datetime) -> list[SignIn]:
    """Create those of the three that do not exist; return the sign-ins of the new ones."""
    kinds = {
        "system": (_("系统管理员"), "system_admin"),
        "security": (_("安全管理员"), "security_admin"),
        "audit": (_("审计管理员"), "audit_admin"),
    }
    made = []
    for username, (name, role) in kinds.items():
        if queries.user_by_username(username) is None:
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            user = services.create_user(
                actor=None, username=username, name=name, password=password, must_change_password=True, now=now
            )
            services.grant_role(actor=None, user=user, role_code=role, starts_on=timezone.localdate(now), now=now)
            made.append((name, username, password))
    return made


def show(console: Console, title: str, rows: list[SignIn]) -> None:
    table = Table(title=title)
    for heading in (_("身份"), _("用户名"), _("密码")):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)
