"""One's own account: password, second step, passkeys, sessions."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.domains.accounts import access, pages, queries, services
from mulin.domains.accounts.forms import CodeForm, OwnPasswordForm
from mulin.domains.accounts.models import EntryMethod
from mulin.domains.accounts.views import steps
from mulin.web.fragments import go_to
from mulin.web.guards import address_of, signed_in

WRONG = 422


@require_GET
@signed_in
def security(request: HttpRequest) -> HttpResponse:
    user = access.person(request.user)
    page = pages.security_page(user, session_key=request.session.session_key or "", now=timezone.now())
    return render(request, "accounts/security.html", {"page": page})


@sensitive_post_parameters("current", "password", "again")
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the session in use stays, the others end."""
    form = OwnPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _change_password(request, form):
        messages.success(request, _("密码已改，其他登录都已退出。"))
        return go_to(request, reverse("accounts:security"))
    return render(request, "accounts/password.html", {"form": form}, status=WRONG if form.errors else 200)


def _change_password(request: HttpRequest, form: OwnPasswordForm) -> bool:
    user, now, given = access.person(request.user), timezone.now(), form.cleaned_data
    bucket = steps.bucket_of("password", str(user.pk), address_of(request))
    steps.check_open(request, bucket, user, EntryMethod.PASSWORD, now=now)
    try:
        services.change_own_password(
            actor=user,
            current=given["current"],
            password=given["password"],
            now=now,
            keep_session=request.session.session_key,
        )
    except services.PasswordWrong as wrong:
        steps.count_wrong(request, bucket, user, EntryMethod.PASSWORD, now=now)
        form.add_error("current", wrong.sentence)
        return False
    except services.PasswordWeak as weak:
        pages.explain(form, "password", weak)
        return False
    update_session_auth_hash(request, user)
    return True


@require_POST
@signed_in
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    user, now = access.person(request.user), timezone.now()
    session = access.own_session(user, handle, now=now)
    if session.session_key == request.session.session_key:
        return redirect("accounts:security")
    services.end_session(actor=user, session=session, now=now)
    messages.success(request, _("那个登录已经结束。"))
    return go_to(request, reverse("accounts:security"))


@require_POST
@signed_in
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user = access.person(request.user)
    services.end_sessions(actor=user, user=user, now=timezone.now(), keep=request.session.session_key)
    messages.success(request, _("其他登录都已结束。"))
    return go_to(request, reverse("accounts:security"))


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def authenticator(request: HttpRequest) -> HttpResponse:
    """Take an authenticator app into use: scan, type its first code, keep the recovery codes."""
    user, now = access.person(request.user), timezone.now()
    if queries.second_factor_of(user).app:
        return redirect("accounts:security")
    steps.be_fresh(request)
    secret = services.begin_authenticator(actor=user, now=now)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = services.confirm_authenticator(actor=user, code=form.cleaned_data["code"], now=now)
        except services.CodeWrong as wrong:
            form.add_error("code", wrong.sentence)
        else:
            return _show_codes(request, codes)
    context = {"form": form, "page": pages.authenticator_page(user, secret)}
    return render(request, "accounts/authenticator.html", context, status=WRONG if form.errors else 200)


@require_POST
@signed_in
def remove_authenticator(request: HttpRequest) -> HttpResponse:
    steps.be_fresh(request)
    services.remove_authenticator(actor=access.person(request.user), now=timezone.now())
    messages.success(request, _("动态口令已停用。"))
    return go_to(request, reverse("accounts:security"))


@never_cache
@require_POST
@signed_in
def renew_recovery_codes(request: HttpRequest) -> HttpResponse:
    steps.be_fresh(request)
    codes = services.renew_recovery_codes(actor=access.person(request.user), now=timezone.now())
    return _show_codes(request, codes)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "onward": reverse("accounts:security")})
