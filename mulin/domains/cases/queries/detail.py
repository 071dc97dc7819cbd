"""What stands around one case: its steps, photos, whistles, reporters, relations and gaps."""

from collections.abc import Collection, Iterable
from datetime import datetime

from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Care, Case, DispatchGap, Photo, Reporter, Step, Whistle
from mulin.domains.cases.queries.history import steps_of
from mulin.domains.cases.queries.lists import visible_to
from mulin.domains.places import queries as places


def steps(case: Case) -> list[Step]:
    return list(steps_of(case))


def photos(case: Case) -> list[Photo]:
    return list(Photo.objects.filter(case=case).order_by("pk"))


def whistles(case: Case) -> list[Whistle]:
    found = Whistle.objects.filter(case=case).select_related("organisation", "called_by")
    return list(found.order_by("-called_at", "-pk"))


def reporters(case: Case) -> list[Reporter]:
    return list(Reporter.objects.filter(case=case).order_by("pk"))


def care(case: Case) -> Care | None:
    """Return what specially protects the people of the case; asks nothing if it was read with the case."""
    return getattr(case, "care", None)


def numbers(case_ids: Collection[int]) -> dict[int, str]:
    return {case.pk: case.number for case in Case.objects.filter(pk__in=case_ids).only("reported_at")}


def gaps(case: Case) -> list[tuple[str, int, bool]]:
    """Return place, tier and whether somebody was away, for the seats passed over, in order."""
    found = DispatchGap.objects.filter(case=case).order_by("pk")
    return list(found.values_list("place__name", "tier", "absent"))


def place_names(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = [i for i in ids if i is not None]
    return places.places_named(wanted) if wanted else {}


def relations(user: User, case: Case, *, now: datetime) -> list[tuple[str, Case]]:
    """Return the cases merged with or split from this one that `user` may see, with how they are related."""
    seen = visible_to(user, now=now)
    up = {case.merged_into_id: "into", case.split_from_id: "from"}
    found = [(up[other.pk], other) for other in seen.filter(pk__in=[pk for pk in up if pk is not None])]
    found += [("merged", other) for other in seen.filter(merged_into=case).order_by("pk")]
    found += [("part", other) for other in seen.filter(split_from=case).order_by("pk")]
    return found
