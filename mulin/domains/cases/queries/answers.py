"""What a resident's page needs beside the case itself."""

from collections.abc import Mapping
from typing import Any

from mulin.domains.cases.models import Case, Photo, Rating, Step


def photos_of(case: Case) -> list[tuple[int, str]]:
    """Return (id, REPORT or RESULT), oldest first."""
    return list(Photo.objects.filter(case=case).order_by("pk").values_list("pk", "of"))


def ratings_of(case: Case) -> list[Rating]:
    return list(Rating.objects.filter(case=case).order_by("round"))


def merged_into(case: Case) -> Case | None:
    """Return the case this one goes on in; the last one when that was merged too."""
    seen = {case.pk}
    current = case
    while current.merged_into_id is not None and current.merged_into_id not in seen:
        seen.add(current.merged_into_id)
        rows = Case.objects.select_related(
            "holder_tenure__holder", "holder_tenure__post_kind", "holder_tenure__place", "holder_organisation"
        )
        current = rows.select_related("rule", "place").get(pk=current.merged_into_id)
    return None if current is case else current


def rejection_of(case: Case) -> Mapping[str, Any]:
    """Return the entry of the list of reasons by which the case was refused."""
    step = Step.objects.filter(case=case, move="reject").order_by("-sequence").first()
    return dict(step.data.get("reason") or {}) if step else {}
