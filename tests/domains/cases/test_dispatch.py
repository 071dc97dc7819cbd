"""Place → lowest capable tier → the tenure there → a person; what is vacant or away goes one tier up, as a gap."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.core import outbox
from mulin.domains.cases import queries, rules, services, tasks
from mulin.domains.cases.engine import steps
from mulin.domains.cases.engine.dispatching import NobodyAtAll
from mulin.domains.cases.models import Case, DispatchGap
from mulin.domains.cases.rules import Candidate, ChainLink
from mulin.domains.duty.models import Tenure
from mulin.domains.duty.services import begin_absence, end_tenure
from mulin.domains.organisations.models import Organisation
from mulin.domains.places import queries as places
from mulin.domains.places import services as places_services
from mulin.domains.places.models import Dwelling, GroupMembership, Household, Place, Tier
from tests.factories import NOW, SINCE, make_user, staff

TIERS = [10, 20, 30, 40, 50, 60]
chains = st.lists(st.sampled_from(TIERS), min_size=1, max_size=6, unique=True).map(
    lambda tiers: [ChainLink(tier, tier) for tier in sorted(tiers)]
)
candidates = st.lists(
    st.builds(
        lambda tier, acting: Candidate(tier * 7 + acting, tier, tier, acting), st.sampled_from(TIERS), st.booleans()
    ),
    max_size=10,
)


@given(chains, candidates, st.sampled_from(TIERS), st.integers(0, 1000))
def test_the_choice_is_the_lowest_able_and_filled(chain, seats, lowest, spread):
    choice = rules.lowest_capable(chain, seats, lowest_tier=lowest, spread=spread)
    able = [link for link in chain if link.tier >= lowest]
    filled = [link for link in able if any(c.acting and c.place_id == link.place_id for c in seats)]
    if not filled:
        assert choice.candidate is None
        assert [g.place_id for g in choice.gaps] == [link.place_id for link in able]
        return
    assert choice.candidate.acting
    assert choice.candidate.place_id == filled[0].place_id
    assert [g.place_id for g in choice.gaps] == [link.place_id for link in able if link.tier < filled[0].tier]


def test_a_neighbour_noise_goes_to_the_building_leader(town, report):
    case = report()
    assert case.holder_tenure == town.tenures["leader"]
    assert (case.tier, case.status) == (Tier.BUILDING, "DISPATCHED")
    assert not DispatchGap.objects.exists()


@pytest.mark.parametrize("post_kinds", ["filled", "vacant"])
def test_the_first_dispatch_names_the_holder_as_every_later_step_does(town, report, post_kinds):
    if post_kinds == "vacant":
        for tenure in town.tenures.values():
            end_tenure(actor=None, tenure=tenure, now=NOW)
    case = report()
    held = steps.holder_data(Case.objects.get(pk=case.pk))
    first = case.steps.get(move="dispatch").data
    assert {name: first[name] for name in held} == held
    assert held["holder"] == ("区级指挥中心" if post_kinds == "vacant" else town.users["leader"].name)


@pytest.mark.parametrize("written", ["101", "1单元101", "1-101", "一单元 101 室"])
def test_what_a_contact_settles_goes_to_the_contact_of_the_room(town, report, written):
    case = report(category="0607", contact=services.Contact(room=written))
    assert (case.holder_tenure, case.tier) == (town.tenures["contact"], Tier.CONTACT_GROUP)
    assert (case.contact_group, case.building) == (town.groups[0], town.buildings[0])
    assert report(category="0607", address_text=written).holder_tenure == town.tenures["contact"]


def test_a_room_of_two_entrances_is_not_guessed(town, report):
    above = {"parent": town.buildings[0], "area_code": town.community.code, "starts_on": SINCE}
    entrance = Place.objects.create(kind="ENTRANCE", code="E2", name="2单元", **above)
    group = Place.objects.create(kind="CONTACT_GROUP", code="G2", name="第2联户组", **above)
    flat = Dwelling.objects.create(
        building=town.buildings[0].building, entrance=entrance, floor=1, room="101", area_code=town.community.code
    )
    household = Household.objects.create(dwelling=flat, area_code=flat.area_code, moved_in_on=SINCE)
    GroupMembership.objects.create(household=household, group=group, starts_on=SINCE)
    neighbour = staff(make_user("neighbour"), "household_contact", group)
    assert report(category="0607", contact=services.Contact(room="101")).tier == Tier.BUILDING
    assert report(category="0607", contact=services.Contact(room="2-101")).holder_tenure == neighbour
    assert report(category="0607", contact=services.Contact(room="1-101")).holder_tenure == town.tenures["contact"]
    assert report(category="0607", contact=services.Contact(room="3-101")).tier == Tier.BUILDING


def test_a_kind_no_contact_can_settle_starts_higher(town, report):
    assert report(category="0602").tier == Tier.GRID
    assert report(category="0801").holder_tenure == town.tenures["community"]


def test_a_department_leads_what_is_on_its_duty_list(town, report):
    case = report(category="0103")
    assert case.holder_organisation is None
    assert case.holder_tenure == town.tenures["county"]
    water = Organisation.objects.create(
        kind_id="WATER", code="W", name="供水公司", area_code=town.county.code, starts_on="2020-01-01"
    )
    assert report(category="0103").holder_organisation == water


def test_vacant_tiers_are_passed_and_recorded(town, report):
    end_tenure(actor=None, tenure=town.tenures["leader"], now=NOW)
    case = report(now=NOW + timedelta(minutes=1))
    assert case.tier == Tier.GRID
    gap = DispatchGap.objects.get(case=case)
    assert (gap.tier, gap.place_id, gap.absent) == (Tier.BUILDING, town.buildings[0].pk, False)


def test_an_absent_holder_without_a_substitute_is_passed(town, report):
    leader = town.tenures["leader"]
    begin_absence(actor=None, tenure=leader, begins_at=NOW, ends_at=NOW + timedelta(days=3), now=NOW)
    case = report(now=NOW + timedelta(hours=1))
    assert case.tier == Tier.GRID
    assert DispatchGap.objects.get(case=case).absent
    assert report(now=NOW + timedelta(days=4)).holder_tenure == leader


def test_a_substitute_fills_the_post(town, report):
    deputy = make_user("deputy")
    end = NOW + timedelta(days=3)
    begin_absence(actor=None, tenure=town.tenures["leader"], substitute=deputy, begins_at=NOW, ends_at=end, now=NOW)
    case = report(now=NOW + timedelta(hours=1))
    assert case.holder_tenure == town.tenures["leader"]
    assert queries.may_hold(deputy, case, now=NOW + timedelta(hours=1))
    assert not queries.may_hold(deputy, case, now=NOW + timedelta(days=4))


def test_cases_are_shared_between_seats_of_one_post(town, report):
    second = staff(make_user("second"), "grid_worker", town.grids[0], seat=2)
    holders = {report(category="0602").holder_tenure_id for _ in range(24)}
    assert holders == {town.tenures["grid_worker"].pk, second.pk}


def test_with_every_post_vacant_the_centre_holds_it(town, report):
    for tenure in Tenure.objects.filter(organisation=None):
        end_tenure(actor=None, tenure=tenure, now=NOW)
    case = report(now=NOW + timedelta(minutes=1))
    assert case.holder_organisation == town.organisations["OPERATIONS_CENTRE"]
    assert DispatchGap.objects.filter(case=case).count() == 5


def test_a_district_with_nobody_at_all_refuses_and_keeps_nothing(town, report):
    for tenure in Tenure.objects.all():
        end_tenure(actor=None, tenure=tenure, now=NOW)
    Organisation.objects.filter(kind="OPERATIONS_CENTRE").update(ends_on="2021-01-01")
    with pytest.raises(NobodyAtAll):
        report(now=NOW + timedelta(minutes=1))
    assert not Case.objects.exists()


def test_a_place_outside_every_grid_goes_to_the_community_desk(town):
    location = places.locate_point(106.95, (town.community.min_lat + town.community.max_lat) / 2)
    assert location.outside_grids
    report = services.Report("路边有倒树", "0602", location)
    case = services.report_case(actor=None, report=report, now=NOW)
    assert case.holder_tenure == town.tenures["community"]
    assert case.outside_grids


def test_when_a_tenure_ends_its_open_cases_go_to_the_next_or_up(town, report):
    case, done = report(), report()
    services.accept(actor=town.users["leader"], case=done, now=NOW)
    services.resolve(actor=town.users["leader"], case=done, result="好了", now=NOW)
    end_tenure(actor=None, tenure=town.tenures["leader"], now=NOW)
    outbox.deliver_pending(now=NOW)
    case.refresh_from_db()
    done.refresh_from_db()
    assert case.tier == Tier.GRID
    assert case.steps.filter(move="hand_over").count() == 1
    assert done.holder_tenure == town.tenures["leader"]


def test_a_successor_in_the_same_seat_takes_over(town, report):
    case = report()
    end_tenure(actor=None, tenure=town.tenures["leader"], now=NOW)
    successor = staff(make_user("next"), "building_leader", town.buildings[0])
    outbox.deliver_pending(now=NOW)
    case.refresh_from_db()
    assert case.holder_tenure == successor


def test_a_report_costs_few_queries_whatever_the_building(town, report, django_assert_max_num_queries):
    report()
    with django_assert_max_num_queries(12):
        report()


def test_what_reached_a_tenure_in_the_moment_it_ended_is_handed_on(town, report):
    end_tenure(actor=None, tenure=town.tenures["leader"], now=NOW)
    outbox.deliver_pending(now=NOW)
    case = report()
    Case.objects.filter(pk=case.pk).update(holder_tenure=town.tenures["leader"], tier=Tier.BUILDING)
    assert tasks.hand_over_left_behind(NOW) == 1
    case.refresh_from_db()
    assert case.tier == Tier.GRID
    assert tasks.hand_over_left_behind(NOW) == 0


def test_open_cases_follow_their_building_to_another_grid(town, report):
    newcomer = staff(make_user("newcomer"), "grid_worker", town.grids[1])
    of_grid, of_leader = report(category="0602"), report()
    done, elsewhere = report(category="0602"), report(category="0602", building=2)
    services.accept(actor=town.users["grid_worker"], case=done, now=NOW)
    services.resolve(actor=town.users["grid_worker"], case=done, result="好了", now=NOW)
    places_services.move_building_to_grid(
        actor=None, building=town.buildings[0].building, grid=town.grids[1].grid, from_date=NOW.date(), now=NOW
    )
    outbox.deliver_pending(now=NOW)
    for case in (of_grid, of_leader, done, elsewhere):
        case.refresh_from_db()
    assert (of_grid.holder_tenure, of_grid.grid) == (newcomer, town.grids[1])
    assert (of_leader.holder_tenure, of_leader.grid) == (town.tenures["leader"], town.grids[1])
    assert of_leader.steps.count() == 2
    assert (done.holder_tenure, done.grid) == (town.tenures["grid_worker"], town.grids[0])
    assert (elsewhere.holder_tenure, elsewhere.grid) == (town.tenures["grid_worker"], town.grids[0])
    outbox.deliver_pending(now=NOW)
    assert of_grid.steps.filter(move="hand_over").count() == 1


def test_a_closed_grid_ends_its_posts_and_its_cases_go_up(town, report):
    case = report(category="0602", building=1)
    assert case.tier == Tier.COMMUNITY
    worker = staff(make_user("newcomer"), "grid_worker", town.grids[1])
    case = report(category="0602", building=1)
    assert case.holder_tenure == worker
    places_services.move_building_to_grid(
        actor=None, building=town.buildings[1].building, grid=town.grids[0].grid, from_date=NOW.date(), now=NOW
    )
    places_services.close_place(actor=None, place=town.grids[1], on=NOW.date(), now=NOW)
    for _round in range(3):
        outbox.deliver_pending(now=NOW)
    worker.refresh_from_db()
    case.refresh_from_db()
    assert worker.state == "ENDED"
    assert case.holder_tenure == town.tenures["grid_worker"]
