"""To the city's single sign-on and back."""

from base64 import b64decode, b64encode
from dataclasses import asdict

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mulin.core import ratelimit
from mulin.core.encryption import KeyMissing, decrypt, encrypt
from mulin.core.errors import NotAllowed, NotFound, Refused
from mulin.domains.accounts import services, single_sign_on
from mulin.domains.accounts.models import EntryMethod, EntryResult, User
from mulin.domains.accounts.views import steps
from mulin.web.guards import address_of

LEFT, ID_TOKEN = "left_for_sign_on", "sign_on_id_token"
METHOD = EntryMethod.SINGLE_SIGN_ON


class NoAccount(NotAllowed):
    code = "no_account"
    sentence = _("统一认证里的这个人在这里没有账号。")
    remedy = _("请联系本单位的安全管理员建立账号，或核对用户名。")


def _back_here() -> str:
    """The address registered with the provider: of our public name, never of a Host somebody has made up."""
    return settings.MULIN_PUBLIC_URL.rstrip("/") + reverse("accounts:back-from-city")


@never_cache
@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    if not single_sign_on.is_on():
        raise NotFound
    target = steps.local(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(target)
    ratelimit.check(f"sign-in-from:{address_of(request)}", most=steps.MOST_FAILURES_PER_ADDRESS, now=timezone.now())
    try:
        address, kept = single_sign_on.leave(_back_here())
    except (single_sign_on.SignOnRefused, single_sign_on.SignOnUnreachable):
        return _refused(request, single_sign_on.SignOnUnreachable())
    request.session[LEFT] = {**asdict(kept), "target": target, "at_s": int(timezone.now().timestamp())}
    return HttpResponseRedirect(address)


@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Let in whom the provider names, if they have an account; the second step is asked for as after a password."""
    if not single_sign_on.is_on():
        raise NotFound
    kept = request.session.pop(LEFT, None)
    if kept is None or timezone.now().timestamp() - kept.pop("at_s") > steps.TIME_FOR_ALL_STEPS.total_seconds():
        raise steps.StepsForgotten
    target = kept.pop("target")
    try:
        named = single_sign_on.come_back(request.GET.dict(), single_sign_on.Leaving(**kept), _back_here())
    except (single_sign_on.SignOnRefused, single_sign_on.SignOnUnreachable) as refusal:
        return _refused(request, refusal)
    user = _whose(named)
    if user is None:
        return _refused(request, NoAccount())
    is_strong = settings.MULIN_OIDC_TRUSTS_MFA and named.used_two_factors
    onward = steps.set_out(request, user, METHOD, target, is_strong=is_strong)
    request.session[ID_TOKEN] = b64encode(encrypt(named.id_token, label=ID_TOKEN)).decode()
    return redirect(onward)


def way_out(request: HttpRequest) -> str:
    """Return where somebody who came in by the provider ends its session too; empty for all others.

    It leads to the provider's own address and back to our first page, whatever the request asks for.
    """
    kept = request.session.get(ID_TOKEN, "")
    if not kept or not single_sign_on.is_on():
        return ""
    try:
        id_token = decrypt(b64decode(kept), label=ID_TOKEN)
    except (KeyMissing, InvalidTag):
        return ""
    return single_sign_on.leave_for_good(id_token, settings.MULIN_PUBLIC_URL.rstrip("/") + reverse("home"))


def _whose(named: single_sign_on.Named) -> User | None:
    issuer = settings.MULIN_OIDC_ISSUER
    return services.use_sign_on(issuer=issuer, subject=named.subject, claim=named.claim, now=timezone.now())


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Back to the other ways in, with the reason; what the provider says of it is not repeated."""
    now = timezone.now()
    if not isinstance(refusal, single_sign_on.SignOnUnreachable):
        ratelimit.count_refused(f"sign-in-from:{address_of(request)}", now=now)
        steps.record(request, None, EntryResult.WRONG, METHOD, now=now)
    messages.error(request, f"{refusal.sentence}{refusal.remedy}")
    return redirect("accounts:sign-in")
