"""Whose exports there are, and where they lie."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mulin.core.audit.purposes import name_of
from mulin.core.audit.recording import Actor
from mulin.core.errors import NotFound
from mulin.core.exports.models import ExportFile

MOST_SHOWN = 50


class ExportUnknown(NotFound):
    code = "export_unknown"
    sentence = _("没有这个导出文件，或者已经过期删除。")
    remedy = _("导出的文件只有导出人能下载，过期后请重新导出。")


def folder() -> Path:
    return Path(settings.MULIN_EXPORT_ROOT)


def path_of(one: ExportFile) -> Path:
    return Path(one.path) if one.path else folder() / f"{one.key}{Path(one.name).suffix}"


def web_roots() -> list[Path]:
    """Return the folders a web server reads."""
    return [Path(root).resolve() for root in (settings.STATIC_ROOT, settings.MEDIA_ROOT)]


def is_public(path: Path) -> bool:
    return any(path.resolve().is_relative_to(root) for root in web_roots())


def made_by(user: Actor) -> list[tuple[ExportFile, str]]:
    """Return the latest exports of `user` with the name of the purpose."""
    rows = ExportFile.objects.filter(maker_id=user.pk).order_by("-pk")[:MOST_SHOWN]
    return [(one, name_of(one.purpose)) for one in rows]


def export_for(user: Actor, export_id: int, *, now: datetime) -> ExportFile:
    """Return an export of one's own that is still in the folder of exports; raise ExportUnknown."""
    kept = ExportFile.objects.filter(path="", deleted_at=None, expires_at__gt=now)
    there = kept.filter(pk=export_id, maker_id=user.pk).first()
    if there is None or not path_of(there).is_file():
        raise ExportUnknown
    return there
