"""Staffing, ground truth, departments' nets, the life circle, maps and contact groups for programs."""

from datetime import timedelta
from pathlib import Path

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from mulin.core.audit.models import AuditKind, AuditRecord
from mulin.domains.duty.models import PostKind, Tenure
from mulin.domains.places.models import GroupMembership, Place, PlaceKind
from mulin.domains.planning.ground_importing import carry_on
from mulin.domains.planning.models import (
    DepartmentNet,
    Draft,
    GroundImport,
    ImportState,
    StaffingDraft,
    StaffingPerson,
    StaffingState,
)
from mulin.domains.planning.services.staffing import StaffingWish, make_staffing
from mulin.domains.planning.states import DraftState
from tests.domains.planning.ground_files import bow_tie, geojson, house
from tests.factories import GRID_DEGREES, NOW, SOUTH, WEST, make_town, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def send(client, token_of):
    """Return a sender of files: `send(user, "/planning/ground", file=…, kind=…)`."""

    def upload(user, path, key="", **given):
        headers = (token_of(user) if user else {}) | ({"Idempotency-Key": key} if key else {})
        return client.post(f"/api/v1{path}", given, headers=headers)

    return upload


def people_of(town, *names):
    return [town.users[name] for name in names]


class TestStaffing:
    @pytest.fixture
    def town(self, db):
        return make_town(grids=3, buildings=3)

    @pytest.fixture
    def desk(self, town):
        return town.users["street"]

    @pytest.fixture
    def draft(self, town, desk, call):
        asked = {"area": town.community.code, "post": "grid_worker", "rules": {"lowest": 1, "change_m": 0}}
        return call(desk, "POST", "/planning/staffing", **asked).json()

    def writes(self, draft):
        path, row = f"/planning/staffing/{draft['id']}", draft["people"][0]["id"]
        yield "/planning/staffing", {"post": "grid_worker"}
        yield from ((f"{path}/{deed}", {}) for deed in ("rules", "present", "discard"))
        yield f"{path}/publish", {"from_date": timezone.localdate().isoformat()}
        yield f"{path}/people", {"person": draft["people"][0]["person_id"]}
        yield from ((f"{path}/people/{row}/{deed}", {}) for deed in ("grid", "auto", "near", "remove"))
        yield f"{path}/people/{row}/ban", {"grid": draft["grids"][0]["id"]}

    def everything(self):
        models = (StaffingDraft, StaffingPerson, Tenure)
        return [list(model.objects.order_by("pk").values()) for model in models]

    def test_who_sees_changes_nothing_and_a_stranger_sees_nothing(self, town, draft, call):
        before, path = self.everything(), f"/planning/staffing/{draft['id']}"
        for address in ("/planning/staffing", path, f"{path}/geojson", f"{path}/rough-places"):
            for name, status in (("community", 200), ("street", 200), ("stranger", 403)):
                assert (address, name, call(town.users[name], "GET", address).status_code) == (address, name, status)
        for address, body in self.writes(draft):
            for user in people_of(town, "community", "stranger"):
                assert (address, call(user, "POST", address, **body).status_code) == (address, 403)
            assert call(None, "POST", address, **body).status_code == 401
        day = timezone.localdate().isoformat()
        assert call(town.users["street"], "POST", f"{path}/publish", from_date=day).status_code == 403
        assert self.everything() == before

    def test_people_join_and_are_decided_about_by_hand(self, town, desk, draft, call):
        path, grids = f"/planning/staffing/{draft['id']}", [grid["id"] for grid in draft["grids"]]
        assert [(one["change"], one["grid_id"]) for one in draft["people"]] == [("stays", grids[0])]
        person = make_user("second", name="李四")
        assert person.pk in [one["id"] for one in call(desk, "GET", f"{path}/candidates", text="李").json()]
        near = next(
            one["id"] for one in call(desk, "GET", f"{path}/rough-places").json() if one["kind"] == PlaceKind.COMMUNITY
        )
        added = [call(desk, "POST", f"{path}/people", key="s1", person=person.pk, near=near) for _ in range(2)]
        assert [answer.status_code for answer in added] == [200, 200]
        row = next(one for one in added[1].json()["people"] if one["person_id"] == person.pk)
        assert (row["change"], row["near"]) == ("comes", town.community.name)
        twice = call(desk, "POST", f"{path}/people", person=person.pk)
        assert (twice.status_code, twice.json()["code"]) == (409, "staffing_person_twice")
        mine = f"{path}/people/{row['id']}"

        def told(deed, **given):
            answer = call(desk, "POST", f"{mine}/{deed}", **given).json()
            return next(one for one in answer["people"] if one["id"] == row["id"])

        assert told("grid", grid=grids[2])["grid_id"] == grids[2]
        assert told("ban", grid=grids[2])["bans"] == [town.grids[2].name]
        assert told("auto")["bans"] == []
        assert (told("grid")["change"], told("near")["near"]) == ("waits", "")
        assert len(call(desk, "POST", f"{mine}/remove").json()["people"]) == 1
        wrong = call(desk, "POST", f"{path}/rules", lowest=3, highest=2)
        assert (wrong.status_code, wrong.json()["code"]) == (400, "staffing_rules_invalid")

    def test_a_draft_is_published_once_by_the_district(self, town, desk, draft, call):
        path, day = f"/planning/staffing/{draft['id']}", (timezone.localdate() + timedelta(days=1)).isoformat()
        person = make_user("second", name="李四")
        call(desk, "POST", f"{path}/people", person=person.pk)
        done = [call(town.users["county"], "POST", f"{path}/publish", key="p", from_date=day) for _ in range(2)]
        assert [answer.json()["state"] for answer in done] == [StaffingState.PUBLISHED] * 2
        assert Tenure.objects.filter(holder=person, post_kind__code="grid_worker").count() == 1
        late = call(desk, "POST", f"{path}/discard")
        assert (late.status_code, late.json()["code"]) == (409, "staffing_closed")

    def test_ten_drafts_cost_as_many_queries_as_twenty(self, town, desk, cost):
        post, costs = PostKind.objects.get(code="grid_worker"), []
        for count in (10, 20):
            while StaffingDraft.objects.count() < count:
                make_staffing(actor=desk, area_code=town.community.code, post=post, wish=StaffingWish(), now=NOW)
            costs.append(cost(desk, "/planning/staffing", count))
        assert costs[0] == costs[1] <= 8


class TestGround:
    def rows(self):
        return [(house(0), {"编号": "N0", "户数": 20}), (bow_tie(1), {"编号": "N1", "户数": 20})]

    def file(self, tmp_path: Path) -> SimpleUploadedFile:
        content = geojson(tmp_path / "a.geojson", self.rows()).read_bytes()
        return SimpleUploadedFile("楼栋.geojson", content)

    def sent(self, town, send, tmp_path, key=""):
        given = {"file": self.file(tmp_path), "kind": "BUILDINGS", "source": "住建局"}
        return send(town.users["county"], "/planning/ground", key=key, **given)

    def test_a_file_from_upload_to_the_map(self, town, call, send, tmp_path):
        county = town.users["county"]
        answers = [self.sent(town, send, tmp_path, key="g1") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        job = GroundImport.objects.get()
        path = f"/planning/ground/{job.pk}"
        assert (answers[1].json()["id"], answers[1].json()["state"]) == (job.pk, ImportState.TO_READ)
        carry_on(job.pk)
        columns = {"key": "编号", "households": "户数"}
        refused = call(county, "POST", f"{path}/check", columns=columns)
        assert (refused.status_code, refused.json()["code"]) == (400, "crs_unknown")
        assert call(county, "POST", f"{path}/check", crs="CGCS2000", columns=columns).json()["state"] == "TO_CHECK"
        carry_on(job.pk)
        told = call(county, "GET", path).json()
        assert [(one["code"], one["rows"]) for one in told["faults"]] == [("self_crossing", 1)]
        assert [(row["number"], row["is_ready"]) for row in told["items"]] == [(2, False)]
        assert "MAKE_VALID" in [one["code"] for one in told["repairs"]]
        assert call(county, "GET", f"{path}/findings-geojson").json()["features"][0]["properties"]["tone"] == "bad"
        assert "2,self_crossing" in call(county, "GET", f"{path}/findings-csv").content.decode()
        call(county, "POST", f"{path}/check", crs="CGCS2000", columns=columns, repairs=["MAKE_VALID"])
        carry_on(job.pk)
        assert call(county, "POST", f"{path}/let-in").json()["state"] == ImportState.APPLYING
        carry_on(job.pk)
        done = call(county, "GET", path).json()
        assert (done["state"], done["applied"]) == (ImportState.DONE, 2)
        over = call(county, "POST", f"{path}/abandon")
        assert (over.status_code, over.json()["code"]) == (409, "ground_import_busy")

    def test_who_sees_lets_nothing_in_and_a_stranger_sees_nothing(self, town, call, send, tmp_path):
        self.sent(town, send, tmp_path)
        job = GroundImport.objects.get()
        path = f"/planning/ground/{job.pk}"
        for name, status in (("community", 200), ("street", 200), ("stranger", 403)):
            assert call(town.users[name], "GET", path).status_code == status
            assert call(town.users[name], "GET", "/planning/ground").status_code == status
            given = {"file": self.file(tmp_path), "kind": "BUILDINGS"}
            assert send(town.users[name], "/planning/ground", **given).status_code == 403
            for deed, body in (("layer", {"layer": "a"}), ("check", {}), ("let-in", {}), ("abandon", {})):
                assert call(town.users[name], "POST", f"{path}/{deed}", **body).status_code == 403
        assert list(GroundImport.objects.values_list("state", flat=True)) == [ImportState.TO_READ]

    @pytest.mark.parametrize(
        ("given", "status", "code"),
        [
            ({"kind": "BUILDINGS", "name": "a.exe"}, 400, "ground_suffix_unknown"),
            ({"kind": "CASTLES", "name": "a.geojson"}, 422, "fields_invalid"),
        ],
    )
    def test_a_file_nobody_can_use_is_not_kept(self, town, send, settings, given, status, code):
        file = SimpleUploadedFile(given["name"], b"{}")
        answer = send(town.users["county"], "/planning/ground", file=file, kind=given["kind"])
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not GroundImport.objects.exists()
        assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]

    def test_ten_imports_cost_as_many_queries_as_twenty(self, town, send, cost, tmp_path):
        costs = []
        for count in (10, 20):
            while GroundImport.objects.count() < count:
                self.sent(town, send, tmp_path)
            costs.append(cost(town.users["community"], "/planning/ground", count))
        assert costs[0] == costs[1] <= 8


class TestNets:
    @pytest.fixture
    def town(self, db):
        return make_town(grids=3, buildings=9, households=4)

    def file(self, tmp_path: Path) -> SimpleUploadedFile:
        def box(first, last):
            west, east = WEST + first * GRID_DEGREES, WEST + last * GRID_DEGREES
            return shapely.box(west, SOUTH - 0.001, east, SOUTH + GRID_DEGREES + 0.001)

        rows = [(box(0, 1.5), {"部门": "城管", "编码": "C1"}), (box(1.5, 3), {"部门": "城管", "编码": "C2"})]
        return SimpleUploadedFile("城管.geojson", geojson(tmp_path / "n.geojson", rows).read_bytes())

    def sent(self, town, user, send, tmp_path, key=""):
        given = {"area": town.community.code, "crs": "CGCS2000", "files": [self.file(tmp_path)]}
        return send(user, "/planning/nets", key=key, **given)

    @pytest.mark.timeout(600)  # the kernels are compiled once on a machine
    def test_nets_are_taken_in_once_compared_and_made_one(self, town, call, send, tmp_path):
        desk, area = town.users["street"], town.community.code
        assert call(desk, "GET", "/planning/nets", area=area).json()["nets"] == []
        kept = [self.sent(town, desk, send, tmp_path, key="n1") for _ in range(2)]
        assert [(answer.status_code, answer.json()["departments"]) for answer in kept] == [(201, ["城管"])] * 2
        assert DepartmentNet.objects.count() == 1
        told = call(desk, "GET", "/planning/nets", area=area).json()
        assert [(one["department"], one["grids"]) for one in told["nets"]] == [("城管", 2)]
        assert len(call(desk, "GET", "/planning/nets/geojson", area=area).json()["features"]) == 2
        assert call(desk, "GET", "/planning/departments").json() == ["城管"]
        made = call(desk, "POST", "/planning/nets/merge", area=area)
        assert (made.status_code, made.json()["state"]) == (201, DraftState.READY)
        assert Draft.objects.get().area_code == area
        written = AuditRecord.objects.filter(kind=AuditKind.WRITE, action__startswith="planning.")
        assert set(written.values_list("action", flat=True)) == {"planning.keep_nets", "planning.draft_of_merge"}

    def test_who_sees_takes_nothing_in_and_a_stranger_sees_nothing(self, town, call, send, tmp_path):
        for name, status in (("community", 200), ("stranger", 403)):
            user = town.users[name]
            assert call(user, "GET", "/planning/nets").status_code == status
            assert self.sent(town, user, send, tmp_path).status_code == 403
            assert call(user, "POST", "/planning/nets/merge", area=town.community.code).status_code == 403
        assert not DepartmentNet.objects.exists()
        assert not Draft.objects.exists()

    def test_a_file_without_coordinates_named_keeps_nothing(self, town, send, tmp_path):
        given = {"area": town.community.code, "files": [self.file(tmp_path)]}
        answer = send(town.users["street"], "/planning/nets", **given)
        assert (answer.status_code, answer.json()["code"]) == (400, "crs_unknown")
        assert not DepartmentNet.objects.exists()


class TestMaps:
    CIRCLE = ("/planning/circle", "/planning/circle/geojson", "/planning/circle/facilities")

    def test_the_life_circle_is_told_to_who_plans_there(self, town, call):
        spot = {"lon": town.buildings[0].lon, "lat": town.buildings[0].lat}
        make_town(community_code="520303002001")
        for name, status in (("county", 200), ("community", 200), ("stranger", 403)):
            for path in self.CIRCLE:
                asked = call(town.users[name], "GET", path, area=town.community.code)
                assert (path, asked.status_code) == (path, status)
            what = call(town.users[name], "GET", "/planning/circle/what-if", area=town.community.code, **spot)
            assert what.status_code == status
        elsewhere = call(town.users["community"], "GET", "/planning/circle", area="520303002001")
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "planning_area_not_yours")
        told = call(town.users["community"], "GET", "/planning/circle", by="grid").json()
        assert (told["households"], [part["name"] for part in told["parts"]]) == (
            len(town.households),
            [grid.name for grid in town.grids],
        )
        assert (told["is_makeshift"], told["kind"]["facilities"]) == (True, 0)

    def test_the_grid_map_of_a_day_is_taken_away(self, town, call):
        path = f"/planning/grid-maps/{town.community.code}"
        for name, status in (("county", 200), ("community", 200), ("stranger", 403)):
            assert call(town.users[name], "GET", path).status_code == status
            assert call(town.users[name], "GET", f"{path}/svg").status_code == status
        desk = town.users["community"]
        assert call(desk, "GET", path).json()["grids"] == len(town.grids)
        assert town.grids[0].code in call(desk, "GET", f"{path}/svg").content.decode()
        assert call(desk, "GET", f"{path}/pdf").content.startswith(b"%PDF")
        before = call(desk, "GET", path, on="2001-01-01").json()
        assert (before["grids"], before["problem"]["code"]) == (0, "sheet_nothing_to_draw")
        none = call(desk, "GET", f"{path}/pdf", on="2001-01-01")
        assert (none.status_code, none.json()["code"]) == (400, "sheet_nothing_to_draw")


class TestGroups:
    @pytest.fixture
    def town(self, db):
        made = make_town(buildings=1, households=24, grids=1)
        GroupMembership.objects.all().delete()
        Place.objects.filter(kind=PlaceKind.CONTACT_GROUP).update(ends_on=timezone.localdate())
        return made

    def test_a_proposal_is_taken_as_it_was_seen_and_once(self, town, call):
        path, desk = f"/planning/buildings/{town.buildings[0].pk}/contact-groups", town.users["community"]
        seen = call(desk, "GET", path).json()
        assert (seen["households"], seen["without"], sum(row["joining"] for row in seen["rows"])) == (24, 24, 24)
        other = call(desk, "POST", path, mark="other")
        assert (other.status_code, other.json()["code"]) == (409, "groups_changed")
        assert not GroupMembership.objects.exists()
        done = [call(desk, "POST", path, key="g", mark=seen["mark"]) for _ in range(2)]
        assert [(answer.status_code, answer.json()["joined"]) for answer in done] == [(200, 24)] * 2
        assert GroupMembership.objects.filter(ends_on=None).count() == 24
        over = call(desk, "POST", f"/planning/areas/{town.community.code}/contact-groups", mark=seen["mark"])
        assert over.status_code == 409

    def test_who_manages_no_posts_there_gets_nothing(self, town, call):
        other = make_town(community_code="520303001002").users["community"]
        paths = (
            f"/planning/buildings/{town.buildings[0].pk}/contact-groups",
            f"/planning/areas/{town.community.code}/contact-groups",
        )
        for user in (other, town.users["stranger"], town.users["first_grid_leader"]):
            for path in paths:
                assert call(user, "GET", path).status_code == 403
                assert call(user, "POST", path, mark="x").status_code == 403
        assert not GroupMembership.objects.filter(ends_on=None, group__parent=town.buildings[0]).exists()

    def test_micro_grids_are_drawn_by_who_drafts(self, call):
        town = make_town(community_code="520303001003", buildings=8, households=20, grids=1)
        path = f"/planning/areas/{town.community.code}/micro-grids"
        for name in ("community", "stranger"):
            assert call(town.users[name], "POST", path).status_code == 403
        made = call(town.users["street"], "POST", path)
        assert (made.status_code, len(made.json()["items"]) > 1) == (201, True)
        codes = [one["code"] for one in made.json()["items"]]
        assert all(code.startswith(town.grids[0].code) and len(code) == 17 for code in codes)
