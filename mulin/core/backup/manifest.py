"""What a copy says about itself, and whether that is still true."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from mulin.core.encryption import first_keyed_hash
from mulin.core.errors import Invalid
from mulin.core.files import sha256_of

FORMAT = 1
FILE = "manifest.json"
MEDIA = "media"
DATABASE_FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class NotACopy(Invalid):
    code = "not_a_backup"
    sentence = _("这个文件夹不是完整的备份。")
    remedy = _("选择 mulin backup take 生成的文件夹，里面有 manifest.json。")


class CopyDamaged(Invalid):
    code = "backup_damaged"
    sentence = _("备份与清单不符，不能用来恢复。")
    remedy = _("换用另一份备份；清单里列出的文件缺失、多出或内容变了。")


@dataclass(frozen=True)
class Manifest:
    """`files` maps each file's path inside the copy to its SHA-256; `rows` each table to its number of rows."""

    format: int
    taken_at: str
    database: str
    key_fingerprint: str
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Raise NotACopy when there is none, or none of a known form."""
        try:
            manifest = cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise NotACopy from error
        if manifest.format != FORMAT or manifest.database not in DATABASE_FILES:
            raise NotACopy
        return manifest

    @property
    def database_file(self) -> str:
        return DATABASE_FILES[self.database]


def key_fingerprint() -> str:
    """Tell two field keys apart without telling anything about either."""
    return first_keyed_hash("fingerprint of the field key")[:16]


def files_in(folder: Path) -> Iterator[str]:
    """Every file of a copy but its manifest, by its path inside the copy."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != FILE:
            yield name


def check_files(folder: Path, manifest: Manifest, *, done: Callable[[int], None]) -> None:
    """Compare every file with the manifest; raise CopyDamaged naming those missing, added or changed."""
    found = set(files_in(folder))
    wrong = sorted(found ^ set(manifest.files))
    for name in sorted(found & set(manifest.files)):
        if sha256_of(folder / name) != manifest.files[name]:
            wrong.append(name)
        done(1)
    if wrong or manifest.database_file not in found:
        raise CopyDamaged(files=wrong[:20])
