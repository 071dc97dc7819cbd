"""Checked rows of a file into the places of the district, a portion at a time, each once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from mulin.core.errors import Refused
from mulin.core.geometry import read_shape
from mulin.domains.accounts.models import User
from mulin.domains.places.models import BaseKind, PlaceKind
from mulin.domains.places.services import registering
from mulin.domains.places.services.registering import NewBase, NewBuilding, NewGround, NewPlace
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import (
    Facility,
    GroundImport,
    HouseholdCount,
    ImportedKey,
    ImportState,
    StagedRow,
)
from mulin.domains.planning.services.ground_imports import forget_file, held

PORTION = 500
RAILWAY_RANK = 1


@dataclass(frozen=True)
class Registered:
    """What became of rows, in their order: places or features of the base map."""

    place_ids: Sequence[int | None]
    base_ids: Sequence[int | None]


@dataclass(frozen=True)
class _Portion:
    actor: User | None
    rows: Sequence[StagedRow]
    now: datetime

    def shape(self, row: StagedRow) -> BaseGeometry:
        return read_shape(row.shape or b"")


@transaction.atomic
def begin(*, actor: User | None, job: GroundImport, now: datetime) -> GroundImport:
    """Let the rows that are ready go in. Raises ImportBusy."""
    job = held(ImportState.CHECKED, job_id=job.pk)
    job.state, job.phase = ImportState.APPLYING, ""
    job.save()
    return job


@transaction.atomic
def apply_portion(*, actor: User | None, job_id: int, now: datetime, most: int = PORTION) -> int:
    """Let the next rows in, all in one transaction; return how many were dealt with, 0 when the import is done.

    Rows the services of the places refuse stay behind with the reason; the others of the portion go in.
    """
    job = held(ImportState.APPLYING, job_id=job_id)
    rows = list(job.staged.filter(is_ready=True).order_by("number", "pk")[:most])
    if not rows:
        _finish(job, now=now)
        return 0
    applied = _applied(job, rows, actor=job.made_by or actor, now=now)
    job.staged.filter(pk__in=[row.pk for row in applied]).delete()
    job.applied += len(applied)
    job.refused += len(rows) - len(applied)
    job.save(update_fields=["applied", "refused"])
    return len(rows)


def _finish(job: GroundImport, *, now: datetime) -> None:
    job.state, job.finished_at = ImportState.DONE, now
    job.save(update_fields=["state", "finished_at"])
    forget_file(job=job)


def _applied(job: GroundImport, rows: Sequence[StagedRow], *, actor: User | None, now: datetime) -> list[StagedRow]:
    """Register rows together; if one of them is refused, one by one."""
    try:
        with transaction.atomic():
            _register(job, _Portion(actor, rows, now))
        return list(rows)
    except Refused as refusal:
        if len(rows) == 1:
            _leave_behind(rows[0], refusal)
            return []
    return [done for row in rows for done in _applied(job, [row], actor=actor, now=now)]


def _leave_behind(row: StagedRow, refusal: Refused) -> None:
    sentence = f"{refusal.sentence}{refusal.remedy}"
    row.findings = [*row.findings, {"code": "refused", "details": {"sentence": sentence}, "is_repaired": False}]
    row.is_ready, row.code = False, "refused"
    row.save(update_fields=["findings", "is_ready", "code"])


def _register(job: GroundImport, portion: _Portion) -> None:
    made = _REGISTER[GroundKind(job.kind)](portion)
    keys = [
        ImportedKey(
            kind=job.kind, area_code=job.area_code, source=job.source, key=row.key, fingerprint=row.fingerprint,
            written_key=str(row.values.get("key", ""))[:100], place_id=place_id, base_id=base_id,
        )
        for row, place_id, base_id in zip(portion.rows, made.place_ids, made.base_ids, strict=True)
    ]  # fmt: skip
    ImportedKey.objects.bulk_create(
        keys,
        update_conflicts=True,
        unique_fields=["kind", "area_code", "source", "key"],
        update_fields=["fingerprint", "place", "base"],
        batch_size=PORTION,
    )


def _places(ids: Sequence[int]) -> Registered:
    return Registered(ids, [None] * len(ids))


def _buildings(portion: _Portion) -> Registered:
    rows = [
        NewBuilding(
            parent_id=row.values["community_id"], name=row.values["name"], shape=portion.shape(row),
            address=row.values["address"], floors=row.values["floors"], grid_id=row.values["grid_id"],
        )
        for row in portion.rows
    ]  # fmt: skip
    ids = registering.register_buildings(actor=portion.actor, rows=rows, now=portion.now)
    _count(portion, ids)
    return _places(ids)


def _count(portion: _Portion, building_ids: Sequence[int]) -> None:
    """Write down counted or estimated households from today on; a count of today is replaced, an older one ends."""
    today = timezone.localdate(portion.now)
    counted = [
        HouseholdCount(
            building_id=pk, households=row.values["households"], is_estimate=row.values["is_estimate"], starts_on=today
        )
        for pk, row in zip(building_ids, portion.rows, strict=True)
        if "households" in row.values
    ]
    current = HouseholdCount.objects.filter(building__in=[one.building_id for one in counted], ends_on=None)
    current.filter(starts_on__gte=today).delete()
    current.update(ends_on=today)
    HouseholdCount.objects.bulk_create(counted, batch_size=PORTION)


def _entrances(portion: _Portion) -> Registered:
    rows = [NewPlace(row.values["building_id"], row.values["name"], portion.shape(row)) for row in portion.rows]
    return _places(
        registering.register_places(actor=portion.actor, kind=PlaceKind.ENTRANCE, rows=rows, now=portion.now)
    )


def _households(portion: _Portion) -> Registered:
    ids = [int(row.values["building_id"]) for row in portion.rows]
    _count(portion, ids)
    return _places(ids)


def _facilities(portion: _Portion) -> Registered:
    rows = [
        NewPlace(row.values["community_id"], row.values["name"], portion.shape(row).representative_point())
        for row in portion.rows
    ]
    ids = registering.register_places(actor=portion.actor, kind=PlaceKind.FACILITY, rows=rows, now=portion.now)
    Facility.objects.bulk_create(
        Facility(place_id=pk, kind=row.values["facility_kind"]) for pk, row in zip(ids, portion.rows, strict=True)
    )
    return _places(ids)


def _grounds(portion: _Portion) -> list[NewGround]:
    return [NewGround(row.values["code"], row.values["name"], portion.shape(row)) for row in portion.rows]


def _communities(portion: _Portion) -> Registered:
    return _places(registering.register_areas(actor=portion.actor, rows=_grounds(portion), now=portion.now))


def _grids(portion: _Portion) -> Registered:
    return _places(registering.register_grids(actor=portion.actor, rows=_grounds(portion), now=portion.now))


def _base(kind: BaseKind) -> Callable[[_Portion], Registered]:
    def register(portion: _Portion) -> Registered:
        rows = [
            NewBase(kind, row.values["name"], row.values.get("rank", RAILWAY_RANK), portion.shape(row))
            for row in portion.rows
        ]
        ids = registering.register_base(actor=portion.actor, rows=rows, now=portion.now)
        return Registered([None] * len(ids), ids)

    return register


_REGISTER: dict[GroundKind, Callable[[_Portion], Registered]] = {
    GroundKind.COMMUNITIES: _communities,
    GroundKind.GRIDS: _grids,
    GroundKind.BUILDINGS: _buildings,
    GroundKind.ENTRANCES: _entrances,
    GroundKind.HOUSEHOLDS: _households,
    GroundKind.ROADS: _base(BaseKind.ROAD),
    GroundKind.RAILWAYS: _base(BaseKind.RAILWAY),
    GroundKind.WATER: _base(BaseKind.WATER),
    GroundKind.FACILITIES: _facilities,
}
