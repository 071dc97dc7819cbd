"""Drafts of grids for programs, from the wish to the day they hold: who may, who may see, a stranger."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mulin.domains.places.models import GridMembership, Place
from mulin.domains.planning.models import Comment, Draft, PlanVersion, Publication, PublicationState
from mulin.domains.planning.states import DraftState
from tests.domains.planning.drafting import again, drawn_by_hand, head_of, street
from tests.factories import make_town

pytestmark = pytest.mark.django_db

ASK = {"lowest": 40, "highest": 80, "seconds": 1}


def everything():
    models = (Draft, PlanVersion, Comment, Publication, GridMembership, Place)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def town(db):
    return street()


@pytest.fixture
def draft(town):
    return drawn_by_hand(town)


def reads(draft):
    path = f"/planning/drafts/{draft.pk}"
    yield from ("/planning/drafts", path, f"{path}/plan", f"{path}/geojson", f"{path}/ground", f"{path}/changes")
    yield from (f"{path}/comments", f"{path}/compare/{draft.pk}", f"{path}/compare/{draft.pk}/geojson")


def writes(draft):
    path, seen, building = f"/planning/drafts/{draft.pk}", head_of(draft).pk, Place.objects.get(name="1栋").pk
    yield f"{path}/move", {"seen": seen, "buildings": [building], "to": 1}
    yield f"{path}/lock", {"seen": seen, "grid": 0}
    yield f"{path}/undo", {"seen": seen}
    yield f"{path}/redo", {"seen": seen}
    yield from ((f"{path}/{deed}", {}) for deed in ("stop", "improve", "refresh", "discard"))
    yield "/planning/drafts", ASK


def publishing(draft, **known):
    return {"seen": head_of(draft).pk, "from_date": timezone.localdate().isoformat(), "reason": "试点", **known}


class TestWhoMay:
    def test_who_sees_reads_and_changes_nothing_and_a_stranger_gets_nothing(self, town, draft, call):
        for name in ("community", "stranger"):
            call(town.users[name], "GET", "/me")
        before = everything()
        for path in reads(draft):
            for name, status in (("street", 200), ("community", 200), ("stranger", 403)):
                assert (path, name, call(town.users[name], "GET", path).status_code) == (path, name, status)
            assert (path, call(None, "GET", path).status_code) == (path, 401)
        for path, body in writes(draft):
            for name in ("community", "stranger"):
                assert (path, call(town.users[name], "POST", path, **body).status_code) == (path, 403)
            assert (path, call(None, "POST", path, **body).status_code) == (path, 401)
        assert everything() == before

    def test_only_the_district_puts_a_plan_in_force(self, town, draft, call):
        before, path = everything(), f"/planning/drafts/{draft.pk}"
        for name in ("street", "community", "stranger"):
            user = town.users[name]
            assert call(user, "POST", f"{path}/publication", **publishing(draft)).status_code == 403
            assert call(user, "POST", f"{path}/recall").status_code == 403
            assert call(user, "GET", f"{path}/last-look").status_code == 403
        assert everything() == before

    def test_the_desk_of_another_street_does_not_learn_of_a_draft(self, town, draft, call):
        other = make_town(community_code="520303002001").users["street"]
        for path in reads(draft):
            status = 200 if path == "/planning/drafts" else 404
            assert (path, call(other, "GET", path).status_code) == (path, status)
        assert call(other, "GET", "/planning/drafts").json()["items"] == []
        refused = call(other, "POST", "/planning/drafts", area=town.community.code, **ASK)
        assert (refused.status_code, refused.json()["code"]) == (403, "planning_area_not_yours")


class TestDrafts:
    def test_a_wish_is_queued_once_and_nothing_is_computed_meanwhile(self, town, call):
        desk = town.users["street"]
        asked = {**ASK, "area": town.community.code, "name": "春季调整", "change": 2}
        answers = [call(desk, "POST", "/planning/drafts", key="d1", **asked) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        told = answers[0].json()
        assert (told["state"], told["is_at_work"], told["head"]) == ("ASKED", True, None)
        made = Draft.objects.get()
        assert (made.name, made.asked_by, made.weights["change"]) == ("春季调整", desk, 1.0)
        path = f"/planning/drafts/{made.pk}"
        assert call(desk, "GET", f"{path}/plan").json()["labels"] == []
        none = call(desk, "GET", f"{path}/geojson")
        assert (none.status_code, none.json()["code"]) == (409, "draft_no_plan_yet")
        assert call(desk, "POST", f"{path}/stop").json()["state"] == "STOPPED"
        assert call(desk, "POST", f"{path}/improve", seconds=30).json()["state"] == "ASKED"
        assert again(made).time_limit_s == 30
        assert call(desk, "POST", f"{path}/discard").json()["state"] == "DISCARDED"
        assert call(desk, "GET", "/planning/drafts").json()["items"] == []

    @pytest.mark.parametrize(
        ("wrong", "status", "code"),
        [
            ({"lowest": 90}, 400, "draft_wish_invalid"),
            ({"seconds": 601}, 422, "fields_invalid"),
            ({"change": 3}, 422, "fields_invalid"),
            ({"area": "520303009009"}, 404, "place_unknown"),
        ],
    )
    def test_a_wish_that_cannot_be_is_refused(self, town, call, wrong, status, code):
        answer = call(town.users["county"], "POST", "/planning/drafts", **{**ASK, **wrong})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["remedy"]
        assert not Draft.objects.exists()

    def test_figures_stand_beside_todays_and_the_plan_names_every_building(self, town, draft, call):
        path, desk = f"/planning/drafts/{draft.pk}", town.users["community"]
        told = call(desk, "GET", path).json()
        figures = {one["name"]: (one["value"], one["other"]) for one in told["figures"]}
        assert (figures["grids"], figures["largest"], figures["changed"]) == ((2, 2), (60, 60), (0, 0))
        assert (told["may_edit"], told["may_publish"], told["bends"]) == (False, False, [])
        plan = call(desk, "GET", f"{path}/plan").json()
        assert sorted(plan["buildings"]) == sorted(one.pk for one in town.buildings)
        assert [(grid["code"], grid["households"]) for grid in plan["grids"]] == [(g.code, 60) for g in town.grids]
        features = call(desk, "GET", f"{path}/geojson").json()["features"]
        assert sorted(pk for one in features for pk in one["properties"]["buildings"]) == sorted(plan["buildings"])
        assert len(call(desk, "GET", f"{path}/ground").json()["features"]) == len(plan["buildings"])

    def test_buildings_move_once_and_back_and_who_was_slower_is_told(self, town, draft, call):
        path, desk = f"/planning/drafts/{draft.pk}", town.users["street"]
        plan = call(desk, "GET", f"{path}/plan").json()
        building = plan["buildings"][plan["labels"].index(0)]
        move = {"seen": plan["head"], "buildings": [building], "to": -1}
        moved = [call(desk, "POST", f"{path}/move", key="m1", **move) for _ in range(2)]
        assert [answer.status_code for answer in moved] == [200, 200]
        assert moved[0].json() == moved[1].json()
        told = moved[0].json()
        assert (told["can_undo"], told["can_redo"], told["bends"][0]["tone"]) == (True, False, "warn")
        assert PlanVersion.objects.filter(draft=draft).count() == 2
        late = call(desk, "POST", f"{path}/move", **move)
        assert (late.status_code, late.json()["code"]) == (409, "plan_moved_on")
        changes = call(desk, "GET", f"{path}/changes").json()
        assert (changes["buildings"], changes["households"]) == (1, 10)
        assert changes["moved"][0]["reason"]
        undone = call(desk, "POST", f"{path}/undo", seen=told["head"]).json()
        assert (undone["head"], undone["can_redo"]) == (plan["head"], True)
        assert call(desk, "POST", f"{path}/redo", seen=undone["head"]).json()["head"] == told["head"]
        locked = call(desk, "POST", f"{path}/lock", seen=told["head"], grid=1).json()
        assert locked["locked"] == [1]
        refused = call(desk, "POST", f"{path}/move", seen=locked["head"], buildings=[building], to=1)
        assert (refused.status_code, refused.json()["code"]) == (409, "draft_grid_locked")

    def test_a_building_of_elsewhere_is_not_moved(self, town, draft, call):
        elsewhere = make_town(community_code="520303001002").buildings[0].pk
        before = everything()
        body = {"seen": head_of(draft).pk, "buildings": [elsewhere], "to": 0}
        answer = call(town.users["county"], "POST", f"/planning/drafts/{draft.pk}/move", **body)
        assert (answer.status_code, answer.json()["code"]) == (400, "draft_buildings_unknown")
        assert everything() == before

    def test_two_drafts_are_compared_on_the_same_ground(self, town, draft, call):
        other, desk = drawn_by_hand(town), town.users["county"]
        plan = call(desk, "GET", f"/planning/drafts/{other.pk}/plan").json()
        building = plan["buildings"][plan["labels"].index(1)]
        body = {"seen": plan["head"], "buildings": [building], "to": 0}
        assert call(desk, "POST", f"/planning/drafts/{other.pk}/move", **body).json()["comparable"] == [draft.pk]
        path = f"/planning/drafts/{draft.pk}/compare/{other.pk}"
        told = call(desk, "GET", path).json()
        assert (told["buildings"], len(told["moved"])) == (1, 1)
        drawn = call(desk, "GET", f"{path}/geojson").json()["features"]
        assert [one["properties"]["building"] for one in drawn] == [building]

    def test_whoever_sees_a_draft_says_something_of_it(self, town, draft, call):
        path = f"/planning/drafts/{draft.pk}/comments"
        said = call(town.users["community"], "POST", path, key="c1", text="河边两栋应归东边", grid=1)
        assert (said.status_code, said.json()["grid"]) == (201, 1)
        assert call(town.users["stranger"], "POST", path, text="不该有").status_code == 403
        empty = call(town.users["community"], "POST", path, text=" ")
        assert (empty.status_code, empty.json()["code"]) == (400, "draft_comment_invalid")
        listed = call(town.users["street"], "GET", path).json()
        assert [(one["text"], one["author"]) for one in listed["items"]] == [
            ("河边两栋应归东边", town.users["community"].name)
        ]
        assert listed["next_key"] is None

    def test_ten_drafts_cost_as_many_queries_as_twenty(self, town, cost):
        costs = []
        for count in (10, 20):
            while Draft.objects.count() < count:
                drawn_by_hand(town)
            costs.append(cost(town.users["street"], "/planning/drafts", count))
        assert costs[0] == costs[1] <= 8

    def test_a_plan_of_many_buildings_costs_as_many_queries_as_of_few(self, call, cost):
        costs = []
        for number, buildings in ((3, 6), (4, 14)):
            town = street(buildings=buildings, community_code=f"52030300100{number}")
            draft = drawn_by_hand(town)
            desk, path = town.users["street"], f"/planning/drafts/{draft.pk}"
            figures = len(call(desk, "GET", path).json()["figures"])
            costs += [cost(desk, path, figures, of="figures"), cost(desk, f"{path}/plan", 2, of="grids")]
        assert costs[:2] == costs[2:]
        assert max(costs) <= 25


class TestPublication:
    def test_a_plan_holds_from_today_once(self, town, draft, call):
        path, county = f"/planning/drafts/{draft.pk}", town.users["county"]
        look = call(county, "GET", f"{path}/last-look").json()
        assert (look["hard"], look["soft"], look["kept_grids"], look["changed"]) == ([], [], 2, 0)
        early = call(county, "GET", f"{path}/publication")
        assert (early.status_code, early.json()["code"]) == (404, "draft_not_published")
        told = [call(county, "POST", f"{path}/publication", key="p1", **publishing(draft)) for _ in range(2)]
        assert [answer.status_code for answer in told] == [201, 201]
        assert told[0].json() == told[1].json()
        assert (told[0].json()["state"], told[0].json()["tally"]["changed_buildings"]) == ("CARRIED_OUT", 0)
        assert (again(draft).state, Publication.objects.count()) == (DraftState.PUBLISHED, 1)
        desk = town.users["community"]
        assert call(desk, "GET", f"{path}/publication").json()["state"] == "CARRIED_OUT"
        assert call(desk, "GET", f"{path}/publication/households").content[:2] == b"PK"
        assert call(town.users["stranger"], "GET", f"{path}/publication/households").status_code == 403

    def test_a_plan_for_later_is_taken_back(self, town, draft, call):
        path, county = f"/planning/drafts/{draft.pk}", town.users["county"]
        later = (timezone.localdate() + timedelta(days=3)).isoformat()
        told = call(county, "POST", f"{path}/publication", **publishing(draft, from_date=later)).json()
        assert (told["state"], told["tally"]) == ("SCHEDULED", None)
        none = call(county, "GET", f"{path}/publication/notices")
        assert (none.status_code, none.json()["code"]) == (409, "publication_not_in_force")
        assert call(county, "POST", f"{path}/recall").json()["state"] == "READY"
        assert Publication.objects.get().state == PublicationState.RECALLED
        again_ = call(county, "POST", f"{path}/recall")
        assert (again_.status_code, again_.json()["code"]) == (409, "illegal_move")

    @pytest.mark.parametrize(
        ("wrong", "status", "code"),
        [
            ({"from_date": "2001-01-01"}, 400, "publication_date_gone"),
            ({"from_date": "1999-01-01"}, 422, "fields_invalid"),
            ({"seen": 999_999}, 409, "plan_moved_on"),
        ],
    )
    def test_what_cannot_hold_is_refused(self, town, draft, call, wrong, status, code):
        before = everything()
        answer = call(
            town.users["county"], "POST", f"/planning/drafts/{draft.pk}/publication", **publishing(draft, **wrong)
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert everything() == before
