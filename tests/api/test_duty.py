"""Posts, tenures, absences, contact groups, gaps and boards for programs: who may, who may see, a stranger."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from mulin.domains.accounts.models import User
from mulin.domains.duty.api.schemas import tenure_out
from mulin.domains.duty.models import Absence, EndReason, Tenure
from mulin.domains.places.models import GroupMembership, Place
from tests.factories import make_town, make_user, staff

pytestmark = pytest.mark.django_db

MAY_NOT_MANAGE = ("first_grid_leader", "stranger")
"""Somebody who sees coverage, and somebody who holds nothing."""


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Tenure, Absence, User, GroupMembership, Place)]


def hours(count):
    return (timezone.now() + timedelta(hours=count)).isoformat()


@pytest.fixture
def desk(town):
    return town.users["community"]


class TestWhoMay:
    def reads(self, town):
        place, tenure = town.buildings[0].pk, town.tenures["leader"].pk
        yield from (f"/places/{place}/posts", f"/tenures/{tenure}", f"/tenures/{tenure}/absences")
        yield from (f"/tenures/{tenure}/substitutes", f"/buildings/{place}/contact-groups", "/people?text=测试")
        yield from (f"/tenures?area={town.community.code}", f"/boards?area={town.community.code}")

    def writes(self, town):
        tenure, absence = town.tenures["leader"], self.absence(town)
        yield f"/places/{town.buildings[1].pk}/posts/building_leader/1/tenures", {"person": town.users["stranger"].pk}
        yield f"/tenures/{tenure.pk}/end", {}
        yield f"/tenures/{tenure.pk}/absences", {"begins_at": hours(1), "ends_at": hours(9)}
        yield f"/absences/{absence.pk}/end", {}
        yield f"/buildings/{town.buildings[0].pk}/contact-groups", {"households": [town.households[0].pk]}

    def absence(self, town):
        now = timezone.now()
        return Absence.objects.create(tenure=town.tenures["contact"], begins_at=now, ends_at=now + timedelta(days=1))

    @pytest.mark.parametrize("name", MAY_NOT_MANAGE)
    def test_nobody_else_reads_posts_or_changes_them(self, town, call, name):
        writes = list(self.writes(town))
        call(town.users[name], "GET", "/me")
        before = everything()
        for path in self.reads(town):
            assert (path, call(town.users[name], "GET", path).status_code) == (path, 403)
        for path, body in writes:
            assert (path, call(town.users[name], "POST", path, **body).status_code) == (path, 403)
            assert (path, call(None, "POST", path, **body).status_code) == (path, 401)
        assert everything() == before

    def test_a_desk_elsewhere_is_refused_and_the_own_one_is_not(self, town, call, desk):
        neighbour = make_town(community_code="520303001002").users["community"]
        before = everything()
        for path in self.reads(town):
            asked = (call(user, "GET", path).status_code for user in (neighbour, desk))
            assert (path, *asked) == (path, 200 if path.startswith("/people") else 403, 200)
        writes = list(self.writes(town))
        before = everything()
        for path, body in writes:
            assert (path, call(neighbour, "POST", path, **body).status_code) == (path, 403)
        assert everything() == before


class TestTenures:
    def test_a_seat_is_given_once_handed_over_and_ended(self, town, call, desk):
        path = f"/places/{town.buildings[1].pk}/posts/building_leader/1/tenures"
        new = {"name": "王芳", "work_phone": "0851-28001234"}
        begun = [call(desk, "POST", path, key="t1", **new) for _ in range(2)]
        assert [answer.status_code for answer in begun] == [201, 201]
        assert begun[0].json() == begun[1].json()
        assert begun[0].json()["holder"] == "王芳"
        taken = call(desk, "POST", path, **new)
        assert (taken.status_code, taken.json()["code"]) == (409, "seat_taken")
        successor = town.users["stranger"]
        handed = call(desk, "POST", path, person=successor.pk, ends_present=True).json()
        assert (handed["holder_id"], handed["state"]) == (successor.pk, "ACTIVE")
        before = Tenure.objects.get(pk=begun[0].json()["id"])
        assert (before.state, before.end_reason) == ("ENDED", EndReason.HANDED_OVER)
        told = tenure_out(before)
        with translation.override("en"):
            assert (told.end_reason, tenure_out(before).end_reason) == ("交接给接任者", "Handed over to a successor")
        ended = call(desk, "POST", f"/tenures/{handed['id']}/end", reason="搬走了").json()
        assert (ended["state"], ended["end_reason"]) == ("ENDED", "搬走了")
        again = call(desk, "POST", f"/tenures/{handed['id']}/end")
        assert (again.status_code, again.json()["code"]) == (409, "tenure_over")

    def test_a_successor_from_a_day_on_stands_beside_the_present_holder(self, town, call, desk):
        place, day = town.buildings[0], (timezone.localdate() + timedelta(days=30)).isoformat()
        path = f"/places/{place.pk}/posts/building_leader/1/tenures"
        planned = call(desk, "POST", path, person=town.users["stranger"].pk, starts_on=day, ends_present=True)
        assert planned.json()["state"] == "PLANNED"
        posts = call(desk, "GET", f"/places/{place.pk}/posts").json()
        seat = next(one for one in posts["seats"] if one["post"] == "building_leader")
        assert (seat["present"]["holder"], seat["present"]["ends_on"]) == (town.users["leader"].name, day)
        assert [one["holder"] for one in seat["planned"]] == [town.users["stranger"].name]

    @pytest.mark.parametrize(
        ("post", "seat", "body", "status", "code"),
        [
            ("building_leader", 1, {}, 400, "person_incomplete"),
            ("building_leader", 1, {"name": "王芳", "work_phone": "电话"}, 400, "person_incomplete"),
            ("building_leader", 1, {"person": 999_999}, 404, "person_unknown"),
            ("building_leader", 9, {"name": "王芳", "work_phone": "1"}, 400, "post_misplaced"),
            ("grid_worker", 1, {"name": "王芳", "work_phone": "1"}, 400, "post_misplaced"),
            ("building_leader", 1, {"name": "王芳", "work_phone": "1", "ends_on": "2001-01-01"}, 400, "dates_invalid"),
            ("building_leader", 1, {"name": "王" * 61, "work_phone": "1"}, 422, "fields_invalid"),
        ],
    )
    def test_what_cannot_be_is_refused_with_what_to_do(self, town, call, desk, post, seat, body, status, code):
        before = everything()
        answer = call(desk, "POST", f"/places/{town.buildings[1].pk}/posts/{post}/{seat}/tenures", **body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["message"]
        assert everything() == before

    def test_an_officer_of_a_department_is_appointed_by_the_district(self, town, call):
        path = f"/organisations/{town.organisations['HOUSING'].pk}/posts"
        new = {"name": "赵强", "work_phone": "0851-1"}
        for name, status in {"county": 201, "street": 403, "stranger": 403}.items():
            answer = call(town.users[name], "POST", f"{path}/department_officer/3/tenures", **new)
            assert (name, answer.status_code) == (name, status)
        seats = call(town.users["county"], "GET", path).json()["seats"]
        assert [seat["present"] and seat["present"]["holder"] for seat in seats][2] == "赵强"

    def test_the_list_pages_by_key_and_ten_cost_as_many_queries_as_twenty(self, town, call, cost):
        def hold(first, count):
            buildings = more.buildings[first : first + count]
            for number, building in enumerate(buildings, first):
                staff(make_user(f"holder{number}"), "building_leader", building)

        more = make_town(community_code="520303001002", buildings=55, households=1, staffed=False)
        street, area = town.users["street"], more.community.code
        hold(0, 10)
        few = cost(street, "/tenures", 10, area=area)
        hold(10, 10)
        assert cost(street, "/tenures", 20, area=area) == few <= 8
        hold(20, 35)
        first = call(street, "GET", "/tenures", area=area).json()
        second = call(street, "GET", "/tenures", area=area, after=first["next_key"]).json()
        assert (len(first["items"]), len(second["items"]), second["next_key"]) == (50, 5, None)


class TestAbsences:
    def test_a_holder_leaves_with_a_substitute_and_comes_back(self, town, call, desk):
        held = town.tenures["leader"].pk
        names = [one["name"] for one in call(desk, "GET", f"/tenures/{held}/substitutes").json()]
        assert town.users["grid_worker"].name in names
        assert town.users["leader"].name not in names
        away = {"begins_at": hours(-1), "ends_at": hours(40), "substitute": town.users["grid_worker"].pk}
        begun = [call(desk, "POST", f"/tenures/{held}/absences", key="a1", **away) for _ in range(2)]
        assert [answer.status_code for answer in begun] == [201, 201]
        assert begun[0].json() == begun[1].json()
        overlapping = call(desk, "POST", f"/tenures/{held}/absences", **away)
        assert (overlapping.status_code, overlapping.json()["code"]) == (409, "absence_overlaps")
        listed = call(desk, "GET", f"/tenures/{held}/absences").json()
        assert [one["substitute"] for one in listed] == [town.users["grid_worker"].name]
        assert call(desk, "POST", f"/absences/{listed[0]['id']}/end").json()["absences"] == []
        over = call(desk, "POST", f"/absences/{listed[0]['id']}/end")
        assert (over.status_code, over.json()["code"]) == (409, "absence_over")

    @pytest.mark.parametrize("name", ["leader", "stranger"])
    def test_only_a_colleague_stands_in(self, town, call, desk, name):
        body = {"begins_at": hours(1), "ends_at": hours(9), "substitute": town.users[name].pk}
        answer = call(desk, "POST", f"/tenures/{town.tenures['leader'].pk}/absences", **body)
        assert (answer.status_code, answer.json()["code"]) == (400, "substitute_invalid")
        assert Absence.objects.count() == 0


class TestContactGroups:
    def free(self, town, count=4):
        GroupMembership.objects.filter(group=town.groups[1]).delete()
        first = town.households.index(next(h for h in town.households if h.dwelling.building_id == self.building(town)))
        return [household.pk for household in town.households[first : first + count]]

    def building(self, town):
        return town.buildings[1].pk

    def test_households_are_put_into_a_new_group_and_into_one_there_is(self, town, call, desk):
        free, path = self.free(town), f"/buildings/{self.building(town)}/contact-groups"
        shown = call(desk, "GET", path).json()
        assert [door["household_id"] for door in shown["without_group"]] == free
        made = [call(desk, "POST", path, key="g1", households=free[:2]) for _ in range(2)]
        assert made[0].json() == made[1].json()
        assert sorted(group["households"] for group in made[0].json()["groups"]) == [0, 2]
        added = call(desk, "POST", path, households=free[2:], group=town.groups[1].pk).json()
        assert ([group["households"] for group in added["groups"]], added["without_group"]) == ([2, 2], [])

    def test_who_has_a_group_is_not_taken_out_of_it(self, town, call, desk):
        free, path = self.free(town), f"/buildings/{self.building(town)}/contact-groups"
        for households, group, code in (
            ([free[0], town.households[0].pk], None, "households_not_free"),
            (free, town.groups[0].pk, "contact_group_unknown"),
        ):
            before = everything()
            answer = call(desk, "POST", path, households=households, **({"group": group} if group else {}))
            assert answer.json()["code"] == code
            assert everything() == before

    def test_ten_households_cost_as_many_queries_as_twenty(self, cost):
        costs = []
        for number, households in ((3, 10), (4, 20)):
            town = make_town(community_code=f"52030300100{number}", buildings=1, households=households)
            GroupMembership.objects.filter(group=town.groups[0]).delete()
            path = f"/buildings/{town.buildings[0].pk}/contact-groups"
            costs.append(cost(town.users["community"], path, households, of="without_group"))
        assert costs[0] == costs[1] <= 9


class TestGaps:
    def test_gaps_are_listed_by_key_and_cost_the_same(self, call, cost):
        costs = []
        for number, buildings in ((3, 11), (4, 21)):
            town = make_town(community_code=f"52030300100{number}", buildings=buildings, households=1)
            user = town.users["community"]
            costs += [cost(user, "/coverage/gaps", buildings - 1, show="buildings")]
            costs += [cost(user, "/coverage/gaps", buildings - 1, show="households")]
        assert costs[:2] == costs[2:]
        assert max(costs) <= 7

    def test_every_page_is_reached(self, call):
        desk = make_town(buildings=120, grids=60, households=1).users["community"]
        for show, expected in (("buildings", 119), ("households", 119), ("grids", 59)):
            keys: list[str] = []
            page = call(desk, "GET", "/coverage/gaps", show=show).json()
            keys += [gap["key"] for gap in page["items"]]
            while page["next_key"]:
                page = call(desk, "GET", "/coverage/gaps", show=show, after=page["next_key"]).json()
                keys += [gap["key"] for gap in page["items"]]
            assert (show, len(keys), len(set(keys))) == (show, expected, expected)

    def test_who_sees_the_grid_sees_its_gaps_and_a_stranger_none(self, town, call):
        grid = town.grids[0].pk
        found = call(town.users["grid_worker"], "GET", "/coverage/gaps", grid=grid, show="buildings").json()
        assert [(gap["place"], gap["reason"]) for gap in found["items"]] == [("3栋", "VACANT")]
        assert found["items"][0]["post_place_id"] == town.buildings[2].pk
        for path in ("/coverage/gaps", "/coverage/parts"):
            assert call(town.users["stranger"], "GET", path).status_code == 403
            refused = call(town.users["grid_worker"], "GET", path, grid=town.grids[1].pk)
            assert refused.json()["code"] == "outside_own_area"

    def test_the_parts_add_up_to_the_whole(self, town, call, desk):
        whole = call(desk, "GET", "/coverage").json()
        parts = call(desk, "GET", "/coverage/parts").json()
        assert [part["grid_id"] for part in parts] == [grid.pk for grid in town.grids]
        for subject in ("households", "buildings", "grids"):
            assert sum(part[subject]["gaps"] for part in parts) == whole[subject]["gaps"]


class TestBoards:
    def test_anybody_reads_a_board_and_nothing_private_is_on_it(self, town, call):
        board = call(None, "GET", f"/boards/{town.board_code()}").json()
        people = {person["name"] for line in board["lines"] for person in line["people"]}
        assert {town.users["leader"].name, town.users["grid_leader"].name} <= people
        assert [line["people"][0]["name"] for line in board["contacts"]] == [town.users["contact"].name]
        unknown = call(None, "GET", "/boards/NOSUCHCODE")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "place_unknown")

    def test_ten_boards_cost_as_many_queries_as_twenty(self, cost):
        costs = []
        for number, buildings in ((3, 10), (4, 20)):
            town = make_town(community_code=f"52030300100{number}", buildings=buildings)
            costs.append(cost(town.users["community"], "/boards", buildings, area=town.community.code))
        assert costs[0] == costs[1] <= 9

    def test_the_boards_of_an_area_come_as_one_file_to_print(self, town, call, desk):
        sheet = call(desk, "GET", "/boards-pdf", area=town.community.code)
        assert (sheet.status_code, sheet.headers["Content-Type"]) == (200, "application/pdf")
        assert sheet.content.startswith(b"%PDF")
        for name in MAY_NOT_MANAGE:
            assert call(town.users[name], "GET", "/boards-pdf", area=town.community.code).status_code == 403


def test_posts_of_ten_places_below_cost_as_many_queries_as_of_twenty(cost):
    costs = []
    for number, buildings in ((3, 10), (4, 20)):
        town = make_town(community_code=f"52030300100{number}", buildings=buildings, grids=1)
        path = f"/places/{town.community.pk}/posts"
        costs.append(cost(town.users["community"], path, buildings + 1, of="places"))
    assert costs[0] == costs[1] <= 11
