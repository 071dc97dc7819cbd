"""`mulin keys`: the keys of the personal fields."""

from getpass import getuser

import typer
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from mulin.commands.progress import progress
from mulin.core.audit.recording import record_write
from mulin.core.encryption import keys, rotation

app = typer.Typer(no_args_is_help=True, help=_("个人信息字段的密钥。 Keys of the personal fields."))


@app.callback()
def group() -> None:
    """Keeps `rotate` a command of its own while it is the only one."""


@app.command()
def rotate() -> None:
    """换新密钥并重新加密，不停机；中断后再运行一次即可继续。 Add a key and write every row anew under it."""
    console = Console(stderr=True)
    number = rotation.add_key_if_whole()
    record_write(actor=getuser(), action="core.rotate_keys", one=None, now=timezone.now())
    if number is None:
        console.print(_("上次换钥还没有完成，接着做。"))
    else:
        path = settings.MULIN_FIELD_KEYS_FILE
        console.print(
            _("新密钥 {number} 已写入 {path}，请立即备份这个文件。").format(number=number, path=path), soft_wrap=True
        )
    with progress(_("重新加密"), total=rotation.count(), console=console) as done:
        for rows in rotation.rotate():
            done(rows)
    rotation.forget_old_pages()
    console.print(
        _("全部字段已使用密钥 {number}。旧密钥在旧备份过期之前请继续保留。").format(number=keys.ring().newest)
    )
