"""The desk's list: what is in it, in which order, page by page, and what it costs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import queue
from mulin.domains.cases.queries.filters import FilterInvalid, Filters, read
from tests.factories import NOW, make_town, make_user

pytestmark = pytest.mark.django_db


def found(user, *, now=NOW, **filters):
    return [row["pk"] for row in queue.page(user, Filters(**filters), now=now).rows]


@pytest.fixture
def desk(town):
    return town.users["community"]


def test_the_list_shows_open_cases_of_the_own_area_by_deadline(town, desk, report):
    later = report(now=NOW + timedelta(hours=1))
    sooner = report("电梯困人", category="0704")
    neighbours = make_town(community_code="520303001002")
    assert found(desk) == [sooner.pk, later.pk]
    assert found(neighbours.users["community"]) == []
    assert found(town.users["street"]) == [sooner.pk, later.pk]
    assert found(make_user("nobody")) == []


def test_every_state_finds_its_cases_and_no_other(town, desk, report):
    overdue, returned, reopened, waiting = report(), report(), report(), report()
    holder = overdue.holder_tenure.holder
    services.accept(actor=holder, case=returned, now=NOW)
    services.return_case(actor=holder, case=returned, reason_code="WRONG_PLACE", note="不在本楼", now=NOW)
    for case in (reopened, waiting):
        services.accept(actor=holder, case=case, now=NOW)
        services.resolve(actor=holder, case=case, result="已修好", now=NOW)
    services.reopen(actor=None, case=reopened, reason="还是不亮", now=NOW)
    Case.objects.filter(pk=overdue.pk).update(resolve_due_at=NOW - timedelta(minutes=1))
    Case.objects.filter(pk=reopened.pk).update(resolve_due_at=NOW + timedelta(hours=2))
    Case.objects.filter(pk=returned.pk).update(resolve_due_at=NOW + timedelta(days=2))
    assert found(desk, state="overdue") == [overdue.pk]
    assert found(desk, state="soon") == [reopened.pk]
    assert set(found(desk, state="unaccepted")) == {overdue.pk, reopened.pk}
    assert found(desk, state="returned") == [returned.pk]
    assert found(desk, state="reopened") == [reopened.pk]
    assert found(desk, state="unrated") == [waiting.pk]
    assert found(desk, status="settled") == [waiting.pk]
    assert len(found(desk, status="all")) == 4
    counts = queue.counts(desk, now=NOW)
    assert (counts.open, counts.overdue, counts.soon, counts.unaccepted, counts.returned, counts.unrated) == (
        3, 1, 1, 2, 1, 1,
    )  # fmt: skip
    assert counts.newest == waiting.pk


def test_a_case_is_found_by_what_people_know_of_it(desk, report):
    case = report("三单元 100% 的灯都不亮_", contact=services.Contact("王", "139 1234-5678"))
    report("垃圾没有清运", category="0301", contact=services.Contact("李", "13987654321"))
    for text in (
        "100% 的灯", case.number, case.receipt_code, case.receipt_code.lower(), "13912345678", "+86 139 1234 5678",
    ):  # fmt: skip
        assert found(desk, text=text) == [case.pk], text
    for text in ("100_", "1391234567", "%", "20260304-999999999999999", "0" * 12, "王", "' OR 1=1 --"):
        assert case.pk not in found(desk, text=text) or text == "%", text
    assert found(desk, text="_") == [case.pk]


def test_a_settled_case_is_found_by_its_number_without_choosing_a_status(town, desk, report):
    case = report()
    holder = case.holder_tenure.holder
    services.accept(actor=holder, case=case, now=NOW)
    services.resolve(actor=holder, case=case, result="已修好", now=NOW)
    assert found(desk, text=case.number) == [case.pk]
    assert found(desk, text="楼道灯") == []


def test_a_number_does_not_open_what_is_hidden(town, report):
    case = report()
    neighbours = make_town(community_code="520303001002")
    assert found(neighbours.users["community"], text=case.number) == []
    assert found(neighbours.users["community"], text=case.receipt_code) == []


def test_days_are_days_of_shanghai_and_may_be_given_either_way_round(desk, report):
    before = report(now=datetime(2026, 3, 4, 15, 59, tzinfo=UTC))  # 23:59 on the 4th
    after = report(now=datetime(2026, 3, 4, 16, 1, tzinfo=UTC))  # 00:01 on the 5th
    now = NOW + timedelta(days=1)
    assert found(desk, since=date(2026, 3, 5), now=now) == [after.pk]
    assert found(desk, until=date(2026, 3, 4), now=now) == [before.pk]
    straight = read({"since": "2026-03-04", "until": "2026-03-05"})
    assert read({"since": "2026-03-05", "until": "2026-03-04"}) == straight
    assert straight.since == date(2026, 3, 4)


def test_place_kind_tier_and_channel_narrow_the_list(town, desk, report):
    lamp = report(building=0)
    other = report("油烟扰民", category="0301", building=1)
    assert found(desk, grid=town.grids[0].pk) == [lamp.pk]
    assert found(desk, area=town.community.code) == found(desk)
    assert found(desk, area="520303001002") == []
    assert found(desk, category="0601") == [lamp.pk]
    assert found(desk, group="03") == [other.pk]
    assert found(desk, tier=lamp.tier, grid=town.grids[0].pk) == [lamp.pk]
    assert found(desk, channel="IMPORT") == []
    urgent = {row["pk"] for row in queue.page(desk, Filters(urgent=True), now=NOW).rows}
    assert urgent == {case.pk for case in Case.objects.filter(rule__urgent=True)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "DROP TABLE"), ("state", "x"), ("kind", "g999"), ("kind", "c'"), ("area", "1"), ("grid", "-1"),
        ("grid", "9" * 40), ("tier", "7"), ("tier", "²"), ("channel", "\x00"), ("since", "2026-02-30"),
        ("since", "9999-12-31"), ("until", "yesterday"), ("sort", "-id"),
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused_by_name(town, name, value):
    with pytest.raises(FilterInvalid):
        read({name: value})


@given(st.dictionaries(st.sampled_from(["text", "status", "since", "grid", "kind", "sort"]), st.text(max_size=30)))
def test_no_address_breaks_the_list(values):
    try:
        filters = read(values)
    except FilterInvalid:
        return
    assert read(filters.as_query()) == filters


@pytest.mark.parametrize("key", ["x", "1", ".", "1.x", "9" * 30 + ".1", "-1.1", "٣.١", "." + "9" * 30])
def test_a_key_that_is_none_is_refused(desk, key):
    with pytest.raises(FilterInvalid):
        queue.page(desk, Filters(), now=NOW, after=key)


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(queue, "PER_PAGE", 3)


@pytest.mark.parametrize("sort", ["deadline", "newest"])
def test_pages_follow_each_other_both_ways_and_miss_nothing(town, desk, report, small_pages, sort):
    cases = [report(now=NOW + timedelta(minutes=n)) for n in range(8)]
    due = NOW + timedelta(days=1)
    Case.objects.filter(pk__in=[c.pk for c in cases[:4]]).update(resolve_due_at=due)  # equal deadlines
    Case.objects.filter(pk__in=[c.pk for c in cases[6:]]).update(status="PAUSED", resolve_due_at=None)
    pages, after = [], ""
    while True:
        page = queue.page(desk, Filters(sort=sort), now=NOW, after=after)
        pages.append([row["pk"] for row in page.rows])
        if not page.next_key:
            break
        after = page.next_key
    flat = [pk for rows in pages for pk in rows]
    assert sorted(flat) == sorted(case.pk for case in cases)
    assert [len(rows) for rows in pages] == [3, 3, 2]
    if sort == "deadline":
        assert flat[-2:] == [cases[6].pk, cases[7].pk]
    back = [pages[-1]]
    before = page.previous_key
    while before:
        page = queue.page(desk, Filters(sort=sort), now=NOW, before=before)
        back.insert(0, [row["pk"] for row in page.rows])
        before = page.previous_key
    assert back == pages


def test_a_page_costs_the_same_with_ten_and_with_twenty_rows(desk, report, django_assert_num_queries):
    def open_the_list():
        queue.page(desk, Filters(), now=NOW)
        queue.counts(desk, now=NOW)

    open_the_list()
    for count in (10, 20):
        for _ in range(10):
            report()
        with django_assert_num_queries(3):  # the scope is known
            queue.page(desk, Filters(), now=NOW)
            queue.counts(desk, now=NOW)
        assert len(found(desk)) == count


def test_the_map_shows_open_cases_inside_its_frame(desk, report):
    case = report()
    box = (case.lon - 0.001, case.lat - 0.001, case.lon + 0.001, case.lat + 0.001)
    assert [row["pk"] for row in queue.on_map(desk, Filters(), now=NOW, box=box)] == [case.pk]
    assert queue.on_map(desk, Filters(), now=NOW, box=(0.0, 0.0, 1.0, 1.0)) == []


def test_paused_cases_stand_last_on_the_map(desk, report):
    paused, open_case = report(), report(now=NOW + timedelta(hours=1))
    Case.objects.filter(pk=paused.pk).update(status="PAUSED", resolve_due_at=None)
    assert [row["pk"] for row in queue.on_map(desk, Filters(), now=NOW)] == [open_case.pk, paused.pk]
