"""Some months of cases, lived through by the same services that real cases go through, each step at its own time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from mulin.demo.bulk import Loader
from mulin.demo.case_texts import (
    CATEGORY_FOR_CONTACT,
    CATEGORY_FOR_GRID,
    CATEGORY_FOR_LEADER,
    MATTERS,
    PAUSES,
    REJECTS,
    RETURN_NOTES,
    WHISTLES,
    Matter,
)
from mulin.demo.load_people import PeopleKeys
from mulin.demo.load_places import PlaceKeys
from mulin.demo.records import Town
from mulin.domains.accounts.models import User
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Channel, Whistle
from mulin.domains.duty import queries as duty
from mulin.domains.duty.models import Tenure
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.queries import locate_place

DAYS_BACK = 75
AT_HOME = 0.4
"""Share of cases in the community of those who can sign in, so that their pages have something."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class Storyteller:
    """Moves one case along: every step a while after the last, never later than now."""

    case: Case
    matter: Matter
    at: datetime
    now: datetime
    random: np.random.Generator

    def later(self, least_minutes: float, most_minutes: float) -> datetime:
        step = timedelta(minutes=float(self.random.uniform(least_minutes, most_minutes)))
        self.at = min(self.at + step, self.now)
        return self.at

    def holder(self) -> User:
        self.case.refresh_from_db()
        if self.case.holder_tenure is not None:
            acting = duty.people_acting(now=self.at, tenure_ids=[self.case.holder_tenure.pk])
            return User.objects.get(pk=acting.get(self.case.holder_tenure.pk, self.case.holder_tenure.holder_id))
        assert self.case.holder_organisation is not None
        return User.objects.get(pk=duty.holders_of(self.case.holder_organisation.pk, now=self.at)[0])

    def desk(self) -> User:
        seats = Tenure.objects.filter(post_kind__code="community_desk", place__code=self.case.area_code)
        return seats.select_related("holder").order_by("-seat")[0].holder

    def pick(self, among: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        return among[int(self.random.integers(len(among)))]

    def accepted(self) -> None:
        services.accept(actor=self.holder(), case=self.case, now=self.later(8, 55))
        services.contact(actor=self.holder(), case=self.case, note="已电话联系反映人。", now=self.later(3, 40))

    def resolved(self) -> None:
        result = self.matter.result
        services.resolve(actor=self.holder(), case=self.case, result=result, now=self.later(90, 1500))

    def rated(self, solved: str, satisfied: str, note: str = "") -> None:
        services.rate(
            actor=None, case=self.case, solved=solved, satisfied=satisfied, note=note, now=self.later(30, 2000)
        )


Story = Callable[[Storyteller], None]


def waits(_case: Storyteller) -> None:
    """Dispatched and not yet accepted."""


def in_hand(case: Storyteller) -> None:
    case.accepted()


def settled(case: Storyteller) -> None:
    case.accepted()
    case.resolved()


def praised(case: Storyteller) -> None:
    settled(case)
    case.rated("YES", "YES", "处理得很快，谢谢。")


def accepted_on_the_whole(case: Storyteller) -> None:
    settled(case)
    case.rated("PARTLY", "BASICALLY")


def not_solved_then_solved(case: Storyteller) -> None:
    settled(case)
    services.reopen(actor=None, case=case.case, reason="过了两天又出现同样的问题。", now=case.later(600, 2500))
    settled(case)
    case.rated("YES", "BASICALLY")


def not_solved(case: Storyteller) -> None:
    settled(case)
    case.rated("NO", "NO", "问题还在。")


def lapsed(case: Storyteller) -> None:
    settled(case)
    services.lapse(case=case.case, now=case.later(15 * 1440 + 10, 15 * 1440 + 600))


def escalated(case: Storyteller) -> None:
    holder = case.holder()
    if case.case.tier < 60:
        services.escalate(actor=holder, case=case.case, reason="本级无权处置，请上一级协调。", now=case.later(20, 120))
    case.accepted()


def returned(case: Storyteller) -> None:
    reason, note = case.pick(RETURN_NOTES)
    services.return_case(actor=case.holder(), case=case.case, reason_code=reason, note=note, now=case.later(20, 90))


def return_refused(case: Storyteller) -> None:
    returned(case)
    services.refuse_return(
        actor=case.desk(), case=case.case, reason="经核实属于本岗位职责，请继续办理。", now=case.later(20, 60)
    )


def paused(case: Storyteller) -> None:
    case.accepted()
    reason, note = case.pick(PAUSES)
    at = case.later(30, 200)
    services.pause(
        actor=case.holder(), case=case.case, reason_code=reason, note=note, until=case.now + timedelta(days=4), now=at
    )


def paused_and_settled(case: Storyteller) -> None:
    case.accepted()
    reason, note = case.pick(PAUSES)
    at = case.later(30, 200)
    until = at + timedelta(days=5)
    services.pause(actor=case.holder(), case=case.case, reason_code=reason, note=note, until=until, now=at)
    services.resume(actor=case.holder(), case=case.case, now=case.later(600, 4000))
    case.resolved()
    case.rated("YES", "YES")


def whistled(case: Storyteller) -> None:
    """A department has been called and has not come yet."""
    if case.case.tier >= 60:
        return in_hand(case)
    if case.case.tier < 30:
        escalated(case)
    else:
        case.accepted()
    _call_department(case)
    return None


def whistled_and_settled(case: Storyteller) -> None:
    whistled(case)
    called = Whistle.objects.filter(case=case.case).select_related("organisation").first()
    if called is not None:
        officer = User.objects.get(pk=duty.holders_of(called.organisation.pk, now=case.at)[0])
        services.arrive(actor=officer, whistle=called, note="已到现场。", now=case.later(60, 300))
        services.give_result(
            actor=officer, whistle=called, answer="现场会同处置，已排除隐患。", now=case.later(60, 900)
        )
    case.resolved()
    case.rated("YES", "YES", "几个部门一起来的，一次就解决了。")


def _call_department(case: Storyteller) -> None:
    departments = Organisation.objects.filter(kind__in=("URBAN_MANAGEMENT", "HOUSING", "FIRE")).order_by("pk")
    called = departments[int(case.random.integers(len(departments)))]
    ask = WHISTLES[int(case.random.integers(len(WHISTLES)))]
    services.whistle(actor=case.holder(), case=case.case, organisation=called, ask=ask, now=case.later(20, 120))


def rejected(case: Storyteller) -> None:
    reason, note = case.pick(REJECTS)
    services.reject(actor=case.desk(), case=case.case, reason_code=reason, note=note, now=case.later(20, 120))


def withdrawn(case: Storyteller) -> None:
    services.withdraw(actor=None, case=case.case, reason="已经自己解决了。", now=case.later(20, 200))


def merged(case: Storyteller) -> None:
    """A second neighbour reports the same; both go on as one."""
    again = services.report_case(
        actor=None,
        report=services.Report(
            text=f"也想反映同一件事：{case.matter.text}",
            category_code=case.matter.category,
            location=locate_place(case.case.place_id),
        ),
        now=case.later(20, 90),
    )
    services.merge(actor=case.desk(), case=again, into=case.case, now=case.later(10, 60))
    case.accepted()


RECENT: tuple[tuple[Story, int], ...] = (
    (waits, 10), (in_hand, 12), (settled, 7), (escalated, 4), (returned, 3), (return_refused, 2), (paused, 4),
    (whistled, 4), (merged, 3),
)  # fmt: skip
"""How cases of the last days stand, and how many of each."""
EARLIER: tuple[tuple[Story, int], ...] = (
    (praised, 42), (accepted_on_the_whole, 14), (not_solved_then_solved, 8), (not_solved, 5), (lapsed, 10),
    (paused_and_settled, 6), (whistled_and_settled, 8), (rejected, 4), (withdrawn, 4),
)  # fmt: skip
CASES = sum(count for _story, count in (*RECENT, *EARLIER))


def load_cases(loader: Loader, town: Town, places: PlaceKeys, people: PeopleKeys, *, seed: int, now: datetime) -> None:
    """Tell `CASES` stories, oldest first, so that numbers follow the days."""
    chronicle = _Chronicle(town, places, people, np.random.default_rng([seed, 3]), now)
    told = chronicle.plan()
    for position, (story, at) in enumerate(told):
        chronicle.tell(story, at, position)
        loader.tick(_("事项"))


class _Chronicle:
    def __init__(
        self, town: Town, places: PlaceKeys, people: PeopleKeys, random: np.random.Generator, now: datetime
    ) -> None:
        assert people.home is not None
        self.town, self.places, self.home = town, places, people.home
        self.random, self.now = random, now
        community = np.array([g.community for g in town.grids])[town.buildings.grid]
        lived_in = town.buildings.estate >= 0
        self.near = np.flatnonzero(lived_in & (community == self.home.community))
        self.anywhere = np.flatnonzero(lived_in)

    def plan(self) -> list[tuple[Story, datetime]]:
        recent = [(story, self._hours_ago()) for story, count in RECENT for _number in range(count)]
        earlier = [(story, self._days_ago()) for story, count in EARLIER for _number in range(count)]
        return sorted(recent + earlier, key=lambda told: told[1])

    def _hours_ago(self) -> datetime:
        return self.now - timedelta(hours=float(self.random.uniform(3, 40)))

    def _days_ago(self) -> datetime:
        """A daytime hour long enough ago for the whole story to be over."""
        day = (self.now - timedelta(days=float(self.random.uniform(20, DAYS_BACK)))).astimezone(SHANGHAI).date()
        minutes = int(np.clip(self.random.normal(13 * 60 + 30, 200), 7 * 60, 21 * 60))
        return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=SHANGHAI)

    def tell(self, story: Story, at: datetime, position: int) -> None:
        matter, place = self._matter_and_place(position)
        report = services.Report(
            text=matter.text,
            category_code=matter.category,
            location=locate_place(place),
            channel=Channel.RESIDENT if self.random.random() < 0.8 else Channel.DESK,
            contact=services.Contact(name="", phone=f"1990001{position:04d}" if self.random.random() < 0.6 else ""),
        )
        case = services.report_case(actor=None, report=report, now=at)
        story(Storyteller(case, matter, at, self.now, self.random))

    def _matter_and_place(self, position: int) -> tuple[Matter, int]:
        """Every tenth case falls to the sign-ins themselves; the others anywhere, often in their community."""
        own = {
            0: (CATEGORY_FOR_CONTACT, self.places.group[self.home.group]),
            1: (CATEGORY_FOR_LEADER, self.places.building[self.home.building]),
            2: (CATEGORY_FOR_GRID, self.places.building[self.home.building]),
        }
        if position % 10 in own:
            category, place = own[position % 10]
            return self._one([m for m in MATTERS if m.category == category]), place
        buildings = self.near if self.random.random() < AT_HOME else self.anywhere
        building = int(buildings[int(self.random.integers(len(buildings)))])
        return self._one(list(MATTERS)), self.places.building[building]

    def _one(self, among: list[Matter]) -> Matter:
        return among[int(self.random.integers(len(among)))]
