"""What is kept about a resident, for themselves: see, correct, take away, take back, delete; confirm the number left.

Everything is opened by the code of the receipt. What changes or hands out asks for `proof` as well: the last four
digits of the phone that is kept, if there is one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from mulin.core.errors import Invalid
from mulin.domains.cases import access, services
from mulin.domains.cases.access import Own
from mulin.domains.cases.api.schemas import DoneOut
from mulin.domains.cases.pages import own_data as pages
from mulin.web.api import REFUSALS, WRITE, Code, Word, once, plain
from mulin.web.guards import address_of, confidential

router = Router(tags=["residents"])

Proof = Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")]


class PhoneCodeWrong(Invalid):
    code = "phone_code_wrong"
    sentence = _("验证码不对或已过期。")


class KeptOut(Schema):
    """One thing that is kept, `shown` so that its owner knows it again and nobody else learns it."""

    key: str
    label: str
    shown: str
    purpose: str
    basis: str
    until: str


class LookOut(Schema):
    """Who looked at it, as what, when and why."""

    at: datetime
    name: str
    role: str
    what: str
    why: str


class OwnDataOut(Schema):
    """`needs_proof`: the last four digits of the phone are asked. `deletion`: what a deletion would do now."""

    number: str
    joined: bool
    is_open: bool
    kept: list[KeptOut]
    looks: list[LookOut]
    needs_proof: bool
    has_contact: bool
    deletion: str


class ProofIn(Schema):
    proof: Proof = ""


class CorrectionIn(ProofIn):
    """Name, phone and room as they should be; empty ones are erased."""

    name: Word = ""
    phone: Word = ""
    room: Word = ""


class DeletedOut(Schema):
    """`whole`: nothing of the person is left; otherwise words stay until their lawful time is over."""

    whole: bool


class CopyOut(Schema):
    """Everything in full (PIPL Art 45)."""

    case: dict[str, Any]
    kept: list[dict[str, Any]]
    looked_at: list[dict[str, Any]]


class AskedOut(Schema):
    asked: bool


class PhoneCodeIn(Schema):
    phone_code: Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")]


class ConfirmedOut(Schema):
    confirmed: bool


@router.get("/follow/{code}/data", response={200: OwnDataOut, **REFUSALS})
@decorate_view(confidential)
def own_data(request: HttpRequest, code: Code) -> pages.OwnDataPage:
    """我的信息: what is kept, why, until when and who looked; names and numbers masked."""
    now = timezone.now()
    return pages.own_data_page(access.own_data(code, address=address_of(request), now=now), now=now)


@router.post("/follow/{code}/data/copy", response={200: CopyOut, **REFUSALS})
@decorate_view(confidential)
def copy_own_data(request: HttpRequest, code: Code, asked: ProofIn) -> dict[str, Any]:
    """查阅、复制: all of it in full. POST, so that the proof stands in no log; nothing of the answer is kept."""
    now = timezone.now()
    own = access.own_data(code, address=address_of(request), now=now, proof=asked.proof)
    return pages.as_data(own, now=now)


@router.post("/follow/{code}/data/correction", response={200: DoneOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(confidential)
def correct_own_data(request: HttpRequest, code: Code, asked: CorrectionIn) -> dict[str, Any]:
    """更正 name, phone and room."""
    now = timezone.now()

    def correct(own: Own) -> dict[str, Any]:
        contact = services.Contact(asked.name, asked.phone, asked.room)
        services.correct_contact(actor=None, case=own.case, reporter=own.reporter, contact=contact, now=now)
        return plain(DoneOut, own.case)

    return _acted(request, code, asked, correct)


@router.post("/follow/{code}/data/withdrawal", response={200: DoneOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(confidential)
def withdraw_own_data(request: HttpRequest, code: Code, asked: ProofIn) -> dict[str, Any]:
    """撤回同意: name, phone and room are erased at once."""
    now = timezone.now()

    def withdraw(own: Own) -> dict[str, Any]:
        services.withdraw_contact(actor=None, case=own.case, reporter=own.reporter, now=now)
        return plain(DoneOut, own.case)

    return _acted(request, code, asked, withdraw)


@router.post("/follow/{code}/data/deletion", response={200: DeletedOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(confidential)
def delete_own_data(request: HttpRequest, code: Code, asked: ProofIn) -> dict[str, Any]:
    """删除 what the law lets go now."""
    now = timezone.now()

    def delete(own: Own) -> dict[str, Any]:
        return {"whole": services.delete_own_data(actor=None, case=own.case, reporter=own.reporter, now=now)}

    return _acted(request, code, asked, delete)


@router.post("/follow/{code}/phone/code", response={200: AskedOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(confidential)
def ask_phone_code(request: HttpRequest, code: Code) -> dict[str, Any]:
    """Have a code sent to the mobile number that was left, to show that it is one's own. Nobody has to."""
    now, address = timezone.now(), address_of(request)
    own = access.own_data(code, address=address, now=now)

    def do() -> dict[str, Any]:
        services.ask_to_confirm_phone(actor=None, reporter=own.reporter, address=address, now=now)
        return {"asked": True}

    return once(request, {}, do)


@router.post("/follow/{code}/phone/confirmation", response={200: ConfirmedOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(confidential)
def confirm_phone(request: HttpRequest, code: Code, asked: PhoneCodeIn) -> dict[str, Any]:
    """Confirm the number with the six digits that came, good for 5 minutes."""
    now = timezone.now()
    own = access.own_data(code, address=address_of(request), now=now)

    def do() -> dict[str, Any]:
        right = services.confirm_phone(actor=None, case=own.case, reporter=own.reporter, code=asked.phone_code, now=now)
        return {"confirmed": right}

    # A wrong code is refused after the transaction: the try has been counted, and no rollback gives it back.
    answer = once(request, asked.model_dump(), do)
    if not answer["confirmed"]:
        raise PhoneCodeWrong
    return answer


def _acted(request: HttpRequest, code: str, asked: ProofIn, act: Callable[[Own], dict[str, Any]]) -> dict[str, Any]:
    """Do once what was asked, for who knows the phone that is kept; wrong guesses are counted outside of it."""
    now, address = timezone.now(), address_of(request)

    def check() -> None:
        access.own_data(code, address=address, now=now, proof=asked.proof)

    def do() -> dict[str, Any]:
        return act(access.own_data(code, address=address, now=now))

    return once(request, asked.model_dump(), do, check=check)
