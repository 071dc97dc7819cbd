"""Drafts of staffing: exact, changed by hand, published as tenures all or nothing, by those who may."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from mulin.domains.accounts.models import User
from mulin.domains.duty.models import PostKind, Tenure, TenureState
from mulin.domains.duty.services import end_tenure
from mulin.domains.places.models import Place
from mulin.domains.planning.models import StaffingDraft, StaffingPerson, StaffingState
from mulin.domains.planning.rules.staffing import Candidate, Rules, Spot, propose
from mulin.domains.planning.services import staffing
from mulin.domains.planning.services.staffing import StaffingWish
from tests.factories import NOW, Town, make_town, make_user, staff

TODAY = date(2026, 3, 4)
WISH = StaffingWish(lowest=1, highest=1, change_m=0)


@pytest.fixture
def town(db: None) -> Town:
    return make_town(grids=3, buildings=3)


def draft_of(town: Town, *, wish: StaffingWish = WISH) -> StaffingDraft:
    post = PostKind.objects.get(code="grid_worker")
    return staffing.make_staffing(actor=None, area_code=town.community.code, post=post, wish=wish, now=NOW)


def row_of(draft: StaffingDraft, name: str) -> StaffingPerson:
    return StaffingPerson.objects.select_related("draft").get(draft=draft, person__username=name)


def add(draft: StaffingDraft, name: str, near: Place | None = None) -> StaffingPerson:
    person = make_user(name)
    return staffing.add_person(actor=None, draft=draft, person=person, near=near, now=NOW)


def grids_by_name(draft: StaffingDraft) -> dict[str, int | None]:
    return dict(StaffingPerson.objects.filter(draft=draft).values_list("person__username", "grid"))


def publish(draft: StaffingDraft, on: date = TODAY) -> StaffingDraft:
    return staffing.publish_staffing(actor=None, draft=draft, from_date=on, now=NOW)


def test_whoever_holds_the_post_stays_and_others_fill_the_gaps(town: Town) -> None:
    draft = draft_of(town)
    add(draft, "second", near=town.grids[1])
    placed = grids_by_name(draft)
    draft.refresh_from_db()

    assert placed == {town.users["grid_worker"].username: town.grids[0].pk, "second": town.grids[1].pk}
    assert draft.figures["gap_m"] == 0
    assert [broken["code"] for broken in draft.figures["broken"]] == ["too_few_reach"]


def test_a_grid_decided_by_hand_and_a_refused_one_are_kept(town: Town) -> None:
    draft = draft_of(town)
    second, third = add(draft, "second", near=town.grids[1]), add(draft, "third", near=town.grids[2])
    staffing.choose_grid(actor=None, row=second, grid_id=town.grids[2].pk, now=NOW)
    assert grids_by_name(draft)["second"] == town.grids[2].pk
    with pytest.raises(staffing.GridFull):
        staffing.choose_grid(actor=None, row=third, grid_id=town.grids[2].pk, now=NOW)

    staffing.ban_grid(actor=None, row=third, grid_id=town.grids[1].pk, now=NOW)
    assert grids_by_name(draft)["third"] == town.grids[0].pk

    staffing.let_compute(actor=None, row=second, now=NOW)
    staffing.choose_grid(actor=None, row=third, grid_id=None, now=NOW)
    assert (grids_by_name(draft)["second"], grids_by_name(draft)["third"]) == (town.grids[1].pk, None)


def test_publishing_ends_and_begins_tenures_once_and_forgets_the_points(town: Town) -> None:
    draft = draft_of(town)
    second = add(draft, "second", near=town.grids[0])
    present = row_of(draft, town.users["grid_worker"].username)
    staffing.choose_grid(actor=None, row=second, grid_id=town.grids[0].pk, now=NOW)
    staffing.choose_grid(actor=None, row=present, grid_id=town.grids[1].pk, now=NOW)

    publish(draft)
    publish(draft)

    held = Tenure.objects.filter(post_kind__code="grid_worker", state=TenureState.ACTIVE)
    assert dict(held.values_list("holder__username", "place")) == {
        "second": town.grids[0].pk,
        town.users["grid_worker"].username: town.grids[1].pk,
    }
    assert not StaffingPerson.objects.filter(draft=draft, near__isnull=False).exists()
    assert StaffingDraft.objects.get(pk=draft.pk).state == StaffingState.PUBLISHED


def test_publishing_for_a_later_day_plans_the_tenures(town: Town) -> None:
    draft, later = draft_of(town), TODAY + timedelta(days=10)
    present = row_of(draft, town.users["grid_worker"].username)
    staffing.choose_grid(actor=None, row=present, grid_id=town.grids[2].pk, now=NOW)

    publish(draft, later)

    rows = Tenure.objects.filter(holder=present.person, post_kind__code="grid_worker").order_by("starts_on")
    assert [(row.place_id, row.state, row.ends_on) for row in rows] == [
        (town.grids[0].pk, TenureState.ACTIVE, later),
        (town.grids[2].pk, TenureState.PLANNED, None),
    ]


def test_a_seat_taken_meanwhile_refuses_the_whole_publication(town: Town) -> None:
    draft = draft_of(town)
    add(draft, "second", near=town.grids[1])
    add(draft, "third", near=town.grids[2])
    for seat, name in ((1, "faster"), (2, "fast")):
        staff(make_user(name), "grid_worker", town.grids[2], seat=seat)
    before = set(Tenure.objects.values_list("pk", "state", "ends_on"))

    with pytest.raises(staffing.SeatHeldMeanwhile):
        publish(draft)

    assert set(Tenure.objects.values_list("pk", "state", "ends_on")) == before
    assert StaffingDraft.objects.get(pk=draft.pk).state == StaffingState.OPEN


def test_a_present_post_that_changed_refuses_until_it_is_read_again(town: Town) -> None:
    draft = draft_of(town)
    end_tenure(actor=None, tenure=town.tenures["grid_worker"], now=NOW)
    with pytest.raises(staffing.StaffingStale):
        publish(draft)

    staffing.read_present(actor=None, draft=draft, now=NOW)
    publish(draft)

    held = Tenure.objects.filter(post_kind__code="grid_worker", state=TenureState.ACTIVE)
    assert [tenure.holder for tenure in held] == [town.users["grid_worker"]]


@pytest.mark.parametrize(
    "wish",
    [
        replace(WISH, lowest=2),
        replace(WISH, highest=3),
        replace(WISH, highest=0, lowest=0),
        replace(WISH, change_m=-1),
        replace(WISH, farthest_m=60_000),
    ],
)
def test_rules_that_contradict_the_post_are_refused(town: Town, wish: StaffingWish) -> None:
    with pytest.raises(staffing.StaffingRulesInvalid):
        draft_of(town, wish=wish)
    assert not StaffingDraft.objects.exists()


def test_a_closed_draft_takes_no_change(town: Town) -> None:
    draft = draft_of(town)
    row = row_of(draft, town.users["grid_worker"].username)
    staffing.discard_staffing(actor=None, draft=draft, now=NOW)
    for change in (
        lambda: staffing.choose_grid(actor=None, row=row, grid_id=None, now=NOW),
        lambda: staffing.change_rules(actor=None, draft=draft, wish=WISH, now=NOW),
        lambda: publish(draft),
    ):
        with pytest.raises(staffing.StaffingClosed):
            change()


def test_street_drafts_county_publishes_community_looks_and_a_stranger_sees_nothing(client: Client, town: Town) -> None:
    draft = draft_of(town)
    page = reverse("planning:staffing-draft", args=[draft.pk])
    rules = reverse("planning:staffing-rules", args=[draft.pk])
    out = reverse("planning:staffing-publish", args=[draft.pk])
    asked = {"lowest": "0", "highest": "1", "from_date": "2100-01-01"}
    allowed = {
        "community": (200, 403, 403),
        "street": (200, 302, 403),
        "county": (200, 302, 302),
        "stranger": (403,) * 3,
    }
    for who, expected in allowed.items():
        client.force_login(town.users[who])
        answers = (client.get(page), client.post(rules, asked), client.post(out, asked))
        assert (who, tuple(answer.status_code for answer in answers)) == (who, expected)


def test_a_neighbouring_street_sees_neither_list_nor_draft(client: Client, town: Town) -> None:
    draft = draft_of(town)
    other = make_town(community_code="520303002001")
    client.force_login(other.users["street"])
    assert client.get(reverse("planning:staffing-draft", args=[draft.pk])).status_code == 404
    assert f"/staffing/{draft.pk}/" not in client.get(reverse("planning:staffing")).content.decode()


def test_the_desk_makes_a_draft_and_adds_somebody_from_the_page(client: Client, town: Town) -> None:
    client.force_login(town.users["street"])
    make_user("newcomer", name="新来的人")
    made = client.post(
        reverse("planning:staffing"),
        {"area": town.community.code, "post": "grid_worker", "lowest": "1", "highest": "1", "change_m": "100"},
        follow=True,
    )
    draft = StaffingDraft.objects.get()
    assert town.users["grid_worker"].name in made.content.decode()
    found = client.get(made.redirect_chain[-1][0], {"q": "新来"}).content.decode()
    assert "新来的人" in found
    client.post(
        reverse("planning:staffing-add", args=[draft.pk]),
        {"person": User.objects.get(username="newcomer").pk, "near": ""},
    )
    assert row_of(draft, "newcomer").grid_id is not None


def test_a_building_is_no_rough_starting_point(client: Client, town: Town) -> None:
    draft = draft_of(town)
    row = row_of(draft, town.users["grid_worker"].username)
    client.force_login(town.users["street"])
    answer = client.post(
        reverse("planning:staffing-change", args=[draft.pk, row.pk]), {"near": str(town.buildings[0].pk)}
    )
    assert answer.status_code == 404
    assert row_of(draft, town.users["grid_worker"].username).near is None


def test_ten_people_and_twenty_cost_the_same_queries(client: Client, db: None) -> None:
    costs = []
    for number, code in ((10, "520303001001"), (20, "520303001002")):
        town = make_town(community_code=code, grids=number)
        for index in range(1, number):
            staff(make_user(f"{code}-{index}"), "grid_worker", town.grids[index])
        draft = draft_of(town)
        client.force_login(town.users["street"])
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("planning:staffing-draft", args=[draft.pk])).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 20


ways = st.floats(-0.02, 0.02)


@given(st.lists(st.tuples(ways, ways), min_size=1, max_size=5), st.lists(st.tuples(ways, ways), min_size=5, max_size=6))
def test_no_other_assignment_is_shorter(people: list[tuple[float, float]], grids: list[tuple[float, float]]) -> None:
    spots = [Spot(number, 106.9 + lon, 27.7 + lat) for number, (lon, lat) in enumerate(grids, 1)]
    candidates = [Candidate(number, (106.9 + lon, 27.7 + lat)) for number, (lon, lat) in enumerate(people, 1)]
    proposal = propose(candidates, spots, Rules(lowest=0, highest=1))
    alone = [[_way(one, spot) for spot in spots] for one in candidates]
    best = min(
        sum(alone[row][column] for row, column in enumerate(order))
        for order in permutations(range(len(spots)), len(candidates))
    )
    assert proposal.figures["total_m"] == pytest.approx(best, rel=1e-3, abs=0.1)
    assert proposal.figures["gap_m"] == 0


def _way(one: Candidate, spot: Spot) -> float:
    return propose([one], [spot], Rules(lowest=0, highest=1)).people[one.id].after_m or 0.0
