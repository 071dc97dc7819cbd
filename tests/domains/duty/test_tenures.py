"""Who holds a seat from when to when, and what the domains above are told of it, each thing once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mulin.core.models import OutboxMessage
from mulin.domains.duty import queries, services, tasks
from mulin.domains.duty.models import Absence, PostKind, Tenure, TenureState
from mulin.domains.duty.services import NewPerson
from tests.factories import NOW, Town, make_town, make_user, staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2026, 3, 4)


def told(name: str) -> list[int]:
    """Tenures whose cases are to be handed on for this event."""
    messages = OutboxMessage.objects.filter(event=name, handler__contains="hand_cases").order_by("pk")
    return [message.payload["tenure_id"] for message in messages]


def leave(town: Town, role: str = "leader", **given: Any) -> Absence:
    wanted: dict[str, Any] = {"begins_at": NOW, "ends_at": NOW + DAY, "now": NOW, "actor": None} | given
    return services.begin_absence(tenure=town.tenures[role], **wanted)


def appoint(town: Town, person: Any, **given: Any) -> Tenure:
    wanted: dict[str, Any] = {
        "actor": town.users["community"],
        "post_kind": PostKind.objects.get(code="building_leader"),
        "place": town.buildings[0],
        "organisation": None,
        "seat": 1,
        "starts_on": TODAY,
        "ends_on": None,
        "ends_present": False,
        "now": NOW,
    } | given
    return services.appoint(person=person, **wanted)


class TestEnding:
    def test_a_tenure_ends_on_its_day_and_is_told_once(self) -> None:
        town = make_town()
        Tenure.objects.filter(pk=town.tenures["leader"].pk).update(ends_on=TODAY + DAY)

        tasks.turn_tenures(NOW)
        assert told("duty.tenure_ended") == []
        for run in range(3):
            tasks.turn_tenures(NOW + DAY + timedelta(minutes=run))

        leader = Tenure.objects.get(pk=town.tenures["leader"].pk)
        assert (leader.state, leader.ends_on) == (TenureState.ENDED, TODAY + DAY)
        assert told("duty.tenure_ended") == [leader.pk]

    def test_a_closed_account_ends_its_tenures(self) -> None:
        town = make_town()
        town.users["leader"].is_active = False
        town.users["leader"].save()

        tasks.turn_tenures(NOW)
        tasks.turn_tenures(NOW)

        assert told("duty.tenure_ended") == [town.tenures["leader"].pk]

    def test_ending_twice_is_refused(self) -> None:
        town = make_town()
        services.end_tenure(actor=None, tenure=town.tenures["leader"], now=NOW)

        with pytest.raises(services.TenureOver):
            services.end_tenure(actor=None, tenure=town.tenures["leader"], now=NOW)
        assert told("duty.tenure_ended") == [town.tenures["leader"].pk]

    def test_a_plan_struck_out_is_told_nobody(self) -> None:
        town = make_town()
        planned = staff(town.users["stranger"], "building_leader", town.buildings[1], starts_on=TODAY + DAY)

        services.end_tenure(actor=None, tenure=planned, now=NOW)
        tasks.turn_tenures(NOW + 2 * DAY)

        assert Tenure.objects.get(pk=planned.pk).state == TenureState.ENDED
        assert told("duty.tenure_ended") == []


class TestPlanning:
    def test_a_successor_begins_the_day_the_predecessor_ends(self) -> None:
        town = make_town()
        change = TODAY + 3 * DAY
        planned = services.plan_succession(
            actor=None, tenure=town.tenures["leader"], successor=town.users["stranger"], starts_on=change, now=NOW
        )
        before = holders(town, NOW + 2 * DAY)

        tasks.turn_tenures(NOW + 3 * DAY)
        after = holders(town, NOW + 3 * DAY)

        assert planned.state == TenureState.PLANNED
        assert (before, after) == ([town.users["leader"].pk], [town.users["stranger"].pk])
        assert told("duty.tenure_ended") == [town.tenures["leader"].pk]

    def test_a_seat_without_an_end_cannot_be_planned_over(self) -> None:
        town = make_town()

        with pytest.raises(services.SeatTaken):
            staff(town.users["stranger"], "building_leader", town.buildings[0], starts_on=TODAY + DAY)
        assert Tenure.objects.filter(holder=town.users["stranger"]).count() == 0

    def test_two_plans_of_one_seat_may_follow_but_not_overlap(self) -> None:
        town = make_town(staffed=False)
        first, second = make_user("first"), make_user("second")
        kind = PostKind.objects.get(code="building_leader")
        until = TODAY + 10 * DAY
        given: dict[str, Any] = {"actor": None, "post_kind": kind, "place": town.buildings[0], "now": NOW}
        services.begin_tenure(holder=first, starts_on=TODAY + DAY, ends_on=until, **given)

        with pytest.raises(services.SeatTaken):
            services.begin_tenure(holder=second, starts_on=until - DAY, **given)
        assert services.begin_tenure(holder=second, starts_on=until, **given).state == TenureState.PLANNED

    def test_a_plan_waits_while_the_seat_is_held_and_does_not_stop_the_others(self) -> None:
        town = make_town()
        waiting = staff(town.users["stranger"], "building_leader", town.buildings[1], starts_on=TODAY + DAY)
        free = staff(town.users["stranger"], "building_leader", town.buildings[2], starts_on=TODAY + DAY)
        Tenure.objects.filter(pk=town.tenures["leader"].pk).update(place=town.buildings[1])

        tasks.turn_tenures(NOW + DAY)

        states = Tenure.objects.filter(pk__in=[waiting.pk, free.pk]).order_by("pk").values_list("state", flat=True)
        assert list(states) == [TenureState.PLANNED, TenureState.ACTIVE]

    def test_a_seat_is_free_from_the_last_day_on_even_before_the_worker_ran(self) -> None:
        town = make_town()
        Tenure.objects.filter(pk=town.tenures["leader"].pk).update(ends_on=TODAY)

        staff(town.users["stranger"], "building_leader", town.buildings[0], starts_on=TODAY)

        assert holders(town, NOW) == [town.users["stranger"].pk]
        assert told("duty.tenure_ended") == [town.tenures["leader"].pk]


class TestAppointing:
    def test_a_person_without_an_account_gets_one_that_cannot_sign_in_yet(self) -> None:
        town = make_town(staffed=False)

        tenure = appoint(town, NewPerson("王芳", "0851-28001234"))

        assert (tenure.holder.name, tenure.holder.work_phone) == ("王芳", "0851-28001234")
        assert not tenure.holder.has_usable_password()

    def test_a_refusal_leaves_no_account_behind(self) -> None:
        town = make_town()
        people = type(town.users["leader"]).objects.count()

        with pytest.raises(services.SeatTaken):
            appoint(town, NewPerson("王芳", "0851-28001234"))
        assert type(town.users["leader"]).objects.count() == people

    def test_the_present_holder_is_relieved_at_once_or_on_the_day(self) -> None:
        town = make_town()
        appoint(town, town.users["stranger"], ends_present=True)
        assert holders(town, NOW) == [town.users["stranger"].pk]

        appoint(town, town.users["leader"], ends_present=True, starts_on=TODAY + DAY)
        tasks.turn_tenures(NOW + DAY)
        assert holders(town, NOW + DAY) == [town.users["leader"].pk]


class TestAbsences:
    def test_an_absence_is_told_when_it_begins_not_when_it_is_entered(self) -> None:
        town = make_town()
        leave(town, begins_at=NOW + DAY, ends_at=NOW + 2 * DAY)

        tasks.turn_tenures(NOW + DAY - timedelta(minutes=1))
        assert told("duty.absence_began") == []
        for run in range(3):
            tasks.turn_tenures(NOW + DAY + timedelta(minutes=run))
        assert told("duty.absence_began") == [town.tenures["leader"].pk]

    def test_an_absence_that_has_begun_is_told_at_once_and_once(self) -> None:
        town = make_town()
        leave(town)

        tasks.turn_tenures(NOW + timedelta(minutes=1))

        assert told("duty.absence_began") == [town.tenures["leader"].pk]

    def test_an_absence_taken_back_is_never_told(self) -> None:
        town = make_town()
        absence = leave(town, begins_at=NOW + DAY, ends_at=NOW + 2 * DAY)

        services.end_absence(actor=None, absence=absence, now=NOW)
        tasks.turn_tenures(NOW + DAY)

        assert told("duty.absence_began") == []

    def test_the_holder_acts_again_from_the_return_on(self) -> None:
        town = make_town()
        absence = leave(town)
        assert holders(town, NOW + timedelta(hours=1)) == []

        services.end_absence(actor=None, absence=absence, now=NOW + timedelta(hours=2))
        assert holders(town, NOW + timedelta(hours=2)) == [town.users["leader"].pk]

    @pytest.mark.parametrize(
        ("given", "refusal"),
        [
            ({"ends_at": NOW}, services.DatesInvalid),
            ({"begins_at": NOW - 2 * DAY, "ends_at": NOW - DAY}, services.DatesInvalid),
            ({"substitute": "leader"}, services.SubstituteInvalid),
            ({"begins_at": NOW + timedelta(hours=3), "ends_at": NOW + 5 * DAY}, services.AbsenceOverlaps),
        ],
    )
    def test_refusals_change_nothing(self, given: dict[str, Any], refusal: type[Exception]) -> None:
        town = make_town()
        if refusal is services.AbsenceOverlaps:
            leave(town)
        if "substitute" in given:
            given = {"substitute": town.users["leader"]}
        before = list(Absence.objects.values())

        with pytest.raises(refusal):
            leave(town, **given)
        assert list(Absence.objects.values()) == before


def holders(town: Town, now: datetime) -> list[int]:
    """Who leads the first building at a moment."""
    leaders = Tenure.objects.filter(post_kind__code="building_leader", place=town.buildings[0])
    return sorted(queries.people_acting(now=now, tenure_ids=leaders.values_list("pk", flat=True)).values())
