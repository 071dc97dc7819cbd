"""Accounts looked after by the security administrator; the sign-in log read by the audit administrator."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.core.errors import Refused
from mulin.domains.accounts import access, pages, services
from mulin.domains.accounts.forms import GrantForm, PersonForm
from mulin.domains.accounts.models import User
from mulin.web.fragments import go_to
from mulin.web.guards import needs

WRONG = 422
MANAGE = "accounts.manage_users"
# Beside which field a refusal stands; the others are about the role.
GRANT_FIELDS = {
    "role_needs_place": "place",
    "role_of_installation": "place",
    "grant_place_unknown": "place",
    "grant_place_ambiguous": "place",
    "grant_never_begins": "ends_on",
}


@require_GET
@needs(MANAGE)
def people(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:60] for name in ("q", "only", "after")}
    only, now = asked["only"] == "administrators", timezone.now()
    page = pages.people_page(search=asked["q"], administrators=only, after=asked["after"], now=now)
    return render(request, "accounts/people.html", {"page": page, "asked": asked})


@never_cache
@require_http_methods(["GET", "POST"])
@needs(MANAGE)
def add_person(request: HttpRequest) -> HttpResponse:
    """A new account with a first password, shown once, that has to be changed at the first sign-in."""
    actor, now = access.person(request.user), timezone.now()
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person, password = services.add_with_first_password(actor=actor, now=now, **form.cleaned_data)
        except (services.UsernameInvalid, services.UsernameTaken) as refusal:
            form.add_error("username", refusal.sentence)
        else:
            return render(request, "accounts/first_password_given.html", {"person": person, "password": password})
    return render(request, "accounts/add_person.html", {"form": form}, status=WRONG if form.errors else 200)


@require_GET
@needs(MANAGE)
def person(request: HttpRequest, account_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    return _person(request, actor, found, GrantForm(roles=pages.roles_offered()))


def _person(request: HttpRequest, actor: User, person: User, form: GrantForm, *, status: int = 200) -> HttpResponse:
    context = {"page": pages.person_page(actor, person, now=timezone.now()), "form": form}
    return render(request, "accounts/person.html", context, status=status)


@require_POST
@needs(MANAGE)
def lock(request: HttpRequest, account_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    services.lock_user(actor=actor, user=found, now=timezone.now())
    return _back(request, found, _("账号已锁定，登录和令牌都已失效。"))


@require_POST
@needs(MANAGE)
def unlock(request: HttpRequest, account_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    services.unlock_user(actor=actor, user=found, now=timezone.now())
    return _back(request, found, _("账号已解锁。"))


@require_POST
@needs(MANAGE)
def reset_second_factor(request: HttpRequest, account_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    services.reset_second_factor(actor=actor, user=found, now=timezone.now())
    return _back(request, found, _("第二步验证已清除，请本人登录后重新设置。"))


@require_POST
@needs(MANAGE)
def end_sessions(request: HttpRequest, account_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    services.end_sessions(actor=actor, user=found, now=timezone.now())
    return _back(request, found, _("登录都已结束。"))


@never_cache
@require_POST
@needs(MANAGE)
def give_password(request: HttpRequest, account_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    password = services.reset_password(actor=actor, user=found, now=timezone.now())
    return render(request, "accounts/first_password_given.html", {"person": found, "password": password})


@require_POST
@needs(MANAGE)
def unlink_sign_on(request: HttpRequest, account_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    services.unlink_sign_on(actor=actor, user=found, now=timezone.now())
    return _back(request, found, _("统一认证的关联已解除。"))


@require_POST
@needs(MANAGE)
def give_role(request: HttpRequest, account_id: int) -> HttpResponse:
    """Give a role for a place, an organisation or the installation; what was written stays when it is refused."""
    actor, found = _both(request, account_id)
    form, now = GrantForm(request.POST, roles=pages.roles_offered()), timezone.now()
    if not form.is_valid():
        return _person(request, actor, found, form, status=WRONG)
    role, ends_on = form.cleaned_data["role"], form.cleaned_data["ends_on"]
    try:
        at = access.place_to_grant(form.cleaned_data["place"], now=now)
        services.grant_role(
            actor=actor, user=found, role_code=role, at=at, starts_on=timezone.localdate(now), ends_on=ends_on, now=now
        )
    except Refused as refusal:
        pages.explain(form, GRANT_FIELDS.get(refusal.code, "role"), refusal)
        return _person(request, actor, found, form, status=refusal.status)
    return _back(request, found, _("角色已给予。"))


@require_POST
@needs(MANAGE)
def take_role(request: HttpRequest, account_id: int, grant_id: int) -> HttpResponse:
    actor, found = _both(request, account_id)
    now = timezone.now()
    services.withdraw_role(actor=actor, grant=access.grant_of(found, grant_id, now=now), now=now)
    return _back(request, found, _("角色已收回。"))


@require_GET
@needs("accounts.audit")
def entries(request: HttpRequest) -> HttpResponse:
    result, username = (request.GET.get(name, "").replace("\x00", "")[:60] for name in ("result", "username"))
    before = request.GET.get("before", "")
    key = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    page = pages.entries_page(before=key, result=result, username=username)
    return render(request, "accounts/entries.html", {"page": page, "result": result, "username": username})


def _both(request: HttpRequest, account_id: int) -> tuple[User, User]:
    actor = access.person(request.user)
    return actor, access.account(actor, account_id)


def _back(request: HttpRequest, person: User, done: str) -> HttpResponse:
    messages.success(request, done)
    return go_to(request, reverse("accounts:person", args=[person.pk]))
