"""Deadlines follow the rule a case was filed under; pauses, extensions and emergencies move them; nothing else does."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mulin.core import versions
from mulin.core.errors import Refused
from mulin.core.models import CalendarYear
from mulin.domains.cases import services, tasks
from mulin.domains.cases.models import Case, CategoryRule
from mulin.domains.cases.queries import directory
from mulin.domains.cases.services import emergencies
from mulin.domains.places.models import Tier
from tests.factories import NOW

# NOW is Wednesday 2026-03-04, 10:00 in Shanghai; working hours are 09:00–12:00 and 13:30–17:30.
FRIDAY_CLOSE = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)


def test_working_clocks_of_a_neighbour_noise(report):
    case = report()
    assert case.respond_due_at == NOW + timedelta(hours=2)
    assert case.resolve_due_at == FRIDAY_CLOSE


def test_urgent_kinds_run_day_and_night(report):
    late = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
    case = report(category="0101", now=late)
    assert case.respond_due_at == late + timedelta(minutes=30)
    assert case.resolve_due_at == late + timedelta(minutes=120)


def test_a_new_rule_leaves_filed_cases_alone(town, report):
    case = report()
    old = CategoryRule.objects.get(pk=case.rule_id)
    CategoryRule.objects.filter(pk=old.pk).update(valid_to=date(2026, 3, 5))
    old.pk, old.resolve_amount, old.valid_from = None, 9, date(2026, 3, 5)
    old.save()
    versions.bump(directory.DIRECTORY_VERSION)
    versions.forget_all()
    services.accept(actor=town.users["leader"], case=case, now=NOW)
    services.extend(actor=town.users["community"], case=case, amount=1, reason="等材料", now=NOW + timedelta(days=1))
    case.refresh_from_db()
    assert case.resolve_due_at == FRIDAY_CLOSE + timedelta(days=3), "two working days and one more: Monday"
    assert report(now=NOW + timedelta(days=1)).rule.resolve_amount == 9


def test_a_pause_stops_the_clock_and_gives_back_the_rest(town, report):
    leader, case = town.users["leader"], report(category="0801")
    services.accept(actor=leader, case=case, now=NOW)
    due_before = case.resolve_due_at
    until = NOW + timedelta(days=2)
    case = services.pause(actor=leader, case=case, reason_code="WEATHER", until=until, note="", now=NOW)
    assert (case.status, case.resolve_due_at) == ("PAUSED", None)
    assert tasks.resume_paused(until - timedelta(minutes=1)) == 0
    assert tasks.resume_paused(until) == 1
    case.refresh_from_db()
    assert case.status == "ACCEPTED"
    assert case.resolve_due_at == due_before + timedelta(days=1), "the close of Thursday was paused"


def test_extensions_are_limited_in_number_and_amount(town, report):
    case = report()
    services.accept(actor=town.users["leader"], case=case, now=NOW)
    with pytest.raises(Refused, match="延期"):
        services.extend(actor=town.users["community"], case=case, amount=11, reason="太久", now=NOW)
    for _ in range(2):
        services.extend(actor=town.users["community"], case=case, amount=1, reason="等材料", now=NOW)
    with pytest.raises(Refused, match="延期"):
        services.extend(actor=town.users["community"], case=case, amount=1, reason="再等", now=NOW)
    case.refresh_from_db()
    assert case.extension_amount == 2


def test_an_emergency_is_flat_continuous_and_ends_by_itself(town, report):
    ends_at = NOW + timedelta(hours=6)
    emergencies.begin(actor=town.users["county"], area=town.community, reason="内涝", ends_at=ends_at, now=NOW)
    versions.forget_all()
    case = report()
    assert case.emergency
    assert case.tier == Tier.GRID
    assert case.resolve_due_at == NOW + timedelta(days=2)
    worker = town.users["grid_worker"]
    case = services.escalate(actor=worker, case=case, reason="需要更多人", now=NOW)
    case = services.escalate(actor=worker, case=case, reason="需要更多人", now=NOW)
    assert case.tier == Tier.COUNTY, "community, then the county: no street between"
    after = report(now=ends_at)
    assert (after.emergency, after.tier) == (False, Tier.BUILDING)
    assert emergencies.end_passed(now=ends_at) == 1


def test_a_year_without_a_calendar_is_counted_strictly_and_said(town, report):
    eve = datetime(2026, 12, 31, 8, 0, tzinfo=UTC)
    assert not CalendarYear.objects.filter(year=2027).exists()
    case = report(category="0801", now=eve)
    assert case.resolve_due_at == eve + timedelta(days=5)
    assert case.steps.get(move="report").data["provisional_calendar"] is True


def test_not_accepted_in_time_goes_one_tier_up_again_and_again(town, report):
    case = report()
    at = NOW
    for tier in (Tier.GRID, Tier.COMMUNITY, Tier.STREET, Tier.COUNTY):
        at = (Case.objects.get().accept_due_at or at) + timedelta(seconds=1)
        assert tasks.escalate_overdue(at - timedelta(seconds=2)) == 0
        assert tasks.escalate_overdue(at) == 1
        case.refresh_from_db()
        assert (case.tier, case.status) == (tier, "DISPATCHED")
    assert tasks.escalate_overdue(at + timedelta(days=30)) == 0, "the top keeps it"
    assert case.resolve_due_at == FRIDAY_CLOSE, "the promise to the resident stays"


def test_not_resolved_in_time_goes_up_once(town, report):
    case = report()
    services.accept(actor=town.users["leader"], case=case, now=NOW)
    late = FRIDAY_CLOSE + timedelta(seconds=1)
    assert tasks.escalate_overdue(FRIDAY_CLOSE) == 0
    assert tasks.escalate_overdue(late) == 1
    case.refresh_from_db()
    services.accept(actor=town.users["grid_worker"], case=case, now=late)
    assert tasks.escalate_overdue(late + timedelta(minutes=5)) == 0
    assert case.steps.get(move="escalate_by_clock").data["why"] == "resolve_overdue"


def test_unrated_cases_lapse_and_are_not_called_solved(town, report):
    case = report()
    services.accept(actor=town.users["leader"], case=case, now=NOW)
    services.resolve(actor=town.users["leader"], case=case, result="好了", now=NOW)
    assert tasks.lapse_unrated(NOW + timedelta(days=15)) == 0
    assert tasks.lapse_unrated(NOW + timedelta(days=15, seconds=1)) == 1
    case.refresh_from_db()
    assert case.status == "LAPSED"
    assert not case.ratings.exists()
    services.rate(actor=None, case=case, solved="YES", satisfied="YES", now=NOW + timedelta(days=16))
    case.refresh_from_db()
    assert case.status == "CLOSED"


def test_reopening_twice_goes_a_tier_higher(town, report):
    case = report()
    for round_number in (1, 2, 3):
        actor = case.holder_tenure.holder
        services.accept(actor=actor, case=case, now=NOW)
        services.resolve(actor=actor, case=case, result="好了", now=NOW)
        assert case.round == round_number
        case = services.reopen(actor=None, case=case, reason="没好", now=NOW)
    assert [s.data["tier"] for s in case.steps.filter(move="reopen").order_by("sequence")] == [20, 30, 40]
