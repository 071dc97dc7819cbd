"""Somebody asks for a computation whose program is being compiled just now: told so, and how far it is."""

from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Refused
from mulin.kernels.readiness import NotCompiled

LOOK_AGAIN_S = 5


class Preparing(Refused):
    """Not yet; the same request will do in a minute or two."""

    code = "computing_is_prepared"
    status = 503
    sentence = _("正在准备计算程序，请稍候。")
    remedy = _(
        "每台机器只在第一次使用和更新版本后准备一次，约需一两分钟。页面会自动刷新；刚才提交的内容没有办理，请过一会儿再提交。"
    )

    @classmethod
    def of(cls, cause: NotCompiled) -> "Preparing":
        told = _("正在准备计算程序，已完成 {done}/{total}，请稍候。")
        return cls(told.format(done=cause.done, total=cause.total), done=cause.done, total=cause.total)
