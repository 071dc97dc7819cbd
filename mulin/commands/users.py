"""`mulin user`: accounts of people and programs, from the machine the system runs on."""

import sys
from datetime import timedelta
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.refusals import told_and_ended
from mulin.core.errors import NotFound
from mulin.domains.accounts import queries, services
from mulin.domains.accounts.models import User

app = typer.Typer(no_args_is_help=True, help=_("账号：新建、改密码、列出、发接口令牌。 Accounts and API keys."))

Username = Annotated[str, typer.Argument(help=_("用户名"))]
FromInput = Annotated[bool, typer.Option("--password-stdin", help=_("从标准输入读密码，不在屏幕上问"))]


class UserUnknown(NotFound):
    code = "user_unknown"

    def __init__(self, username: str) -> None:
        super().__init__(
            _("没有用户“{username}”。").format(username=username), remedy=_("用 mulin user list 查看全部用户。")
        )


@app.command()
def add(
    username: Username,
    name: Annotated[str, typer.Argument(help=_("姓名或名称"))],
    role: Annotated[
        list[str] | None, typer.Option(help=_("不随岗位的角色，如 system_admin、security_admin、audit_admin"))
    ] = None,
    phone: Annotated[str, typer.Option(help=_("工作电话"))] = "",
    no_password: Annotated[bool, typer.Option("--no-password", help=_("不设密码：只能用接口令牌"))] = False,
    password_stdin: FromInput = False,
) -> None:
    """新建账号；岗位的权限随任职而来，不在这里给。 Add an account."""
    now = timezone.now()
    password = None if no_password else _read_password(password_stdin)
    with told_and_ended():
        user = services.add_user(
            actor=None,
            username=username,
            name=name,
            work_phone=phone,
            password=password,
            role_codes=role or [],
            now=now,
        )
    typer.echo(_("已新建：{username}（{name}）").format(username=user.username, name=user.name))


@app.command()
def password(username: Username, password_stdin: FromInput = False) -> None:
    """改密码；用旧密码登录的都会退出。 Change a password."""
    with told_and_ended():
        user = _user(username)
        services.set_password(actor=None, user=user, password=_read_password(password_stdin), now=timezone.now())
    typer.echo(_("密码已改。"))


@app.command("list")
def list_() -> None:
    """列出全部账号。 List the accounts."""
    table = Table()
    for heading in (_("用户名"), _("姓名"), _("身份"), _("状态"), _("上次登录")):
        table.add_column(heading)
    after = ""
    while users := queries.users_for_listing(after=after):
        for user in users:
            seen = timezone.localtime(user.last_login).strftime("%Y-%m-%d %H:%M") if user.last_login else "—"
            state = _("可用") if user.is_active else _("停用")
            table.add_row(user.username, user.name, user.role_label, state, seen)
        after = users[-1].username
    Console().print(table)


@app.command()
def token(
    username: Username,
    application: Annotated[str, typer.Option(help=_("给哪个程序用"))] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help=_("有效天数"))] = 365,
) -> None:
    """发一个接口令牌，只显示这一次。 Issue an API key, shown this once."""
    with told_and_ended():
        user = _user(username)
        key = services.issue_token(
            actor=None,
            user=user,
            application=application,
            life=timedelta(days=days),
            now=timezone.now(),
        )
    typer.echo(key)


def _user(username: str) -> User:
    user = queries.user_by_username(username)
    if user is None:
        raise UserUnknown(username)
    return user


def _read_password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(_("密码"), hide_input=True, confirmation_prompt=_("再输一次")))
