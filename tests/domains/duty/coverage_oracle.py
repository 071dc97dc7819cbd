"""Coverage worked out in plain Python from every row, as slowly and plainly as it can be said."""

from datetime import datetime

from django.utils import timezone

from mulin.domains.duty.models import Absence, Tenure, TenureState
from mulin.domains.places.models import GroupMembership, Household, Place

POSTS = {
    "households": {"household_contact"},
    "buildings": {"building_leader"},
    "grids": {"grid_leader", "grid_worker"},
}


def covered_places(subject: str, now: datetime) -> set[int]:
    """Places at which somebody acts in one of the posts that cover the subject."""
    today = timezone.localdate(now)
    found = set()
    for tenure in Tenure.objects.select_related("holder", "post_kind"):
        in_force = (
            tenure.state == TenureState.ACTIVE
            and tenure.starts_on <= today
            and (tenure.ends_on is None or tenure.ends_on > today)
            and tenure.holder.is_active
        )
        if in_force and tenure.post_kind.code in POSTS[subject] and tenure.place_id and somebody_acts(tenure, now):
            found.add(tenure.place_id)
    return found


def somebody_acts(tenure: Tenure, now: datetime) -> bool:
    away = [a for a in Absence.objects.filter(tenure=tenure) if a.begins_at <= now < a.ends_at]
    return not away or any(a.substitute and a.substitute.is_active for a in away)


def in_area(code: str, area_code: str) -> bool:
    length = 6 if area_code.endswith("000000") else 9 if area_code.endswith("000") else 12
    return code[:length] == area_code[:length]


def is_dated(thing: Place | GroupMembership, now: datetime) -> bool:
    today = timezone.localdate(now)
    return thing.starts_on <= today and (thing.ends_on is None or thing.ends_on > today)


def gaps(subject: str, area_code: str, now: datetime) -> set[int]:
    covered = covered_places(subject, now)
    if subject == "households":
        return {h.pk for h in Household.objects.all() if in_area(h.area_code, area_code) and _alone(h, covered, now)}
    kind = {"buildings": "BUILDING", "grids": "GRID"}[subject]
    found = {p.pk for p in Place.objects.filter(kind=kind) if in_area(p.area_code, area_code) and is_dated(p, now)}
    if subject == "grids":
        found -= set(Place.objects.filter(grid__grid_kind="MICRO").values_list("pk", flat=True))
    return found - covered


def _alone(household: Household, covered: set[int], now: datetime) -> bool:
    today = timezone.localdate(now)
    if household.moved_in_on > today or (household.moved_out_on is not None and household.moved_out_on <= today):
        return False
    groups = {m.group_id for m in GroupMembership.objects.filter(household=household) if is_dated(m, now)}
    return not groups & covered
