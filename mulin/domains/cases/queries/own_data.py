"""What a resident's page of their own data asks for."""

from mulin.core.audit import searching
from mulin.core.audit.searching import Look
from mulin.domains.cases.models import Care, Case, Photo, Rating, Reporter, Step


def reporter_of(case: Case, code: str) -> Reporter | None:
    """Return whose code it is: who joined has a follow code, the first reporter the receipt code."""
    rows = Reporter.objects.filter(case=case).order_by("pk")
    return rows.filter(follow_code=code).first() if code != case.receipt_code else rows.filter(follow_code="").first()


def words_of_joining(case: Case, reporter: Reporter) -> str:
    step = Step.objects.filter(case=case, move="join", taken_at=reporter.created_at).first()
    return step.note if step else ""


def looks_at(case: Case) -> list[Look]:
    return searching.looks_at(case)


def photo_count(case: Case) -> int:
    return Photo.objects.filter(case=case).count()


def rating_notes(case: Case) -> list[str]:
    return [note for note in Rating.objects.filter(case=case).order_by("round").values_list("note", flat=True) if note]


def has_care_note(case: Case) -> bool:
    return Care.objects.filter(case=case).exclude(note="").exists()
