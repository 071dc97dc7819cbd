"""Signing in by password, the second step, a first password to be changed, signing out."""

from typing import Any

from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mulin.domains.accounts import pages, queries, services
from mulin.domains.accounts.forms import CodeForm, NewPasswordForm, SignInForm
from mulin.domains.accounts.models import EntryMethod, EntryResult, User
from mulin.domains.accounts.views import single_sign_on, steps
from mulin.web.fragments import go_to, wants_part
from mulin.web.guards import address_of

WRONG = 422


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One message for every failure, so that nobody learns which names exist; failures lock, longer each time."""
    target = steps.local(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.user.is_authenticated and request.method == "GET":
        return redirect(target)
    steps.turn_back(request)
    form = SignInForm(request.POST if request.method == "POST" else None)
    wrong = False
    if request.method == "POST" and form.is_valid():
        if user := _checked(request, form.cleaned_data["username"], form.cleaned_data["password"]):
            return go_to(request, steps.set_out(request, user, EntryMethod.PASSWORD, target))
        wrong = True
    context = {"form": form, "wrong": wrong, "next": target, "ways": pages.ways_in()}
    return render(request, "accounts/sign_in.html", context, status=WRONG if request.method == "POST" else 200)


def _checked(request: HttpRequest, username: str, password: str) -> User | None:
    """Return the user, or count a refused attempt. Raises TooMany before the password is even looked at."""
    now, method = timezone.now(), EntryMethod.PASSWORD
    bucket, known = steps.bucket_of("sign-in", username, address_of(request)), queries.user_by_username(username)
    steps.check_open(request, bucket, known, method, now=now)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        steps.count_wrong(request, bucket, known, method, now=now)
        return None
    services.forgive(bucket=bucket)
    return user


@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """A code of the app, a recovery code, or a passkey."""
    user, way = steps.under_way(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _second_right(request, user, form.cleaned_data["code"]):
            return go_to(request, steps.second_done(request, user, way))
        form.add_error("code", services.CodeWrong().sentence)
    context = {"form": form, "factor": queries.second_factor_of(user)}
    return render(request, "accounts/second_step.html", context, status=WRONG if form.errors else 200)


def _second_right(request: HttpRequest, user: User, code: str) -> bool:
    now, digits = timezone.now(), "".join(code.split())
    is_app_code = digits.isascii() and digits.isdigit()
    method = EntryMethod.AUTHENTICATOR if is_app_code else EntryMethod.RECOVERY_CODE
    bucket = steps.bucket_of("second", str(user.pk))
    steps.check_open(request, bucket, user, method, now=now)
    try:
        if is_app_code:
            services.use_code(actor=user, code=digits, now=now)
        else:
            services.use_recovery_code(actor=user, code=code, now=now)
    except services.CodeWrong:
        steps.count_wrong(request, bucket, user, method, now=now)
        return False
    services.forgive(bucket=bucket)
    return True


@never_cache
@require_http_methods(["GET", "POST"])
def set_up_second_step(request: HttpRequest) -> HttpResponse:
    """Somebody from whom a second step is demanded has none yet: they set it up before they come in."""
    user, way = steps.under_way(request)
    if queries.second_factor_of(user).is_set_up:
        return redirect("accounts:second-step")
    now = timezone.now()
    secret = services.begin_authenticator(actor=user, now=now)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = services.confirm_authenticator(actor=user, code=form.cleaned_data["code"], now=now)
        except services.CodeWrong as wrong:
            form.add_error("code", wrong.sentence)
        else:
            onward = steps.second_done(request, user, way)
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "onward": onward})
    context: dict[str, Any] = {"form": form, "page": pages.authenticator_page(user, secret), "is_entering": True}
    return render(request, "accounts/authenticator.html", context, status=WRONG if form.errors else 200)


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest) -> HttpResponse:
    """A password somebody else has given, or one grown too old, lets a person in only to choose another."""
    user, way = steps.under_way(request)
    factor = queries.second_factor_of(user)
    if not way.second_done and (factor.is_set_up or queries.needs_second_factor(user)):
        raise steps.StepsForgotten
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_password(actor=user, user=user, password=form.cleaned_data["password"], now=timezone.now())
        except services.PasswordWeak as weak:
            pages.explain(form, "password", weak)
        else:
            return go_to(request, steps.password_changed(request, user, way))
    return render(request, "accounts/first_password.html", {"form": form}, status=WRONG if form.errors else 200)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        steps.record(request, request.user, EntryResult.SIGNED_OUT, "", now=timezone.now())
    onward = single_sign_on.way_out(request)
    logout(request)
    if onward and not wants_part(request):
        # Not a redirect: `form-action` lets a form lead to our own pages only, redirects included.
        return render(request, "accounts/signed_out.html", {"onward": onward, "provider": pages.sign_on_name()})
    return go_to(request, onward or reverse("home"))
