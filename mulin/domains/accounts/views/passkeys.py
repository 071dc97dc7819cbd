"""Passkeys: asked for and answered by mulin/web/static/mulin/passkeys.js, in JSON."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from mulin.core.errors import Invalid
from mulin.domains.accounts import access, passkeys, queries, services
from mulin.domains.accounts.models import EntryMethod, Passkey, User
from mulin.domains.accounts.passkeys import PasskeyRefused, Site
from mulin.domains.accounts.views import steps
from mulin.web.fragments import go_to
from mulin.web.guards import address_of, signed_in

CHALLENGE = "passkey_challenge"


def _site(request: HttpRequest) -> Site:
    host = request.get_host()
    return Site(host.rpartition(":")[0] if ":" in host else host, f"{request.scheme}://{host}")


def _ask(request: HttpRequest, asked: passkeys.Asked) -> JsonResponse:
    request.session[CHALLENGE] = asked.challenge
    return JsonResponse(asked.options)


def _answer(request: HttpRequest) -> tuple[dict[str, Any], str]:
    """Return what the browser sent and the challenge it had to answer; a challenge is good once."""
    challenge = request.session.pop(CHALLENGE, "")
    try:
        body = json.loads(request.body)
    except ValueError as unreadable:
        raise Invalid from unreadable
    if not challenge or not isinstance(body, dict) or not isinstance(body.get("credential"), dict):
        raise PasskeyRefused
    return body, challenge


@never_cache
@require_POST
@signed_in
def ask_to_add(request: HttpRequest) -> HttpResponse:
    user = access.person(request.user)
    steps.be_fresh(request)
    known = [key.credential_id for key in queries.passkeys_of(user)]
    return _ask(
        request,
        passkeys.ask_to_register(_site(request), user_id=user.pk, username=user.username, name=user.name, known=known),
    )


@never_cache
@require_POST
@signed_in
def add(request: HttpRequest) -> HttpResponse:
    user = access.person(request.user)
    steps.be_fresh(request)
    body, challenge = _answer(request)
    made = passkeys.registered(_site(request), body["credential"], challenge=challenge)
    new = services.NewPasskey(made.credential_id, made.public_key, made.sign_count)
    services.add_passkey(actor=user, name=str(body.get("name", ""))[:60], passkey=new, now=timezone.now())
    messages.success(request, _("通行密钥已添加，下次可以用它登录。"))
    return JsonResponse({"url": reverse("accounts:security")})


@require_POST
@signed_in
def remove(request: HttpRequest, passkey_id: int) -> HttpResponse:
    user = access.person(request.user)
    steps.be_fresh(request)
    services.remove_passkey(actor=user, passkey=access.own_passkey(user, passkey_id), now=timezone.now())
    messages.success(request, _("通行密钥已移除。"))
    return go_to(request, reverse("accounts:security"))


@never_cache
@require_POST
def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """For whoever comes: any passkey of this site; for somebody on the way in: one of theirs."""
    known = [key.credential_id for key in queries.passkeys_of(person)] if (person := _on_the_way(request)) else []
    return _ask(request, passkeys.ask_to_sign_in(_site(request), known=known))


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    now, bucket = timezone.now(), steps.bucket_of("passkey", "", address_of(request))
    person = _on_the_way(request)
    steps.check_open(request, bucket, person, EntryMethod.PASSKEY, now=now)
    body, challenge = _answer(request)
    found = queries.passkey_by_credential(str(body["credential"].get("id", ""))[:2000])
    try:
        sign_count = _signed(request, found, body["credential"], challenge, person)
    except PasskeyRefused:
        steps.count_wrong(request, bucket, found.user if found else None, EntryMethod.PASSKEY, now=now)
        raise
    assert found is not None
    services.use_passkey(actor=found.user, passkey=found, sign_count=sign_count, now=now)
    if person is not None:
        return JsonResponse({"url": steps.second_done(request, *steps.under_way(request))})
    target = steps.local(request, str(body.get("next", "")))
    return JsonResponse({"url": steps.set_out(request, found.user, EntryMethod.PASSKEY, target, is_strong=True)})


def _signed(
    request: HttpRequest, found: Passkey | None, credential: dict[str, Any], challenge: str, person: User | None
) -> int:
    if found is None or (person is not None and found.user_id != person.pk):
        raise PasskeyRefused
    return passkeys.signed(
        _site(request), credential, challenge=challenge, public_key=found.public_key, sign_count=found.sign_count
    )


def _on_the_way(request: HttpRequest) -> User | None:
    try:
        return steps.under_way(request)[0]
    except steps.StepsForgotten:
        return None
