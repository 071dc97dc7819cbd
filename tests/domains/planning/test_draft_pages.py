"""The pages of drafts: who may, who may see, a stranger; what the map is told; how often the database is asked."""

import gzip
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mulin.core import versions
from mulin.domains.planning.models import Comment, Draft, Publication
from mulin.domains.planning.pages.comparing import comparison
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.rules.judging import figures_of, params_of
from mulin.domains.planning.services import drafting, editing
from mulin.domains.planning.services.drafting import Outcome, Wish
from mulin.domains.planning.services.editing import NEW_GRID
from mulin.domains.planning.states import DraftState
from mulin.kernels.partition.problem import Bounds
from tests.domains.planning.drafting import again, claimed, draft_of, head_of, street
from tests.factories import NOW, make_town

pytestmark = pytest.mark.django_db

READ = ("draft", "draft-ground", "draft-plan", "draft-geojson")
WRITE = ("draft-move", "draft-undo", "draft-redo", "draft-lock")
POST = ("draft-stop", "draft-improve", "draft-refresh", "draft-discard", "recall-draft")


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, name: str, draft: Draft, **body):
    address = reverse(f"planning:{name}", args=[draft.pk])
    return client.post(
        address, json.dumps(body), content_type="application/json", headers={"Accept": "application/json"}
    )


def address(name: str, draft: Draft) -> str:
    return reverse(f"planning:{name}", args=[draft.pk])


def plan_data(client: Client, draft: Draft):
    """What the map is told; the answer is packed."""
    return json.loads(gzip.decompress(client.get(address("draft-plan", draft)).content))


@pytest.fixture
def town():
    return street()


@pytest.fixture
def draft(town) -> Draft:
    return draft_of(town)


def test_who_may_see_sees_and_a_stranger_does_not(town, draft):
    for role, status in (("county", 200), ("street", 200), ("community", 200), ("stranger", 403)):
        client = client_of(town.users[role])
        assert {client.get(address(name, draft)).status_code for name in READ} == {status}, role
        assert client.get(reverse("planning:drafts")).status_code == status
    assert Client().get(address("draft", draft)).status_code == 302


def test_the_desk_of_another_street_does_not_learn_of_a_draft(draft):
    other = make_town(community_code="520303002001")
    assert client_of(other.users["street"]).get(address("draft", draft)).status_code == 404
    assert client_of(other.users["county"]).get(address("draft", draft)).status_code == 200


@pytest.mark.parametrize("name", [*WRITE, *POST])
def test_who_may_only_see_changes_nothing(town, draft, name):
    before = (again(draft).head_id, again(draft).state)
    for role in ("community", "stranger"):
        body = {"seen": draft.head_id, "buildings": [0], "to": 1, "grid": 0, "locked": True}
        assert send(client_of(town.users[role]), name, draft, **body).status_code == 403
    assert (again(draft).head_id, again(draft).state) == before


def test_only_the_district_puts_a_plan_in_force(town, draft):
    form = {"seen": draft.head_id, "from_date": timezone.localdate().isoformat(), "reason": "试点"}
    for role, status in (("stranger", 403), ("community", 403), ("street", 403)):
        assert client_of(town.users[role]).post(address("publish-draft", draft), form).status_code == status
    assert (Publication.objects.count(), again(draft).state) == (0, DraftState.READY)
    answer = client_of(town.users["county"]).post(address("publish-draft", draft), form)
    assert answer.status_code == 302
    assert again(draft).state == DraftState.PUBLISHED
    page = client_of(town.users["community"]).get(address("publication", draft)).content.decode()
    assert "已生效" in page
    sheet = client_of(town.users["community"]).get(address("household-changes", draft))
    assert sheet.content[:2] == b"PK"


def test_a_desk_asks_for_a_draft_of_its_own_area_only(town):
    other = make_town(community_code="520303002001")
    form = {
        "area": town.community.code, "lowest": 40, "highest": 80, "start": "present", "seconds": 5,
        "balance": 0, "compactness": 1, "straddling": 1, "change": 2,
    }  # fmt: skip
    ask = reverse("planning:ask-draft")
    assert client_of(other.users["street"]).post(ask, form).status_code == 422
    assert client_of(town.users["community"]).post(ask, form).status_code == 403
    assert client_of(town.users["street"]).post(ask, {**form, "lowest": 90}).status_code == 422
    assert Draft.objects.count() == 0
    assert client_of(town.users["street"]).post(ask, form).status_code == 302
    draft = Draft.objects.get()
    assert (draft.state, draft.lowest, draft.weights["change"]) == (DraftState.ASKED, 40, 1.0)


def test_a_move_answers_what_is_different_and_what_bends(town, draft):
    client = client_of(town.users["county"])
    plan = plan_data(client, draft)
    labels = plan["labels"]
    target = next(grid["label"] for grid in plan["grids"] if grid["label"] != labels[0])
    answer = send(client, "draft-move", draft, seen=plan["head"], buildings=[0], to=target).json()
    assert answer["changes"] == [[0, target]]
    assert {feature["id"] for feature in answer["outlines"]["features"]} == {labels[0], target}
    assert "撤销" in answer["panel"]
    undone = send(client, "draft-undo", draft, seen=answer["head"]).json()
    assert undone["changes"] == [[0, labels[0]]]
    stale = send(client, "draft-undo", draft, seen=answer["head"])
    assert (stale.status_code, stale.json()["code"]) == (409, "plan_moved_on")


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"seen": "1"}', '{"seen": 1, "buildings": ["a"], "to": 0}', '{"to": true}']
)
def test_a_body_nobody_understands_is_refused(town, draft, body):
    client = client_of(town.users["county"])
    answer = client.post(
        address("draft-move", draft), body, content_type="application/json", headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "draft_body_invalid")


def test_a_community_comments_on_a_grid(town, draft):
    client = client_of(town.users["community"])
    label = int(plans.plan_of(draft.head)[0])
    assert (
        client.post(address("draft-comment", draft), {"text": "5栋和6栋同一个门岗", "grid": label}).status_code == 302
    )
    assert "5栋和6栋同一个门岗" in client.get(address("draft", draft)).content.decode()
    assert client.post(address("draft-comment", draft), {"text": " "}).status_code == 400
    assert Comment.objects.count() == 1


def test_two_drafts_of_one_ground_are_compared(town, draft):
    other = draft_of(town, name="另一份", keeps_present=False)
    page = client_of(town.users["county"]).get(reverse("planning:compare-drafts", args=[draft.pk, other.pk]))
    assert page.status_code == 200
    assert "另一份" in page.content.decode()
    unfinished = draft_of(town, computed=False)
    url = reverse("planning:compare-drafts", args=[draft.pk, unfinished.pk])
    assert client_of(town.users["county"]).get(url).status_code == 409


def test_a_grid_that_is_new_in_both_drafts_is_one_grid_whatever_its_number(town, draft):
    other = draft_of(town, name="另一份")
    for one, moves in ((draft, [[0, 2, 4]]), (other, [[5], [0, 2, 4]])):
        for buildings in moves:
            seen = head_of(again(one)).pk
            editing.move_buildings(actor=None, draft=one, seen=seen, buildings=buildings, to=NEW_GRID, now=NOW)
    compared = comparison(again(draft), again(other))
    names = plans.building_names(plans.ground_of(head_of(draft).snapshot_id).arrays.building_ids[[5]].tolist())
    assert [building for building, _first, _second in compared.moved] == list(names.values())
    assert all(first != second for _building, first, second in compared.moved)


def test_while_it_is_computed_the_page_shows_the_plan_saved_last(town):
    draft = draft_of(town, computed=False)
    client = client_of(town.users["county"])
    assert plan_data(client, draft)["labels"] == []
    assert client.get(address("draft", draft)).status_code == 200
    _id, lease = claimed()
    finished = draft_of(town)
    arrays = plans.ground_of(head_of(finished).snapshot_id).arrays
    drafting.take_snapshot(actor=None, draft_id=draft.pk, arrays=arrays, now=NOW)
    drafting.save_progress(
        actor=None, draft_id=draft.pk, lease=lease, grid=arrays.present, figures=head_of(finished).figures, now=NOW
    )
    data = plan_data(client, draft)
    assert data["at_work"]
    assert data["labels"] == arrays.present.tolist()
    assert "停止" in data["panel"]
    assert client.post(address("draft-stop", draft)).status_code == 302


def test_a_community_of_550_is_told_the_arithmetic(town):
    draft = draft_of(town, lowest=70, highest=110)
    panel = plan_data(client_of(town.users["county"]), draft)["panel"]
    assert "本社区共 120 户，无法分成 70–110 户的网格：1 个网格共超出 10 户，2 个网格共少 20 户" in panel
    assert "可把上限调为 120，把下限调为 60，或并入相邻社区" in panel


@pytest.mark.parametrize(("name", "most"), [("drafts", 12), ("draft", 40), ("draft-plan", 32)])
def test_pages_ask_as_often_for_many_as_for_few(name, most, django_assert_max_num_queries):
    counts = []
    for number, buildings in enumerate((8, 8, 12), 1):
        town = street(community_code=f"52030300100{number}", buildings=buildings)
        draft = draft_of(town, lowest=20, highest=400)
        client = client_of(town.users["community"])
        url = reverse("planning:drafts") if name == "drafts" else address(name, draft)
        with django_assert_max_num_queries(most) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_a_move_costs_the_same_queries_for_ten_buildings_and_twenty(db):
    costs = []
    for number, buildings in ((1, 10), (2, 20)):
        town = make_town(community_code=f"52030300100{number}", buildings=buildings, grids=2, households=10)
        arrays = ground.problem_of(town.community.code, on=timezone.localdate(NOW))
        outcome = Outcome(arrays.present, figures_of(arrays, arrays.present, Bounds(40, 120), params_of({})))
        wish, code = Wish("草案", 40, 120), town.community.code
        draft = drafting.take_in(actor=None, area_code=code, wish=wish, arrays=arrays, outcome=outcome, now=NOW)
        moved, client = list(range(buildings // 2)), client_of(town.users["county"])
        versions.forget_all()
        with CaptureQueriesContext(connection) as asked:
            answer = send(client, "draft-move", draft, seen=head_of(draft).pk, buildings=moved, to=NEW_GRID)
        assert answer.status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 28


def test_what_changes_is_listed_with_its_reason(town, draft):
    Draft.objects.filter(pk=draft.pk).update(lowest=70, highest=100)
    seen = head_of(again(draft)).pk
    to = int(plans.plan_of(head_of(draft))[-1])
    moved = [index for index, label in enumerate(plans.plan_of(head_of(draft)).tolist()) if label != to][:1]
    editing.move_buildings(actor=None, draft=draft, seen=seen, buildings=moved, to=to, now=NOW)
    page = client_of(town.users["community"]).get(address("draft-changes", draft)).content.decode()
    assert "1 栋楼、10 户的网格与现状不同" in page
    assert "现在的网格户数太少" in page
    unfinished = draft_of(town, computed=False)
    assert client_of(town.users["county"]).get(address("draft-changes", unfinished)).status_code == 409
    assert client_of(town.users["stranger"]).get(address("draft-changes", draft)).status_code in (403, 404)
