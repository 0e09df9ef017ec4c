"""Samples of each kind of value that is stored sealed, with all it can say and with the least.

Beside them the words of states, and what stands in the callback data of buttons in chats.

`samples.txt` only grows: `python -m tests.storage.samples` adds what is new today, and takes
nothing out. What a running bot has stored must open with the program that takes its place.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from pathlib import Path

from msgspec import inspect

import storage
from handlers.buttons import payload_kinds
from handlers.routes import TABLE
from safety.checkins import CheckInKind
from safety.forms import Draft
from safety.incidents import Entry, IncidentKind, IncidentState
from safety.notices import NOTICES
from safety.people import Recipient
from safety.proposals import INTENTS
from safety.purges import Purged
from safety.reports import ReportQuestion
from safety.rollcalls import RollCallAnswer
from safety.timers import TIMERS
from safety.venues import Stage
from storage import additions, backups, escrows, incidents, messages, outbox
from storage.bundle.sealed import SealedCase
from storage.sealed import Row, Shelf
from storage.tokens import Purpose
from storage.vault.keys import KeyKind

FILE = Path(__file__).with_name("samples.txt")
_IN_COLUMNS: tuple[type[Enum], ...] = (  # beside what is sealed
    *(CheckInKind, IncidentKind, IncidentState, KeyKind, Purged, Purpose),
    *(ReportQuestion, RollCallAnswer, Stage),
)
_PLAIN: Mapping[type[inspect.Type], object] = {
    inspect.NoneType: None,
    inspect.BoolType: True,
    inspect.IntType: 1,
    inspect.FloatType: 1.5,
    inspect.StrType: "a",
    inspect.BytesType: "YQ==",
    inspect.DateTimeType: "2026-05-28T18:00:00Z",
    inspect.DateType: "2026-05-28",
    inspect.TimeType: "18:00:00",
    inspect.TimeDeltaType: "PT60S",
}


@cache
def kinds() -> Mapping[str, type]:
    """Give what is stored sealed, by a name of its own."""
    assert TABLE.commands  # what the table imports has registered every notice, timer and intent
    found: dict[str, type] = {
        "forms": Draft,
        "routes": Recipient,
        "messages": messages._Body,  # noqa: SLF001 - as they are stored
        "outbox": outbox._Body,  # noqa: SLF001 - as they are stored
        "incident_entries": incidents._Sealed,  # noqa: SLF001 - as they are stored
        "entry": Entry,
        "sealed case": SealedCase,
        "sheet": additions.Sheet,
        "signed sheet": additions.Signed,
        "backup": backups._About,  # noqa: SLF001 - as they are stored
        "escrow": escrows._Body,  # noqa: SLF001 - as they are stored
    }
    found |= {shelf.table: shelf._decoder.type for shelf in _shelves()}  # noqa: SLF001 - as above
    for word, registered in (("notice", NOTICES), ("timer", TIMERS), ("intent", INTENTS)):
        found |= {f"{word} {name}": kind for name, kind in registered.items() if _is_ours(kind)}
    return found


def _shelves() -> Iterator[Shelf[Row]]:
    for module in pkgutil.iter_modules(storage.__path__):
        there = vars(importlib.import_module(f"storage.{module.name}"))
        yield from (one for one in there.values() if isinstance(one, Shelf))


@cache
def enums() -> Mapping[str, type[Enum]]:
    """Give every enumeration that one of these kinds or a column holds, by its name."""
    found = {kind.__name__: kind for kind in _IN_COLUMNS}
    for kind in kinds().values():
        _look(inspect.type_info(kind), found)
    return found


@cache
def buttons() -> Mapping[str, list[str]]:
    """Give what stands in each kind of callback data, by its code."""
    assert TABLE.commands  # as above
    kinds_of_ours = filter(_is_ours, payload_kinds())
    return {kind.code: [field.name for field in fields(kind)] for kind in kinds_of_ours}  # type: ignore[arg-type] # payloads are dataclasses


def _is_ours(kind: type) -> bool:
    """Leave out what other tests of the same run have registered."""
    return not kind.__module__.startswith("tests.")


def _look(info: inspect.Type, found: dict[str, type[Enum]]) -> None:
    if isinstance(info, inspect.EnumType):
        assert found.setdefault(info.cls.__name__, info.cls) is info.cls
    for part in _parts(info):
        _look(part, found)


def _parts(info: inspect.Type) -> tuple[inspect.Type, ...]:
    match info:
        case inspect.StructType() | inspect.DataclassType():
            return tuple(field.type for field in info.fields)
        case inspect.UnionType():
            return tuple(info.types)
        case inspect.TupleType():
            return tuple(info.item_types)
        case inspect.CollectionType():
            return (info.item_type,)
        case inspect.DictType():
            return (info.key_type, info.value_type)
        case _:
            return ()


def _sample(info: inspect.Type, *, is_full: bool) -> object:
    parts = [_sample(one, is_full=is_full) for one in _parts(info)]
    made: object
    match info:
        case inspect.EnumType():
            made = next(iter(info.cls)).value
        case inspect.DataclassType() | inspect.StructType(array_like=False):
            names = (field.encode_name for field in info.fields)
            made = dict(zip(names, parts, strict=True))
        case inspect.UnionType():
            told = [part for part in parts if part is not None]
            made = told[0] if is_full or len(told) == len(parts) else None
        case inspect.DictType():
            made = {str(parts[0]): parts[1]} if is_full else {}
        case inspect.CollectionType():
            made = parts if is_full else []
        case inspect.TupleType() | inspect.StructType():
            made = parts
        case _:
            made = _PLAIN[type(info)]
    return made


def today() -> set[str]:
    """Give lines for each kind, enumeration and button, as the program has them today."""
    lines = [
        (name, _sample(inspect.type_info(kind), is_full=is_full))
        for name, kind in kinds().items()
        for is_full in (True, False)
    ]
    lines += [(f"enum {name}", [one.value for one in kind]) for name, kind in enums().items()]
    lines += [(f"button {code}", names) for code, names in buttons().items()]
    return {f"{name}\t{json.dumps(value)}" for name, value in lines}


def recorded() -> set[str]:
    """Give the lines of the file."""
    return set(FILE.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    FILE.touch()
    FILE.write_text("\n".join(sorted(recorded() | today())) + "\n", encoding="utf-8")
