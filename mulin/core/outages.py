"""What the machine lacks for a while: room, a disk that takes writes, its database.

Such a failure is nobody's mistake and passes by itself or by the administrator's hand; it is told as a refusal with
status 503, and what was begun is undone by its transaction. The words of the two databases and of the system for it
are known here only.
"""

import errno
import sqlite3
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Refused


class Outage(Refused):
    """Not now; the same request will do when the machine is whole again."""

    code = "outage"
    status = 503


class StorageFull(Outage):
    code = "storage_full"
    sentence = _("服务器的磁盘满了，这一次没有保存，原有内容没有变。")
    remedy = _("请稍后再试。管理员：腾出磁盘空间即可，不必重启。")


class StorageUnwritable(Outage):
    code = "storage_unwritable"
    sentence = _("服务器的磁盘现在写不进去，这一次没有保存，原有内容没有变。")
    remedy = _("请稍后再试。管理员：检查磁盘和文件夹权限，恢复后不必重启。")


class DatabaseAway(Outage):
    """Also when the connection breaks while a change is being kept: then nobody knows whether it was."""

    code = "database_away"
    sentence = _("数据库暂时联系不上，这一步可能没有保存。")
    remedy = _("请过一会儿刷新页面，看看这一步是否已经办好；没有办好再试一次。")


class DatabaseBusy(Outage):
    code = "database_busy"
    sentence = _("同时办理的人太多，这一次没有保存。")
    remedy = _("请过几秒再试一次。")


_BY_SYSTEM: dict[int, type[Outage]] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), StorageFull),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), StorageUnwritable),
}
_BY_SQLITE: dict[int, type[Outage]] = {
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_READONLY: StorageUnwritable,
    sqlite3.SQLITE_CANTOPEN: DatabaseAway,
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), DatabaseBusy),
    sqlite3.SQLITE_IOERR: StorageUnwritable,
}
PRIMARY_CODE = 0xFF
_BY_POSTGRESQL: dict[str, type[Outage]] = {
    **dict.fromkeys(("53100", "53200"), StorageFull),
    "25006": StorageUnwritable,  # a standby, or default_transaction_read_only
    **dict.fromkeys(("53300", "40001", "40P01", "55P03", "57014"), DatabaseBusy),
    **dict.fromkeys(("57P01", "57P02", "57P03", "57P05"), DatabaseAway),
}
CONNECTION_LOST = "08"


def outage_of(failure: BaseException) -> Outage | None:
    """Return the outage behind a failure, or None if it is a fault of ours."""
    return next((outage() for one in _causes(failure) if (outage := _kind_of(one))), None)


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and what it came from, the first cause last."""
    one: BaseException | None = failure
    while one is not None:
        yield one
        one = one.__cause__


def _kind_of(failure: BaseException) -> type[Outage] | None:
    if isinstance(failure, sqlite3.Error):
        code = getattr(failure, "sqlite_errorcode", None)
        return _BY_SQLITE.get(code & PRIMARY_CODE) if code else None
    if isinstance(failure, OSError):
        return _BY_SYSTEM.get(failure.errno or 0)
    if isinstance(failure, DatabaseError | InterfaceError):
        return _away(failure)
    state = getattr(failure, "sqlstate", None)
    if isinstance(state, str):
        return DatabaseAway if state.startswith(CONNECTION_LOST) else _BY_POSTGRESQL.get(state)
    return None


def _away(failure: Exception) -> type[Outage] | None:
    """The driver of PostgreSQL gives no number when there is nobody to give one."""
    cause = failure.__cause__
    is_silent = cause is not None and hasattr(cause, "sqlstate") and cause.sqlstate is None
    return DatabaseAway if is_silent and isinstance(failure, OperationalError | InterfaceError) else None
