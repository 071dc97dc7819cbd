"""A code by short message: to come in by one's verified work phone, and to verify it."""

import re

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mulin.core.errors import NotFound
from mulin.domains.accounts import access, queries, services
from mulin.domains.accounts.forms import CodeForm, PhoneForm
from mulin.domains.accounts.models import CodePurpose, EntryMethod, User
from mulin.domains.accounts.views import steps
from mulin.web.fragments import go_to
from mulin.web.guards import address_of, signed_in

WRONG = 422
ASKED = "phone_asked"
_MOBILE = re.compile(r"1\d{10}")


def _phone(text: str) -> str:
    """Return eleven digits, or nothing. Spaces, dashes and +86 are how people write a number."""
    digits = re.sub(r"[\s-]", "", text).removeprefix("+86")
    return digits if _MOBILE.fullmatch(digits) else ""


def _ask(request: HttpRequest, owner: User | None, phone: str, purpose: CodePurpose) -> None:
    """Have a code sent, whether or not the number is anybody's."""
    services.ask_code(actor=owner, phone=phone, purpose=purpose, address=address_of(request), now=timezone.now())


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The same answer for every number: a code has been sent if it is somebody's verified work phone."""
    if not settings.MULIN_SMS_SIGN_IN:
        raise NotFound
    form = PhoneForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if phone := _phone(form.cleaned_data["phone"]):
            _ask(request, queries.user_by_verified_phone(phone), phone, CodePurpose.SIGN_IN)
            request.session[ASKED] = queries.phone_hash(phone)
            return go_to(request, reverse("accounts:enter-phone-code"))
        form.add_error("phone", services.PhoneInvalid().remedy)
    return render(request, "accounts/ask_phone_code.html", {"form": form}, status=WRONG if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    hashed = request.session.get(ASKED)
    if not settings.MULIN_SMS_SIGN_IN or not hashed:
        raise steps.StepsForgotten
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if user := _checked(request, hashed, form.cleaned_data["code"]):
            return go_to(request, steps.set_out(request, user, EntryMethod.PHONE_CODE, reverse("home")))
        form.add_error("code", _("验证码不对或已过期。"))
    return render(request, "accounts/enter_phone_code.html", {"form": form}, status=WRONG if form.errors else 200)


def _checked(request: HttpRequest, hashed: str, code: str) -> User | None:
    now, method = timezone.now(), EntryMethod.PHONE_CODE
    bucket = steps.bucket_of("phone-code", hashed, address_of(request))
    steps.check_open(request, bucket, None, method, now=now)
    user = services.use_phone_code(hashed_phone=hashed, purpose=CodePurpose.SIGN_IN, code=code, now=now)
    if user is None or not user.is_active:
        steps.count_wrong(request, bucket, None, method, now=now)
        return None
    services.forgive(bucket=bucket)
    return user


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def verify(request: HttpRequest) -> HttpResponse:
    """Show that the work phone is one's own: have a code sent, type it in."""
    user = access.person(request.user)
    phone = _phone(user.work_phone)
    if not phone or user.has_verified_phone:
        return redirect("accounts:security")
    steps.be_fresh(request)
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "code" not in request.POST:
        _ask(request, user, phone, CodePurpose.VERIFY_PHONE)
        messages.success(request, _("验证码已发往您的工作手机。"))
        return go_to(request, reverse("accounts:verify-phone"))
    if request.method == "POST" and form.is_valid():
        if services.verify_phone(actor=user, code=form.cleaned_data["code"], now=timezone.now()):
            messages.success(request, _("工作手机已验证。"))
            return go_to(request, reverse("accounts:security"))
        form.add_error("code", _("验证码不对或已过期。"))
    context = {"form": form, "phone": f"{phone[:3]}****{phone[-4:]}"}
    return render(request, "accounts/verify_phone.html", context, status=WRONG if form.errors else 200)
