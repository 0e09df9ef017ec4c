"""Which SQLite comes with Aman, for those who must tell but must not touch it."""

import sqlcipher3.dbapi2 as sqlcipher

SQLITE_VERSION: tuple[int, int, int] = sqlcipher.sqlite_version_info
DatabaseError: type[Exception] = sqlcipher.Error


def sqlite_version() -> str:
    """Give the version in words, such as `3.53.4`."""
    return ".".join(map(str, SQLITE_VERSION))
