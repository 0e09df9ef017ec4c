"""Values of every published type, made by chance: right in shape, unkind in what they hold.

Each text and each number of a person holds a marker, so that a log can be searched for them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from random import Random
from typing import TypeAlias, cast

import msgspec

from bot.rehearsal.botapi.condense import ARRAY, UPDATE, Condensed, CondensedField
from bot.rehearsal.botapi.shapes import JsonValue

MARKER = "qupiya"
PHONE = "77051234567"
DEEPEST = 4  # objects within objects; beyond it only what is required
MANY = 20  # fields; a message has more
UPDATE_ID = "update_id"

NASTY = (
    "",
    " \t\n ",
    "\0",
    "a\0b",
    "\ud800",
    "\udc00 half",
    "\u202eесли\u202c",
    "\u200b\u200b\u200b",
    "\u2066\u2069\ufeff",
    "s\u200bo\u200bs",
    "е\u0301" * 60,
    "👩‍👩‍👧‍👦" * 40,
    "%s%n{0}{name}",
    "<b>&amp;</i><a href='tg://user?id=1'>",
    "'; DROP TABLE inbox; --",
    "../../../../etc/passwd",
    "я" * 4096,
    "x" * 70_000,
    f"+{PHONE}",
    "|||||",
    "-1",
    "1e400",
    "/",
    "/@",
    "//start",
)
INTEGERS = (0, 1, 17, 36, 2**31 - 1, 2**31, 2**52, 1_800_000_000)
SECONDS = range(1_000_000_000, 4_000_000_000)


@cache
def definition() -> Condensed:
    """Give the published definition as the local service keeps it."""
    source = resources.files("bot.rehearsal.botapi").joinpath("definition.json")
    return cast("Condensed", msgspec.json.decode(source.read_bytes()))


def kinds_of_update() -> tuple[str, ...]:
    """Name every kind of update that the service has."""
    return tuple(name for name in _fields(UPDATE) if name != UPDATE_ID)


@cache
def _fields(type_name: str) -> Mapping[str, CondensedField]:
    return definition()["types"][type_name].get("fields", {})


Make: TypeAlias = Callable[[], JsonValue]
Tree: TypeAlias = dict[str, JsonValue]


class Shaper:
    """Makes values; `chance` decides what they are, so that the same seed makes the same."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def update_body(self, kind: str) -> Tree:
        """Make what an update of this kind brings."""
        return self._object(_fields(UPDATE)[kind]["types"][0], 0)

    def object(self, type_name: str) -> Tree:
        """Make a value of one type."""
        return self._object(type_name, 1)

    def text(self) -> str:
        """Make a text with a marker in it, or one of the nasty ones as it is."""
        nasty = self._chance.choice(NASTY)
        return self._chance.choice((nasty, f"{MARKER} {nasty[:200]}", f"{nasty[:50]}{MARKER}"))

    def _of_field(self, field: CondensedField, depth: int) -> JsonValue:
        return self._of(self._chance.choice(field["types"]), depth)

    def _of(self, type_name: str, depth: int) -> JsonValue:
        if type_name.startswith(ARRAY):
            count = self._chance.randrange(3) if depth < DEEPEST else 0
            return [self._of(type_name.removeprefix(ARRAY), depth + 1) for _ in range(count)]
        plain = self._plain().get(type_name)
        if plain is not None:
            return plain()
        entry = definition()["types"][type_name]
        if "any" in entry:
            return self._of(self._chance.choice(entry["any"]), depth + 1)
        return self._object(type_name, depth)

    def _plain(self) -> Mapping[str, Make]:
        return {
            "String": self.text,
            "Integer": lambda: self._chance.choice((*INTEGERS, self._chance.choice(SECONDS))),
            "Float": lambda: self._chance.uniform(-180, 180),
            "Boolean": lambda: self._chance.random() < 0.5,
        }

    def _object(self, type_name: str, depth: int) -> Tree:
        if depth > 2 * DEEPEST:
            return {}
        fields = _fields(type_name)
        often = 0.0 if depth >= DEEPEST else 0.05 if len(fields) > MANY else 0.4
        return {
            name: self._of_field(field, depth + 1)
            for name, field in fields.items()
            if field.get("required") or self._chance.random() < often
        }
