"""The page of commands, written from the table: who may use which, in one place.

`make docs` writes it, and a test holds the file to the table.
"""

import sys
from collections.abc import Iterator

from handlers.context import Command, Table
from handlers.routes import TABLE
from handlers.texts import Texts
from safety.languages import Language
from safety.people import Role
from safety.permissions import ALLOWED

HEADER = """# Commands

Made by `make docs` from the table in `handlers/routes.py` and from `safety/permissions.py`; do not
edit it by hand. The menu that Telegram shows is the same for everyone (marked *menu*): it must not
tell who is an organizer. `/help` answers by role. Whoever may not use a command gets the sentence
that strangers get.

| command | does | who may use it |
|---|---|---|
"""


def write_commands(table: Table, texts: Texts) -> str:
    """Give the whole page."""
    return HEADER + "".join(_lines(table, texts))


def _lines(table: Table, texts: Texts) -> Iterator[str]:
    for command in table.commands:
        name = f"`/{command.name}`" + (" *menu*" if command.is_in_menu else "")
        does = texts.plain(Language.EN, command.help)
        yield f"| {name} | {does} | {_who(command)} |\n"


def _who(command: Command) -> str:
    allowed = ALLOWED[command.action]
    everyone, known = frozenset(Role) - {Role.REPORTER}, allowed - {Role.REPORTER}
    if known == everyone:
        return "everyone"
    if known == everyone - {Role.STRANGER}:
        return "everyone of the event and the team"
    return ", ".join(role.value for role in Role if role in allowed)


if __name__ == "__main__":
    sys.stdout.write(write_commands(TABLE, Texts.load()))
