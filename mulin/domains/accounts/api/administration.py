"""人员与账号 for the security administrator, the sign-in log for the audit administrator."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from mulin.domains.accounts import access, pages, queries, services
from mulin.domains.accounts.api.in_person import in_person
from mulin.domains.accounts.api.own import EntryOut, FactorOut, SessionOut
from mulin.domains.accounts.models import User
from mulin.web.api import REFUSALS, WRITE, Day, Id, Recognised, once, plain

router = Router(tags=["accounts"])

Request = Recognised[User]
MANAGE = "accounts.manage_users"
Asked = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
_trimmed = {"strip_whitespace": True, "pattern": r"^[^\x00]*$"}


class AccountsIn(Schema):
    """`q`: part of user name or name; `administrators`: only the three administrators (三员)."""

    q: Asked = ""
    administrators: bool = False
    after: Asked = ""


class AccountRowOut(Schema):
    id: int
    username: str
    name: str
    role: str
    is_active: bool
    has_second_factor: bool
    last_login: datetime | None


class AccountsOut(Schema):
    items: list[AccountRowOut]
    next_key: str | None


class GrantOut(Schema):
    """A role without a post: `where` it counts, until `ends_on` (the first day without it; null: until it is taken)."""

    id: int
    code: str
    role: str
    where: str
    starts_on: date
    ends_on: date | None


class AccountStateOut(Schema):
    """An account after a change; `role`: which of the three administrators its person is."""

    id: int
    username: str
    name: str
    is_active: bool
    role: str
    roles: list[GrantOut]
    factor: FactorOut
    is_linked: bool


class AccountOut(AccountStateOut):
    work_phone: str
    last_login: datetime | None
    is_oneself: bool
    sessions: list[SessionOut]
    entries: list[EntryOut]


class AccountIn(Schema):
    username: Annotated[str, StringConstraints(max_length=60, **_trimmed)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=60, **_trimmed)]
    work_phone: Annotated[str, StringConstraints(max_length=20, **_trimmed)] = ""


class FirstPasswordOut(AccountStateOut):
    """`first_password` is shown in this answer only, and has to be changed at the first sign-in; a repetition under
    the same Idempotency-Key has it empty.
    """

    first_password: str


class RoleIn(Schema):
    """A role without a post. `place`: code or name of an area, a grid or an organisation; empty for the installation,
    which the three administrators (三员) are given for. `ends_on`: the first day without it.
    """

    role: Annotated[str, StringConstraints(min_length=1, max_length=40, **_trimmed)]
    place: Annotated[str, StringConstraints(max_length=100, **_trimmed)] = ""
    ends_on: Day | None = None


class RoleOut(Schema):
    code: str
    name: str


class WhereOut(Schema):
    code: str
    name: str


class RolesOut(Schema):
    roles: list[RoleOut]
    places: list[WhereOut]


class EntriesIn(Schema):
    result: Asked = ""
    username: Asked = ""
    before: Id | None = None


class ResultOut(Schema):
    code: str
    name: str


class EntriesOut(Schema):
    items: list[EntryOut]
    next_before: int | None
    results: list[ResultOut]
    days_kept: int


@router.get("/accounts", response={200: AccountsOut, **REFUSALS})
def accounts(request: Request, asked: Query[AccountsIn]) -> AccountsOut:
    """人员与账号 by user name, 30 to a page; `next_key` as `after` opens the next."""
    access.require(request.user, MANAGE)
    page = pages.people_page(search=asked.q, administrators=asked.administrators, after=asked.after, now=timezone.now())
    return AccountsOut(items=[AccountRowOut.from_orm(one) for one in page.people], next_key=page.next_key)


@router.post("/accounts", response={201: FirstPasswordOut, **REFUSALS}, openapi_extra=WRITE)
def add_account(request: Request, asked: AccountIn) -> Status[dict[str, Any]]:
    """新建账号 with a first password; by a person signed in, not by a token."""
    actor, now, given = access.require(request.user, MANAGE), timezone.now(), list[str]()
    in_person(request)

    def do() -> dict[str, Any]:
        person, password = services.add_with_first_password(actor=actor, now=now, **asked.model_dump())
        given.append(password)
        return _state(actor, person, now=now)

    answer = once(request, asked.model_dump(), do)
    return Status(201, {**answer, "first_password": next(iter(given), "")})


@router.get("/accounts/{account_id}", response={200: AccountOut, **REFUSALS})
def account(request: Request, account_id: Id) -> AccountOut:
    """An account: its second step, where it is signed in, its latest sign-ins."""
    actor = access.require(request.user, MANAGE)
    page = pages.person_page(actor, access.account(actor, account_id), now=timezone.now())
    return AccountOut(
        **_facts(page),
        work_phone=page.person.work_phone,
        last_login=page.person.last_login,
        is_oneself=page.is_oneself,
        sessions=[SessionOut.from_orm(one) for one in page.sessions],
        entries=[EntryOut.from_orm(one) for one in page.entries],
    )


def _facts(page: pages.PersonPage) -> dict[str, Any]:
    person = page.person
    return {
        "id": person.pk,
        "username": person.username,
        "name": person.name,
        "is_active": person.is_active,
        "role": page.administrator,
        "roles": [GrantOut.from_orm(one) for one in page.grants],
        "factor": FactorOut.from_orm(page.factor),
        "is_linked": page.is_linked,
    }


def _state(actor: User, person: User, *, now: datetime) -> dict[str, Any]:
    page = pages.person_page(actor, access.account(actor, person.pk), now=now)
    return plain(AccountStateOut, _facts(page))


@router.post("/accounts/{account_id}/lock", response={200: AccountStateOut, **REFUSALS}, openapi_extra=WRITE)
def lock_account(request: Request, account_id: Id) -> dict[str, Any]:
    """锁定: neither a session nor a token lets anybody in with this account."""
    return _changed(request, account_id, services.lock_user)


@router.post("/accounts/{account_id}/unlock", response={200: AccountStateOut, **REFUSALS}, openapi_extra=WRITE)
def unlock_account(request: Request, account_id: Id) -> dict[str, Any]:
    """解锁."""
    return _changed(request, account_id, services.unlock_user)


@router.post("/accounts/{account_id}/sessions/end", response={200: AccountStateOut, **REFUSALS}, openapi_extra=WRITE)
def end_account_sessions(request: Request, account_id: Id) -> dict[str, Any]:
    """结束全部登录."""
    return _changed(request, account_id, services.end_sessions)


@router.post(
    "/accounts/{account_id}/second-factor/reset", response={200: AccountStateOut, **REFUSALS}, openapi_extra=WRITE
)
def reset_second_factor(request: Request, account_id: Id) -> dict[str, Any]:
    """清除第二步验证; by a person signed in, not by a token."""
    access.require(request.user, MANAGE)
    in_person(request)
    return _changed(request, account_id, services.reset_second_factor)


@router.post("/accounts/{account_id}/sign-on/unlink", response={200: AccountStateOut, **REFUSALS}, openapi_extra=WRITE)
def unlink_sign_on(request: Request, account_id: Id) -> dict[str, Any]:
    """解除统一认证的关联."""
    return _changed(request, account_id, services.unlink_sign_on)


@router.post("/accounts/{account_id}/first-password", response={200: FirstPasswordOut, **REFUSALS}, openapi_extra=WRITE)
def give_first_password(request: Request, account_id: Id) -> dict[str, Any]:
    """重置密码: a first password for who has forgotten theirs; by a person signed in, not by a token."""
    actor, now, given = access.require(request.user, MANAGE), timezone.now(), list[str]()
    in_person(request)

    def do() -> dict[str, Any]:
        person = access.account(actor, account_id)
        given.append(services.reset_password(actor=actor, user=person, now=now))
        return _state(actor, person, now=now)

    return {**once(request, {}, do), "first_password": next(iter(given), "")}


@router.get("/roles", response={200: RolesOut, **REFUSALS})
def roles(request: Request) -> RolesOut:
    """The roles that can be given without a post, and the places and organisations some of them are given for."""
    access.require(request.user, MANAGE)
    places = queries.places_to_grant(today=timezone.localdate())
    return RolesOut(
        roles=[RoleOut(code=code, name=name) for code, name in pages.roles_offered()],
        places=[WhereOut(code=one.code, name=one.name) for one in places],
    )


@router.post("/accounts/{account_id}/roles", response={200: AccountStateOut, **REFUSALS}, openapi_extra=WRITE)
def give_role(request: Request, account_id: Id, asked: RoleIn) -> dict[str, Any]:
    """给予角色 without a post, from today; by a person signed in, not by a token."""
    actor, now = access.require(request.user, MANAGE), timezone.now()
    in_person(request)

    def do() -> dict[str, Any]:
        person, at = access.account(actor, account_id), access.place_to_grant(asked.place, now=now)
        starts_on = timezone.localdate(now)
        services.grant_role(
            actor=actor, user=person, role_code=asked.role, at=at, starts_on=starts_on, ends_on=asked.ends_on, now=now
        )
        return _state(actor, person, now=now)

    return once(request, asked.model_dump(mode="json"), do)


@router.post(
    "/accounts/{account_id}/roles/{grant_id}/end", response={200: AccountStateOut, **REFUSALS}, openapi_extra=WRITE
)
def take_role(request: Request, account_id: Id, grant_id: Id) -> dict[str, Any]:
    """收回角色, from today."""
    actor, now = access.require(request.user, MANAGE), timezone.now()

    def do() -> dict[str, Any]:
        person = access.account(actor, account_id)
        services.withdraw_role(actor=actor, grant=access.grant_of(person, grant_id, now=now), now=now)
        return _state(actor, person, now=now)

    return once(request, {}, do)


def _changed(request: Request, account_id: int, service: Callable[..., object]) -> dict[str, Any]:
    actor, now = access.require(request.user, MANAGE), timezone.now()

    def do() -> dict[str, Any]:
        person = access.account(actor, account_id)
        service(actor=actor, user=person, now=now)
        return _state(actor, person, now=now)

    return once(request, {}, do)


@router.get("/entries", response={200: EntriesOut, **REFUSALS})
def entries(request: Request, asked: Query[EntriesIn]) -> EntriesOut:
    """登录记录, newest first, 50 to a page, addresses in full; `next_before` as `before` opens the next."""
    access.require(request.user, "accounts.audit")
    page = pages.entries_page(before=asked.before, result=asked.result, username=asked.username)
    return EntriesOut(
        items=[EntryOut.from_orm(one) for one in page.entries],
        next_before=page.next_key,
        results=[ResultOut(code=code, name=name) for code, name in page.results],
        days_kept=page.days_kept,
    )
