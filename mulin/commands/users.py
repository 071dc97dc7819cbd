"""`mulin user`: accounts of people and programs, from the machine the system runs on."""

import sys
from datetime import date, timedelta
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.refusals import told_and_ended
from mulin.core.errors import NotFound
from mulin.domains.accounts import access, queries, services
from mulin.domains.accounts.models import User

app = typer.Typer(no_args_is_help=True, help=_("账号：新建、改密码、列出、发接口令牌。 Accounts and API keys."))

ROLE_HELP = _("不随岗位的角色，如 system_admin、security_admin、audit_admin，或用 --at 限定地方的 department 等")
AT_HELP = _("在哪里起作用：区、街道、社区、网格或单位的代码或全名；留空为整个系统")
UNTIL_HELP = _("不再有这个角色的第一天，如 2027-01-01；留空为不定期")

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
    role: Annotated[list[str] | None, typer.Option(help=ROLE_HELP)] = None,
    at: Annotated[str, typer.Option(help=AT_HELP)] = "",
    until: Annotated[str, typer.Option(help=UNTIL_HELP)] = "",
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
            at=access.place_to_grant(at, now=now),
            ends_on=_day(until),
            now=now,
        )
    typer.echo(_("已新建：{username}（{name}）").format(username=user.username, name=user.name))


@app.command()
def grant(
    username: Username,
    role: Annotated[str, typer.Argument(help=ROLE_HELP)],
    at: Annotated[str, typer.Option(prompt=_("在哪里起作用（留空为整个系统）"), show_default=False, help=AT_HELP)] = "",
    until: Annotated[str, typer.Option(prompt=_("哪天结束（留空为不定期）"), show_default=False, help=UNTIL_HELP)] = "",
) -> None:
    """给一个不随岗位的角色：在一个地方、一个单位或整个系统，到期自动结束。 Grant a role without a post."""
    now = timezone.now()
    with told_and_ended():
        services.grant_role(
            actor=None,
            user=_user(username),
            role_code=role,
            at=access.place_to_grant(at, now=now),
            starts_on=timezone.localdate(now),
            ends_on=_day(until),
            now=now,
        )
    typer.echo(_("角色已给予。"))


@app.command()
def withdraw(username: Username, role: Annotated[str, typer.Argument(help=ROLE_HELP)]) -> None:
    """收回一个不随岗位的角色，在各处的都收回。 Take back a role, wherever it was granted."""
    now = timezone.now()
    with told_and_ended():
        user = _user(username)
        found = [one for one in queries.grants_of(user, today=timezone.localdate(now)) if one.role_id == role]
        if not found:
            raise access.GrantUnknown
        for one in found:
            services.withdraw_role(actor=None, grant=one, now=now)
    typer.echo(_("角色已收回。"))


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


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip()) if written.strip() else None
    except ValueError:
        raise typer.BadParameter(_("日期写成 2027-01-01。"), param_hint="--until") from None


def _read_password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(_("密码"), hide_input=True, confirmation_prompt=_("再输一次")))
