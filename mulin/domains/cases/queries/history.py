"""The steps of a case, and whether its chain is whole."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from cryptography.exceptions import InvalidTag
from django.db.models import QuerySet

from mulin.core.history import Link, first_fault, words_digest
from mulin.domains.cases.models import Case, Step

AUDITED_AT_ONCE = 500


def steps_of(case: Case) -> QuerySet[Step]:
    return Step.objects.filter(case=case).order_by("sequence")


def last_step(case: Case) -> Step:
    return Step.objects.filter(case=case).latest("sequence")


ERASED_UNSALTED = "-"
"""In place of the digest of words: a step of before there were digests, whose words were erased."""


def words_of(step: Step) -> dict[str, object]:
    """Return the words of a step as its hash covers them: by their digest, or in full before there were digests."""
    if step.words_digest:
        return {"words": step.words_digest}
    return {"note": step.note, "public_note": step.public_note}


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
        **words_of(step),
        "data": step.data,
    }


def links(case: Case) -> list[Link]:
    return [link_of(step, case.receipt_code) for step in steps_of(case)]


def link_of(step: Step, receipt_code: str) -> Link:
    if step.words_digest == ERASED_UNSALTED:
        return Link(step.sequence, step.previous_hash, step.hash, None, bool(step.note or step.public_note))
    try:
        return Link(step.sequence, step.previous_hash, step.hash, content(step, receipt_code), _words_changed(step))
    except InvalidTag:
        return Link(step.sequence, step.previous_hash, step.hash, None, is_changed=True)


def _words_changed(step: Step) -> bool:
    if not step.words_digest:
        return False
    if not step.words_salt:
        return bool(step.note or step.public_note)
    return words_digest(step.words_salt, step.note, step.public_note) != step.words_digest


@dataclass(frozen=True)
class Audited:
    """A case whose chain was looked at; `fault` is None when it is whole."""

    number: str
    fault: str | None


def audited(case_id: int | None = None) -> Iterator[Audited]:
    """Look at the chain of one case, or of all, two queries for AUDITED_AT_ONCE cases."""
    chosen = Case.objects.filter(pk=case_id) if case_id is not None else Case.objects.all()
    cases, last = chosen.only("receipt_code", "reported_at", "step_count", "last_hash"), 0
    while batch := list(cases.filter(pk__gt=last).order_by("pk")[:AUDITED_AT_ONCE]):
        chains: dict[int, list[Step]] = defaultdict(list)
        for step in _steps_of([case.pk for case in batch]):
            chains[step.case_id].append(step)
        for case in batch:
            yield Audited(case.number, fault_of(case, chains[case.pk]))
        last = batch[-1].pk


def _steps_of(case_ids: list[int]) -> list[Step]:
    """Return the steps in order; with words to be read one by one when somebody has altered the ciphertext of some."""
    steps = Step.objects.filter(case__in=case_ids).order_by("case_id", "sequence")
    try:
        return list(steps)
    except InvalidTag:
        return list(steps.defer("note", "public_note", "words_salt"))


def fault_of(case: Case, steps: Sequence[Step]) -> str | None:
    """Return what is wrong with the chain of a case, given all its steps in order."""
    if fault := first_fault(link_of(step, case.receipt_code) for step in steps):
        return fault
    if len(steps) > case.step_count:
        return f"added {case.step_count + 1}"
    return None if steps and steps[-1].hash == case.last_hash else f"missing {len(steps) + 1}"


def faults() -> Iterator[tuple[str, str]]:
    """Yield (case number, fault) for every chain that was changed, cut or is not the one the case ends with."""
    yield from ((one.number, one.fault) for one in audited() if one.fault is not None)


def count() -> int:
    return Case.objects.count()
