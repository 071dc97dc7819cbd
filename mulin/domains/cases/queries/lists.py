"""Which cases a person may see, and the lists made of them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Case, Step, Whistle
from mulin.domains.cases.states import OPEN
from mulin.domains.duty import queries as duty
from mulin.domains.duty.models import TenureState
from mulin.domains.duty.queries import Scope
from mulin.domains.places import queries as places

# Who has one of these at a place sees the cases there; rates, exports and approvals alone show nobody's words.
SEES = ("cases.see", "cases.hold", "cases.desk", "cases.answer_whistle")


def _seen_by(scope: Scope) -> Q:
    condition = Q(pk__in=[])
    for area_code in scope.area_codes:
        condition |= places.within(area_code)
    if scope.grid_ids:
        condition |= Q(grid__in=scope.grid_ids)
    if scope.building_ids or scope.group_ids:
        # Contacts and leaders are neighbours: they see what they hold or have worked on, nothing else.
        condition |= Q(pk__in=Step.objects.filter(actor=scope.user_id).values("case"))
    if scope.grid_ids or scope.building_ids or scope.group_ids or not scope.area_codes:
        condition |= Q(holder_tenure__in=scope.tenure_ids)
    if scope.organisation_ids:
        asked = Whistle.objects.filter(organisation__in=scope.organisation_ids).values("case")
        condition |= Q(holder_organisation__in=scope.organisation_ids) | Q(pk__in=asked)
        condition |= Q(pk__in=Step.objects.filter(actor=scope.user_id).values("case"))
    return condition


def visible_to(user: User, *, now: datetime, to: str = "") -> QuerySet[Case]:
    """Cases `user` may see: the one truth for lists, maps, exports, the API and access.

    With `to`, those of them for which this permission counts: who exports for one community and sees another takes
    out the first alone.
    """
    scope = duty.scope_of(user, *SEES, now=now)
    cases = Case.objects.filter(_seen_by(scope))
    narrower = duty.scope_of(user, to, now=now) if to else scope
    return cases if narrower == scope else cases.filter(_seen_by(narrower))


def held_by(user: User, *, now: datetime) -> QuerySet[Case]:
    """Cases `user` holds: through own posts, as a substitute, or through the organisation."""
    scope = duty.scope_of(user, "cases.hold", now=now)
    return Case.objects.filter(
        Q(holder_tenure__in=scope.tenure_ids) | Q(holder_organisation__in=scope.organisation_ids)
    )


def may_hold(user: User, case: Case, *, now: datetime, to: str = "cases.hold") -> bool:
    """Say whether `user` acts for the holder: the holder, a substitute, a colleague of the same post, or the office."""
    scope = duty.scope_of(user, to, now=now)
    if case.holder_organisation_id is not None:
        return case.holder_organisation_id in scope.organisation_ids
    return case.holder_tenure_id in scope.tenure_ids or case.holder_tenure_id in duty.colleague_tenures(scope)


def may_direct(user: User, case: Case, *, now: datetime) -> bool:
    """Say whether `user` has a desk over the place of the case."""
    scope = duty.scope_of(user, "cases.desk", now=now)
    above = set(places.ancestor_codes(case.area_code))
    return bool(above.intersection(scope.area_codes))


def open_cases_of(tenure_id: int) -> list[int]:
    """Return the ids of the open cases a tenure holds."""
    held = Case.objects.filter(holder_tenure=tenure_id, status__in=OPEN)
    return list(held.order_by("pk").values_list("pk", flat=True))


def open_cases_at(building_id: int, *, grid_id: int | None) -> list[int]:
    """Return the ids of the open cases at a building that were filed in a grid, or in none."""
    there = Case.objects.filter(building=building_id, grid=grid_id, status__in=OPEN)
    return list(there.order_by("pk").values_list("pk", flat=True))


def open_cases_on_ground(grid_id: int) -> list[tuple[int, float, float]]:
    """Return (case, longitude, latitude) of the open cases of a grid that lie at a spot, not at a building."""
    there = Case.objects.filter(grid=grid_id, building=None, status__in=OPEN, lon__isnull=False, lat__isnull=False)
    return [(pk, lon, lat) for pk, lon, lat in there.order_by("pk").values_list("pk", "lon", "lat") if lon and lat]


def known_external_keys(keys: Iterable[str]) -> set[str]:
    """Return those of the keys under which a case was imported before."""
    return set(Case.objects.filter(external_key__in=list(keys)).values_list("external_key", flat=True))


def held_by_ended_tenures() -> list[tuple[int, int]]:
    """Return (case, tenure) ids of open cases whose holder's tenure is over."""
    held = Case.objects.filter(status__in=OPEN, holder_tenure__state=TenureState.ENDED)
    return [(pk, tenure) for pk, tenure in held.order_by("pk").values_list("pk", "holder_tenure_id") if tenure]
