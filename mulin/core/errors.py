"""How a request is refused: a code for programs, a sentence and a remedy for people.

Every domain error is one of these; `mulin.web.middleware.RefusalMiddleware` and the API turn them into 400–429.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Refused(Exception):
    """The request is understood and not done; nothing has changed."""

    code = "refused"
    status = 409
    sentence: Text = _("这一步现在不能做。")
    remedy: Text = ""

    def __init__(self, sentence: Text | None = None, *, remedy: Text | None = None, **details: Any) -> None:
        self.sentence = self.sentence if sentence is None else sentence
        self.remedy = self.remedy if remedy is None else remedy
        self.details: Mapping[str, Any] = details
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return str(self.sentence)

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": str(self.sentence), "remedy": str(self.remedy), "details": self.details}


def in_every_language(text: Text) -> dict[str, str]:
    """Return a text for whoever reads it later: language → words."""
    words = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            words[language] = str(text)
    return words


def in_readers_language(words: str | Mapping[str, str]) -> str:
    """Return what `in_every_language` kept; a plain string is of before that and stays as it is."""
    if isinstance(words, str):
        return words
    return words.get(get_language() or "") or next(iter(words.values()), "")


class Invalid(Refused):
    """The request itself is wrong: a field is missing, too long, of the wrong kind."""

    code = "invalid"
    status = 400
    sentence = _("填写的内容有误。")


class NotAllowed(Refused):
    code = "not_allowed"
    status = 403
    sentence = _("您没有办理这一步的权限。")
    remedy = _("请联系上一级工作人员，或换用有权限的账号登录。")


class NotFound(Refused):
    """What is hidden and what is not there are answered alike."""

    code = "not_found"
    status = 404
    sentence = _("没有找到您要的内容。")
    remedy = _("请检查地址或查询码是否完整。")


class Conflict(Refused):
    """Somebody else was faster, or the same key came with other content."""

    code = "conflict"
    sentence = _("这条记录刚刚被别人改过。")
    remedy = _("请刷新后再试。")


class TooMany(Refused):
    code = "too_many"
    status = 429
    sentence = _("请求过于频繁。")
    remedy = _("请稍后再试。")
