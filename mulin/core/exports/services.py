"""Make a file that says who took it out, when and why; delete it when its time is over."""

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.audit.purposes import Purpose, name_of
from mulin.core.audit.recording import Actor, record_export
from mulin.core.errors import Invalid, TooMany
from mulin.core.exports import queries
from mulin.core.exports.models import ExportFile
from mulin.core.files import sha256_of
from mulin.core.tables import check_suffix, write_table

log = logging.getLogger(__name__)
MOST_KEPT = 50
ORPHANED = timedelta(hours=1)
"""A file without a row that is older than this was left by a process that was killed."""


class TooManyExports(TooMany):
    code = "too_many_exports"
    sentence = gettext_lazy("您还没有过期的导出文件太多了。")
    remedy = gettext_lazy("请下载已经导出的文件，或等它们过期后再导出。")


class FolderIsPublic(Invalid):
    code = "folder_is_public"
    sentence = gettext_lazy("这个文件夹里的文件会被网页读到，没有导出。")
    remedy = gettext_lazy("请换一个文件夹。")


def watermark(actor: Actor, purpose: Purpose, *, now: datetime, until: datetime | None = None) -> str:
    """Return what every row of a file says: who took it out, when and why, and when it is deleted where it lies."""
    words = _("{who}（{username}）{at:%Y-%m-%d %H:%M} 导出，用途：{purpose}").format(
        who=actor.name, username=actor.username, at=timezone.localtime(now), purpose=name_of(purpose.code)
    )
    end = _("{until:%Y-%m-%d %H:%M} 自动删除").format(until=timezone.localtime(until)) if until else ""
    return " ".join(part for part in (words, purpose.note, end) if part)


def write_marked(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, mark: str) -> int:
    """Write a table with the watermark in a column of every row, and at the head and foot of every printed sheet."""
    return write_table(path, [*columns, _("导出水印")], ([*row, mark] for row in rows), mark=mark)


def write_outside(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    actor: Actor,
    kind: str,
    purpose: Purpose,
    now: datetime,
) -> ExportFile:
    """Write a marked file where somebody at the terminal wants it, its end in its name; then it is deleted there.

    It is registered first: killed anywhere, what is left is known. Raises SuffixUnknown, FolderIsPublic,
    TableUnwritable.
    """
    check_suffix(path)
    if queries.is_public(path):
        raise FolderIsPublic
    until = _end(now)
    target = path.resolve().with_name(f"{path.stem}-until-{timezone.localtime(until):%Y%m%d-%H%M}{path.suffix}")
    one = _entry(actor=actor, kind=kind, name=target.name[-120:], purpose=purpose, now=now, path=str(target))
    _keep(one, actor=actor, action=f"{kind}.export", purpose=purpose, now=now, without=lambda: None)
    draft = target.with_name(f".{one.key}{path.suffix}")
    try:
        mark = watermark(actor, purpose, now=now, until=until)
        one.rows = write_marked(draft, columns, rows, mark=mark)
        one.sha256, one.bytes = sha256_of(draft), draft.stat().st_size
        one.save(update_fields=["rows", "sha256", "bytes"])
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        one.delete()
        raise
    return one


def _end(now: datetime) -> datetime:
    return now + timedelta(hours=settings.MULIN_EXPORT_HOURS)


def _entry(*, actor: Actor, kind: str, name: str, purpose: Purpose, now: datetime, path: str = "") -> ExportFile:
    return ExportFile(
        key=secrets.token_hex(16),
        kind=kind,
        name=name,
        maker_id=actor.pk,
        maker_username=actor.username,
        purpose=purpose.code,
        purpose_note=purpose.note,
        made_at=now,
        expires_at=_end(now),
        path=path,
    )


def make(
    *,
    actor: Actor,
    kind: str,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    purpose: Purpose,
    now: datetime,
) -> ExportFile:
    """Write the file into the folder of exports, and that it was made.

    Raises SuffixUnknown, TooManyExports, TableUnwritable.
    """
    check_suffix(Path(name))
    if ExportFile.objects.filter(maker_id=actor.pk, deleted_at=None, path="").count() >= MOST_KEPT:
        raise TooManyExports(most=MOST_KEPT)
    one = _entry(actor=actor, kind=kind, name=name, purpose=purpose, now=now)
    path = queries.path_of(one)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    one.rows = write_marked(path, columns, rows, mark=watermark(actor, purpose, now=now))
    one.bytes = path.stat().st_size
    _keep(one, actor=actor, action=f"{kind}.export", purpose=purpose, now=now, without=path.unlink)
    return one


def _keep(
    one: ExportFile, *, actor: Actor, action: str, purpose: Purpose, now: datetime, without: Callable[[], None]
) -> None:
    """Save the row and the record of it; a file that cannot be recorded is not kept."""
    try:
        with transaction.atomic():
            one.save(force_insert=True)
            _record(one, actor=actor, action=action, purpose=purpose, now=now)
    except BaseException:
        without()
        raise


def take(*, actor: Actor, export: ExportFile, now: datetime) -> Path:
    """Return where the file lies, for handing it to its maker; every time is written down."""
    purpose = Purpose(export.purpose, export.purpose_note)
    _record(export, actor=actor, action=f"{export.kind}.download", purpose=purpose, now=now)
    return queries.path_of(export)


def _record(one: ExportFile, *, actor: Actor, action: str, purpose: Purpose, now: datetime) -> None:
    record_export(
        actor=actor, action=action, object_kind=one._meta.label_lower, object_id=str(one.pk), purpose=purpose, now=now
    )


def record_figures(*, actor: Actor, kind: str, of: str, now: datetime) -> str:
    """Record that figures about nobody were taken out, which needs no purpose; return the mark for the file."""
    record_export(
        actor=actor, action=f"{kind}.export", object_kind=kind, object_id=of[:60], purpose=Purpose(""), now=now
    )
    return _("{who}（{username}）{at:%Y-%m-%d %H:%M} 导出").format(
        who=actor.name, username=actor.username, at=timezone.localtime(now)
    )


def delete_expired(*, now: datetime) -> int:
    """Delete files whose time is over, and what no row knows of; return how many."""
    expired = list(ExportFile.objects.filter(deleted_at=None, expires_at__lte=now))
    gone = [one.pk for one in expired if _delete(one)]
    ExportFile.objects.filter(pk__in=gone).update(deleted_at=now)
    return len(gone) + _delete_orphans(before=now - ORPHANED)


def _delete(one: ExportFile) -> bool:
    """Delete a file; say whether it is done with. One outside that somebody changed is theirs, and is left."""
    path = queries.path_of(one)
    try:
        if not one.path:
            path.unlink(missing_ok=True)
            return True
        for draft in path.parent.glob(f".*{one.key}*"):  # a command that was killed left it
            draft.unlink(missing_ok=True)
        if path.is_file() and sha256_of(path) == one.sha256:
            path.unlink()
        elif path.exists():
            log.warning("An export was changed where it lies and is left there: %s", path)
    except OSError as failure:
        log.warning("An export that is over cannot be deleted, and is tried again: %s", failure)
        return False
    return True


def _delete_orphans(*, before: datetime) -> int:
    if not queries.folder().is_dir():
        return 0
    known = set(ExportFile.objects.filter(deleted_at=None).values_list("key", flat=True))
    left = [path for path in queries.folder().iterdir() if path.stem not in known]
    old = [path for path in left if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
