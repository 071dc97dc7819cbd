"""What a key cannot do in its owner's place: make keys, passwords and administrators."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotAllowed


class InPersonOnly(NotAllowed):
    """Else a key that got away could open new ways in, and stopping it would stop nothing."""

    code = "in_person_only"
    sentence = _("这一步不能用令牌办理。")
    remedy = _("请本人登录后办理，例如在“账号”页。")


def in_person(request: HttpRequest, refusal: type[NotAllowed] = InPersonOnly) -> None:
    """Raise the refusal for who comes by a token."""
    if "Authorization" in request.headers:
        raise refusal
