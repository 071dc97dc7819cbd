"""Deadlines of a case from the rule it was filed under, its pauses, extension and emergency."""

from datetime import datetime

from mulin.core.calendar_services import work_calendar
from mulin.core.clocks import Allowance, WorkCalendar
from mulin.core.clocks.kinds import Pause as ClockPause
from mulin.domains.cases import rules
from mulin.domains.cases.models import Case, CategoryRule
from mulin.domains.cases.queries import directory


def calendar_for(area_code: str) -> WorkCalendar:
    return work_calendar(area_code[:6])


def allowances(rule: CategoryRule, *, extension: int = 0, emergency: bool = False) -> tuple[Allowance, Allowance]:
    """Return the allowances to respond and to resolve."""
    respond = directory.allowance(rule.respond_clock, rule.respond_amount)
    resolve = directory.allowance(rule.resolve_clock, rule.resolve_amount + extension)
    if emergency:
        return rules.emergency_allowance(respond), rules.emergency_allowance(resolve)
    return respond, resolve


def pauses_of(case: Case) -> list[ClockPause]:
    return [ClockPause(p.began_at, p.ended_at) for p in case.pauses.order_by("began_at")] if case.pk else []


def dues(case: Case, rule: CategoryRule) -> tuple[rules.Due, rules.Due]:
    """Return the deadlines to respond and to resolve, with their explanation."""
    respond, resolve = allowances(rule, extension=case.extension_amount, emergency=case.emergency)
    calendar, pauses = calendar_for(case.area_code), pauses_of(case)
    return (
        rules.due(case.clock_started_at, respond, calendar=calendar, pauses=pauses),
        rules.due(case.clock_started_at, resolve, calendar=calendar, pauses=pauses),
    )


def set_deadlines(case: Case, rule: CategoryRule) -> bool:
    """Write both deadlines into the unsaved case; return whether they are provisional."""
    respond, resolve = dues(case, rule)
    if case.first_contact_at is None or case.respond_due_at is None:
        case.respond_due_at = respond.deadline.due_at
    case.resolve_due_at = resolve.deadline.due_at
    return respond.provisional or resolve.provisional


def counted(now: datetime, allowance: Allowance, *, area_code: str) -> datetime:
    """Return when an allowance that begins now and is never paused is used up."""
    due_at = rules.due(now, allowance, calendar=calendar_for(area_code)).deadline.due_at
    assert due_at is not None, "a clock that is not paused comes to its end"
    return due_at


def accept_due(case: Case, rule: CategoryRule, *, now: datetime) -> datetime:
    """Return by when whoever gets the case now must accept it."""
    respond, _resolve = allowances(rule, emergency=case.emergency)
    return counted(now, respond, area_code=case.area_code)
