"""The auditor finds who did what; nobody else gets in; what residents left is not there."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.core.audit import sealing, searching, verifying, words
from mulin.core.audit.models import AuditRecord
from mulin.core.audit.origin import Origin, coming_from
from mulin.core.audit.purposes import TO_CONTACT, Purpose
from mulin.core.audit.recording import record_read, record_write
from mulin.domains.accounts.models import Grant, Role
from tests.core.test_audit import without_triggers
from tests.factories import NOW, make_town, make_user


@pytest.fixture
def town(db):
    seed_reference(now=NOW)
    return make_town()


def signed_in(role):
    user = make_user(role)
    Grant.objects.create(user=user, role=Role.objects.get(code=role), starts_on=timezone.localdate())
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def auditor(town):
    return signed_in("audit_admin")


def page(client, **asked):
    answer = client.get(reverse("web:audit"), asked)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content.decode(), "html.parser")


def rows(client, **asked):
    return [row.text for row in page(client, **asked).select(".audit-rows > li")]


def test_only_the_audit_administrator_gets_in(town, auditor):
    url = reverse("web:audit")
    assert auditor.get(url).status_code == 200
    for role in ("system_admin", "security_admin"):
        assert signed_in(role).get(url).status_code == 403
    for role in ("community", "county", "leader", "stranger"):
        client = Client()
        client.force_login(town.users[role])
        assert client.get(url).status_code == 403
    assert Client().get(url).status_code == 302


def test_who_what_when_why_and_from_where_are_shown_and_searched(town, auditor):
    desk, leader = town.users["community"], town.users["leader"]
    long_ago = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    with coming_from(Origin("10.1.1.9")):
        record_read(actor=desk, action="cases.reporters.read", objects=[town.county], purpose=TO_CONTACT, now=NOW)
    purpose = Purpose("OTHER", "街道核对")
    record_read(actor=leader, action="cases.care.read", objects=[town.street], purpose=purpose, now=NOW)
    record_write(actor=leader, action="duty.appoint", one=town.street, now=long_ago)
    (row,) = rows(auditor, username=desk.username, kind="READ")
    assert all(word in row for word in ("查看反映人信息", desk.name, "联系居民", "10.1.1.9", "places.place"))
    assert [one for one in rows(auditor, purpose="OTHER") if "街道核对" in one]
    assert len(rows(auditor, object=f"places.place {town.street.pk}", username=leader.username)) == 2
    assert len(rows(auditor, object=f"20260304-{town.street.pk:06d}", username=leader.username)) == 2
    assert len(rows(auditor, username=leader.username, area="duty")) == 1
    assert len(rows(auditor, username=leader.username, since="2026-03-01", until="2026-03-01")) == 1
    assert rows(auditor, username="nobody") == []
    for wrong in ({"since": "2026-13-40"}, {"before": "9" * 30}, {"object": "x\x00"}, {"until": "0001-01-01"}):
        page(auditor, **wrong)


def test_pages_by_key_cost_the_same_with_ten_and_with_fifty_rows(town, auditor, monkeypatch):
    monkeypatch.setattr(searching, "PER_PAGE", 20)
    costs = []
    for count in (10, 40):
        for _number in range(count):
            record_write(actor=town.users["leader"], action="duty.appoint", one=town.street, now=NOW)
        with CaptureQueriesContext(connection) as seen:
            rows(auditor, username=town.users["leader"].username)
        costs.append(len(seen))
    assert costs[0] == costs[1]
    found, url = [], f"?username={town.users['leader'].username}"
    while url:
        soup = BeautifulSoup(auditor.get(reverse("web:audit") + url).content.decode(), "html.parser")
        found += [row.select_one(".row-card-meta").text.split()[0] for row in soup.select(".audit-rows > li")]
        url = next((str(a["href"]) for a in soup.select("a[rel=next]")), "")
    assert len(found) == len(set(found)) == AuditRecord.objects.filter(action="duty.appoint").count()


def test_the_chain_is_told_as_the_last_walk_found_it(town, auditor):
    sealing.seal_all(now=NOW)
    assert "还没有核对过" in page(auditor).text
    assert verifying.verify(now=NOW).faults == 0
    end = verifying.head()
    assert f"{end.sequence}:{end.hash}" in page(auditor).text
    assert "完好" in page(auditor).text
    changed = AuditRecord.objects.earliest("pk")
    with without_triggers():
        AuditRecord.objects.filter(pk=changed.pk).update(actor_name="somebody else")
    assert verifying.verify(now=NOW).faults == 1
    assert f"changed {changed.pk}" in page(auditor).text
    assert "发现问题" in page(auditor).text


def test_the_person_whose_data_it_is_reads_who_looked(town):
    desk = town.users["community"]
    for day, purpose in enumerate((TO_CONTACT, Purpose("OTHER", "街道核对"))):
        at = NOW + timedelta(days=day)
        record_read(actor=desk, action="cases.reporters.read", objects=[town.county], purpose=purpose, now=at)
    record_write(actor=desk, action="cases.accept", one=town.county, now=NOW)
    last, first = searching.looks_at(town.county)
    assert (first.name, first.what, first.why) == (desk.name, "查看反映人信息", "联系居民")
    assert (last.at, last.why) == (NOW + timedelta(days=1), "其他 街道核对")
    assert searching.looks_at(town.street) == []


def test_an_action_without_a_name_is_told_by_its_area():
    assert words.action_words("places.something_new") == "地点"
    assert words.action_words("unknown.thing") == ""
