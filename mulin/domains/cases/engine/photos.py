"""Photos are decoded and encoded anew: no metadata, no name from the client, limits on bytes and pixels."""

import hashlib
import os
import secrets
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from mulin.core.errors import Invalid, NotFound
from mulin.core.inserting import insert
from mulin.domains.cases.models import Case, Photo, PhotoOf

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE_PX = 1_600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")


class PhotoTooLarge(Invalid):
    code = "photo_too_large"
    status = 413
    sentence = _("照片太大，每张最多 15 MB。")
    remedy = _("请换一张小一些的照片，或不带照片提交。")


class PhotoUnreadable(Invalid):
    code = "photo_unreadable"
    sentence = _("这张照片打不开，可能已损坏或不是照片。")
    remedy = _("请换一张 JPG、PNG 或 WebP 照片，或不带照片提交。")


class PhotoMissing(NotFound):
    code = "photo_missing"
    sentence = _("没有这张照片。")


@dataclass(frozen=True)
class StoredPhoto:
    """A photo on disk under our name, not yet attached to a case."""

    file_name: str
    width: int
    height: int
    bytes: int
    sha256: str


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "photos"


def path_of(file_name: str) -> Path:
    """Return the path of a stored photo; raise PhotoMissing for any other name."""
    path = folder() / file_name[:2] / file_name
    if Path(file_name).name != file_name or not path.is_file():
        raise PhotoMissing
    return path


def store(file: IO[bytes]) -> StoredPhoto:
    """Encode an uploaded picture as JPEG and write it to disk. Raises PhotoTooLarge, PhotoUnreadable."""
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise PhotoTooLarge
    encoded, size = _encode(raw)
    name = f"{secrets.token_hex(16)}.jpg"
    _write(folder() / name[:2] / name, encoded)
    return StoredPhoto(name, *size, len(encoded), hashlib.sha256(encoded).hexdigest())


def store_all(files: Iterable[IO[bytes]]) -> list[StoredPhoto]:
    """Store several pictures or none of them."""
    stored: list[StoredPhoto] = []
    try:
        for file in files:
            stored += [store(file)]
    except BaseException:
        discard(stored)
        raise
    return stored


def discard(photos: Iterable[StoredPhoto]) -> None:
    """Remove photos whose case was refused."""
    for photo in photos:
        path_of(photo.file_name).unlink(missing_ok=True)


def remove(file_name: str) -> None:
    """Delete a stored photo for good; one that is gone already is no error."""
    if Path(file_name).name == file_name:
        (folder() / file_name[:2] / file_name).unlink(missing_ok=True)


def _encode(raw: bytes) -> tuple[bytes, tuple[int, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise PhotoTooLarge
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning) as failure:
        raise PhotoUnreadable from failure
    except Image.DecompressionBombError as failure:
        raise PhotoTooLarge from failure
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    out = BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), clean.size


def _write(path: Path, content: bytes) -> None:
    """Write so that a photo is whole or absent, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o600)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def add_photos(case: Case, photos: Sequence[StoredPhoto], *, at: datetime, of: PhotoOf = PhotoOf.REPORT) -> None:
    """Attach stored photos to a case."""
    rows = [
        Photo(
            case=case,
            of=of,
            file_name=photo.file_name,
            width=photo.width,
            height=photo.height,
            bytes=photo.bytes,
            sha256=photo.sha256,
            added_at=at,
        )
        for photo in photos
    ]
    insert(*rows, keyed=False)
