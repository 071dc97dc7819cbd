import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from mulin.core.models import DeliveryState, OutboxMessage, PeriodicTask
from mulin.domains.accounts import queries, services
from mulin.domains.accounts.models import ApiToken, Notice
from tests.domains.accounts.people import as_
from tests.factories import NOW, make_town

pytestmark = pytest.mark.django_db
SECRET_WORDS = "三楼王阿姨家漏水"


def dead_letter(**more) -> OutboxMessage:
    fields = {
        "event": "cases.reported", "handler": "mulin.domains.cases.handlers.tell", "payload": {"text": SECRET_WORDS},
        "state": DeliveryState.DEAD, "published_at": NOW, "due_at": NOW, "attempts": 8, "error": "ValueError: no",
    }  # fmt: skip
    return OutboxMessage.objects.create(**{**fields, **more})


def notify(user, source: str, link: str = "/tokens/") -> Notice:
    facts = {"name": f"方案{source}", "has_plan": True}
    services.notify(actor=None, user_ids=[user.pk], source=source, kind="draft", facts=facts, link=link, now=NOW)
    return Notice.objects.get(user=user, source=source)


def text_of(response) -> str:
    return BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True)


def test_visitors_are_received_in_words_they_know(client, people):
    response = client.get("/")
    assert response.status_code == 200
    for words in ("扫描楼栋门口", "哪个小区、哪栋楼", "查询码", "我们是谁"):
        assert words in text_of(response)


def test_people_go_on_to_their_first_page(people):
    assert as_(people.may).get("/").headers["Location"] == reverse("accounts:worker")
    assert as_(people.stranger).get("/").headers["Location"] == reverse("accounts:notices")


@pytest.mark.parametrize("name", ["notices", "tokens", "worker"])
def test_visitors_are_asked_to_sign_in_and_brought_back(client, people, name):
    url = reverse(f"accounts:{name}")
    response = client.get(url)
    assert (response.status_code, response.headers["Location"]) == (302, f"/sign-in/?next={url}")
    part = client.get(url, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (204, "/sign-in/?next=/")


def test_the_badge_asks_nobody_to_sign_in(client, people):
    """It is fetched while somebody may be writing."""
    response = client.get(reverse("accounts:notice-count"), headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (204, b"")
    assert "HX-Redirect" not in response.headers


def test_the_worker_page_is_for_those_who_run_the_system(people):
    dead_letter()
    PeriodicTask.objects.create(name="core.prune_outbox", due_at=NOW, ran_at=NOW, took_ms=12)
    url = reverse("accounts:worker")
    may, sees = as_(people.may).get(url), as_(people.sees).get(url)
    assert (may.status_code, sees.status_code, as_(people.stranger).get(url).status_code) == (200, 200, 403)
    assert "重新送" in text_of(may)
    assert "重新送" not in text_of(sees)
    for shown in ("cases.reported", "mulin.domains.cases.handlers.tell", "ValueError: no", "core.prune_outbox"):
        assert shown in text_of(sees)


def test_no_resident_content_is_shown(people):
    dead_letter()
    assert SECRET_WORDS not in as_(people.may).get(reverse("accounts:worker")).content.decode()


def test_only_the_system_administrator_revives(people):
    message = dead_letter()
    url = reverse("accounts:revive-message", args=[message.pk])
    assert as_(people.sees).post(url).status_code == 403
    assert as_(people.stranger).post(url).status_code == 403
    assert as_(None).post(url).status_code == 302
    message.refresh_from_db()
    assert message.state == DeliveryState.DEAD
    assert as_(people.may).post(url).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.attempts) == (DeliveryState.PENDING, 0)
    assert as_(people.may).post(url).status_code == 409


def test_counts_of_the_queue(people):
    now = timezone.now()
    dead_letter()
    dead_letter(state=DeliveryState.PENDING, due_at=now - timedelta(minutes=3))
    dead_letter(state=DeliveryState.PENDING, due_at=now + timedelta(minutes=3))
    dead_letter(state=DeliveryState.DONE)
    state = queries.queue_state(now=now)
    assert (state.pending, state.overdue, state.dead) == (2, 1, 1)


def test_dead_letters_are_paged_by_key(people):
    for _ in range(queries.DEAD_PER_PAGE + 5):
        dead_letter()
    client = as_(people.may)
    first = client.get(reverse("accounts:worker")).content.decode()
    after = re.search(r"\?before=(\d+)", first)
    assert after is not None
    second = client.get(reverse("accounts:worker"), {"before": after[1]}).content.decode()
    ids = [set(re.findall(r"/worker/(\d+)/revive", page)) for page in (first, second)]
    assert [len(found) for found in ids] == [queries.DEAD_PER_PAGE, 5]
    assert not ids[0] & ids[1]


def test_ten_letters_and_twenty_cost_the_same(people, django_assert_max_num_queries):
    client = as_(people.may)
    for _ in range(2):
        for _ in range(10):
            dead_letter()
        with django_assert_max_num_queries(11):
            client.get(reverse("accounts:worker"))


def test_notices_are_ones_own(people):
    mine, other = notify(people.may, "1"), notify(people.stranger, "2")
    client = as_(people.may)
    page = text_of(client.get(reverse("accounts:notices")))
    assert mine.facts["name"] in page
    assert other.facts["name"] not in page
    assert "1" in text_of(client.get(reverse("accounts:notice-count")))
    assert client.post(reverse("accounts:open-notice", args=[other.pk])).status_code == 404
    other.refresh_from_db()
    assert other.read_at is None


def test_a_notice_is_said_in_the_language_of_who_reads_it(people):
    notify(people.may, "1")
    client, address = as_(people.may), reverse("accounts:notices")
    for language, words in (("zh-hans", "草案“方案1”已有方案"), ("en", "The draft “方案1” has a plan")):
        assert words in text_of(client.get(address, headers={"accept-language": language}))


def test_a_notice_of_before_there_were_facts_is_read_as_it_was_written(people):
    sentence = "派单：20250101-000001 路灯"
    Notice.objects.create(
        user=people.may, source="old", kind="dispatch", subject=sentence, link="/tokens/", created_at=NOW
    )
    assert sentence in text_of(as_(people.may).get(reverse("accounts:notices")))


def test_nobody_is_told_what_has_no_words(people):
    with pytest.raises(ValueError, match="no_such_kind"):
        services.notify(
            actor=None, user_ids=[people.may.pk], source="1", kind="no_such_kind", facts={}, link="/", now=NOW
        )
    assert not Notice.objects.exists()


def test_opening_a_notice_marks_it_and_leads_on(people):
    notice, client = notify(people.may, "1"), as_(people.may)
    response = client.post(reverse("accounts:open-notice", args=[notice.pk]))
    assert response.headers["Location"] == "/tokens/"
    notice.refresh_from_db()
    first_read_at = notice.read_at
    assert first_read_at is not None
    client.post(reverse("accounts:open-notice", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == first_read_at
    assert client.get(reverse("accounts:notice-count")).content.strip() == b""


def test_a_notice_never_leads_out_of_the_house(people):
    notice = notify(people.may, "1", link="https://evil.example/")
    response = as_(people.may).post(reverse("accounts:open-notice", args=[notice.pk]))
    assert response.headers["Location"] == "/"


def test_all_of_ones_own_are_read_at_once(people):
    for number in range(3):
        notify(people.may, str(number))
    other = notify(people.stranger, "4")
    as_(people.may).post(reverse("accounts:read-all-notices"))
    assert queries.unread_count(people.may) == 0
    other.refresh_from_db()
    assert other.read_at is None


@pytest.mark.parametrize("count", [10, 20])
def test_notices_cost_the_same_however_many(people, count, django_assert_max_num_queries):
    for number in range(count):
        notify(people.may, str(number))
    client = as_(people.may)
    with django_assert_max_num_queries(8):
        client.get(reverse("accounts:notices"))


def test_notices_are_paged_by_key(people):
    for number in range(queries.NOTICES_PER_PAGE + 3):
        notify(people.may, f"n{number}")
    client = as_(people.may)
    first = client.get(reverse("accounts:notices"))
    key = re.search(r"\?before=(\d+)", first.content.decode())
    assert key is not None
    second = client.get(reverse("accounts:notices"), {"before": key[1]})
    assert [page.content.decode().count("row-card-title") for page in (first, second)] == [queries.NOTICES_PER_PAGE, 3]
    assert client.get(reverse("accounts:notices"), {"before": "x" * 50}).status_code == 200


def test_a_token_is_shown_once_and_works_until_revoked(people):
    client, url = as_(people.may), reverse("accounts:tokens")
    made = client.post(url, {"application": "区平台", "days": "30"})
    key = re.search(r"mulin_[\w-]{40,}", made.content.decode())
    assert key is not None
    assert key[0] not in client.get(url).content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    now = timezone.now()
    assert queries.user_by_token(key[0], now=now) == people.may
    assert queries.user_by_token(key[0], now=now + timedelta(days=31)) is None
    token = ApiToken.objects.get()
    assert key[0] not in token.key_hash
    assert as_(people.stranger).post(reverse("accounts:revoke-token", args=[token.pk])).status_code == 404
    assert queries.user_by_token(key[0], now=now) == people.may
    client.post(reverse("accounts:revoke-token", args=[token.pk]))
    assert queries.user_by_token(key[0], now=now) is None


@pytest.mark.parametrize("form", [{}, {"application": "x", "days": "9999"}, {"application": "x" * 61, "days": "30"}])
def test_a_wrong_token_form_makes_nothing(people, form):
    assert as_(people.may).post(reverse("accounts:tokens"), form).status_code == 422
    assert not ApiToken.objects.exists()


def test_nobody_hoards_tokens(people):
    for _ in range(services.MOST_TOKENS):
        services.issue_token(actor=people.may, user=people.may, now=timezone.now())
    response = as_(people.may).post(reverse("accounts:tokens"), {"application": "x", "days": "30"})
    assert response.status_code == 409
    assert ApiToken.objects.count() == services.MOST_TOKENS


def test_the_frame_says_what_a_person_is(people):
    town = make_town()
    assert town.users["leader"].role_label == f"楼栋长 · {town.buildings[0].name}"
    assert people.may.role_label == "系统管理员"
    assert people.stranger.role_label == ""


def test_a_visitor_has_no_permission(client, people):
    request = client.get("/").wsgi_request
    assert not request.user.has_perm("accounts.see_worker")
