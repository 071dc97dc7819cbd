"""Two desks move the same case at once: one wins, the other is told in words, and the history has one step."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.core.history import first_fault
from mulin.domains.accounts.services import issue_token
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import history
from mulin.domains.places import queries as places
from tests.factories import NOW, Town, make_town, make_user, staff

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


@pytest.fixture
def town() -> Town:
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def desks(town: Town) -> list[Client]:
    """Two people of one desk, each at a computer of their own."""
    colleague = make_user("colleague", name="同事")
    held = town.tenures["community"]
    where = held.place or held.organisation
    assert where
    staff(colleague, held.post_kind.code, where, seat=2)
    clients = [Client(), Client()]
    for client, user in zip(clients, (town.users["community"], colleague), strict=True):
        client.force_login(user)
    return clients


def report(town: Town) -> Case:
    location = places.locate_board(town.board_code())
    return services.report_case(
        actor=None, report=services.Report("路面积水", "0602", location), now=timezone.now() - timedelta(minutes=5)
    )


def at_once(clients: list[Client], url: str, said: list[dict[str, object]]) -> list[Any]:
    answers: list[Any] = [HttpResponse(status=599)] * len(clients)
    start = threading.Barrier(len(clients))

    def post(number: int) -> None:
        start.wait()
        try:
            answers[number] = clients[number].post(url, said[number])
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_who_hand_on_the_same_case_one_wins_and_the_other_is_told(town: Town, desks: list[Client]) -> None:
    for _number in range(ROUNDS):
        case = report(town)
        page = desks[0].get(reverse("cases:detail", args=[case.pk])).content.decode()
        assert f'name="seen" value="{case.step_count}"' in page
        choices = [town.tenures["leader"].pk, town.tenures["grid_worker"].pk]
        said: list[dict[str, object]] = [{"tenure": one, "note": "请您办", "seen": case.step_count} for one in choices]
        answers = at_once(desks, reverse("cases:move", args=[case.pk, "reassign"]), said)
        assert sorted(answer.status_code for answer in answers) == [302, 409], answers[0].content.decode()
        (won,) = (number for number, answer in enumerate(answers) if answer.status_code == 302)
        words = answers[1 - won].content.decode()
        assert "别人刚办过一步" in words
        assert "case_moved_meanwhile" in words
        assert f'name="seen" value="{case.step_count + 1}"' in words  # having read this, it may be sent again
        fresh = Case.objects.get(pk=case.pk)
        assert (fresh.step_count, fresh.holder_tenure_id) == (case.step_count + 1, choices[won])
        assert first_fault(history.links(fresh)) is None


def test_a_program_that_says_what_it_knows_is_told_too(town: Town) -> None:
    case, client = report(town), Client()
    token = issue_token(actor=None, user=town.users["community"], now=timezone.now(), application="test")
    headers = {"Authorization": f"Bearer {token}"}
    url = f"/api/v1/cases/{case.pk}/moves/recategorise"

    def post(seen: int) -> Any:
        body = {"category": "0601", "seen": seen}
        return client.post(url, body, content_type="application/json", headers=headers)

    known = client.get(f"/api/v1/cases/{case.pk}", headers=headers).json()["step_count"]
    assert post(known).status_code == 200
    refused = post(known)
    assert (refused.status_code, refused.json()["code"]) == (409, "case_moved_meanwhile")
    assert Case.objects.get(pk=case.pk).step_count == known + 1


def test_a_note_is_taken_whatever_happened_meanwhile(town: Town) -> None:
    case, client = report(town), Client()
    client.force_login(case.holder_tenure.holder)
    services.recategorise(actor=town.users["community"], case=case, category_code="0601", now=timezone.now())
    said = {"note": "已到现场", "seen": case.step_count}
    answer = client.post(reverse("cases:move", args=[case.pk, "add_note"]), said)
    assert answer.status_code == 302
    assert Case.objects.get(pk=case.pk).step_count == case.step_count + 2
