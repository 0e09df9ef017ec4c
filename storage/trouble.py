"""Whether the machine made a write fail, or the work itself: the one may go well later."""

import errno

import sqlcipher3.dbapi2 as sqlcipher

from storage.transaction import GroupLostError

_NO_ROOM = frozenset({sqlcipher.SQLITE_FULL, sqlcipher.SQLITE_IOERR, sqlcipher.SQLITE_CANTOPEN})
_TROUBLE = _NO_ROOM | {
    sqlcipher.SQLITE_BUSY, sqlcipher.SQLITE_LOCKED, sqlcipher.SQLITE_READONLY,
    sqlcipher.SQLITE_NOMEM,
}  # fmt: skip


def is_disk_trouble(error: Exception) -> bool:
    """Say whether the machine, not the work, made a write fail: it may go well later."""
    return isinstance(error, GroupLostError | OSError) or _code(error) in _TROUBLE


def may_lack_room(error: BaseException) -> bool:
    """Say whether a full disk may be why; SQLite does not always say so in these words."""
    is_full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    return is_full or isinstance(error, GroupLostError) or _code(error) in _NO_ROOM


def _code(error: BaseException) -> int | None:
    """Give the primary code of what SQLite raised: the low byte."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 255 if isinstance(error, sqlcipher.Error) and isinstance(code, int) else None
