"""Every write of cases."""

from mulin.domains.cases.services.care import protect
from mulin.domains.cases.services.confirming import ask_to_confirm_phone, confirm_phone
from mulin.domains.cases.services.desk import (
    dispatch,
    extend,
    merge,
    recategorise,
    refuse_return,
    reject,
    split,
    verify,
)
from mulin.domains.cases.services.holding import (
    accept,
    add_note,
    contact,
    escalate,
    escalate_by_clock,
    pause,
    resolve,
    resume,
    return_case,
)
from mulin.domains.cases.services.joining import join_case
from mulin.domains.cases.services.own_data import correct_contact, delete_own_data, withdraw_contact
from mulin.domains.cases.services.reporting import Contact, Report, report_case
from mulin.domains.cases.services.resident import lapse, rate, reopen, withdraw
from mulin.domains.cases.services.whistling import arrive, give_result, return_whistle, whistle

__all__ = [
    "Contact",
    "Report",
    "accept",
    "add_note",
    "arrive",
    "ask_to_confirm_phone",
    "confirm_phone",
    "contact",
    "correct_contact",
    "delete_own_data",
    "dispatch",
    "escalate",
    "escalate_by_clock",
    "extend",
    "give_result",
    "join_case",
    "lapse",
    "merge",
    "pause",
    "protect",
    "rate",
    "recategorise",
    "refuse_return",
    "reject",
    "reopen",
    "report_case",
    "resolve",
    "resume",
    "return_case",
    "return_whistle",
    "split",
    "verify",
    "whistle",
    "withdraw",
    "withdraw_contact",
]
