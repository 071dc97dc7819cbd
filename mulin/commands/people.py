"""On whose behalf a command reads: it shows what that person may see, and nothing more."""

import typer
from django.utils.translation import gettext as _

from mulin.domains.accounts import queries as accounts
from mulin.domains.accounts.models import User


def acting_as(username: str, permission: str) -> User:
    """Return the person, who needs the permission; end with a usage error otherwise."""
    user = accounts.user_by_username(username)
    if user is None or not user.is_active:
        raise typer.BadParameter(_("没有可用的账号 {name}。").format(name=username), param_hint="--as")
    if not user.has_perm(permission):
        raise typer.BadParameter(
            _("账号 {name} 没有权限 {permission}。").format(name=username, permission=permission), param_hint="--as"
        )
    return user
