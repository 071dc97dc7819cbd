"""The three rates against an independent computation, their definitions as dated data, and their cost."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from mulin.core import versions
from mulin.domains.cases import rules, services
from mulin.domains.cases.models import Case, Policy, Rating, Step
from mulin.domains.cases.queries import rates
from mulin.domains.cases.queries.rates import Period, Tally
from tests.factories import COUNTY_CODE, NOW, make_town
from tests.support import rates_oracle

pytestmark = pytest.mark.django_db

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
STATUSES = ("DISPATCHED", "ACCEPTED", "RESOLVED", "CLOSED", "LAPSED", "REJECTED", "WITHDRAWN")


def around_march(chance: random.Random) -> datetime:
    return datetime(2026, 2, 15, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 60))


def rating_by_chance(case: Case, number: int, chance: random.Random) -> Rating:
    return Rating(
        case=case, round=number, responded=chance.random() < 0.9, solved=chance.choice(["YES", "PARTLY", "NO"]),
        satisfied=chance.choice(["YES", "BASICALLY", "NO"]), rated_at=around_march(chance),
    )  # fmt: skip


def returned_step(case: Case, sequence: int) -> Step:
    return Step(
        case=case, sequence=sequence, move="return", from_status="DISPATCHED", to_status="RETURNED", actor_name="某人",
        taken_at=NOW, data={}, previous_hash="", hash="",
    )  # fmt: skip


def scatter(cases: list[Case], seed: int) -> None:
    """Give the cases outcomes, times and ratings by chance, past what the lifecycle would allow."""
    chance = random.Random(seed)
    ratings, steps = [], []
    for case in cases:
        case.status, case.round = chance.choice(STATUSES), chance.randint(1, 3)
        case.clock_started_at = around_march(chance)
        case.resolve_due_at = case.clock_started_at + timedelta(hours=chance.randint(1, 200))
        case.respond_due_at = case.clock_started_at + timedelta(hours=4)
        case.first_contact_at = case.clock_started_at + timedelta(minutes=chance.randint(0, 9000))
        if chance.random() < 0.2:
            case.first_contact_at = None
        case.resolved_at = around_march(chance) if chance.random() < 0.8 else None
        case.tier = chance.choice([20, 30, 40])
        rounds = [number for number in range(1, case.round + 1) if chance.random() < 0.6]
        if chance.random() < 0.3:
            steps += [returned_step(case, sequence) for sequence in range(90, 90 + chance.randint(1, 2))]
        ratings += [rating_by_chance(case, number, chance) for number in rounds]
    fields = ["status", "round", "clock_started_at", "resolve_due_at", "respond_due_at", "first_contact_at",
              "resolved_at", "tier"]  # fmt: skip
    Case.objects.bulk_update(cases, fields)
    Rating.objects.bulk_create(ratings)
    Step.objects.bulk_create(steps)


def by_oracle(**narrowed) -> dict:
    columns = ("pk", "area_code", "category", "tier", "status", "round", "resolved_at", "resolve_due_at",
               "clock_started_at", "first_contact_at")  # fmt: skip
    returned = set(Step.objects.filter(move="return").values_list("case", flat=True))
    rows = Case.objects.filter(**narrowed).values(*columns)
    cases = [row | {"was_returned": row["pk"] in returned} for row in rows]
    ratings = list(Rating.objects.values("case", "round", "responded", "solved", "satisfied", "rated_at"))
    return rates_oracle.rates(cases, ratings, MARCH.begins_at, MARCH.ends_at)


def agrees(tally: Tally, expected: dict) -> bool:
    found = tally.rates(rates.definitions(COUNTY_CODE, MARCH).by_code)
    shares = [
        (found.responded, "responded", "rated"), (found.solved, "solved", "rated"),
        (found.satisfied, "satisfied", "rated"), (found.rated, "settled_rated", "settled"),
        (found.in_time, "in_time", "settled"), (found.reopened, "reopened", "settled"),
        (found.returned, "returned", "settled"),
    ]  # fmt: skip
    for share, part, whole in shares:
        assert share.part == pytest.approx(expected[part]), part
        assert share.whole == expected[whole], whole
    assert found.median_minutes == pytest.approx(expected["median_minutes"])
    return True


@pytest.mark.parametrize("seed", range(4))
def test_the_rates_agree_with_pandas_by_area_category_and_tier(town, report, seed):
    make_town(community_code="520303001002")
    other = make_town(community_code="520303002001")
    cases = [report(category=random.Random(n).choice(["0601", "0301", "0704"]), building=n % 3) for n in range(40)]
    location = cases[0]
    for case in cases[20:]:
        case.area_code = other.community.code if case.pk % 2 else "520303001002"
    Case.objects.bulk_update(cases, ["area_code"])
    scatter(cases, seed)
    definitions = rates.definitions(COUNTY_CODE, MARCH)
    found = rates.tallies(town.users["county"], COUNTY_CODE, MARCH, now=NOW, excluded=definitions.excluded)
    total = rates.summed(found, lambda key: "")
    assert agrees(total[""], by_oracle())
    for street, tally in rates.summed(found, lambda key: key[0]).items():
        assert agrees(tally, by_oracle(area_code__startswith=street))
    for tier, tally in rates.summed(found, lambda key: str(key[2])).items():
        assert agrees(tally, by_oracle(tier=int(tier)))
    for group, tally in rates.summed(found, rates.group_of_category).items():
        assert agrees(tally, by_oracle(category__group_code=group))
    assert location.area_code == "520303001001"


def test_a_rating_that_led_to_reopening_stays_counted(town, report):
    case = report()
    holder, at = case.holder_tenure.holder, NOW
    services.accept(actor=holder, case=case, now=at)
    services.resolve(actor=holder, case=case, result="已修", now=at)
    services.rate(actor=None, case=case, solved="NO", satisfied="NO", now=at)
    services.reopen(actor=None, case=case, reason="没修好", now=at)
    found = rates.tallies(town.users["county"], COUNTY_CODE, MARCH, now=at, excluded=())
    total = rates.summed(found, lambda key: "")[""]
    assert (total.rated, total.solved["NO"], total.settled) == (1, 1, 0)


def test_a_person_counts_only_what_they_may_see(town, report):
    case = report()
    neighbours = make_town(community_code="520303001002")
    services.contact(actor=case.holder_tenure.holder, case=case, note="", now=NOW)
    for user, seen in ((town.users["street"], 1), (neighbours.users["community"], 0), (town.users["stranger"], 0)):
        found = rates.tallies(user, COUNTY_CODE, MARCH, now=NOW, excluded=())
        assert sum(len(tally.minutes) for tally in found.values()) == seen


def test_a_changed_definition_holds_from_its_day_on(town):
    before = Policy.objects.get(name="rate_definitions")
    rows = [dict(row) for row in before.value]
    next(row for row in rows if row["code"] == "SOLVED_RATE")["numerator"] = "solved:YES=1|solved:PARTLY=0"
    Policy.objects.create(
        name="rate_definitions", value=rows, region="520303000000", valid_from=date(2026, 4, 1), source="试行"
    )
    versions.forget_all()
    april = Period(date(2026, 3, 15), date(2026, 4, 30))
    assert rates.definitions(COUNTY_CODE, MARCH).by_code["SOLVED_RATE"].weights["PARTLY"] == 0.5
    assert rates.definitions(COUNTY_CODE, april).by_code["SOLVED_RATE"].weights["PARTLY"] == 0
    assert rates.definitions("520304000000", april).by_code["SOLVED_RATE"].weights["PARTLY"] == 0.5
    assert all(one.source for one in rates.definitions(COUNTY_CODE, MARCH).by_code.values())


def test_nothing_counted_is_no_rate():
    assert rules.Share(0, 0).value is None
    assert rules.Share(2.5, 5).value == 0.5


def test_the_rates_cost_the_same_with_ten_and_with_twenty_cases(town, report, django_assert_num_queries):
    county = town.users["county"]
    rates.tallies(county, COUNTY_CODE, MARCH, now=NOW, excluded=())
    for _ in range(2):
        scatter([report() for _ in range(10)], seed=1)
        with django_assert_num_queries(3):
            rates.tallies(county, COUNTY_CODE, MARCH, now=NOW, excluded=())
