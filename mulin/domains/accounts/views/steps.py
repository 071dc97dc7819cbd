"""The way in: a first step (password, passkey, code, city's sign-on), a second one where asked, then the session.

Until the last step is done the session holds who is on the way and nothing else: nobody is signed in by half.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from mulin.core import ratelimit
from mulin.core.errors import NotAllowed, TooMany
from mulin.domains.accounts import queries, services
from mulin.domains.accounts.models import EntryMethod, EntryResult, User
from mulin.domains.accounts.presence import device_of
from mulin.domains.accounts.services import Origin
from mulin.domains.accounts.sessions import ENTERED_AT
from mulin.web.guards import address_of

MOST_FAILURES_PER_ADDRESS = 60
ON_THE_WAY = "on_the_way"
TIME_FOR_ALL_STEPS = timedelta(minutes=10)
TIME_FOR_GRAVE_CHANGES = timedelta(minutes=30)


class StepsForgotten(NotAllowed):
    code = "steps_forgotten"
    sentence = _("登录的步骤隔得太久了。")
    remedy = _("请从头登录一次。")


class NotFresh(NotAllowed):
    code = "not_fresh"
    sentence = _("改动登录方式前，需要刚刚登录过。")
    remedy = _("请退出后重新登录，30 分钟内再来改。")


@dataclass(frozen=True)
class OnTheWay:
    user_id: int
    method: str
    target: str
    began_at_s: int
    second_done: bool = False


def origin_of(request: HttpRequest) -> Origin:
    return Origin(address_of(request), device_of(request))


def bucket_of(kind: str, name: str, address: str = "") -> str:
    named = hashlib.sha256("\n".join((name, address)).encode()).hexdigest()
    return f"{kind}:{named[:32]}"


def record(
    request: HttpRequest, user: User | None, result: EntryResult, method: EntryMethod | str, *, now: datetime
) -> None:
    services.record_entry(actor=user, result=result, method=method, origin=origin_of(request), now=now)


def check_open(request: HttpRequest, bucket: str, user: User | None, method: EntryMethod, *, now: datetime) -> None:
    """Raise TooMany, alike for every name, when this door is locked for it or guessed at from here too often."""
    try:
        services.check_lock(bucket=bucket, now=now)
        ratelimit.check(f"sign-in-from:{address_of(request)}", most=MOST_FAILURES_PER_ADDRESS, now=now)
    except TooMany:
        record(request, user, EntryResult.LOCKED, method, now=now)
        raise


def count_wrong(request: HttpRequest, bucket: str, user: User | None, method: EntryMethod, *, now: datetime) -> None:
    services.count_failure(bucket=bucket, now=now)
    ratelimit.count_refused(f"sign-in-from:{address_of(request)}", now=now)
    is_first = method in {EntryMethod.PASSWORD, EntryMethod.PASSKEY, EntryMethod.PHONE_CODE, EntryMethod.SINGLE_SIGN_ON}
    record(request, user, EntryResult.WRONG if is_first else EntryResult.SECOND_WRONG, method, now=now)


def set_out(request: HttpRequest, user: User, method: EntryMethod, target: str, *, is_strong: bool = False) -> str:
    """The first step is done: return the address of the next one. `is_strong`: it was two factors in one."""
    request.session.flush()  # whoever planted a session key here does not come in with it
    began = int(timezone.now().timestamp())
    return _next(request, OnTheWay(user.pk, method, target, began, second_done=is_strong), user)


def under_way(request: HttpRequest) -> tuple[User, OnTheWay]:
    """Return who is on the way in. Raises StepsForgotten."""
    kept = request.session.get(ON_THE_WAY)
    if not kept:
        raise StepsForgotten
    way = OnTheWay(**kept)
    user = queries.active_user(way.user_id)
    if user is None or timezone.now().timestamp() - way.began_at_s > TIME_FOR_ALL_STEPS.total_seconds():
        raise StepsForgotten
    return user, way


def turn_back(request: HttpRequest) -> None:
    """Forget who was on the way in: the sign-in page is open to the next person."""
    if ON_THE_WAY in request.session:
        del request.session[ON_THE_WAY]


def second_done(request: HttpRequest, user: User, way: OnTheWay) -> str:
    return _next(request, OnTheWay(**{**asdict(way), "second_done": True}), user)


def password_changed(request: HttpRequest, user: User, way: OnTheWay) -> str:
    return _enter(request, user, way)


def _next(request: HttpRequest, way: OnTheWay, user: User) -> str:
    request.session[ON_THE_WAY] = asdict(way)
    if not way.second_done:
        if queries.second_factor_of(user).is_set_up:
            return reverse("accounts:second-step")
        if queries.needs_second_factor(user):
            return reverse("accounts:set-up-second-step")
    if way.method == EntryMethod.PASSWORD and queries.must_change_password(user, now=timezone.now()):
        return reverse("accounts:first-password")
    return _enter(request, user, way)


def _enter(request: HttpRequest, user: User, way: OnTheWay) -> str:
    request.session.pop(ON_THE_WAY, None)
    login(request, user)  # makes a new session key, so that one planted before is worth nothing
    record(request, user, EntryResult.SIGNED_IN, way.method, now=timezone.now())
    return way.target


def be_fresh(request: HttpRequest) -> None:
    """Raise NotFresh unless this session began a short while ago: an open desk is no way to new keys."""
    entered_at_s = request.session.get(ENTERED_AT, 0)
    if timezone.now().timestamp() - entered_at_s > TIME_FOR_GRAVE_CHANGES.total_seconds():
        raise NotFresh


def local(request: HttpRequest, target: str) -> str:
    """Return where to go after signing in: only to our own pages."""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe and target else reverse("home")
