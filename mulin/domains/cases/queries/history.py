"""The steps of a case, and whether its chain is whole."""

from collections.abc import Iterator
from datetime import UTC

from django.db.models import QuerySet

from mulin.core.history import Link, first_fault
from mulin.domains.cases.models import Case, Step


def steps_of(case: Case) -> QuerySet[Step]:
    return Step.objects.filter(case=case).order_by("sequence")


def last_step(case: Case) -> Step:
    return Step.objects.filter(case=case).latest("sequence")


def content(step: Step, receipt_code: str) -> dict[str, object]:
    """Return what a step's hash covers."""
    return {
        "case": receipt_code,
        "sequence": step.sequence,
        "move": step.move,
        "from": step.from_status,
        "to": step.to_status,
        "actor": step.actor_id,
        "actor_name": step.actor_name,
        "taken_at": step.taken_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "note": step.note,
        "public_note": step.public_note,
        "data": step.data,
    }


def links(case: Case) -> list[Link]:
    return [_link(step, case.receipt_code) for step in steps_of(case)]


def _link(step: Step, receipt_code: str) -> Link:
    return Link(step.sequence, step.previous_hash, step.hash, content(step, receipt_code))


def faults() -> Iterator[tuple[str, str]]:
    """Yield (case number, fault) for every chain that was changed, cut or is not the one the case ends with."""
    for case in Case.objects.order_by("pk").iterator(chunk_size=500):
        chain = links(case)
        fault = first_fault(chain)
        if fault is None and (not chain or chain[-1].hash != case.last_hash):
            fault = f"missing {len(chain) + 1}"
        if fault is not None:
            yield case.number, fault
