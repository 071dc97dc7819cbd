"""Masked everywhere, revealed to who says why, written down first; children and health need a second person."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.core import outbox
from mulin.core.audit.models import AuditRecord
from mulin.core.audit.purposes import TO_CONTACT, Purpose
from mulin.core.revealing import masks, queries
from mulin.core.revealing import services as revealing
from mulin.core.revealing.models import RevealApproval
from mulin.domains.accounts.models import Grant, Notice, Role
from mulin.domains.cases import services
from mulin.domains.cases.models import Care
from tests.factories import make_town, make_user

NAME, PHONE, ROOM = "王小明", "13912345678", "2单元301"
READ = "cases.reporters.read"


@pytest.fixture
def case(report):
    contact = services.Contact(NAME, PHONE, ROOM)
    return report(contact=contact, address_text="1单元1204室门口", now=timezone.now())


@pytest.fixture
def browse(town):
    def browse(role="community"):
        client = Client()
        client.force_login(town.users[role])
        return client

    return browse


def looks():
    return list(
        AuditRecord.objects.filter(kind="READ").order_by("pk").values_list("actor_username", "action", "purpose")
    )


def reveal_url(case, field="cases.reporters"):
    return reverse("web:reveal", args=[field, case.pk])


def test_masks_tell_two_apart_and_no_more():
    assert (masks.name(NAME), masks.phone(PHONE), masks.phone("1234"), masks.room(ROOM)) == (
        "王**", "139****5678", "****", "***",
    )  # fmt: skip
    assert masks.identity_number("520302199001011234") == "5****************4"
    assert masks.name("") == masks.phone("") == masks.room("") == masks.note("") == ""


PAGES = [
    ("community", "cases:queue"), ("community", "cases:map-list"), ("community", "cases:detail"),
    ("leader", "cases:today"), ("leader", "cases:detail"), ("first_grid_leader", "cases:detail"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "page"), PAGES)
def test_no_page_shows_name_phone_or_room_before_it_is_asked_why(case, browse, role, page):
    answer = browse(role).get(reverse(page, args=[case.pk] if page == "cases:detail" else []))
    assert answer.status_code == 200
    assert not [value for value in (NAME, PHONE, ROOM, "1204室") if value in answer.content.decode()]
    assert looks() == []


def test_a_phone_among_the_words_is_masked_too(report, browse):
    case = report("请打13800001111，3栋2单元502漏水", now=timezone.now())
    for page in (reverse("cases:detail", args=[case.pk]), reverse("cases:queue")):
        text = browse().get(page).content.decode()
        assert not [value for value in ("13800001111", "2单元502") if value in text]
    assert "13800001111" in browse().post(reveal_url(case), {"purpose": "CONTACT"}).content.decode()


def test_a_search_by_phone_finds_the_case_and_shows_no_phone(case, browse):
    text = browse().get(reverse("cases:queue"), {"text": PHONE}).content.decode()
    row = BeautifulSoup(text, "html.parser").select_one("tr[data-row]")
    assert case.number[-6:] in text
    assert PHONE not in row.text


def test_who_says_why_sees_it_in_that_answer_only(town, case, browse):
    client = browse()
    answer = client.post(reveal_url(case), {"purpose": "CONTACT"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert all(value in text for value in (NAME, PHONE, ROOM, "1204室"))
    assert "no-store" in answer.headers["Cache-Control"]
    assert looks() == [(town.users["community"].username, READ, "CONTACT")]
    assert PHONE not in client.get(reverse("cases:detail", args=[case.pk])).content.decode()


def test_the_record_says_from_where_and_what_for(town, case, browse):
    browse("leader").post(reveal_url(case), {"purpose": "OTHER", "purpose_note": "街道要求核实"})
    row = AuditRecord.objects.get(kind="READ")
    assert (row.object_kind, row.object_id, row.purpose_note) == ("cases.case", str(case.pk), "街道要求核实")
    assert row.address == "127.0.0.1"
    assert row.actor_role


def test_a_call_from_the_list_names_its_purpose(case, browse):
    answer = browse("leader").post(
        reveal_url(case), {"purpose": "CONTACT", "as": "call"}, headers={"HX-Request": "true"}
    )
    assert BeautifulSoup(answer.content, "html.parser").select_one("a")["href"] == f"tel:{PHONE}"
    assert len(looks()) == 1


def test_without_a_purpose_nothing_is_shown_or_written(case, browse):
    for data in ({}, {"purpose": "NOSY"}, {"purpose": "OTHER", "purpose_note": " "}):
        answer = browse().post(reveal_url(case), data)
        assert answer.status_code == 400
        assert PHONE not in answer.content.decode()
    assert looks() == []


def test_who_only_sees_the_case_and_a_stranger_are_refused(town, case, browse):
    neighbours = make_town(community_code="520303001002")
    other = Client()
    other.force_login(neighbours.users["community"])
    asked = {"purpose": "CONTACT"}
    for client, status in (
        (browse("first_grid_leader"), 403), (browse("stranger"), 404), (other, 404), (Client(), 302),
    ):  # fmt: skip
        answer = client.post(reveal_url(case), asked)
        assert answer.status_code == status
        assert PHONE not in answer.content.decode()
    assert browse().post(reveal_url(case, "cases.nothing"), asked).status_code == 404
    assert browse().post(reverse("web:reveal", args=["cases.reporters", 10**30]), asked).status_code == 404
    assert browse().get(reveal_url(case)).status_code == 405
    assert looks() == []


def test_administrators_never_see_residents(case):
    for role in ("system_admin", "security_admin", "audit_admin"):
        admin = make_user(role)
        Grant.objects.create(user=admin, role=Role.objects.get(code=role), starts_on=timezone.localdate())
        client = Client()
        client.force_login(admin)
        assert client.post(reveal_url(case), {"purpose": "CONTACT"}).status_code in (403, 404)
    assert looks() == []


class TestSecondPerson:
    """Of a child under 14, and of health and care."""

    @pytest.fixture
    def child(self, case, town):
        services.protect(actor=town.users["leader"], case=case, under_14=True, note="", now=timezone.now())
        return case

    def ask(self, town, case, now):
        return revealing.ask(
            actor=town.users["leader"], field="cases.reporters", object_id=case.pk, purpose=TO_CONTACT, now=now
        )

    def test_it_takes_a_second_person_and_lasts_for_hours(self, town, child, settings):
        leader, desk, now = town.users["leader"], town.users["community"], timezone.now()
        with pytest.raises(revealing.ApprovalNeeded):
            self.reveal(leader, child, now)
        asked = self.ask(town, child, now)
        assert self.ask(town, child, now).pk == asked.pk
        assert [one.approval.pk for one in queries.waiting_for(desk, now=now)] == [asked.pk]
        revealing.decide(actor=desk, approval=asked, granted=True, reason="", now=now)
        assert PHONE in [line.text for line in self.reveal(leader, child, now).lines]
        soon = now + timedelta(hours=settings.MULIN_APPROVAL_HOURS)
        with pytest.raises(revealing.ApprovalNeeded):
            self.reveal(leader, child, soon)
        with pytest.raises(revealing.ApprovalNeeded):
            self.reveal(desk, child, now)
        actions = AuditRecord.objects.filter(action__startswith="cases.reporters").order_by("pk")
        assert list(actions.values_list("action", flat=True)) == [
            "cases.reporters.ask", "cases.reporters.approve", READ,
        ]  # fmt: skip

    def reveal(self, user, case, now):
        purpose = Purpose("CONTACT")
        return revealing.reveal(actor=user, field="cases.reporters", object_id=case.pk, purpose=purpose, now=now)

    def test_who_asked_does_not_approve(self, town, child):
        desk, now = town.users["community"], timezone.now()
        asked = revealing.ask(actor=desk, field="cases.reporters", object_id=child.pk, purpose=TO_CONTACT, now=now)
        with pytest.raises(queries.ApprovalUnknown):
            revealing.decide(actor=desk, approval=asked, granted=True, reason="", now=now)
        with pytest.raises(queries.ApprovalUnknown):
            queries.request_for(desk, asked.pk, now=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            RevealApproval.objects.filter(pk=asked.pk).update(decided_by_id=desk.pk)

    def test_pages_ask_decide_and_reveal(self, town, child, browse):
        """The leader asks, the street approves, the leader reveals; a stranger and who only sees decide nothing."""
        leader, street = browse("leader"), browse("street")
        page = leader.get(reverse("cases:detail", args=[child.pk])).content.decode()
        assert reverse("web:ask-to-reveal", args=["cases.reporters", child.pk]) in page
        leader.post(reverse("web:ask-to-reveal", args=["cases.reporters", child.pk]), {"purpose": "VERIFY"})
        asked = RevealApproval.objects.get()
        assert child.number in street.get(reverse("web:approvals")).content.decode()
        url = reverse("web:decide-reveal", args=[asked.pk])
        for role in ("leader", "first_grid_leader", "stranger"):
            assert child.number not in browse("stranger").get(reverse("web:approvals")).content.decode()
            assert browse(role).post(url, {"granted": "1"}).status_code == 404
        asked.refresh_from_db()
        assert asked.decided_at is None
        assert street.post(url, {"granted": "1"}).status_code == 302
        assert PHONE in leader.post(reveal_url(child), {"purpose": "VERIFY"}).content.decode()
        assert street.post(url, {"granted": "0"}).status_code == 409

    def test_a_refusal_is_told_and_can_be_asked_again(self, town, child, browse):
        now = timezone.now()
        asked = self.ask(town, child, now)
        browse().post(reverse("web:decide-reveal", args=[asked.pk]), {"granted": "0", "reason": "先问家长"})
        page = browse("leader").get(reverse("cases:detail", args=[child.pk])).content.decode()
        assert "先问家长" in page
        assert browse("leader").post(reveal_url(child), {"purpose": "CONTACT"}).status_code == 409
        assert self.ask(town, child, now).pk != asked.pk

    def test_what_nobody_decides_lapses(self, town, child):
        now = timezone.now()
        asked = self.ask(town, child, now)
        later = now + revealing.WAITS
        assert queries.waiting_for(town.users["community"], now=later) == []
        with pytest.raises(revealing.AlreadyDecided):
            revealing.decide(actor=town.users["community"], approval=asked, granted=True, reason="", now=later)
        assert self.ask(town, child, later).pk == asked.pk
        assert len(queries.waiting_for(town.users["community"], now=later)) == 1

    def test_the_nearest_desk_is_told_and_then_who_asked(self, town, child):
        now = timezone.now()
        asked = self.ask(town, child, now)
        outbox.deliver_pending(now=now)
        notice = Notice.objects.get(kind="reveal_asked")
        assert (notice.user, notice.link) == (town.users["community"], reverse("web:approvals"))
        revealing.decide(actor=town.users["street"], approval=asked, granted=True, reason="", now=now)
        outbox.deliver_pending(now=now)
        assert Notice.objects.get(kind="reveal_decided").user == town.users["leader"]

    def test_a_desk_that_asks_itself_is_approved_by_the_next(self, town, child):
        revealing.ask(
            actor=town.users["community"], field="cases.reporters", object_id=child.pk, purpose=TO_CONTACT,
            now=timezone.now(),
        )  # fmt: skip
        outbox.deliver_pending(now=timezone.now())
        assert Notice.objects.get(kind="reveal_asked").user == town.users["street"]

    def test_a_note_on_health_is_always_asked_for(self, town, case, browse):
        browse("leader").post(reverse("cases:protect", args=[case.pk]), {"care_note": "有心脏病，不能爬楼"})
        care = Care.objects.get()
        assert care.note == "有心脏病，不能爬楼"
        for role in ("leader", "community"):
            client = browse(role)
            assert "心脏病" not in client.get(reverse("cases:detail", args=[case.pk])).content.decode()
            assert client.post(reveal_url(case, "cases.care"), {"purpose": "CONTACT"}).status_code == 409
        # The reporter is no child: reaching them needs nobody else.
        assert PHONE in browse("leader").post(reveal_url(case), {"purpose": "CONTACT"}).content.decode()
        assert "心脏病" not in browse("leader").post(reveal_url(case), {"purpose": "CONTACT"}).content.decode()

    def test_a_protection_is_added_to_and_never_taken_away(self, town, child, browse):
        url = reverse("cases:protect", args=[child.pk])
        assert browse("first_grid_leader").post(url, {"care_note": "x"}).status_code == 403
        assert browse("stranger").post(url, {"care_note": "x"}).status_code == 404
        assert browse().post(url, {}).status_code == 400
        browse().post(url, {"care_note": "听力不好"})
        care = Care.objects.get()
        assert (care.under_14, care.note) == (True, "听力不好")

    def test_lists_offer_no_call_to_a_child(self, child, browse):
        assert reveal_url(child) not in browse("leader").get(reverse("cases:today")).content.decode()
