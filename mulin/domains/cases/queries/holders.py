"""Whom a desk can hand a case to: seats along its place's chain, desks below the own area, departments by duty list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from mulin.domains.cases.models import Case
from mulin.domains.cases.queries.directory import Kind
from mulin.domains.duty import queries as duty
from mulin.domains.duty.models import Tenure
from mulin.domains.organisations import queries as organisations
from mulin.domains.organisations.models import DutyRole, Organisation
from mulin.domains.places import queries as places
from mulin.domains.places.models import Tier

MOST_SEATS = 300


@dataclass(frozen=True)
class SeatChoice:
    """A tenure that can hold a case; `away`: its holder is away and nobody stands in."""

    tenure_id: int
    tier: int
    place: str
    post: str
    holder: str
    away: bool


@dataclass(frozen=True)
class DepartmentChoice:
    organisation_id: int
    name: str
    role: str = ""
    """LEAD or ASSIST when the duty list or the category's rule names it."""


def _seats(tenures: QuerySet[Tenure]) -> list[SeatChoice]:
    english = (get_language() or "").startswith("en")
    rows = tenures.filter(post_kind__holds_cases=True, place__isnull=False).values_list(
        "pk",
        "post_kind__tier",
        "place__name",
        "post_kind__name_en" if english else "post_kind__name_zh",
        "holder__name",
        "away",
        "substitute_id",
    )
    return [
        SeatChoice(pk, tier, place, post, holder, away=bool(away) and substitute_id is None)
        for pk, tier, place, post, holder, away, substitute_id in rows[:MOST_SEATS]
    ]


def along_the_chain(case: Case, *, now: datetime) -> list[SeatChoice]:
    """Return the seats at the places above a case, lowest tier first."""
    below = [i for i in (case.contact_group_id, case.building_id, case.grid_id) if i is not None]
    above = [area.id for area in places.area_path(case.area_code)]
    return _seats(duty.responsible_for([*below, *above], now=now))


@dataclass(frozen=True)
class Choices:
    seats: tuple[SeatChoice, ...]
    departments: tuple[DepartmentChoice, ...]


def for_many(area_codes: Sequence[str], *, now: datetime) -> Choices:
    """Return whom many cases can be handed to at once: seats in these areas where somebody acts, departments."""
    seats = [seat for seat in desks_below(area_codes, now=now) if not seat.away]
    departments = departments_for(area_codes[0], None, now=now) if area_codes else []
    return Choices(tuple(seats), tuple(departments))


def desks_below(area_codes: Iterable[str], *, now: datetime) -> list[SeatChoice]:
    """Return the seats from grid to street in these areas, highest tier first: for handing on many cases at once."""
    found: list[SeatChoice] = []
    for area_code in area_codes:
        tenures = duty.acting(now=now).filter(
            places.within(area_code, "place__area_code"), post_kind__tier__gte=Tier.GRID
        )
        found += _seats(tenures.order_by("-post_kind__tier", "place__code", "post_kind__dispatch_order", "seat"))
    return found


def departments_for(area_code: str, kind: Kind | None, *, now: datetime) -> list[DepartmentChoice]:
    """Return organisations serving an area: those leading in the category first, then those assisting, then the rest.

    The duty list of the organisation comes before the kinds named by the category's rule.
    """
    on = timezone.localdate(now)
    roles: dict[int, str] = {}
    if kind is not None:
        for role in (DutyRole.LEAD, DutyRole.ASSIST):
            listed = organisations.by_duty(kind.code, area_code, role=role, on=on)
            roles.update({pk: role.value for pk in listed.values_list("pk", flat=True) if pk not in roles})
    serving = list(organisations.departments(area_code, on=on))
    choices = [DepartmentChoice(o.pk, o.name, roles.get(o.pk) or _role_of_kind(o, kind)) for o in serving]
    order = {DutyRole.LEAD.value: 0, DutyRole.ASSIST.value: 1}
    return sorted(choices, key=lambda choice: order.get(choice.role, 2))


def _role_of_kind(organisation: Organisation, kind: Kind | None) -> str:
    if kind is None:
        return ""
    if organisation.kind_id in kind.lead_kinds:
        return DutyRole.LEAD.value
    return DutyRole.ASSIST.value if organisation.kind_id in kind.assist_kinds else ""
