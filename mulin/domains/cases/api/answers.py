"""Cases as the API answers them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from mulin.domains.accounts.models import User
from mulin.domains.cases import access
from mulin.domains.cases.api.schemas import CaseOut, PhotoOut, RecordOut, ReporterOut, StepOut, WhistleOut
from mulin.domains.cases.models import Case, Photo, Step, Whistle
from mulin.domains.cases.pages.desk_detail import chain_words, reporters
from mulin.domains.cases.pages.labels import actor_label, case_number, in_language, masked_address, note_words
from mulin.domains.cases.queries import detail, directory
from mulin.domains.cases.queries.history import fault_of
from mulin.domains.cases.queries.queue import Row
from mulin.domains.cases.redaction import without_numbers


def row_out(row: Row) -> dict[str, Any]:
    """Return a row of a list in the shape of `CaseRowOut`, as JSON: fifty of them are not checked one by one."""
    return {
        "id": row["pk"],
        "number": case_number(row["pk"], row["reported_at"]),
        "status": row["status"],
        "excerpt": row["excerpt"],
        "category_id": row["category_id"],
        "category": directory.category_names().get(row["category_id"], ""),
        "area_code": row["area_code"],
        "place": row["place__name"] or "",
        "grid": row["grid__name"] or "",
        "address_text": masked_address(row["address_text"]),
        "tier": row["tier"],
        "holder": row["holder_tenure__holder__name"] or row["holder_organisation__name"] or "",
        "post": in_language(row["holder_tenure__post_kind__name_zh"], row["holder_tenure__post_kind__name_en"]),
        "reported_at": _iso(row["reported_at"]),
        "resolve_due_at": _iso(row["resolve_due_at"]),
        "accept_due_at": _iso(row["accept_due_at"]),
        "round": row["round"],
        "emergency": row["emergency"],
        "channel": row["channel"],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


SAME_NAMES = (
    "number", "status", "channel", "place_id", "area_code", "grid_id", "building_id", "lon",
    "lat", "outside_grids", "tier", "holder_tenure_id", "holder_organisation_id", "round", "emergency", "reported_at",
    "respond_due_at", "resolve_due_at", "accept_due_at", "first_contact_at", "resolved_at", "ended_at", "paused_until",
    "result_text", "step_count",
)  # fmt: skip


def case_out(user: User, case: Case, *, now: datetime) -> CaseOut:
    tenure, organisation = case.holder_tenure, case.holder_organisation
    steps = detail.steps(case)
    plain: dict[str, Any] = {name: getattr(case, name) for name in SAME_NAMES}
    return CaseOut(
        **plain,
        id=case.pk,
        text=without_numbers(case.text),
        address_text=masked_address(case.address_text),
        category=directory.category_names()[case.category_id],
        category_code=next(one.code for one in directory.categories() if one.pk == case.category_id),
        place=detail.place_names([case.place_id]).get(case.place_id, ""),
        holder=tenure.holder.name if tenure else organisation.name if organisation else "",
        moves=[move.name for move in access.moves_for(user, case, now=now)],
        steps=[_step(step) for step in steps],
        record=_record(case, steps),
        whistles=[_whistle(one) for one in detail.whistles(case)],
        photos=[_photo(one) for one in detail.photos(case)],
        reporters=[ReporterOut(name=one.name, phone=one.phone) for one in reporters(case)],
    )


def _record(case: Case, steps: Sequence[Step]) -> RecordOut:
    fault = fault_of(case, steps) or ""
    return RecordOut(whole=not fault, fault=fault, words=chain_words(fault))


def _step(step: Step) -> StepOut:
    """Answer a step with the system's own words in the reader's language; its `data` keeps the codes."""
    return StepOut(
        sequence=step.sequence,
        move=step.move,
        from_status=step.from_status,
        to_status=step.to_status,
        actor_name=actor_label(step.actor_name),
        taken_at=step.taken_at,
        note=note_words(step),
        public_note=step.public_note,
        data=step.data,
        hash=step.hash,
    )


def _whistle(whistle: Whistle) -> WhistleOut:
    return WhistleOut(
        id=whistle.pk,
        organisation_id=whistle.organisation_id,
        organisation=whistle.organisation.name,
        state=whistle.state,
        ask=whistle.ask,
        called_at=whistle.called_at,
        arrive_due_at=whistle.arrive_due_at,
        arrived_at=whistle.arrived_at,
        answered_at=whistle.answered_at,
        answer=whistle.answer,
    )


def _photo(photo: Photo) -> PhotoOut:
    url = reverse("api:photo", args=[photo.pk])
    return PhotoOut(id=photo.pk, of=photo.of, url=url, width=photo.width, height=photo.height)
