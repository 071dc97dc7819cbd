"""Take a copy, verify it, restore it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext_lazy as _

from mulin.core.backup import databases
from mulin.core.backup.manifest import (
    DATABASE_FILES,
    FORMAT,
    MEDIA,
    CopyDamaged,
    Manifest,
    check_files,
    files_in,
    key_fingerprint,
)
from mulin.core.errors import Conflict, Invalid
from mulin.core.files import sha256_of
from mulin.core.outages import outage_of

Done = Callable[[int], None]


class MediaNotEmpty(Conflict):
    code = "media_not_empty"
    sentence = _("目标文件夹里已经有照片等文件，恢复会与它们混在一起。")
    remedy = _("把 MULIN_HOME（或 MULIN_MEDIA_ROOT）指向空的文件夹，再恢复。")


class OtherDatabase(Invalid):
    code = "backup_of_another_database"
    sentence = _("备份来自另一种数据库。")
    remedy = _("SQLite 的备份恢复到 SQLite，PostgreSQL 的备份恢复到 PostgreSQL。")


class OtherKey(Invalid):
    code = "backup_of_another_key"
    sentence = _("这台机器的字段密钥不是备份时的那一把：姓名、电话和房号会打不开。")
    remedy = _("先把当时的 field.key 放进 MULIN_HOME（或设置 MULIN_FIELD_KEY），再恢复。")


class NewerProgram(Invalid):
    code = "backup_of_a_newer_version"
    sentence = _("备份来自更新的版本，这个版本读不懂。")
    remedy = _("先把程序升级到备份时的版本或更新，再恢复。")


NOT_WRITTEN_REMEDY = _("检查磁盘空间和文件夹权限，或备份到另一个磁盘。")


class CopyNotWritten(Conflict):
    code = "backup_not_written"
    sentence = _("备份没有写成，没写完的部分已经删去。")


def take(parent: Path, *, now: datetime, done: Done) -> Path:
    """Write a copy below `parent` and return its folder; a copy that is cut off stays `.partial` and is no copy."""
    folder = parent / f"mulin-{now:%Y%m%d-%H%M%S}"
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    try:
        _fill(partial, now=now, done=done)
        partial.rename(folder)
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError) or outage_of(error):
            raise CopyNotWritten(remedy=NOT_WRITTEN_REMEDY, reason=str(error)) from error
        raise
    return folder


def verify(folder: Path, *, done: Done) -> Manifest:
    """Read every byte of a copy; raise NotACopy or CopyDamaged."""
    manifest = Manifest.read(folder)
    check_files(folder, manifest, done=done)
    databases.check(folder / manifest.database_file, manifest.rows)
    return manifest


def restore(folder: Path, *, done: Done) -> Manifest:
    """Fill an empty installation from a copy that was verified first; the counts of all tables must agree."""
    manifest = Manifest.read(folder)
    _check_target(manifest)
    verify(folder, done=done)
    databases.load(folder / manifest.database_file)
    if databases.row_counts() != manifest.rows:
        raise CopyDamaged
    if (folder / MEDIA).exists():
        shutil.copytree(folder / MEDIA, settings.MEDIA_ROOT, dirs_exist_ok=True)
    return manifest


def media_files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.is_file())


def _fill(folder: Path, *, now: datetime, done: Done) -> None:
    """The database first: whatever it names has been written to the media folder before."""
    migrations = sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations())
    rows = databases.save(folder / DATABASE_FILES[databases.kind()])
    _copy_media(folder / MEDIA, done=done)
    Manifest(
        format=FORMAT,
        taken_at=now.isoformat(),
        database=databases.kind(),
        key_fingerprint=key_fingerprint(),
        migrations=migrations,
        rows=rows,
        files={name: sha256_of(folder / name) for name in files_in(folder)},
    ).write(folder)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _copy_media(target: Path, *, done: Done) -> None:
    root = Path(settings.MEDIA_ROOT)
    for path in media_files(root):
        copy = target / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        done(1)


def _check_target(manifest: Manifest) -> None:
    if manifest.database != databases.kind():
        raise OtherDatabase
    if manifest.key_fingerprint != key_fingerprint():
        raise OtherKey
    known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if not set(manifest.migrations) <= known:
        raise NewerProgram
    if any(media_files(Path(settings.MEDIA_ROOT))):
        raise MediaNotEmpty
