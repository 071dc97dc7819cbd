"""Files that come in with a form or a call: how many, how large, where they stand while they are read."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid
from mulin.web.uploads import UploadTooLarge

BYTES_PER_MB = 1_000_000
MOST_GROUND_BYTES = 200 * BYTES_PER_MB
MOST_NET_BYTES = 50 * BYTES_PER_MB
MOST_NET_FILES = 10
FORM_BYTES = 100_000


class GroundFileTooLarge(UploadTooLarge):
    code = "ground_file_too_large"
    sentence = _("文件超过 200 MB，没有接收。")
    remedy = _("请按街道拆成几个文件，或用命令行 mulin import ground 导入。")


class NoNetFiles(Invalid):
    code = "net_files_missing"
    sentence = _("没有选择文件。")
    remedy = _("请选择 1 到 10 个文件：GeoJSON、GeoPackage、打包的 Shapefile、xlsx 或 csv。")


@contextmanager
def nets_on_disk(files: "Sequence[UploadedFile[Any]]") -> Iterator[list[Path]]:
    """Write uploads under their own last name, which says their format, in a folder that goes again.

    Raises NoNetFiles.
    """
    if not 0 < len(files) <= MOST_NET_FILES:
        raise NoNetFiles
    with TemporaryDirectory(prefix="mulin-nets-") as folder:
        paths = []
        for number, file in enumerate(files):
            path = Path(folder) / str(number) / (PurePosixPath(file.name or "").name or "file")
            path.parent.mkdir()
            with path.open("wb") as written:
                for chunk in file.chunks():
                    written.write(chunk)
            paths.append(path)
        yield paths


def digest_of(file: "UploadedFile[Any]") -> str:
    """Return what tells one content from another."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()
