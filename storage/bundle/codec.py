"""How a record is written down: one canonical JSON text, so that its commitment can be repeated.

Names in order, no spaces, UTF-8, what is unknown left out. What is committed to is this text, and
the bundle carries it as it is.
"""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from safety.records import SCHEMA_VERSION, Record

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


def canonical(record: Record) -> str:
    """Write a record as the one JSON text that stands for it."""
    return compact(plain(record))


def compact(value: Plain) -> str:
    """Write plain values as JSON on one line, names in order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Record:
    """Read what `canonical` wrote.

    Raises: ValueError.
    """
    return msgspec.json.decode(text, type=Record)


def plain(value: object) -> Plain:
    """Turn a record, or a part of one, into plain values; what is None or empty is left out."""
    match value:
        case StrEnum():
            return value.value
        case None | str() | int() | float():
            return value
        case datetime():
            return value.isoformat()
        case tuple():
            return [plain(each) for each in value]
        case _ if is_dataclass(value):
            named = ((field.name, getattr(value, field.name)) for field in fields(value))
            return {name: plain(each) for name, each in named if each is not None and each != ()}
        case _:
            raise TypeError(type(value).__name__)


def schema() -> str:
    """Write the JSON Schema of one line of `records.jsonl`."""
    (reference,), parts = msgspec.json.schema_components([Record], ref_template="#/$defs/{name}")
    parts["Committed"] = _COMMITTED
    parts["Record"]["properties"]["committed"] = {
        "type": "array",
        "items": {"$ref": "#/$defs/Committed"},
        "minItems": 1,
    }
    parts["Record"]["required"] = [*parts["Record"]["required"], "committed"]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Case record, version {SCHEMA_VERSION}",
        "version": SCHEMA_VERSION,
        **reference,
        "$defs": {name: _without_null(part) for name, part in sorted(parts.items())},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


_COMMITTED = {
    "title": "Committed",
    "description": (
        "One state of the record as it was put into the log: SHA-256 of the salt's bytes followed"
        " by the text is leaf number `leaf`. The last one is this record, unless the case was"
        " opened from its seal: then its statements stand here, one by one. Of a text that is"
        " withheld at this level of export only that SHA-256 stands here, as `commitment`."
    ),
    "type": "object",
    "properties": {
        "leaf": {"type": "integer"},
        "salt": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "text": {"type": "string"},
        "commitment": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    "required": ["leaf"],
    "oneOf": [{"required": ["salt", "text"]}, {"required": ["commitment"]}],
}


def _without_null(part: object) -> object:
    """Take out what says that a field may be null: an unknown field is absent."""
    if isinstance(part, list):
        return [_without_null(each) for each in part]
    if not isinstance(part, dict):
        return part
    options = part.get("anyOf")
    if isinstance(options, list):
        rest = [option for option in options if option != {"type": "null"}]
        if len(rest) == 1:
            return _without_null(rest[0])
    return {name: _without_null(each) for name, each in part.items() if name != "default"}
