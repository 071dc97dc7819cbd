"""Writes of an import of ground truth: take the file, look at it, check it, let it go in portion by portion.

Reading and checking change nothing that anybody else sees: checked rows wait in a table of their own. Killed anywhere,
the next process goes on: a check begins anew, rows that went in are known by their keys.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid, Refused, in_every_language
from mulin.core.geometry import shape_fields
from mulin.domains.accounts.models import User
from mulin.domains.places import queries as places
from mulin.domains.planning.importing.checking import Checked
from mulin.domains.planning.importing.coordinates import FROM_FILE, Named
from mulin.domains.planning.importing.judging import judge
from mulin.domains.planning.importing.kinds import GroundKind, check_needed, checked_columns, suggested_columns
from mulin.domains.planning.importing.reading import SUFFIXES, Source, layers_of, read_source
from mulin.domains.planning.models import GroundImport, ImportState, StagedRow
from mulin.domains.planning.queries import ground_imports

FOLDER = "ground"
EXAMPLES = 3
EXAMPLE_LETTERS = 40
BATCH = 500
LONGEST_NAME = 120


class SuffixUnknown(Invalid):
    code = "ground_suffix_unknown"
    sentence = _("这种文件读不了。")
    remedy = _("请使用 GeoJSON、GeoPackage、打包成 zip 的 Shapefile，或 xlsx、csv 表格。")


class ImportCrashed(Refused):
    code = "ground_import_crashed"
    sentence = _("处理这个文件时出错，已经停止。")


class ImportBusy(Conflict):
    code = "ground_import_busy"
    sentence = _("这次导入现在不能这样做。")
    remedy = _("请刷新页面，看看它进行到哪一步。")


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def path_of(*, job: GroundImport) -> Path:
    return folder() / job.stored


@transaction.atomic
def stage(
    *,
    actor: User | None,
    kind: GroundKind,
    area_code: str,
    file: Iterable[bytes],
    file_name: str,
    source: str,
    now: datetime,
) -> GroundImport:
    """Keep a file under a name of our own until it is in or given up. Raises SuffixUnknown."""
    suffix = Path(file_name).suffix.lower()
    if suffix not in SUFFIXES:
        raise SuffixUnknown
    name = Path(file_name.replace("\\", "/")).name[-LONGEST_NAME:]
    stored = f"{secrets.token_hex(16)}{suffix}"
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder() / stored
    _keep(file, target)
    return GroundImport.objects.create(
        kind=kind,
        area_code=ground_imports.county_of(area_code),
        file_name=name,
        stored=stored,
        source=source or name[:60],
        made_by=actor,
        made_at=now,
    )


def _keep(file: Iterable[bytes], target: Path) -> None:
    """Write the whole file or nothing of it."""
    target.touch(mode=0o600)
    try:
        with target.open("wb") as copy:
            for piece in file:
                copy.write(piece)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def read(*, actor: User | None, job_id: int, now: datetime) -> GroundImport:
    """Look at a file for the first time: its columns, its layers, what it says of its coordinates."""
    job = GroundImport.objects.get(pk=job_id)
    try:
        layers = layers_of(path_of(job=job))
        layer = job.layer or (layers[0] if len(layers) == 1 else "")
        source = None if layers and not layer else read_source(path_of(job=job), layer=layer)
    except Refused as refusal:
        return _failed(job_id, refusal, now=now)
    with transaction.atomic():
        job = held(ImportState.TO_READ, job_id=job_id)
        job.layer = layer
        job.sample = {"layers": layers} | (_sample(source) if source else {})
        job.rows = len(source) if source else 0
        job.columns = suggested_columns(GroundKind(job.kind), source.columns) if source else {}
        job.state, job.phase, job.refusal = ImportState.READ, "", None
        job.save()
    return job


def _sample(source: Source) -> dict[str, Any]:
    columns = {name: [text[:EXAMPLE_LETTERS] for text in source.cells[name][:EXAMPLES]] for name in source.columns}
    return {
        "columns": columns,
        "has_shapes": source.shapes is not None and not bool(shapely.is_missing(source.shapes).all()),
        "crs": source.crs[:200],
        "crs_name": _crs_name(source.crs),
    }


def _crs_name(crs: str) -> str:
    try:
        system = Named.of(FROM_FILE, crs).system()
    except Refused:
        return ""
    return str(system.name) if system is not None else ""


@transaction.atomic
def choose_layer(*, actor: User | None, job: GroundImport, layer: str, now: datetime) -> GroundImport:
    """Read another layer of the file. Raises ImportBusy, Invalid."""
    job = held(ImportState.READ, ImportState.CHECKED, job_id=job.pk)
    if layer not in job.sample.get("layers", []):
        raise Invalid(_("文件里没有这个图层。"))
    job.layer, job.state = layer, ImportState.TO_READ
    job.save()
    return job


@transaction.atomic
def ask_check(
    *,
    actor: User | None,
    job: GroundImport,
    crs: str,
    columns: Mapping[str, str],
    repairs: Sequence[str],
    now: datetime,
) -> GroundImport:
    """Have the file checked with these columns, coordinates and repairs.

    Raises ImportBusy, ColumnsInvalid, CrsUnknown, CrsContradicted.
    """
    job = held(ImportState.READ, ImportState.CHECKED, job_id=job.pk)
    kind, sample = GroundKind(job.kind), job.sample
    job.columns = checked_columns(kind, columns, sample.get("columns", {}))
    check_needed(kind, job.columns, has_shapes=sample.get("has_shapes", False))
    if kind != GroundKind.HOUSEHOLDS:
        job.crs = Named.of(crs, sample.get("crs", "")).name
    job.repairs = sorted(repairs)
    job.state, job.refusal, job.phase = ImportState.TO_CHECK, None, ""
    job.save()
    return job


def check(*, actor: User | None, job_id: int, now: datetime) -> GroundImport:
    """Check a file and lay its rows out: those that may go in, and those kept out with the reason."""
    job = GroundImport.objects.get(pk=job_id)
    try:
        _tell_phase(job_id, "reading")
        source = read_source(path_of(job=job), layer=job.layer)
        _tell_phase(job_id, "checking")
        checked = judge(
            source,
            columns=job.columns,
            crs=job.crs,
            registered=ground_imports.registered(GroundKind(job.kind), area_code=job.area_code, source=job.source),
            repairs=frozenset(job.repairs),
            shift=places.stored_points,
        )
    except Refused as refusal:
        return _back_to_choices(job_id, refusal)
    _tell_phase(job_id, "writing")
    return _laid_out(job_id, source, checked)


def _tell_phase(job_id: int, phase: str) -> None:
    GroundImport.objects.filter(pk=job_id).update(phase=phase)


@transaction.atomic
def _laid_out(job_id: int, source: Source, checked: Checked) -> GroundImport:
    job = held(ImportState.TO_CHECK, job_id=job_id)
    job.staged.all().delete()
    rows = iter(_staged_rows(job, source, checked))
    while portion := list(islice(rows, BATCH)):
        StagedRow.objects.bulk_create(portion)
    job.rows, job.known, job.ready = len(source), checked.known, len(checked.ready)
    job.refused, job.applied = int(np.count_nonzero(checked.refused)), 0
    job.state, job.phase = ImportState.CHECKED, ""
    job.save()
    return job


def _staged_rows(job: GroundImport, source: Source, checked: Checked) -> Iterable[StagedRow]:
    """Yield ready rows, then the rows with a fault that are not ready."""
    findings: dict[int, list[dict[str, Any]]] = {}
    for one in checked.findings:
        told = {"code": one.code, "details": dict(one.details), "is_repaired": one.is_repaired}
        findings.setdefault(one.index, []).append(told)
    for ready in checked.ready:
        told_of = findings.pop(ready.index, [])
        yield StagedRow(
            job=job, number=source.numbers[ready.index], key=ready.key, fingerprint=ready.fingerprint,
            values=dict(ready.values), findings=told_of, is_ready=True, **_drawn(ready.shape),
        )  # fmt: skip
    for index, told_of in sorted(findings.items()):
        code = next((one["code"] for one in told_of if not one["is_repaired"]), told_of[0]["code"])
        yield StagedRow(
            job=job, number=source.numbers[index], key="", fingerprint="", findings=told_of, code=code,
            is_ready=False, **_drawn(checked.shapes[index]),
        )  # fmt: skip


def _drawn(shape: shapely.Geometry | None) -> dict[str, Any]:
    """Return the fields of a shape that can be drawn, however wrong it is."""
    if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        return {}
    return shape_fields(shape)


def _failed(job_id: int, refusal: Refused, *, now: datetime) -> GroundImport:
    """A file nobody can read is not kept."""
    with transaction.atomic():
        job = held(ImportState.TO_READ, job_id=job_id)
        job.state, job.refusal, job.finished_at = ImportState.FAILED, _told(refusal), now
        job.save()
        forget_file(job=job)
    return job


@transaction.atomic
def _back_to_choices(job_id: int, refusal: Refused) -> GroundImport:
    job = held(ImportState.TO_CHECK, job_id=job_id)
    job.state, job.phase, job.refusal = ImportState.READ, "", _told(refusal)
    job.save()
    return job


def _told(refusal: Refused) -> dict[str, Any]:
    """Keep a refusal of the worker for whoever looks later; its words name what stood in the file."""
    sentence, remedy = in_every_language(refusal.sentence), in_every_language(refusal.remedy)
    return {"code": refusal.code, "sentence": sentence, "remedy": remedy}


@transaction.atomic
def give_up(*, actor: User | None, job_id: int, now: datetime) -> GroundImport:
    """A process died over this file again: say so instead of trying for ever."""
    job = held(*ground_imports.AT_WORK, job_id=job_id)
    job.state, job.finished_at = ImportState.FAILED, now
    job.refusal = _told(ImportCrashed())
    job.save()
    forget_file(job=job)
    return job


@transaction.atomic
def abandon(*, actor: User | None, job: GroundImport, now: datetime) -> GroundImport:
    """Give an import up: file and checked rows go; what is in stays in. Raises ImportBusy."""
    job = held(ImportState.TO_READ, ImportState.READ, ImportState.TO_CHECK, ImportState.CHECKED, job_id=job.pk)
    job.staged.all().delete()
    job.state, job.finished_at = ImportState.ABANDONED, now
    job.save()
    forget_file(job=job)
    return job


def forget_file(*, job: GroundImport) -> None:
    """Delete the file once it is certain that nobody needs it."""
    if job.stored:
        path = path_of(job=job)
        GroundImport.objects.filter(pk=job.pk).update(stored="")
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def held(*states: ImportState, job_id: int) -> GroundImport:
    """Read the import again and hold it. Raises ImportBusy in another state."""
    job = GroundImport.objects.select_for_update().get(pk=job_id)
    if job.state not in states:
        raise ImportBusy(state=job.state)
    return job
