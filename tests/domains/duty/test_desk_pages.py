"""Coverage and posts at the desk: who may, who may see, a stranger; what is refused changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from mulin.commands.coverage import coverage as command
from mulin.core import versions
from mulin.domains.accounts.models import User
from mulin.domains.duty.models import Absence, Tenure
from mulin.domains.duty.queries import post_label
from mulin.domains.places.models import GroupMembership, Place
from tests.factories import COUNTY_CODE, NOW, Town, make_town, staff

pytestmark = pytest.mark.django_db


def snapshot() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Tenure, Absence, User)]


class TestCoveragePage:
    def test_the_desk_sees_its_gaps_and_what_to_do(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["community"])

        text = client.get("/coverage/?show=buildings").content.decode()

        assert "2栋" in text
        assert f"/posts/place/{town.buildings[1].pk}/" in text
        assert "任命楼栋长" in text

    def test_a_grid_worker_sees_the_own_grid_only_and_appoints_nobody(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["grid_worker"])

        shown = client.get("/coverage/?show=buildings")

        assert shown.status_code == 200
        assert "3栋" in shown.content.decode()
        assert "2栋" not in shown.content.decode()
        assert "/posts/" not in shown.content.decode()
        assert client.get(f"/coverage/?area={town.community.code}").status_code == 403
        assert client.get(f"/coverage/?grid={town.grids[1].pk}").status_code == 403

    @pytest.mark.parametrize("role", ["stranger", "leader", "department", None])
    def test_others_are_refused(self, client: Client, role: str | None) -> None:
        town = make_town()
        if role:
            client.force_login(town.users[role])

        assert client.get("/coverage/").status_code == 403

    def test_the_county_drills_down_to_a_grid(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["county"])

        for query, link in (
            ("", f"area={town.street.code}"),
            (f"?area={town.street.code}", f"area={town.community.code}"),
            (f"?area={town.community.code}", f"grid={town.grids[1].pk}"),
            (f"?grid={town.grids[1].pk}", f"area={town.community.code}"),
        ):
            assert link in client.get(f"/coverage/{query}").content.decode()

    def test_an_unknown_area_is_refused(self, client: Client) -> None:
        client.force_login(make_town().users["county"])

        assert client.get("/coverage/?area=999999000000").status_code == 404

    def test_ten_gaps_and_many_cost_the_same(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        # Whether reference data has changed is asked every two seconds, whatever the number of gaps.
        monkeypatch.setattr(versions, "CHECK_EVERY_S", float("inf"))
        town = make_town(buildings=10, grids=4)
        client.force_login(town.users["community"])
        few = cost(client)
        make_town(community_code="520303001002", buildings=60)
        client.force_login(town.users["street"])

        assert cost(client, f"?area={COUNTY_CODE[:6]}001002&show=buildings") == few
        assert few <= 14

    def test_gaps_page_by_key(self, client: Client) -> None:
        town = make_town(buildings=130, households=1)
        client.force_login(town.users["community"])

        for show, seen in (("buildings", 130 - 1), ("households", 130 - 1)):
            after: str | None = ""
            rows = 0
            while after is not None:
                page = client.get(f"/coverage/?show={show}&after={after}").context["page"]
                rows, after = rows + len(page.gaps), page.next_key
            assert rows == seen


def cost(client: Client, query: str = "?show=buildings") -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"/coverage/{query}").status_code == 200
    return len(seen)


class TestPosts:
    def form(self, **given: str) -> dict[str, str]:
        return {"name": "王芳", "work_phone": "0851-28001234", "starts_on": "2026-11-01"} | given

    def test_a_desk_appoints_somebody_new_and_the_gap_is_gone(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["community"])
        building = town.buildings[1]

        response = client.post(f"/posts/place/{building.pk}/building_leader/1/", self.form(), follow=True)

        assert "王芳" in response.content.decode()
        assert Tenure.objects.get(place=building).holder.work_phone == "0851-28001234"
        assert "2栋" not in client.get("/coverage/?show=buildings").content.decode()

    def test_a_person_with_an_account_is_found_and_appointed(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["community"])
        address = f"/posts/place/{town.buildings[1].pk}/building_leader/1/"
        stranger = town.users["stranger"]
        assert stranger.name in client.get(f"{address}?q=测试stran").content.decode()

        client.post(address, {"q": "测试stran", "person": stranger.pk, "starts_on": "2026-11-01"})

        assert Tenure.objects.get(place=town.buildings[1]).holder == stranger

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"name": ""}, 422),
            ({"work_phone": "<script>"}, 422),
            ({"starts_on": "gestern"}, 422),
            ({"ends_on": "2026-10-01"}, 400),
            ({"name": "长" * 61}, 422),
        ],
    )
    def test_bad_input_is_explained_and_changes_nothing(
        self, client: Client, given: dict[str, str], status: int
    ) -> None:
        town = make_town()
        client.force_login(town.users["community"])
        before = snapshot()

        response = client.post(f"/posts/place/{town.buildings[1].pk}/building_leader/1/", self.form(**given))

        assert response.status_code == status
        assert snapshot() == before

    def test_a_taken_seat_is_refused_politely_and_may_be_handed_over(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["community"])
        address = f"/posts/place/{town.buildings[0].pk}/building_leader/1/"
        before = snapshot()

        refused = client.post(address, self.form())
        assert (refused.status_code, "已有人任职" in refused.content.decode()) == (409, True)
        assert snapshot() == before

        client.post(address, self.form(ends_present="on"))
        assert Tenure.objects.get(place=town.buildings[0], state="ACTIVE").holder.name == "王芳"

    @pytest.mark.parametrize("role", ["grid_worker", "leader", "stranger", "neighbour", None])
    def test_whoever_does_not_manage_here_changes_nothing(self, client: Client, role: str | None) -> None:
        town = make_town()
        people = town.users | {"neighbour": make_town(community_code="520303001002").users["community"]}
        absence = absent(town)
        if role:
            client.force_login(people[role])
        before = snapshot()

        for address in (
            f"/posts/place/{town.buildings[1].pk}/building_leader/1/",
            f"/posts/organisation/{town.organisations['HOUSING'].pk}/department_officer/2/",
            f"/tenures/{town.tenures['leader'].pk}/end/",
            f"/tenures/{town.tenures['leader'].pk}/absence/",
            f"/absences/{absence.pk}/end/",
        ):
            assert client.post(address, self.form()).status_code == 403
        assert client.get(f"/posts/place/{town.buildings[0].pk}/").status_code == 403
        assert snapshot() == before

    def test_ids_that_do_not_exist_are_answered_like_those_of_others(self, client: Client) -> None:
        client.force_login(make_town().users["community"])

        for address in ("/posts/place/0/", "/posts/organisation/0/"):
            assert client.get(address).status_code == 403
        for address in ("/tenures/0/end/", "/tenures/0/absence/", "/absences/0/end/"):
            assert client.post(address).status_code == 403

    def test_a_tenure_is_ended_and_an_absence_noted_and_taken_back(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["community"])
        leader, worker = town.tenures["leader"], town.tenures["grid_worker"]

        client.post(f"/tenures/{leader.pk}/end/")
        substitute = town.users["grid_leader"]
        away = {"begins_at": "2026-11-01T09:00", "ends_at": "2099-11-01T09:00", "substitute": substitute.pk}
        shown = client.post(f"/tenures/{worker.pk}/absence/", away, follow=True).content.decode()

        assert Tenure.objects.get(pk=leader.pk).state == "ENDED"
        assert f"由 {substitute.name} 代班" in shown
        absence = Absence.objects.get()
        client.post(f"/absences/{absence.pk}/end/")
        assert "代班" not in client.get(f"/posts/place/{town.grids[0].pk}/").content.decode()

    def test_the_county_appoints_in_its_departments(self, client: Client) -> None:
        town = make_town()
        client.force_login(town.users["county"])
        department = town.organisations["HOUSING"]

        client.post(f"/posts/organisation/{department.pk}/department_officer/2/", self.form())

        assert "王芳" in client.get(f"/posts/organisation/{department.pk}/").content.decode()


def absent(town: Town) -> Absence:
    from tests.factories import NOW

    return Absence.objects.create(
        tenure=town.tenures["contact"], begins_at=NOW, ends_at=NOW.replace(year=2099), told=True
    )


class TestCommand:
    def run(self, *arguments: str) -> Any:
        import typer

        app = typer.Typer()
        app.command()(command)
        return CliRunner().invoke(app, list(arguments))

    def test_figures_gaps_and_file(self, tmp_path: Any) -> None:
        town = make_town()
        file = tmp_path / "gaps.csv"

        figures = self.run("--area", town.community.code)
        gaps = self.run("--gaps", "buildings")
        written = self.run("--gaps", "households", "--csv", str(file))

        assert [run.exit_code for run in (figures, gaps, written)] == [0, 0, 0]
        assert "缺 2 / 3" in figures.output
        assert "3栋" in gaps.output
        assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 1 + 8

    def test_an_unknown_area_ends_with_an_error(self) -> None:
        make_town()

        assert self.run("--area", "999999000000").exit_code == 1


def test_a_buildings_posts_lead_to_its_board(client: Client) -> None:
    town = make_town()
    client.force_login(town.users["community"])

    board = f"/b/{town.board_code()}/"
    assert board in client.get(f"/posts/place/{town.buildings[0].pk}/").content.decode()
    assert "/b/" not in client.get(f"/posts/place/{town.grids[0].pk}/").content.decode()


def test_a_person_is_called_by_the_post_at_a_place_before_one_in_an_office() -> None:
    town = make_town()
    clerk = town.users["community"]
    staff(clerk, "department_officer", town.organisations["COMMUNITY_COMMITTEE"])

    assert post_label(clerk, now=NOW) == f"社区值班岗 · {town.community.name}"
    assert post_label(town.users["stranger"], now=NOW) == ""


class TestHouseholdsInNoGroup:
    @pytest.fixture
    def town(self) -> Town:
        town = make_town(buildings=2, households=4)
        GroupMembership.objects.filter(household__in=town.households[:2]).update(ends_on=date(2026, 3, 4))
        return town

    def members(self) -> list[Any]:
        return list(GroupMembership.objects.filter(ends_on=None).order_by("pk").values_list("household_id", "group_id"))

    def test_the_gap_leads_to_its_remedy(self, client: Client, town: Town) -> None:
        client.force_login(town.users["community"])
        url = f"/posts/place/{town.buildings[0].pk}/households/"

        assert url in client.get("/coverage/?show=households").content.decode()
        assert "1单元 101" in client.get(url).content.decode()
        ids = [household.pk for household in town.households[:2]]
        answer = client.post(url, {"households": ids, "group": town.groups[0].pk})

        assert answer.headers["Location"] == f"/posts/place/{town.groups[0].pk}/"
        assert {(pk, town.groups[0].pk) for pk in ids} <= set(self.members())
        assert "每一户都已编入" in client.get(url).content.decode()

    def test_a_new_group_is_made_for_them(self, client: Client, town: Town) -> None:
        client.force_login(town.users["community"])
        client.post(f"/posts/place/{town.buildings[0].pk}/households/", {"households": [town.households[0].pk]})

        made = Place.objects.get(kind="CONTACT_GROUP", parent=town.buildings[0], name="第2联户组")
        assert (town.households[0].pk, made.pk) in self.members()

    def test_what_cannot_be_changes_nothing(self, client: Client, town: Town) -> None:
        client.force_login(town.users["community"])
        url, before = f"/posts/place/{town.buildings[0].pk}/households/", self.members()
        elsewhere = town.households[-1].pk

        assert client.post(url, {"group": town.groups[0].pk}).status_code == 422
        assert client.post(url, {"households": [elsewhere], "group": town.groups[0].pk}).status_code == 422
        assert client.post(url, {"households": [town.households[0].pk], "group": town.groups[1].pk}).status_code == 422
        assert client.get(f"/posts/place/{town.grids[0].pk}/households/").status_code == 403
        assert self.members() == before

    def test_a_full_group_is_refused_with_what_to_do(self, client: Client) -> None:
        town = make_town(buildings=1, households=16)
        GroupMembership.objects.filter(household=town.households[0]).update(ends_on=date(2026, 3, 4))
        client.force_login(town.users["community"])
        before = self.members()
        url = f"/posts/place/{town.buildings[0].pk}/households/"

        answer = client.post(url, {"households": [town.households[0].pk], "group": town.groups[0].pk})

        assert answer.status_code == 400
        assert "15 户" in answer.content.decode()
        assert self.members() == before

    @pytest.mark.parametrize("role", ["grid_worker", "contact", "stranger", None])
    def test_others_are_refused(self, client: Client, town: Town, role: str | None) -> None:
        if role:
            client.force_login(town.users[role])
        url, before = f"/posts/place/{town.buildings[0].pk}/households/", self.members()

        assert client.get(url).status_code == 403
        assert client.post(url, {"households": [town.households[0].pk]}).status_code == 403
        assert self.members() == before
