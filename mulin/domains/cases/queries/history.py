"""The steps of a case, and whether its chain is whole."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from django.db.models import QuerySet

from mulin.core.history import Link, first_fault
from mulin.domains.cases.models import Case, Step

AUDITED_AT_ONCE = 500


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


@dataclass(frozen=True)
class Audited:
    """A case whose chain was looked at; `fault` is None when it is whole."""

    number: str
    fault: str | None


def audited(case_id: int | None = None) -> Iterator[Audited]:
    """Look at the chain of one case, or of all, two queries for AUDITED_AT_ONCE cases."""
    cases = Case.objects.filter(pk=case_id) if case_id is not None else Case.objects.all()
    last = 0
    while batch := list(cases.filter(pk__gt=last).order_by("pk")[:AUDITED_AT_ONCE]):
        chains: dict[int, list[Step]] = defaultdict(list)
        for step in Step.objects.filter(case__in=[case.pk for case in batch]).order_by("case_id", "sequence"):
            chains[step.case_id].append(step)
        for case in batch:
            yield Audited(case.number, _fault(case, chains[case.pk]))
        last = batch[-1].pk


def _fault(case: Case, steps: list[Step]) -> str | None:
    if fault := first_fault(_link(step, case.receipt_code) for step in steps):
        return fault
    if len(steps) > case.step_count:
        return f"added {case.step_count + 1}"
    return None if steps and steps[-1].hash == case.last_hash else f"missing {len(steps) + 1}"


def faults() -> Iterator[tuple[str, str]]:
    """Yield (case number, fault) for every chain that was changed, cut or is not the one the case ends with."""
    yield from ((one.number, one.fault) for one in audited() if one.fault is not None)


def count() -> int:
    return Case.objects.count()
